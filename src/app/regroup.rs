//! Splitting and merging incidents by hand, and what the journal says of it.
//!
//! Owns: what the commands mean on the rows that are chosen, and the way from records to groups. Must never: move a finding that no
//! record moves. A split or merge is only true once its record is written, here or in another process.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::effect::Effect;
use super::incident::summary;
use super::list::{self, Row};
use super::state::{Screen, State, Tone};
use super::steps;
use crate::domain::IncidentId;
use crate::findings::incident::{Groups, Hand, Incident, gives_name, id_of};
use crate::findings::index::Index;
use crate::findings::{Finding, FindingKey, Source};
use crate::journal::{FindingRef, Record, What};

/// Groups without any finding, which know what the journal says.
pub(super) fn anew(state: &mut State) {
    state.groups = Groups::new(state.groups.window());
    for place in 0..state.journal.len() {
        name(state, place);
    }
    by_hand(state);
}

/// Takes all splits and merges again: they are few, and what they add up to depends on their order.
fn by_hand(state: &mut State) {
    let mut hand = Hand::default();
    state.journal.iter().for_each(|record| take(&mut hand, record));
    state.groups.set_hand(hand);
    state.list.dirty = true;
}

/// Gives an incident the name that the journal opened it by.
fn name(state: &mut State, place: usize) {
    let Some(record) = state.journal.get(place) else { return };
    if let (Some(id), What::Incident { finding }) = (&record.incident, &record.what) {
        let key = key(&finding.source, record_ref(finding));
        if let Some(key) = key {
            state.groups.anchor(&key, record.seq, id.clone(), &state.index);
            state.list.dirty = true;
        }
    }
}

/// A record came to stand at this place of the journal.
pub(super) fn recorded(state: &mut State, place: usize) {
    name(state, place);
    let Some(record) = state.journal.get(place).cloned() else {
        return;
    };
    let record = &record;
    if is_by_hand(record) {
        by_hand(state);
    }
    if state.answers.learn(record)
        && let Some(id) = record.incident.clone()
    {
        list::answered(state, &id);
    }
}

fn is_by_hand(record: &Record) -> bool {
    matches!(record.what, What::Split { .. } | What::Merged { .. })
}

fn take(hand: &mut Hand, record: &Record) {
    match &record.what {
        What::Split { findings, .. } => hand.split(&keys(findings)),
        What::Merged { findings, .. } => hand.merge(&keys(findings)),
        _ => {}
    }
}

fn keys(findings: &[FindingRef]) -> Vec<FindingKey> {
    findings.iter().filter_map(|f| key(&f.source, f.clone())).collect()
}

/// None where the record names a source that this version does not know.
fn key(source: &str, of: FindingRef) -> Option<FindingKey> {
    let source = Source::ALL.into_iter().find(|known| known.word() == source)?;
    Some(FindingKey {
        source,
        account: of.account,
        region: of.region,
        product: of.product,
        id: of.id,
    })
}

fn record_ref(finding: &crate::journal::FindingSummary) -> FindingRef {
    FindingRef {
        source: finding.source.clone(),
        account: finding.account,
        region: finding.region.clone(),
        product: finding.product.clone(),
        id: finding.id.clone(),
    }
}

fn reference(finding: &Finding) -> FindingRef {
    record_ref(&summary(finding))
}

/// What the commands are about.
enum Chosen {
    Incidents(Vec<Arc<Incident>>),
    Findings(Vec<Arc<Finding>>),
}

fn chosen(state: &mut State) -> Option<Chosen> {
    if steps::only_looks(state) {
        return None;
    }
    list::settle_all(state);
    match state.screen() {
        Screen::List => {}
        Screen::Incident(open) => return Some(Chosen::Incidents(vec![Arc::clone(&open.incident)])),
        Screen::Plan(_) | Screen::Journal(_) | Screen::Coverage(_) | Screen::Help(_) => {
            state.say(Tone::Plain, "Choose findings or incidents on the list first.");
            return None;
        }
    }
    let (mut incidents, mut findings) = (Vec::new(), Vec::new());
    for row in state.chosen() {
        match row {
            Row::Incident(incident) => incidents.push(incident),
            Row::Finding(finding) => findings.push(finding),
        }
    }
    Some(if findings.is_empty() {
        Chosen::Incidents(incidents)
    } else {
        Chosen::Findings(findings)
    })
}

/// Makes the chosen findings an incident of their own. Of an incident that was merged by hand it takes off what came last, each
/// part of it for itself.
pub(super) fn split(state: &mut State) -> Vec<Effect> {
    let (incident, parts) = match chosen(state) {
        None => return Vec::new(),
        Some(Chosen::Findings(findings)) => match whose(state, &findings) {
            Ok(incident) => (incident, vec![findings]),
            Err(why) => return say(state, why),
        },
        Some(Chosen::Incidents(incidents)) => match incidents.as_slice() {
            [incident] => match merged_last(state, incident) {
                Some(parts) => (Arc::clone(incident), parts),
                None => {
                    return say(
                        state,
                        "It was not merged by hand. Tab shows findings: mark those that do not belong, and split.",
                    );
                }
            },
            _ => return say(state, "Split takes one incident at a time."),
        },
    };
    let off: Vec<&Arc<Finding>> = parts.iter().flatten().collect();
    let Some(rest) = incident
        .members
        .iter()
        .find(|f| !off.iter().any(|o| o.key() == f.key()))
    else {
        return say(
            state,
            "These are all findings of the incident; there is nothing to split them from.",
        );
    };
    let named = state.groups_named(&incident);
    // A name goes where its finding goes. The incident's own stays; those of incidents that were merged into it may leave.
    if !named.is_empty() && off.iter().any(|f| gives_name(f, &incident.id)) {
        return say(
            state,
            "The journal knows the incident by one of these findings, so that one stays; mark the others instead.",
        );
    }
    // An incident that the journal does not know yet is opened on a finding that stays.
    let id = if named.is_empty() {
        id_of(rest)
    } else {
        incident.id.clone()
    };
    let mut effects: Vec<Effect> = steps::journal_incident(state, &id, rest).into_iter().collect();
    let mut names: Vec<IncidentId> = Vec::new();
    for part in &parts {
        let leaves = |f: &&Arc<Finding>| part.iter().any(|o| o.key() == f.key());
        let Some(first) = incident.members.iter().find(leaves) else {
            continue;
        };
        let into = named.iter().find(|name| part.iter().any(|f| gives_name(f, name)));
        let into = into.cloned().unwrap_or_else(|| id_of(first));
        effects.extend(steps::journal_incident(state, &into, first));
        effects.push(Effect::Note {
            incident: Some(id.clone()),
            what: What::Split {
                findings: part.iter().map(|f| reference(f)).collect(),
                into: into.clone(),
            },
        });
        names.push(into);
    }
    let n = off.len();
    let s = if n == 1 { "" } else { "s" };
    let said = format!(
        "{n} finding{s} split off into {}; merge joins them again.",
        names.join(" and ")
    );
    state.list.unmark();
    state.say(Tone::Good, said);
    effects
}

/// The one incident that all of these findings are in.
fn whose(state: &State, findings: &[Arc<Finding>]) -> Result<Arc<Incident>, &'static str> {
    let mut incidents = findings.iter().filter_map(|f| state.incident_of(&f.key()));
    let first = incidents.next().ok_or("There is nothing to split.")?;
    if incidents.all(|other| other.id == first.id) {
        Ok(first)
    } else {
        Err("These findings are in several incidents; split takes one incident at a time.")
    }
}

/// What the last merge by hand brought to an incident: each part with those that hang on it by themselves.
fn merged_last(state: &State, incident: &Incident) -> Option<Vec<Vec<Arc<Finding>>>> {
    let brought = state.journal.iter().rev().find_map(|record| match &record.what {
        What::Merged { incidents, findings } if incidents.iter().any(|id| incident.is(id)) => {
            Some((record.incident.clone()?, keys(findings)))
        }
        _ => None,
    });
    let (kept, brought) = brought?;
    let parts = parts(incident, state.groups.window());
    let holds = |part: &Vec<Arc<Finding>>, key: &FindingKey| part.iter().any(|f| f.key() == *key);
    let named = |name: &str| parts.iter().position(|part| part.iter().any(|f| gives_name(f, name)));
    // Where what they were merged into has left since, the incident stays with the part that gives it its name.
    let home = named(&kept).or_else(|| named(&incident.id)).unwrap_or_default();
    let off: Vec<_> = parts
        .iter()
        .enumerate()
        .filter(|(place, part)| *place != home && brought.iter().any(|key| holds(part, key)))
        .map(|(_, part)| part.clone())
        .collect();
    (!off.is_empty()).then_some(off)
}

/// The findings of an incident as they would be grouped without any hand.
fn parts(incident: &Incident, window: u32) -> Vec<Vec<Arc<Finding>>> {
    let (mut index, mut groups) = (Index::new(), Groups::new(window));
    for finding in &incident.members {
        let taken = index.insert(Arc::clone(finding));
        groups.follow(&taken, &index);
    }
    groups.settle(&index);
    let members = |group| {
        groups
            .members(group)
            .iter()
            .map(|slot| Arc::clone(index.at(*slot)))
            .collect()
    };
    groups.all().map(members).collect()
}

/// Makes the incidents of the chosen rows one.
pub(super) fn merge(state: &mut State) -> Vec<Effect> {
    let all = match chosen(state) {
        None => return Vec::new(),
        Some(Chosen::Incidents(incidents)) => incidents,
        Some(Chosen::Findings(findings)) => findings.iter().filter_map(|f| state.incident_of(&f.key())).collect(),
    };
    let mut seen: BTreeSet<IncidentId> = BTreeSet::new();
    let mut all: Vec<Arc<Incident>> = all.into_iter().filter(|i| seen.insert(i.id.clone())).collect();
    // The one that the journal has known longest keeps its name; of those that it does not know, the worst gives its own.
    let known = |incident: &Incident| {
        let opened = |r: &Record| matches!(r.what, What::Incident { .. }) && r.incident.as_ref() == Some(&incident.id);
        state.journal.iter().find(|r| opened(r)).map_or(u64::MAX, |r| r.seq)
    };
    all.sort_by(|a, b| {
        let rank = |i: &Incident| (known(i), std::cmp::Reverse(i.severity), i.first_seen);
        rank(a).cmp(&rank(b)).then_with(|| a.id.cmp(&b.id))
    });
    let [first, others @ ..] = all.as_slice() else {
        return Vec::new();
    };
    if others.is_empty() {
        return say(state, "Mark the incidents that are one, at least two, and merge.");
    }
    let mut effects: Vec<Effect> = Vec::new();
    for incident in &all {
        effects.extend(steps::journal_incident(state, &incident.id, &incident.lead));
    }
    effects.push(Effect::Note {
        incident: Some(first.id.clone()),
        what: What::Merged {
            incidents: others.iter().map(|i| i.id.clone()).collect(),
            findings: all.iter().map(|i| reference(&i.lead)).collect(),
        },
    });
    let said = format!(
        "{} incidents are one now, {}; split takes the last merge apart again.",
        all.len(),
        first.id
    );
    state.list.unmark();
    state.say(Tone::Good, said);
    effects
}

fn say(state: &mut State, why: &'static str) -> Vec<Effect> {
    state.say(Tone::Plain, why);
    Vec::new()
}

impl State {
    /// The names that the journal gave to an incident's findings.
    fn groups_named(&self, incident: &Incident) -> Vec<IncidentId> {
        let Some(slot) = self.index.slot_of(&incident.lead.key()) else {
            return Vec::new();
        };
        let names = self.groups.names(self.groups.of(slot));
        names.into_iter().cloned().collect()
    }
}

#[cfg(test)]
#[path = "regroup_tests.rs"]
mod tests;

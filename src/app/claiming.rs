//! Taking incidents on and giving them up: the commands `claim`, `release` and `note-findings`.
//!
//! Owns: what they ask and say. Must never: show a claim that the journal has not got yet, or take one away unasked.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::claim::{Work, short_name};
use super::clock;
use super::effect::Effect;
use super::list::Row;
use super::look;
use super::state::{Prompt, Screen, State, Tone, local};
use super::steps;
use crate::action::{ActionName, Request};
use crate::domain::{IncidentId, Resource, ResourceKind, Time};
use crate::findings::incident::Incident;
use crate::findings::{Finding, Source};
use crate::journal::{Record, What};

/// An incident that somebody else has.
#[derive(Clone, Debug)]
pub struct Held {
    pub id: IncidentId,
    pub finding: Arc<Finding>,
    /// The caller ARN of whoever has it, and since when.
    pub owner: String,
    pub since: Time,
}

/// Incidents, each with the finding that it was opened on.
type Chosen = Vec<(IncidentId, Arc<Finding>)>;

/// The incidents that a command is about: the open one, those of the marked rows, or the one under the cursor.
fn chosen(state: &State) -> Chosen {
    let found = match state.screen() {
        Screen::Incident(open) => vec![(open.id.clone(), Arc::clone(&open.anchor))],
        Screen::List => {
            let incidents = state.chosen().into_iter().filter_map(|row| match row {
                Row::Incident(incident) => Some(incident),
                Row::Finding(finding) => state.incident_of(&finding.key()),
            });
            incidents.map(|i| (i.id.clone(), Arc::clone(&i.lead))).collect()
        }
        Screen::Plan(_) | Screen::Journal(_) | Screen::Coverage(_) | Screen::Help(_) => Vec::new(),
    };
    let mut seen = BTreeSet::new();
    found.into_iter().filter(|(id, _)| seen.insert(id.clone())).collect()
}

/// The finding that is open or under the cursor.
fn looked_at(state: &State) -> Option<Arc<Finding>> {
    match state.screen() {
        Screen::Incident(open) => Some(Arc::clone(&open.finding)),
        Screen::List => state.chosen().into_iter().next().map(|row| Arc::clone(row.lead())),
        Screen::Plan(_) | Screen::Journal(_) | Screen::Coverage(_) | Screen::Help(_) => None,
    }
}

/// Who has an incident, under any of its names, and since when.
fn owner(state: &State, id: &str, finding: &Finding) -> Option<(String, Time)> {
    let incident = state.incident_of(&finding.key());
    work(state, id, incident.as_deref()).owner
}

fn work(state: &State, id: &str, incident: Option<&Incident>) -> Work {
    let others = incident.iter().flat_map(|i| i.ids()).filter(|other| *other != id);
    let begun = incident.map_or(Time::MIN, |i| clock::begun(&i.lead, i.first_seen));
    state.claims.since(std::iter::once(id).chain(others), begun)
}

/// Who has the incident of this name, for a record about it that has come just now.
fn owner_of(state: &State, id: &str) -> Option<(String, Time)> {
    work(state, id, state.incident(id).as_deref()).owner
}

/// Whether the clock of a finding's incident has begun to run again since somebody responded.
fn runs_again(state: &State, finding: &Finding) -> bool {
    let incident = state.incident_of(&finding.key());
    let deadline = incident.and_then(|incident| state.deadline(&incident));
    deadline.is_some_and(|clock| clock.responded.is_none() && clock.before.is_some())
}

/// The claim of an incident that nobody has. Of one that began anew the journal alone may say that somebody has it still.
fn taken(state: &State, id: &str, finding: &Finding, me: &str) -> What {
    let incident = state.incident_of(&finding.key());
    let others = incident.iter().flat_map(|i| i.ids()).filter(|other| *other != id);
    let before = state.claims.of(std::iter::once(id).chain(others)).owner;
    What::Claimed {
        from: before.map(|(who, _)| who).filter(|who| who != me),
    }
}

/// Who this console is; none before AWS has said so.
fn me(state: &State) -> Option<String> {
    state.identity.as_ref().map(|i| i.arn.clone())
}

/// Takes the chosen incidents on. What others have is asked about first.
pub(super) fn claim(state: &mut State) -> Vec<Effect> {
    let Some((me, chosen)) = may(state) else {
        return Vec::new();
    };
    let (mut effects, mut held, mut mine) = (Vec::new(), Vec::new(), 0);
    for (id, finding) in chosen {
        match owner(state, &id, &finding) {
            None => {
                let what = taken(state, &id, &finding, &me);
                effects.extend(write(state, &id, &finding, what));
            }
            // What came since is worse than what was responded to: this is the response to that.
            Some((owner, _)) if owner == me && runs_again(state, &finding) => {
                effects.extend(write(state, &id, &finding, What::Claimed { from: None }));
            }
            Some((owner, _)) if owner == me => mine += 1,
            Some((owner, since)) => held.push(Held {
                id,
                finding,
                owner,
                since,
            }),
        }
    }
    if effects.is_empty() && held.is_empty() && mine > 0 {
        state.say(Tone::Plain, "You work on it already.");
    }
    if !held.is_empty() {
        state.prompt = Some(Prompt::TakeOver { held });
    }
    effects
}

/// Takes over what was asked about, from exactly those who were named.
pub(super) fn take_over(state: &mut State, held: &[Held]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for held in held {
        let what = What::Claimed {
            from: Some(held.owner.clone()),
        };
        effects.extend(write(state, &held.id, &held.finding, what));
    }
    effects
}

/// Gives up the chosen incidents.
pub(super) fn release(state: &mut State) -> Vec<Effect> {
    let Some((me, chosen)) = may(state) else {
        return Vec::new();
    };
    let mut effects = Vec::new();
    for (id, finding) in chosen {
        match owner(state, &id, &finding) {
            Some((owner, _)) if owner == me => effects.extend(write(state, &id, &finding, What::Released {})),
            Some((owner, _)) => state.say(
                Tone::Plain,
                format!("{} has {id}; only they release it.", short_name(&owner)),
            ),
            None => state.say(Tone::Plain, format!("Nobody has {id}.")),
        }
    }
    effects
}

/// Plans the note in Security Hub for the chosen incident's findings there.
pub(super) fn note_findings(state: &mut State) -> Vec<Effect> {
    let Some((_, chosen)) = may(state) else {
        return Vec::new();
    };
    let Some((id, lead)) = chosen.into_iter().next() else {
        return Vec::new();
    };
    let mut there = in_security_hub(state, &lead);
    // The plan begins with what is looked at, so that opening another finding reaches another place.
    let seen = looked_at(state).unwrap_or_else(|| Arc::clone(&lead));
    let place = |f: &Finding| (f.account, f.region.clone());
    let at = there.iter().position(|f| f.id == seen.id && place(f) == place(&seen));
    let at = at.or_else(|| there.iter().position(|f| place(f) == place(&seen)));
    if there.is_empty() {
        state.say(Tone::Plain, format!("{id} has no finding in Security Hub."));
        return Vec::new();
    }
    let first = there.remove(at.unwrap_or_default());
    // One plan is for one account and region; findings elsewhere are another plan.
    let (here, elsewhere): (Vec<_>, Vec<_>) = there.into_iter().partition(|f| place(f) == place(&first));
    match elsewhere.len() {
        0 => {}
        1 => state.say(
            Tone::Plain,
            "1 more finding is in another account or region: open it to note it.",
        ),
        n => state.say(
            Tone::Plain,
            format!("{n} more findings are in other accounts or regions: open one to note it."),
        ),
    }
    let target = Resource {
        kind: ResourceKind::Finding,
        id: first.id.clone(),
    };
    let region = first.region.clone();
    let request = steps::request(state, ActionName::NoteFindings, target, &id, &first, region, None);
    let others = here.iter().map(|f| Resource {
        kind: ResourceKind::Finding,
        id: f.id.clone(),
    });
    let request = Request {
        others: others.collect(),
        ..request
    };
    steps::begin(state, request, None, Some(&lead))
}

/// The incident's findings that are in Security Hub: those that were read there, and the copies of GuardDuty's.
fn in_security_hub(state: &State, lead: &Arc<Finding>) -> Vec<Arc<Finding>> {
    let Some(incident) = state.incident_of(&lead.key()) else {
        return Vec::new();
    };
    let there = |finding: &Arc<Finding>| match finding.source {
        Source::SecurityHub => Some(Arc::clone(finding)),
        Source::GuardDuty => {
            let twin = state.index.twin(state.index.slot_of(&finding.key())?)?;
            Some(Arc::new(Finding {
                source: Source::SecurityHub,
                id: twin.id.clone(),
                arn: Some(twin.id.clone()),
                product_arn: twin.product.clone(),
                ..Finding::clone(finding)
            }))
        }
        Source::EventBridge => None,
    };
    incident.members.iter().filter_map(there).collect()
}

/// Who asks and what about, where both are known and this console may write.
fn may(state: &mut State) -> Option<(String, Chosen)> {
    if steps::only_looks(state) {
        return None;
    }
    let Some(me) = me(state) else {
        state.say(Tone::Bad, "AWS has not said yet who you are; try again in a moment.");
        return None;
    };
    let chosen = chosen(state);
    if chosen.is_empty() {
        state.say(Tone::Plain, "Select an incident first.");
        return None;
    }
    Some((me, chosen))
}

/// Writes the record, and the one that opens the incident where the journal has none.
fn write(state: &mut State, id: &IncidentId, finding: &Finding, what: What) -> Vec<Effect> {
    let mut effects: Vec<Effect> = steps::journal_incident(state, id, finding).into_iter().collect();
    state.claiming.insert(id.clone());
    effects.push(Effect::Note {
        incident: Some(id.clone()),
        what,
    });
    effects
}

/// Says what a record about a claim means, once it is in the journal: only then is it true.
pub(super) fn told(state: &mut State, record: &Record) {
    let (Some(id), Some(me)) = (&record.incident, me(state)) else {
        return;
    };
    let ours = record.who == me && state.claiming.remove(id);
    match &record.what {
        What::Claimed { .. } if ours => match owner_of(state, id) {
            Some((owner, since)) if owner != me => {
                let (who, since) = (short_name(&owner), local(since, &state.zone));
                state.say(
                    Tone::Bad,
                    format!("{who} has {id} since {since}: theirs came first and stands."),
                );
            }
            _ => {
                let offer = offer(state, id);
                state.say(Tone::Good, format!("You work on {id} now.{offer}"));
            }
        },
        What::Released {} if ours => state.say(Tone::Good, format!("You no longer work on {id}.")),
        What::Claimed { from: Some(from) } if *from == me && record.who != me && record.time >= state.since => {
            let who = short_name(&record.who);
            state.say(Tone::Bad, format!("{who} took {id} over from you."));
        }
        // Told late by whoever follows the file: it was written before ours, which then does not stand.
        What::Claimed { .. } if record.who != me && beaten(state, record, id, &me) => {
            let who = short_name(&record.who);
            state.say(Tone::Bad, format!("{who} took {id} on just before you: theirs stands."));
        }
        What::Claimed { .. }
        | What::Released {}
        | What::Opened { .. }
        | What::Incident { .. }
        | What::Classified { .. }
        | What::Confirmed { .. }
        | What::Intent { .. }
        | What::Outcome { .. }
        | What::Checked { .. }
        | What::Split { .. }
        | What::Merged { .. }
        | What::PlaybookChosen { .. }
        | What::Ticked { .. }
        | What::Evidence(_)
        | What::Noted { .. }
        | What::Reported { .. }
        | What::Recovered { .. } => {}
    }
    if ours {
        let left_out = look::left_out(state);
        look::add(state, left_out);
    }
}

/// Whether this other person's claim stands, and ours of the same incident came after it.
fn beaten(state: &State, theirs: &Record, id: &IncidentId, me: &str) -> bool {
    let ours = |r: &Record| {
        r.seq > theirs.seq && r.who == me && r.incident.as_ref() == Some(id) && matches!(r.what, What::Claimed { .. })
    };
    theirs.time >= state.since
        && state.journal.iter().rev().any(ours)
        && owner_of(state, id).is_some_and(|(owner, _)| owner == theirs.who)
}

/// The offer to note the claim in Security Hub, where the incident has findings there.
fn offer(state: &State, id: &str) -> String {
    let lead = chosen(state).into_iter().find(|(chosen, _)| chosen == id);
    let there = lead.map_or(0, |(_, lead)| in_security_hub(state, &lead).len());
    match (there, state.keys.hint(super::Command::NoteFindings)) {
        (0, _) => String::new(),
        (_, Some(key)) => format!(
            " {key} plans a note on its {there} Security Hub finding{}.",
            plural(there)
        ),
        (_, None) => " :note-findings plans a note in Security Hub.".to_owned(),
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// What is asked before a claim is taken over.
#[must_use]
pub fn question(held: &[Held]) -> String {
    match held {
        [one] => format!("{} works on {} already. Take it over?", short_name(&one.owner), one.id),
        many => {
            let mut names: Vec<String> = many.iter().map(|h| short_name(&h.owner)).collect();
            names.sort();
            names.dedup();
            format!(
                "{} work on {} of these already. Take them over?",
                names.join(", "),
                many.len()
            )
        }
    }
}

#[cfg(test)]
#[path = "claiming_tests.rs"]
mod tests;

//! Collecting the evidence of an incident: what is read, whether it is under way, and what came of it.
//!
//! Owns: what a collection is about. It changes nothing in AWS, so there is no plan and nothing to confirm; the journal has where the
//! files are and the manifest's hash. Must never: leave out something that a finding is about, or a gap that was told.

use super::effect::Effect;
use super::state::{Screen, State, Tone};
use super::steps;
use crate::action::ActionName;
use crate::domain::{AccountId, IncidentId, Region, Resource, Time};
use crate::findings::FindingKey;
use crate::findings::incident::{Incident, Thing};
use crate::journal::EvidenceKept;

/// A resource of the incident, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub account: AccountId,
    pub region: Region,
    pub resource: Resource,
}

/// What came of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gathered {
    pub kept: EvidenceKept,
    /// What is not there and why, one sentence each, safe to show; the manifest says the same.
    pub gaps: Vec<String>,
}

/// The collection of this console that is under way, and what came of the last.
#[derive(Clone, Debug, Default)]
pub struct Collections {
    /// Of which incident, and since when. One at a time.
    pub under_way: Option<(IncidentId, Time)>,
    /// The last one that ended, with the manifest's hash and its gaps.
    last: Option<(IncidentId, Gathered)>,
}

/// Everything that the findings of an incident are about, and the findings themselves.
#[must_use]
pub fn brief(incident: &Incident) -> (Vec<Subject>, Vec<FindingKey>) {
    let subject = |thing: &Thing| Subject {
        account: thing.finding.account,
        region: thing.finding.region.clone(),
        resource: thing.resource.clone(),
    };
    let subjects = incident.about().plain().into_iter().map(subject).collect();
    (subjects, incident.members.iter().map(|finding| finding.key()).collect())
}

/// Begins to collect the evidence of the incident that is open.
pub(super) fn start(state: &mut State) -> Vec<Effect> {
    if cannot(state) || steps::only_looks(state) {
        return Vec::new();
    }
    let Some(Screen::Incident(open)) = state.screens.last() else {
        return Vec::new();
    };
    let (id, anchor) = (open.id.clone(), open.anchor.clone());
    if let Some((other, _)) = &state.collections.under_way {
        let said = format!("Evidence of {other} is still being collected; wait for it.");
        state.say(Tone::Plain, said);
        return Vec::new();
    }
    let (subjects, findings) = brief(&open.incident);
    let mut effects: Vec<Effect> = steps::journal_incident(state, &id, &anchor).into_iter().collect();
    state.say(
        Tone::Plain,
        format!(
            "Collecting: {} and {}, read only, into evidence/{id} beside the journal.",
            count(findings.len(), "finding"),
            count(subjects.len(), "resource")
        ),
    );
    state.collections.under_way = Some((id.clone(), state.now));
    effects.push(Effect::Collect {
        incident: id,
        subjects,
        findings,
    });
    effects
}

/// Whether this console has no journal that the manifest's hash could go into, which is then said.
pub(super) fn cannot(state: &mut State) -> bool {
    if state.mode.can_change() {
        return false;
    }
    let word = state.mode.word();
    let said =
        format!("{word} keeps no journal for the evidence's hash: run quell respond, or quell evidence INCIDENT.");
    state.say(Tone::Bad, said);
    true
}

/// It came to its end, or could not be done.
pub(super) fn ended(state: &mut State, incident: IncidentId, result: Result<Gathered, String>) -> Vec<Effect> {
    state.collections.under_way.take_if(|(id, _)| *id == incident);
    match result {
        Err(why) => state.say(Tone::Bad, format!("Evidence of {incident} is not complete: {why}")),
        Ok(gathered) => {
            let tone = if gathered.gaps.is_empty() {
                Tone::Good
            } else {
                Tone::Plain
            };
            let (files, gaps) = (gathered.kept.files, gathered.gaps.len());
            let gaps = match gaps {
                0 => "nothing is missing".to_owned(),
                gaps => format!("{}, named in the Playbook pane", count(gaps, "gap")),
            };
            let said = format!("Evidence of {incident}: {}; {gaps}.", count(files, "file"));
            state.collections.last = Some((incident, gathered));
            state.say(tone, said);
        }
    }
    Vec::new()
}

/// Whether this action is under way for the incident.
pub(super) fn is_under_way(state: &State, incident: &Incident, action: ActionName) -> bool {
    action == ActionName::CollectEvidence && since(state, incident).is_some()
}

fn since(state: &State, incident: &Incident) -> Option<Time> {
    let (id, since) = state.collections.under_way.as_ref()?;
    incident.is(id).then_some(*since)
}

/// What collecting would do here, or that it is being done.
pub(super) fn todo(state: &State, incident: &Incident) -> String {
    if let Some(since) = since(state, incident) {
        let seconds = (state.now.as_second() - since.as_second()).max(0);
        return format!("being collected for {seconds} s");
    }
    format!(
        "{} and {}, read only",
        count(incident.members.len(), "finding"),
        count(incident.about().count(), "resource")
    )
}

/// What the last collection of the incident lacks, where this console made it; the manifest of an earlier one names its own.
#[must_use]
pub fn gaps<'a>(state: &'a State, incident: &Incident) -> &'a [String] {
    match &state.collections.last {
        Some((id, gathered)) if incident.is(id) => &gathered.gaps,
        _ => &[],
    }
}

/// What Enter would do: what is read, and where it goes.
#[must_use]
pub fn about(state: &State, incident: &Incident) -> String {
    format!(
        "collect-evidence: {}, CloudTrail's last 90 days of each, into evidence/{} beside the journal. Nothing in AWS changes, so \
         nothing is confirmed. The files may hold secrets.",
        todo(state, incident),
        incident.id
    )
}

fn count(number: usize, word: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {word}{s}")
}

#[cfg(test)]
#[path = "collecting_tests.rs"]
mod tests;

//! How far each target of a step is, as the journal says, and how far each thing that the step acts on.
//!
//! Owns: what the records of plans add up to for a step. Must never: call a step done while something that counts is not.

use std::collections::HashMap;

use super::playbook::StepState;
use super::targets::{Place, Target, region_of};
use crate::action::{ActionName, Request, Verdict};
use crate::domain::{AccountId, Region, Resource};
use crate::findings::incident::Incident;
use crate::journal::{self, CallState, Record, What};

fn place_of(request: &Request) -> Place<'_> {
    (
        request.action,
        &request.target,
        request.account,
        region_of(request.action, &request.region),
    )
}

/// What became of the last plan for a target.
#[derive(Clone, Debug)]
pub struct Progress {
    pub state: StepState,
    pub action: ActionName,
    pub resource: Resource,
    /// The last record of a person's or rule's word for it.
    pub record: u64,
    /// That one was an undo, of this record.
    pub undoes: Option<u64>,
    /// Where the evidence is that was collected, safe to show. It changed nothing, so there is nothing to undo.
    pub evidence: Option<String>,
    /// How much of the evidence is missing, in words; nothing where all is there.
    pub missing: Option<String>,
    /// What the next plan of it has to do, safe to show: this one was not the last.
    pub then: Option<String>,
}

impl Progress {
    /// The record that an undo would name.
    #[must_use]
    pub fn seq(&self) -> Option<u64> {
        self.evidence.is_none().then(|| self.undoes.unwrap_or(self.record))
    }

    /// What was done to what, by which record.
    #[must_use]
    pub fn note(&self) -> String {
        if let Some(evidence) = &self.evidence {
            let missing = self.missing.as_ref().map(|gaps| format!(" with {gaps}"));
            let then = self.then.as_ref().map(|then| format!("; {then}"));
            let (missing, then) = (missing.unwrap_or_default(), then.unwrap_or_default());
            return format!("{}{missing}, record {}{then}: {evidence}", self.action, self.record);
        }
        let verb = if self.undoes.is_some() { "undo of " } else { "" };
        let then = self.then.as_ref().map(|then| format!("; {then}")).unwrap_or_default();
        format!("{verb}{} {}, record {}{then}", self.action, self.resource, self.record)
    }
}

/// How far each target is by these records, in their order; after them, what else they acted on and no finding names any more.
#[must_use]
pub fn progress(incident: &Incident, targets: &[Target], own: &[&Record], all: &[Record]) -> Vec<Option<Progress>> {
    let mut last: HashMap<Place<'_>, (u64, Option<u64>)> = HashMap::new();
    for record in own {
        if let What::Confirmed { plan, .. } = &record.what {
            last.insert(place_of(&plan.request), (record.seq, plan.request.undoes));
        }
    }
    let mut found: Vec<Option<Progress>> = targets
        .iter()
        .map(|t| match t.action {
            ActionName::CollectEvidence => collected(incident, &t.resource, own),
            action => last
                .remove(&t.place())
                .and_then(|at| went(action, &t.resource, at, all)),
        })
        .collect();
    let mut others: Vec<_> = last.into_iter().collect();
    others.sort_by_key(|(_, (seq, _))| *seq);
    let others = others
        .into_iter()
        .filter_map(|((action, resource, ..), at)| went(action, resource, at, all));
    found.extend(others.map(Some));
    found
}

/// The evidence that was collected of the incident: all that is named there is one collection. The last that is of every finding,
/// or the last of all where none is.
fn collected(incident: &Incident, resource: &Resource, own: &[&Record]) -> Option<Progress> {
    let found = incident.members.len();
    let mut last = None;
    for record in own.iter().rev() {
        let What::Evidence(kept) = &record.what else { continue };
        let of = kept.findings.filter(|of| *of < found);
        let (state, then) = match of {
            _ if kept.files == 0 => (StepState::Failed, Some("nothing came; collect again".to_owned())),
            Some(of) => {
                let said = format!("findings came since, it has {of} of {found}; collect again");
                (StepState::Applied, Some(said))
            }
            None => (StepState::Done, None),
        };
        let progress = Progress {
            state,
            action: ActionName::CollectEvidence,
            resource: resource.clone(),
            record: record.seq,
            undoes: None,
            evidence: Some(kept.to_string()),
            missing: kept.missing(),
            then,
        };
        if state == StepState::Done {
            return Some(progress);
        }
        last.get_or_insert(progress);
    }
    last
}

/// What became of a plan; an undo turns the plan before it into an undone one.
fn went(
    action: ActionName,
    resource: &Resource,
    (record, undoes): (u64, Option<u64>),
    all: &[Record],
) -> Option<Progress> {
    let progress = journal::progress(all, record)?;
    let answered = |c: &CallState| matches!(c, CallState::Answered(outcome) if outcome.goes_on());
    let failed = progress
        .calls
        .iter()
        .any(|c| matches!(c, CallState::Answered(outcome) if !outcome.goes_on()))
        || progress.checks.iter().any(|c| matches!(c.verdict, Verdict::Failed(_)));
    let verified = progress.checks.len() == progress.plan.draft.expectations.len()
        && progress.checks.iter().all(|c| matches!(c.verdict, Verdict::Verified));
    let then = progress.plan.then().map(str::to_owned);
    let state = if failed {
        StepState::Failed
    } else if !progress.calls.iter().all(answered) || !verified || then.is_some() {
        StepState::Applied
    } else if undoes.is_some() {
        StepState::Undone
    } else {
        StepState::Done
    };
    Some(Progress {
        state,
        action,
        resource: resource.clone(),
        record,
        undoes,
        evidence: None,
        missing: None,
        then,
    })
}

/// Whether an action counts by itself, or is one of several any of which is enough: those of the same number.
pub type Group = Result<usize, ActionName>;

/// One thing that is to be done: an action on a thing, or one of several; with how far it is: as the best of what was done there,
/// unless something there went wrong.
#[derive(Clone, Debug)]
pub struct Thing<'a> {
    /// The actions on it that fit, the first one first; any of them is enough.
    pub ways: Vec<&'a Target>,
    /// What was done to it, the last of it last.
    pub went: Vec<&'a Progress>,
    pub state: StepState,
}

/// The things that count for a step, each once, in the order of the targets; after them what else was acted on.
#[must_use]
pub fn things<'a>(
    targets: &'a [Target],
    went: &'a [Option<Progress>],
    group: impl Fn(ActionName) -> Group,
) -> Vec<Thing<'a>> {
    let mut all: Vec<Thing<'a>> = Vec::new();
    let mut counts: Vec<bool> = Vec::new();
    let mut places: HashMap<(&Resource, AccountId, Option<&Region>, Group), usize> = HashMap::new();
    for (number, progress) in went.iter().enumerate() {
        let target = targets.get(number);
        let key = target.map(|t| {
            let (resource, account, region) = t.thing();
            (resource, account, region, group(t.action))
        });
        let place = key.and_then(|key| places.get(&key).copied()).unwrap_or(all.len());
        if place == all.len() {
            all.push(Thing {
                ways: Vec::new(),
                went: Vec::new(),
                state: StepState::Todo,
            });
            counts.push(false);
            places.extend(key.map(|key| (key, place)));
        }
        let thing = &mut all[place];
        thing.ways.extend(target);
        thing.went.extend(progress);
        counts[place] |= target.is_some_and(|t| t.counts) || progress.is_some();
    }
    for thing in &mut all {
        thing.went.sort_by_key(|p| p.record);
        thing.state = of_all(&thing.went);
    }
    let mut counts = counts.into_iter();
    all.retain(|_| counts.next().unwrap_or_default());
    all
}

/// How far a thing is by what was done to it: what went wrong shows, and then what holds.
fn of_all(went: &[&Progress]) -> StepState {
    let order = [
        StepState::Failed,
        StepState::Applied,
        StepState::Done,
        StepState::Undone,
    ];
    let is = |wanted: &StepState| went.iter().any(|p| p.state == *wanted);
    order.into_iter().find(is).unwrap_or(StepState::Todo)
}

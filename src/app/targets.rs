//! What a step of an incident acts on: everything that its findings name, and how far each of them is, as the journal says.
//!
//! Owns: which targets there are, and the choice where there are several. Must never: take one of several unasked, or call a step
//! done while one of them is not.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::effect::Effect;
use super::key::{Code, Key};
use super::playbook::StepState;
use super::state::{Prompt, Screen, State};
use super::steps;
use crate::action::{ActionName, Request, Step, Verdict};
use crate::domain::{AccessKeyId, AccountId, Region, Resource, ResourceKind};
use crate::findings::Finding;
use crate::findings::incident::Incident;
use crate::journal::{self, CallState, Record, What};

/// One thing that a step can act on.
#[derive(Clone, Debug)]
pub struct Target {
    pub action: ActionName,
    pub resource: Resource,
    /// The worst finding that names it. The account of the request is this finding's.
    pub finding: Arc<Finding>,
    /// Where its calls go.
    pub region: Region,
}

impl Target {
    fn new(action: ActionName, resource: Resource, finding: &Arc<Finding>) -> Self {
        Self {
            action,
            resource,
            region: steps::place(action, finding),
            finding: Arc::clone(finding),
        }
    }

    fn place(&self) -> Place<'_> {
        (&self.resource, self.finding.account, &self.region)
    }
}

/// What tells one target from another.
type Place<'a> = (&'a Resource, AccountId, &'a Region);

fn place_of(request: &Request) -> Place<'_> {
    (&request.target, request.account, &request.region)
}

/// Everything that a step would act on, the one that the worst finding names first.
#[must_use]
pub fn targets(step: Step, incident: &Incident) -> Vec<Target> {
    let (mut seen, mut all) = (HashSet::new(), Vec::new());
    for finding in &incident.members {
        for (action, resource) in named_by(step, finding) {
            let target = Target::new(action, resource, finding);
            if seen.insert((target.resource.clone(), finding.account, target.region.clone())) {
                all.push(target);
            }
        }
    }
    all
}

/// Whether there is anything that a step would act on.
#[must_use]
pub fn any(step: Step, incident: &Incident) -> bool {
    incident.members.iter().any(|f| !named_by(step, f).is_empty())
}

/// What a step would act on first by what one finding names.
#[must_use]
pub fn target_of(step: Step, finding: &Finding) -> Option<(ActionName, Resource)> {
    named_by(step, finding).into_iter().next()
}

/// What a step would act on by what one finding names.
fn named_by(step: Step, finding: &Finding) -> Vec<(ActionName, Resource)> {
    let (action, kind) = match step {
        Step::Isolate => (ActionName::IsolateInstance, ResourceKind::Instance),
        Step::Snapshot => (ActionName::SnapshotInstance, ResourceKind::Instance),
        Step::Revoke => (ActionName::DisableAccessKey, ResourceKind::AccessKey),
        Step::Classify | Step::Notify | Step::Document => return Vec::new(),
    };
    let all = std::iter::once(&finding.resource).chain(&finding.others);
    let named: Vec<_> = all.filter(|r| r.kind == kind).map(|r| (action, r.clone())).collect();
    if step == Step::Revoke && named.is_empty() {
        let key = finding.principal.access_key.clone();
        let key = key.filter(|id| id.raw().parse::<AccessKeyId>().is_ok());
        return key.map(|id| (action, Resource { kind, id })).into_iter().collect();
    }
    named
}

/// What became of the last plan for a target.
#[derive(Clone, Debug)]
pub struct Progress {
    pub state: StepState,
    pub resource: Resource,
    /// The last record of a person's or rule's word for it.
    pub record: u64,
    /// That one was an undo, of this record.
    pub undoes: Option<u64>,
}

impl Progress {
    /// The record that an undo would name.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.undoes.unwrap_or(self.record)
    }

    /// What was done to what, by which record.
    #[must_use]
    pub fn note(&self) -> String {
        let verb = if self.undoes.is_some() { "undo of " } else { "" };
        format!("{verb}{}, record {}", self.resource, self.record)
    }
}

/// How far each target of a step is, in their order; after them, what was acted on and no finding names any more.
#[must_use]
pub fn progress(step: Step, targets: &[Target], own: &[&Record], all: &[Record]) -> Vec<Option<Progress>> {
    let mut last: HashMap<Place<'_>, (u64, Option<u64>)> = HashMap::new();
    for record in own {
        if let What::Confirmed { plan, .. } = &record.what
            && plan.request.action.action().step() == step
        {
            last.insert(place_of(&plan.request), (record.seq, plan.request.undoes));
        }
    }
    let mut found: Vec<Option<Progress>> = targets
        .iter()
        .map(|t| last.remove(&t.place()).and_then(|at| went(&t.resource, at, all)))
        .collect();
    let mut others: Vec<_> = last.into_iter().collect();
    others.sort_by_key(|(_, (seq, _))| *seq);
    let others = others
        .into_iter()
        .filter_map(|((resource, ..), at)| went(resource, at, all));
    found.extend(others.map(Some));
    found
}

/// What became of a plan; an undo turns the plan before it into an undone one.
fn went(resource: &Resource, (record, undoes): (u64, Option<u64>), all: &[Record]) -> Option<Progress> {
    let progress = journal::progress(all, record)?;
    let answered = |c: &CallState| matches!(c, CallState::Answered(outcome) if outcome.goes_on());
    let failed = progress
        .calls
        .iter()
        .any(|c| matches!(c, CallState::Answered(outcome) if !outcome.goes_on()))
        || progress.checks.iter().any(|c| matches!(c.verdict, Verdict::Failed(_)));
    let verified = progress.checks.len() == progress.plan.draft.expectations.len()
        && progress.checks.iter().all(|c| matches!(c.verdict, Verdict::Verified));
    let state = if failed {
        StepState::Failed
    } else if !progress.calls.iter().all(answered) || !verified {
        StepState::Applied
    } else if undoes.is_some() {
        StepState::Undone
    } else {
        StepState::Done
    };
    Some(Progress {
        state,
        resource: resource.clone(),
        record,
        undoes,
    })
}

/// Several targets that a step could act on, and the one under the cursor.
#[derive(Clone, Debug)]
pub struct Choice {
    pub step: Step,
    pub all: Vec<Target>,
    /// How far each is.
    pub states: Vec<StepState>,
    /// The one under the cursor, always one of them.
    pub at: usize,
}

/// Begins a step: at once where there is one target, else after it was chosen. False where there is none.
pub(super) fn start(state: &mut State, step: Step) -> Option<Vec<Effect>> {
    let Some(Screen::Incident(open)) = state.screens.last() else {
        return None;
    };
    let mut all = targets(step, &open.incident);
    if all.len() <= 1 {
        return all.pop().map(|only| plan(state, only));
    }
    let own: Vec<&Record> = state.journal.iter().filter(|r| open.owns(r)).collect();
    let went = progress(step, &all, &own, &state.journal);
    let states: Vec<StepState> = all
        .iter()
        .zip(went)
        .map(|(_, went)| went.map_or(StepState::Todo, |went| went.state))
        .collect();
    let undone = |place: &usize| matches!(states[*place], StepState::Todo | StepState::Undone);
    let named = named_by(step, &open.finding);
    let opened = |target: &Target| {
        target.finding.account == open.finding.account
            && target.region == steps::place(target.action, &open.finding)
            && named.iter().any(|(_, resource)| *resource == target.resource)
    };
    let at = (0..all.len()).filter(|place| opened(&all[*place])).find(undone);
    let at = at.or_else(|| all.iter().position(opened));
    let at = at.or_else(|| (0..all.len()).find(undone)).unwrap_or_default();
    state.prompt = Some(Prompt::Target(Box::new(Choice { step, all, states, at })));
    Some(Vec::new())
}

fn plan(state: &mut State, target: Target) -> Vec<Effect> {
    let Some(Screen::Incident(open)) = state.screens.last() else {
        return Vec::new();
    };
    let (id, anchor) = (open.id.clone(), Arc::clone(&open.anchor));
    let Target {
        action,
        resource,
        finding,
        region,
    } = target;
    let request = steps::request(state, action, resource, &id, &finding, region, None);
    steps::begin(state, request, None, Some(&anchor))
}

/// A key while a target is chosen.
pub(super) fn key(state: &mut State, key: Key, mut choice: Box<Choice>) -> Vec<Effect> {
    let last = choice.all.len().saturating_sub(1);
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Enter => {
            let at = choice.at.min(last);
            return plan(state, choice.all.swap_remove(at));
        }
        Code::Down | Code::Char('j') => choice.at = (choice.at + 1).min(last),
        Code::Up | Code::Char('k') => choice.at = choice.at.saturating_sub(1),
        _ => {}
    }
    state.prompt = Some(Prompt::Target(choice));
    Vec::new()
}

#[cfg(test)]
#[path = "targets_tests.rs"]
mod tests;

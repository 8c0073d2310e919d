//! The six steps of an incident: what each would do here, and how far it is, as the journal says.

use std::sync::Arc;

use crate::action::{ActionName, Step, Verdict};
use crate::domain::{AccessKeyId, Resource, ResourceKind, SeverityLabel, Time};
use crate::findings::Finding;
use crate::findings::incident::Incident;
use crate::journal::{self, CallState, Record, What};

use super::prepared::Stage;
use super::state::{State, local};

/// A step with its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepView {
    pub step: Step,
    pub state: StepState,
    /// What it is about here, or how it went: one line, safe to show.
    pub note: String,
    /// The journal's record that an undo would name.
    pub seq: Option<u64>,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Nothing here for it to act on.
    NotApplicable,
    Todo,
    /// Applied, and not yet read back as expected.
    Applied,
    /// Done: read back as expected, or nothing to read back.
    Done,
    /// Stopped half way, or read back otherwise than expected.
    Failed,
    /// Done and undone.
    Undone,
}

impl StepState {
    /// A glyph and a word.
    #[must_use]
    pub fn mark(self) -> (char, &'static str) {
        match self {
            Self::NotApplicable => ('–', "n/a"),
            Self::Todo => ('○', "to do"),
            Self::Applied => ('◐', "applied"),
            Self::Done => ('●', "done"),
            Self::Failed => ('✗', "failed"),
            Self::Undone => ('↶', "undone"),
        }
    }
}

/// What a step would act on, and the finding that names it: the worst one that names anything that the step can act on.
#[must_use]
pub fn target(step: Step, incident: &Incident) -> Option<(ActionName, Resource, Arc<Finding>)> {
    incident.members.iter().find_map(|finding| {
        let (action, resource) = target_of(step, finding)?;
        Some((action, resource, Arc::clone(finding)))
    })
}

/// What a step would act on by what one finding names.
#[must_use]
pub fn target_of(step: Step, finding: &Finding) -> Option<(ActionName, Resource)> {
    let mut all = std::iter::once(&finding.resource).chain(&finding.others);
    match step {
        Step::Isolate | Step::Snapshot => {
            let instance = all.find(|r| r.kind == ResourceKind::Instance)?;
            let action = if step == Step::Isolate {
                ActionName::IsolateInstance
            } else {
                ActionName::SnapshotInstance
            };
            Some((action, instance.clone()))
        }
        Step::Revoke => {
            let named = all.find(|r| r.kind == ResourceKind::AccessKey).cloned();
            let key = named.or_else(|| {
                let id = finding.principal.access_key.clone()?;
                id.raw().parse::<AccessKeyId>().ok()?;
                Some(Resource {
                    kind: ResourceKind::AccessKey,
                    id,
                })
            })?;
            Some((ActionName::DisableAccessKey, key))
        }
        Step::Classify | Step::Notify | Step::Document => None,
    }
}

/// The six steps of an incident.
#[must_use]
pub fn steps(state: &State, incident: &Incident) -> Vec<StepView> {
    let is_own = |r: &&Record| r.incident.as_deref().is_some_and(|id| incident.is(id));
    let own: Vec<&Record> = state.journal.iter().filter(is_own).collect();
    Step::ALL
        .into_iter()
        .map(|step| view(step, incident, state, &own))
        .collect()
}

fn view(step: Step, incident: &Incident, state: &State, own: &[&Record]) -> StepView {
    let all = state.journal.as_slice();
    let blank = |state, note: String| StepView {
        step,
        state,
        note,
        seq: None,
    };
    match step {
        Step::Classify => match own.iter().rev().find_map(|r| classified(r)) {
            Some((severity, at)) => blank(
                StepState::Done,
                format!("{severity}, decided {}", local(at, &state.zone)),
            ),
            None => blank(
                StepState::Todo,
                format!("suggested: {}", state.classification.suggest(incident.severity.label())),
            ),
        },
        Step::Document => match own.iter().rev().find_map(|r| reported(r)) {
            Some(path) => blank(StepState::Done, path),
            None => blank(StepState::Todo, "Markdown report from the journal".to_owned()),
        },
        Step::Notify if state.topic.is_none() => blank(
            StepState::NotApplicable,
            "no topic: set notify.topic in the configuration".to_owned(),
        ),
        Step::Notify => {
            // A message that a rule sent may be about many incidents; its record stands under one of them.
            let about = |r: &&Record| is_told(r, incident) || r.incident.as_deref().is_some_and(|id| incident.is(id));
            let told: Vec<&Record> = all.iter().filter(about).collect();
            last_plan(step, &told, all).unwrap_or_else(|| blank(StepState::Todo, "tell the SNS topic".to_owned()))
        }
        Step::Isolate | Step::Snapshot | Step::Revoke => {
            last_plan(step, own, all).unwrap_or_else(|| match target(step, incident) {
                Some((_, resource, _)) => blank(
                    StepState::Todo,
                    format!("{} {resource}{}", resource.kind.word(), ahead(step, state, incident)),
                ),
                None => blank(StepState::NotApplicable, format!("no finding names {}", wanted(step))),
            })
        }
    }
}

/// Whether a rule's notification told of the incident.
fn is_told(record: &Record, incident: &Incident) -> bool {
    match &record.what {
        What::Confirmed { rule: Some(rule), .. } => rule.incidents.iter().any(|id| incident.is(id)),
        _ => false,
    }
}

/// What is known of a plan that was made ahead.
fn ahead(step: Step, state: &State, incident: &Incident) -> String {
    match state.prepared.stage(incident, step) {
        None => String::new(),
        Some(Stage::Reading) => ", plan being prepared".to_owned(),
        Some(stage @ Stage::Ready { read_at }) => {
            let minutes = state.now.duration_since(*read_at).as_mins();
            if stage.is_fresh(state.now) {
                format!(", plan ready, facts {minutes} min old")
            } else {
                ", facts are read when it is opened".to_owned()
            }
        }
        Some(Stage::Refused(why)) => format!(", no plan: {why}"),
    }
}

fn wanted(step: Step) -> &'static str {
    match step {
        Step::Isolate | Step::Snapshot => "an instance",
        Step::Revoke => "an access key",
        Step::Classify | Step::Notify | Step::Document => "a target",
    }
}

/// The severity that was decided last, and when.
#[must_use]
pub fn classified(record: &Record) -> Option<(SeverityLabel, Time)> {
    match &record.what {
        What::Classified { severity, .. } => Some((*severity, record.time)),
        _ => None,
    }
}

fn reported(record: &Record) -> Option<String> {
    match &record.what {
        What::Reported { path, .. } => Some(crate::domain::Untrusted::new(path.as_str()).shown()),
        _ => None,
    }
}

/// The last plan of a step, and what became of it; an undo turns the plan before it into an undone one.
fn last_plan(step: Step, own: &[&Record], all: &[Record]) -> Option<StepView> {
    let (seq, undoes) = own.iter().rev().find_map(|r| match &r.what {
        What::Confirmed { plan, .. } if plan.request.action.action().step() == step => {
            Some((r.seq, plan.request.undoes))
        }
        _ => None,
    })?;
    let progress = journal::progress(all, seq)?;
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
    let verb = if undoes.is_some() { "undo of " } else { "" };
    let note = format!("{verb}{}, record {seq}", progress.plan.request.target);
    Some(StepView {
        step,
        state,
        note,
        seq: Some(undoes.unwrap_or(seq)),
    })
}

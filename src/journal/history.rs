//! What the records of a plan add up to.

use std::collections::BTreeMap;

use super::record::{Record, What};
use crate::action::{Check, Done, Made, Outcome, Plan, Refusal, RefusalKind};

/// How far a confirmed plan came.
#[derive(Clone, Debug)]
pub struct Progress {
    pub seq: u64,
    pub plan: Plan,
    pub calls: Vec<CallState>,
    /// The last reading back, if there was one.
    pub checks: Vec<Check>,
}

/// How far one call came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallState {
    /// No intent was written, so it was never sent.
    NotSent,
    /// The intent is there, the outcome is not: it may or may not have happened.
    Sent,
    /// AWS answered, or is known not to have.
    Answered(Outcome),
}

/// The progress of the plan that record `seq` confirmed.
#[must_use]
pub fn progress(records: &[Record], seq: u64) -> Option<Progress> {
    let plan = records.iter().find_map(|r| match &r.what {
        What::Confirmed { plan, .. } if r.seq == seq => Some(plan.as_ref().clone()),
        _ => None,
    })?;
    let mut found = Progress {
        seq,
        calls: vec![CallState::NotSent; plan.draft.calls.len()],
        plan,
        checks: Vec::new(),
    };
    let mut intents = BTreeMap::new();
    for record in records {
        match &record.what {
            What::Intent { plan, call, .. } if *plan == seq => {
                intents.insert(record.seq, *call);
                if let Some(state) = found.calls.get_mut(*call) {
                    *state = CallState::Sent;
                }
            }
            What::Outcome { intent, outcome } => {
                if let Some(state) = intents.get(intent).and_then(|call| found.calls.get_mut(*call)) {
                    *state = CallState::Answered(outcome.clone());
                }
            }
            What::Checked { plan, checks } if *plan == seq => found.checks.clone_from(checks),
            _ => {}
        }
    }
    Some(found)
}

/// The plan of record `seq`, as an undo needs it. A record inside the plan (an intent, an outcome) names the plan too.
pub fn done(records: &[Record], seq: u64) -> Result<Done, Refusal> {
    let refuse = |why: String| {
        Refusal::new(
            RefusalKind::NothingToUndo,
            why,
            "quell journal show lists the confirmed plans and their numbers.",
        )
    };
    let Some(record) = records.iter().find(|r| r.seq == seq) else {
        return Err(refuse(format!("The journal has no record {seq}.")));
    };
    let plan_seq = match &record.what {
        What::Confirmed { .. } => seq,
        What::Intent { plan, .. } | What::Checked { plan, .. } => *plan,
        What::Outcome { intent, .. } => records
            .iter()
            .find_map(|r| match &r.what {
                What::Intent { plan, .. } if r.seq == *intent => Some(*plan),
                _ => None,
            })
            .unwrap_or(seq),
        _ => {
            return Err(refuse(format!(
                "Record {seq} ({}) changed nothing.",
                record.what.word()
            )));
        }
    };
    let Some(progress) = progress(records, plan_seq) else {
        return Err(refuse(format!("Record {seq} belongs to no confirmed plan.")));
    };
    if progress.plan.request.undoes.is_some() {
        return Err(refuse(format!(
            "Record {plan_seq} is itself an undo; make the action's plan again instead."
        )));
    }
    if let Some((undone, later)) = superseded(records, &progress) {
        return Err(refuse(format!(
            "Record {plan_seq} was undone by record {undone}, and record {later} did it again since: undo {later}."
        )));
    }
    let (mut took_effect, mut made) = (Vec::new(), Made::new());
    for (call, state) in progress.calls.iter().enumerate() {
        match state {
            CallState::Answered(Outcome::Applied { made: results, .. }) => {
                took_effect.push(call);
                made.insert(call, results.clone());
            }
            // What was sent and not answered may have taken effect.
            CallState::Answered(Outcome::AlreadySo { .. } | Outcome::Unknown { .. } | Outcome::Partly { .. })
            | CallState::Sent => took_effect.push(call),
            CallState::Answered(Outcome::Failed { .. }) | CallState::NotSent => {}
        }
    }
    Done::new(plan_seq, progress.plan, &took_effect, made)
}

/// Whether a plan was undone to its end and the same was done again since, and by which records. Then what the plan recorded is no
/// longer the state before, and putting it back would overwrite what was changed in between.
fn superseded(records: &[Record], of: &Progress) -> Option<(u64, u64)> {
    let confirmed = |after: u64, wanted: &dyn Fn(&Plan) -> bool| {
        let found = records.iter().filter(move |r| r.seq > after);
        let found = found.filter_map(|r| match &r.what {
            What::Confirmed { plan, .. } if wanted(plan) => progress(records, r.seq),
            _ => None,
        });
        found.collect::<Vec<_>>()
    };
    let to_its_end = |p: &Progress| {
        let ended = |c: &CallState| matches!(c, CallState::Answered(outcome) if outcome.goes_on());
        p.calls.iter().all(ended)
    };
    let undo_of = |seq: u64| {
        let undos = confirmed(seq, &|plan| plan.request.undoes == Some(seq));
        undos.into_iter().find(to_its_end).map(|p| p.seq)
    };
    let undone = undo_of(of.seq)?;
    let here = |plan: &Plan| {
        let (a, b) = (&plan.request, &of.plan.request);
        a.undoes.is_none()
            && (a.action, &a.account, &a.region, &a.target) == (b.action, &b.account, &b.region, &b.target)
    };
    let again = confirmed(undone, &here).into_iter();
    let mut again = again.filter(|p| p.calls.iter().any(|c| *c != CallState::NotSent) && undo_of(p.seq).is_none());
    again.next().map(|p| (undone, p.seq))
}

/// The intents that have no outcome: whether they happened must be settled by reading, never by doing them again.
#[must_use]
pub fn unsettled(records: &[Record]) -> Vec<&Record> {
    let answered: Vec<u64> = records
        .iter()
        .filter_map(|r| match &r.what {
            What::Outcome { intent, .. } => Some(*intent),
            _ => None,
        })
        .collect();
    records
        .iter()
        .filter(|r| matches!(r.what, What::Intent { .. }) && !answered.contains(&r.seq))
        .collect()
}

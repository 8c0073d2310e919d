//! What happens to a confirmed plan, as the plan screen shows it.
//!
//! Reading back may go on long after the screen was left (snapshots take hours); what it shows then is in the journal.

use super::effect::Effect;
use super::plan::{Applying, CallView, Stage};
use super::state::{Screen, State, Tone};
use crate::action::{Check, Outcome, Request, Verdict};

fn find(state: &mut State, wanted: impl Fn(&Applying) -> bool) -> Option<&mut Applying> {
    state.screens.iter_mut().rev().find_map(|screen| match screen {
        Screen::Plan(plan) => match &mut plan.stage {
            Stage::Applying(applying) if wanted(applying) => Some(applying),
            Stage::Applying(_) | Stage::Reading { .. } | Stage::Refused(_) | Stage::Ready { .. } => None,
        },
        Screen::List | Screen::Incident(_) | Screen::Journal(_) | Screen::Coverage(_) | Screen::Help(_) => None,
    })
}

/// The plan whose calls are being sent: there is at most one.
fn sending(state: &mut State) -> Option<&mut Applying> {
    find(state, |run| !run.calls_ended)
}

pub(super) fn refused(state: &mut State, why: Vec<String>) -> Vec<Effect> {
    (state.applying, state.leaving) = (false, false);
    let first = why.first().cloned().unwrap_or_default();
    if let Some(run) = sending(state) {
        run.calls_ended = true;
        run.ended = true;
        run.trouble = why;
    }
    state.say(Tone::Bad, format!("Nothing was changed. {first}"));
    Vec::new()
}

pub(super) fn began(state: &mut State, seq: u64) -> Vec<Effect> {
    if let Some(run) = sending(state) {
        run.seq = Some(seq);
    }
    Vec::new()
}

pub(super) fn sent(state: &mut State, call: usize) -> Vec<Effect> {
    if let Some(view) = sending(state).and_then(|run| run.calls.get_mut(call)) {
        *view = CallView::Sent;
    }
    Vec::new()
}

pub(super) fn answered(state: &mut State, call: usize, outcome: Outcome) -> Vec<Effect> {
    if let Some(view) = sending(state).and_then(|run| run.calls.get_mut(call)) {
        *view = CallView::Answered(outcome);
    }
    Vec::new()
}

pub(super) fn calls_ended(state: &mut State, trouble: Option<String>) -> Vec<Effect> {
    (state.applying, state.leaving) = (false, false);
    let Some(run) = sending(state) else { return Vec::new() };
    run.calls_ended = true;
    let name = name(&run.plan.request);
    match trouble {
        None => state.say(Tone::Plain, format!("{name}: every call applied; reading back …")),
        Some(why) => {
            run.trouble.push(why.clone());
            state.say(Tone::Bad, format!("{name} stopped: {why}"));
        }
    }
    Vec::new()
}

pub(super) fn checked(state: &mut State, seq: u64, checks: &[Check], last: bool) -> Vec<Effect> {
    let mut name = format!("Record {seq}");
    let (mut stopped, mut then) = (false, "");
    if let Some(run) = find(state, |run| run.seq == Some(seq)) {
        checks.clone_into(&mut run.checks);
        run.ended = last;
        stopped = !run.trouble.is_empty();
        name = self::name(&run.plan.request);
        if run.plan.then().is_some() {
            then = " It is not done before the next plan of it.";
        }
    }
    if last && !stopped {
        if checks.is_empty() {
            state.say(Tone::Good, format!("{name}: applied; there is nothing to read back."));
        } else if checks.iter().all(|c| matches!(c.verdict, Verdict::Verified)) {
            state.say(Tone::Good, format!("{name}: applied, and read back as planned.{then}"));
        } else {
            state.say(Tone::Bad, format!("{name}: not read back as planned; see the journal."));
        }
    }
    Vec::new()
}

/// What a plan is called in a line of its own: an undo is not the action.
fn name(request: &Request) -> String {
    let action = request.action;
    match request.undoes {
        Some(_) => format!("undo of {action}"),
        None => action.to_string(),
    }
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;

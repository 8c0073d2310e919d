//! Reading back once more what a plan in the journal was to bring about.
//!
//! Owns: which plan is read back. Must never: change anything but the journal, to which the checks are written.

use super::effect::Effect;
use super::incident::Pane;
use super::plan::{Applying, CallView, PlanScreen, Stage};
use super::play;
use super::state::{Screen, State, Tone};
use super::steps;
use crate::action::{Made, Outcome, Request};
use crate::journal::{self, CallState, Progress, Record, What};

/// The last plan in the journal that did the same to the same thing, and was no undo.
#[must_use]
pub fn last_plan(state: &State, request: &Request) -> Option<u64> {
    let is_same = |other: &Request| {
        other.undoes.is_none()
            && (other.action, other.account) == (request.action, request.account)
            && (&other.region, &other.target) == (&request.region, &request.target)
    };
    state.journal.iter().rev().find_map(|record| match &record.what {
        What::Confirmed { plan, .. } if is_same(&plan.request) => Some(record.seq),
        _ => None,
    })
}

/// The plan that is meant by what is on the screen.
fn meant(state: &State) -> Option<u64> {
    match state.screen() {
        Screen::Plan(plan) => match &plan.stage {
            Stage::Applying(run) if run.ended => run.seq,
            Stage::Applying(_) | Stage::Reading { .. } => None,
            Stage::Refused(_) | Stage::Ready { .. } => last_plan(state, &plan.request),
        },
        Screen::Incident(open) if open.pane == Pane::Playbook => play::selected_record(state),
        Screen::Journal(scroll) => state.journal.get(scroll.cursor).and_then(plan_of),
        Screen::List | Screen::Incident(_) | Screen::Coverage(_) | Screen::Help(_) => None,
    }
}

/// The confirmed plan that a record belongs to, as far as the record says.
fn plan_of(record: &Record) -> Option<u64> {
    match &record.what {
        What::Confirmed { .. } => Some(record.seq),
        What::Intent { plan, .. } | What::Checked { plan, .. } => Some(*plan),
        _ => None,
    }
}

/// Reads back the plan that the screen is about.
pub(super) fn start(state: &mut State) -> Vec<Effect> {
    if steps::only_looks(state) {
        return Vec::new();
    }
    if let Screen::Plan(plan) = state.screen()
        && matches!(&plan.stage, Stage::Applying(run) if !run.ended)
    {
        state.say(Tone::Plain, "It is still being read back.");
        return Vec::new();
    }
    let progress = meant(state).and_then(|seq| journal::progress(&state.journal, seq));
    let Some(progress) = progress else {
        state.say(
            Tone::Plain,
            "The journal has no plan for this, so there is nothing to read back: look at the Context pane.",
        );
        return Vec::new();
    };
    let effect = Effect::Verify {
        seq: progress.seq,
        plan: Box::new(progress.plan.clone()),
        made: made(&progress),
    };
    // A screen of the same plan is shown anew; a refusal stays below, so that Esc leads back to it.
    if matches!(state.screen(), Screen::Plan(plan) if matches!(&plan.stage, Stage::Applying(_))) {
        state.screens.pop();
    }
    state.screens.push(Screen::Plan(Box::new(screen(progress))));
    vec![effect]
}

/// What the plan made, by the calls that made it.
fn made(progress: &Progress) -> Made {
    let calls = progress.calls.iter().enumerate();
    calls
        .filter_map(|(call, state)| match state {
            CallState::Answered(Outcome::Applied { made, .. }) => Some((call, made.clone())),
            CallState::Answered(_) | CallState::Sent | CallState::NotSent => None,
        })
        .collect()
}

/// The screen of a plan that the journal has, before anything was read back.
fn screen(progress: Progress) -> PlanScreen {
    let mut run = Applying::new(Box::new(progress.plan.clone()), progress.plan.digest());
    run.seq = Some(progress.seq);
    run.calls_ended = true;
    run.calls = progress
        .calls
        .into_iter()
        .map(|call| match call {
            CallState::NotSent => CallView::Waiting,
            CallState::Sent => CallView::Sent,
            CallState::Answered(outcome) => CallView::Answered(outcome),
        })
        .collect();
    let whole = |call: &CallView| matches!(call, CallView::Answered(outcome) if outcome.goes_on());
    if !run.calls.iter().all(whole) {
        let why = format!("Record {} did not come to its end.", progress.seq);
        run.trouble.push(why);
    }
    let mut screen = PlanScreen::new(progress.plan.request.clone(), None);
    screen.stage = Stage::Applying(run);
    screen
}

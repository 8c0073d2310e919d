//! The choice of what a step does: which action, on which of the things that fit.
//!
//! Owns: the list that is chosen from. Must never: take one of several unasked.

use std::collections::HashSet;
use std::sync::Arc;

use super::collecting;
use super::effect::Effect;
use super::key::{Code, Key};
use super::playbook::StepState;
use super::progress::progress;
use super::state::{Prompt, Screen, State, Tone};
use super::steps;
use super::targets::{Target, of_step, session_key, targets, wanted, wanted_by};
use crate::action::{ActionName, Scope, Step};
use crate::journal::Record;
use crate::playbook::PlayStep;

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

/// Begins a phase, or a step of the playbook: at once where one thing can be done to one target, else after it was chosen. What the
/// step asks for comes first, and the cursor stands there.
pub(super) fn start(state: &mut State, phase: Step, step: Option<&PlayStep>) -> Vec<Effect> {
    let Some(Screen::Incident(open)) = state.screens.last() else {
        return Vec::new();
    };
    let mut all = step.map_or_else(Vec::new, |step| {
        of_step(state, step, &open.incident, usize::MAX).targets
    });
    let first = all.len();
    // A step of which nothing is named opens no choice of what others do.
    if first > 0 || step.is_none() {
        let mut others = targets(state, phase, &open.incident);
        let own: HashSet<_> = all.iter().map(Target::place).collect();
        others.retain(|other| !own.contains(&other.place()));
        all.extend(others);
    }
    if all.is_empty() {
        let wanted = step.map_or_else(|| wanted(phase), |step| wanted_by(step.actions.iter().copied()));
        let why = match session_key(&open.incident) {
            Some(key) => format!(
                "{key} is the key of a session, which nobody can switch off, and no finding names the role or user behind it."
            ),
            None => format!("No finding here names what {} acts on: {}.", phase.word(), wanted),
        };
        state.say(Tone::Plain, why);
        return Vec::new();
    }
    if all.len() == 1 && all[0].counts {
        return all.pop().map(|only| plan(state, only)).unwrap_or_default();
    }
    let own: Vec<&Record> = state.journal.iter().filter(|r| open.owns(r)).collect();
    let went = progress(&open.incident, &all, &own, &state.journal);
    let states: Vec<StepState> = all
        .iter()
        .zip(went)
        .map(|(_, went)| went.map_or(StepState::Todo, |went| went.state))
        .collect();
    let undone = |place: &usize| matches!(states[*place], StepState::Todo | StepState::Undone);
    let opened = |place: &usize| {
        let (target, finding) = (&all[*place], &open.finding);
        let names = std::iter::once(&finding.resource).chain(&finding.others);
        target.finding.account == finding.account
            && target.region == steps::place(target.action, finding)
            && (names.into_iter().any(|r| *r == target.resource) || target.finding.key() == finding.key())
    };
    // The cursor stands where the next work is: of the opened finding first, on what counts first.
    let places = || 0..all.len();
    let counts = |place: &usize| all[*place].counts && (step.is_none() || *place < first);
    let at = places().filter(counts).filter(opened).find(undone);
    let at = at.or_else(|| places().filter(counts).find(opened));
    let at = at.or_else(|| places().filter(counts).find(undone)).unwrap_or_default();
    let choice = Choice {
        step: phase,
        all,
        states,
        at,
    };
    state.prompt = Some(Prompt::Target(Box::new(choice)));
    Vec::new()
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
        account,
        region,
        ..
    } = target;
    if action == ActionName::CollectEvidence {
        return collecting::start(state);
    }
    if action.action().scope() == Scope::Organization && state.management.is_none() {
        state.say(
            Tone::Bad,
            format!(
                "{action} goes to the organisation's management account, which AWS has not told: set management_account in the configuration."
            ),
        );
        return Vec::new();
    }
    let mut request = steps::request(state, action, resource, &id, &finding, region, None);
    request.account = account;
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
        Code::Home | Code::Char('g') => choice.at = 0,
        Code::End | Code::Char('G') => choice.at = last,
        Code::Char(digit @ '1'..='9') => {
            let place = digit.to_digit(10).and_then(|n| usize::try_from(n).ok()).unwrap_or(1) - 1;
            choice.at = place.min(last);
        }
        _ => {}
    }
    state.prompt = Some(Prompt::Target(choice));
    Vec::new()
}

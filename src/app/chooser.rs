//! The choice of what a step does: which action, on which of the things that fit.
//!
//! Owns: the list that is chosen from. Must never: take one of several unasked.

use std::sync::Arc;

use super::collecting;
use super::effect::Effect;
use super::key::{Code, Key};
use super::playbook::StepState;
use super::progress::progress;
use super::state::{Prompt, Screen, State, Tone};
use super::steps;
use super::targets::{Target, session_key, targets, wanted};
use crate::action::{ActionName, Scope, Step};
use crate::journal::Record;

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

/// Begins a step: at once where one thing can be done to one target, else after it was chosen. The cursor stands on what one of
/// these actions can do, where any are named.
pub(super) fn start(state: &mut State, step: Step, first: &[ActionName]) -> Vec<Effect> {
    let Some(Screen::Incident(open)) = state.screens.last() else {
        return Vec::new();
    };
    let mut all = targets(state, step, &open.incident);
    // The actions of the playbook's step that was opened come before those of others.
    all.sort_by_key(|target| !first.contains(&target.action));
    if all.is_empty() {
        let why = match session_key(&open.incident) {
            Some(key) => format!(
                "{key} is the key of a session, which nobody can switch off, and no finding names the role or user behind it."
            ),
            None => format!("No finding here names what {} acts on: {}.", step.word(), wanted(step)),
        };
        state.say(Tone::Plain, why);
        return Vec::new();
    }
    if all.len() == 1 && all[0].counts {
        return all.pop().map(|only| plan(state, only)).unwrap_or_default();
    }
    let own: Vec<&Record> = state.journal.iter().filter(|r| open.owns(r)).collect();
    let went = progress(step, &all, &own, &state.journal);
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
    let counts = |place: &usize| {
        let target = &all[*place];
        target.counts && (first.is_empty() || first.contains(&target.action))
    };
    let at = places().filter(counts).filter(opened).find(undone);
    let at = at.or_else(|| places().filter(counts).find(opened));
    let at = at.or_else(|| places().filter(counts).find(undone)).unwrap_or_default();
    state.prompt = Some(Prompt::Target(Box::new(Choice { step, all, states, at })));
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

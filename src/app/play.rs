//! The playbook of an incident, step by step: which are ready, done, or do not apply, and the boxes that are ticked by hand.
//!
//! Owns: the lines of the playbook pane, and what Space and Enter do on them. Must never: call a step done that neither the journal
//! nor a person's tick says so of.

use std::collections::HashMap;

use super::chooser;
use super::chosen;
use super::collecting;
use super::effect::Effect;
use super::incident::IncidentScreen;
use super::playbook::{self, StepState, StepView};
use super::state::{Screen, State, Tone};
use super::steps;
use crate::action::{ActionName, Step};
use crate::domain::Time;
use crate::findings::incident::Incident;
use crate::journal::{Record, What};
use crate::playbook::{PlayStep, Playbook, Situation, Standing};

/// A tick or its absence, by whom and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    pub who: String,
    pub at: Time,
    pub done: bool,
}

/// A line of the pane: a step, or one of its boxes.
#[derive(Clone, Debug)]
pub struct Line {
    /// The step's place in the playbook.
    pub step: usize,
    /// Which of its boxes; none for the step itself.
    pub item: Option<usize>,
    /// How many branches it stands in.
    pub depth: usize,
    /// It begins one of several branches that go side by side: which, and of how many.
    pub branch: Option<(usize, usize)>,
    pub standing: Standing,
    /// How far what its actions do is, where they do anything here.
    pub went: Option<StepView>,
    /// Who ticked it last, or took the tick away.
    pub tick: Option<Tick>,
}

impl Line {
    /// Whether it is ticked by hand.
    #[must_use]
    pub fn is_ticked(&self) -> bool {
        self.tick.as_ref().is_some_and(|tick| tick.done)
    }
}

/// The playbook of an incident with how far it is.
#[derive(Debug)]
pub struct Play<'a> {
    pub playbook: &'a Playbook,
    pub situation: Situation<'a>,
    /// Whether a person decided the severity.
    pub decided: bool,
    pub lines: Vec<Line>,
}

/// Ticks by step, and box where it is one's.
type Ticks = HashMap<(String, Option<String>), Tick>;

/// The playbook of an incident, now.
#[must_use]
pub fn play<'a>(state: &'a State, incident: &'a Incident) -> Play<'a> {
    let playbook = chosen::playbook(state, incident);
    let situation = chosen::situation(state, incident);
    let is_own = |r: &&Record| r.incident.as_deref().is_some_and(|id| incident.is(id));
    let own: Vec<&Record> = state.journal.iter().filter(is_own).collect();
    let ticks = ticks(&own, &playbook.name);
    let went: Vec<Option<StepView>> = playbook
        .steps()
        .iter()
        .map(|s| went(state, incident, s, &own))
        .collect();
    let is_done = |step: &PlayStep| {
        let place = playbook.step(&step.id).map(|(place, _)| place);
        let went = place.and_then(|place| went[place].as_ref());
        done(step, went, &ticks)
    };
    let standings = playbook.standings(&situation, is_done);
    let mut lines = Vec::new();
    for row in playbook.outline() {
        let step = &playbook.steps()[row.step];
        let tick = |item: Option<&String>| ticks.get(&(step.id.clone(), item.cloned())).cloned();
        let line = Line {
            step: row.step,
            item: None,
            depth: row.depth,
            branch: row.branch,
            standing: standings[row.step],
            went: went[row.step].clone(),
            tick: tick(None),
        };
        let boxes = step.manual.iter().enumerate().map(|(place, item)| Line {
            item: Some(place),
            branch: None,
            went: None,
            tick: tick(Some(item)),
            ..line.clone()
        });
        let boxes: Vec<Line> = boxes.collect();
        lines.push(line);
        lines.extend(boxes);
    }
    Play {
        playbook,
        decided: chosen::decided(state, incident).is_some(),
        situation,
        lines,
    }
}

/// The last word on each box of this playbook.
fn ticks(own: &[&Record], name: &str) -> Ticks {
    let ticked = own.iter().filter_map(|record| match &record.what {
        What::Ticked {
            playbook,
            step,
            item,
            done,
        } if playbook == name => Some((
            (step.clone(), item.clone()),
            Tick {
                who: record.who.clone(),
                at: record.time,
                done: *done,
            },
        )),
        _ => None,
    });
    ticked.collect()
}

/// How far what a step does by quell is; none where quell does nothing for it here.
fn went(state: &State, incident: &Incident, step: &PlayStep, own: &[&Record]) -> Option<StepView> {
    let view = match step.phase {
        Step::Notify | Step::Isolate | Step::Snapshot | Step::Revoke if step.actions.is_empty() => return None,
        Step::Classify | Step::Document | Step::Notify => playbook::view(step.phase, incident, state, own),
        Step::Isolate | Step::Snapshot | Step::Revoke => playbook::done_by(step, incident, state, own),
    };
    (view.state != StepState::NotApplicable).then_some(view)
}

/// Whether a step is done: a person says so, or its actions and its boxes do, of which there is at least one.
fn done(step: &PlayStep, went: Option<&StepView>, ticks: &Ticks) -> bool {
    let ticked = |item: Option<&String>| {
        let tick = ticks.get(&(step.id.clone(), item.cloned()));
        tick.is_some_and(|tick| tick.done)
    };
    let by_quell = went.is_none_or(|view| view.state == StepState::Done);
    ticked(None)
        || (by_quell
            && step.manual.iter().all(|item| ticked(Some(item)))
            && (went.is_some() || !step.manual.is_empty()))
}

/// The line under the cursor of the playbook pane, with its step and the name of its playbook.
fn selected(state: &State) -> Option<(Line, PlayStep, String)> {
    let Some(Screen::Incident(open)) = state.screens.last() else {
        return None;
    };
    let open: &IncidentScreen = open;
    let play = play(state, &open.incident);
    let line = play.lines.get(open.line).or(play.lines.last())?.clone();
    let step = play.playbook.steps().get(line.step)?.clone();
    Some((line, step, play.playbook.name.clone()))
}

/// How many lines the pane has.
pub(super) fn len(state: &State, incident: &Incident) -> usize {
    let steps = chosen::playbook(state, incident).steps();
    steps.iter().map(|step| 1 + step.manual.len()).sum()
}

/// The record that an undo of the step under the cursor would name.
pub(super) fn selected_record(state: &State) -> Option<u64> {
    selected(state).and_then(|(line, ..)| line.went?.seq)
}

/// Ticks what is under the cursor, or takes the tick away.
pub(super) fn tick(state: &mut State) -> Vec<Effect> {
    if steps::only_looks(state) {
        return Vec::new();
    }
    let in_pane = matches!(state.screen(), Screen::Incident(open) if open.pane == super::incident::Pane::Playbook);
    let Some((line, step, playbook)) = in_pane.then(|| selected(state)).flatten() else {
        state.say(Tone::Plain, "Boxes are ticked in the Playbook pane.");
        return Vec::new();
    };
    let item = line.item.and_then(|item| step.manual.get(item)).cloned();
    let what = What::Ticked {
        playbook,
        step: step.id,
        item,
        done: !line.is_ticked(),
    };
    chosen::note(state, what)
}

/// Does what is under the cursor: a step begins, a box is ticked.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    let Some((line, step, _)) = selected(state) else {
        return Vec::new();
    };
    if line.item.is_some() {
        return tick(state);
    }
    match step.phase {
        Step::Isolate | Step::Snapshot | Step::Revoke => begin(state, &step),
        Step::Notify if step.actions.is_empty() => begin(state, &step),
        Step::Classify | Step::Notify | Step::Document => steps::start(state, step.phase),
    }
}

fn begin(state: &mut State, step: &PlayStep) -> Vec<Effect> {
    if step.actions.contains(&ActionName::CollectEvidence) && collecting::cannot(state) {
        return Vec::new();
    }
    if steps::only_looks(state) {
        return Vec::new();
    }
    if step.actions.is_empty() {
        let key = state.keys.hint(super::Command::Tick).unwrap_or_default();
        state.say(
            Tone::Plain,
            format!("This step is done by hand; {key} ticks it when it is."),
        );
        return Vec::new();
    }
    chooser::start(state, step.phase, Some(step))
}

#[cfg(test)]
#[path = "play_tests.rs"]
mod tests;

//! Which keys help on the screen that is seen. Only what makes sense there and what the mode allows.

use crate::action::Step;
use crate::app::earlier::Shown;
use crate::app::incident::{IncidentScreen, Pane};
use crate::app::key::{Code, Key};
use crate::app::list::Kind;
use crate::app::plan::Stage;
use crate::app::{Command, Screen, State, targets};

/// A key and what it does here.
pub type Hint = (String, &'static str);

/// The hints for the screen, the most useful first.
pub fn hints(state: &State) -> Vec<Hint> {
    let wanted: Vec<(Command, &'static str)> = match state.screen() {
        Screen::List => vec![
            (Command::Open, "open"),
            (Command::Filter, "filter"),
            (Command::Claim, "claim"),
            (Command::NextPane, other_rows(state)),
            (Command::Mark, "mark"),
            (Command::Sort, "sort"),
            (Command::Coverage, "coverage"),
            (Command::Journal, "journal"),
            (Command::Quit, "quit"),
            (Command::Refresh, "read again"),
            (Command::Prompt, "command"),
        ],
        Screen::Incident(open) => incident(state, open),
        Screen::Plan(plan) => match &plan.stage {
            // Letters are the confirmation there, so only the other keys of a command are named.
            Stage::Ready { .. } => {
                let mut keys = vec![(Command::PageDown, "further down"), (Command::PageUp, "up")];
                if plan.request.undoes.is_none() && !plan.request.action.action().choices().is_empty() {
                    keys.push((Command::Choices, "choices"));
                }
                keys.push((Command::Refresh, "plan again"));
                let keys = keys.into_iter();
                return keys
                    .filter_map(|(c, word)| Some((without_letter(state, c)?, word)))
                    .collect();
            }
            Stage::Applying(run) if !run.calls_ended => Vec::new(),
            Stage::Applying(run) => {
                let undo = run.seq.is_some() && run.plan.request.undoes.is_none();
                let mut keys = vec![(Command::Back, "back")];
                if undo {
                    keys.push((Command::Undo, "undo"));
                }
                if !run.is_verified() {
                    keys.push((Command::Refresh, "plan again"));
                }
                if run.ended && run.seq.is_some() {
                    keys.push((Command::Verify, "read back again"));
                }
                keys.push((Command::Journal, "journal"));
                keys
            }
            Stage::Reading { .. } => vec![(Command::Back, "back")],
            Stage::Refused(_) => {
                let mut keys = vec![(Command::Back, "back"), (Command::Refresh, "plan again")];
                if plan.request.undoes.is_none() && !plan.request.action.action().choices().is_empty() {
                    keys.push((Command::Choices, "choices"));
                }
                keys
            }
        },
        Screen::Journal(_) => vec![(Command::Back, "back"), (Command::Undo, "undo the selected plan")],
        Screen::Coverage(_) if state.coverage.whole().is_some() => {
            vec![(Command::Back, "back"), (Command::Copy, "copy")]
        }
        Screen::Coverage(_) => vec![
            (Command::Back, "back"),
            (Command::Open, "whole text"),
            (Command::Filter, "filter"),
            (Command::Copy, "copy"),
            (Command::Refresh, "read again"),
        ],
        Screen::Help(_) => vec![(Command::Back, "back"), (Command::Down, "down"), (Command::Up, "up")],
    };
    wanted
        .into_iter()
        .chain([(Command::Help, "help")])
        .filter(|(command, _)| state.mode.can_change() || !command.changes())
        .filter_map(|(command, word)| Some((key_of(state, command)?, word)))
        .collect()
}

/// The key that is shown for a command: Tab, where it still goes on to the next pane, for hands know it; else the shortest.
fn key_of(state: &State, command: Command) -> Option<String> {
    let tab = Key::plain(Code::Tab);
    if command == Command::NextPane && state.keys.keys(command).contains(&tab) {
        return Some(tab.to_string());
    }
    state.keys.hint(command)
}

/// What Tab shows on the list.
fn other_rows(state: &State) -> &'static str {
    match state.list.kind {
        Kind::Incidents => "findings",
        Kind::Findings => "incidents",
    }
}

fn incident(state: &State, open: &IncidentScreen) -> Vec<(Command, &'static str)> {
    let mut keys = Vec::new();
    if open.pane == Pane::Playbook && state.mode.can_change() {
        keys.extend([
            (Command::Open, "do it"),
            (Command::Tick, "tick"),
            (Command::Playbook, "other playbook"),
        ]);
    }
    if open.pane == Pane::Raw {
        match open.earlier.shown {
            Shown::Latest if open.earlier.count > 0 => keys.push((Command::Open, "earlier events")),
            Shown::List => keys.push((Command::Open, "open event")),
            Shown::Latest | Shown::One(_) => {}
        }
        keys.extend([(Command::Filter, "search"), (Command::SearchNext, "next")]);
    }
    keys.push((Command::Classify, "classify"));
    for (step, command, word) in [
        (Step::Isolate, Command::Isolate, "isolate"),
        (Step::Snapshot, Command::Snapshot, "snapshot"),
        (Step::Revoke, Command::Revoke, "revoke"),
    ] {
        if targets::any(state, step, &open.incident) {
            keys.push((command, word));
        }
    }
    keys.extend([
        (Command::Back, "back"),
        (Command::Claim, "claim"),
        (Command::Undo, "undo"),
        (Command::Document, "report"),
        (Command::Journal, "journal"),
    ]);
    keys
}

/// A key of the command that types nothing, the plainest first.
pub fn without_letter(state: &State, command: Command) -> Option<String> {
    let mut keys = state.keys.keys(command);
    keys.retain(|key| !is_letter(*key));
    keys.sort_by_key(|key| key.ctrl || key.alt);
    keys.first().map(ToString::to_string)
}

fn is_letter(key: Key) -> bool {
    matches!(key.code, Code::Char(_)) && !key.ctrl && !key.alt
}

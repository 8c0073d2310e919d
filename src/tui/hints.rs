//! Which keys help on the screen that is seen. Only what makes sense there and what the mode allows.

use crate::action::Step;
use crate::app::incident::{IncidentScreen, Pane};
use crate::app::key::{Code, Key};
use crate::app::plan::Stage;
use crate::app::{Command, Screen, State, playbook};

/// A key and what it does here.
pub type Hint = (String, &'static str);

/// The hints for the screen, the most useful first.
pub fn hints(state: &State) -> Vec<Hint> {
    let wanted: Vec<(Command, &'static str)> = match state.screen() {
        Screen::List => vec![
            (Command::Open, "open"),
            (Command::Filter, "filter"),
            (Command::Coverage, "coverage"),
            (Command::Journal, "journal"),
            (Command::Refresh, "read again"),
            (Command::Prompt, "command"),
            (Command::Quit, "quit"),
        ],
        Screen::Incident(open) => incident(open),
        Screen::Plan(plan) => match &plan.stage {
            // Letters are the confirmation there, so only the other keys of a command are named.
            Stage::Ready { .. } => return without_letters(state),
            Stage::Applying(run) if !run.calls_ended => Vec::new(),
            Stage::Applying(run) => {
                let undo = run.seq.is_some() && run.plan.request.undoes.is_none();
                let mut keys = vec![(Command::Back, "back"), (Command::Journal, "journal")];
                if undo {
                    keys.insert(1, (Command::Undo, "undo"));
                }
                keys
            }
            Stage::Reading { .. } | Stage::Refused(_) => vec![(Command::Back, "back")],
        },
        Screen::Journal(_) => vec![(Command::Back, "back"), (Command::Undo, "undo the selected plan")],
        Screen::Coverage(_) => vec![(Command::Back, "back"), (Command::Refresh, "read again")],
        Screen::Help(_) => vec![(Command::Back, "back"), (Command::Down, "down"), (Command::Up, "up")],
    };
    wanted
        .into_iter()
        .chain([(Command::Help, "help")])
        .filter(|(command, _)| state.mode.can_change() || !command.changes())
        .filter_map(|(command, word)| Some((state.keys.hint(command)?, word)))
        .collect()
}

fn incident(open: &IncidentScreen) -> Vec<(Command, &'static str)> {
    let mut keys = vec![(Command::NextPane, "next pane")];
    if open.pane == Pane::Playbook {
        keys.push((Command::Open, "do the step"));
    }
    if open.pane == Pane::Raw {
        keys.extend([(Command::Filter, "search"), (Command::SearchNext, "next")]);
    }
    keys.push((Command::Classify, "classify"));
    for (step, command, word) in [
        (Step::Isolate, Command::Isolate, "isolate"),
        (Step::Snapshot, Command::Snapshot, "snapshot"),
        (Step::Revoke, Command::Revoke, "revoke"),
    ] {
        if playbook::target(step, &open.finding).is_some() {
            keys.push((command, word));
        }
    }
    keys.extend([
        (Command::Document, "report"),
        (Command::Undo, "undo"),
        (Command::Back, "back"),
    ]);
    keys
}

fn without_letters(state: &State) -> Vec<Hint> {
    let key = |command| {
        state
            .keys
            .keys(command)
            .into_iter()
            .find(|key| !is_letter(*key))
            .map(|key| key.to_string())
    };
    [
        (Command::Back, "back, nothing is changed"),
        (Command::PageDown, "further down"),
        (Command::PageUp, "up"),
    ]
    .into_iter()
    .filter_map(|(command, word)| Some((key(command)?, word)))
    .collect()
}

fn is_letter(key: Key) -> bool {
    matches!(key.code, Code::Char(_)) && !key.ctrl && !key.alt
}

//! Commands typed at the `:` prompt: those of the key map by their names, and those that take something more.

use super::command::{Command, Place};
use super::effect::Effect;
use super::look;
use super::run::{list_only, place, run};
use super::state::{State, Tone};
use crate::domain::Untrusted;

/// Commands that take something after their name, and what that is.
const WITH_MORE: &[(&str, &str)] = &[
    ("columns", "NAME,NAME,… chooses the columns"),
    ("sort", "NAME sorts the list"),
    ("view", "NAME shows a saved view"),
    ("save-view", "NAME keeps what is shown as a view"),
];

/// What can be typed after the prompt, with help: for its completion and for the help screen.
pub fn with_more() -> &'static [(&'static str, &'static str)] {
    WITH_MORE
}

/// Runs what was typed.
pub(super) fn command(state: &mut State, text: &str) -> Vec<Effect> {
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    if text == "q" {
        return run(state, Command::Quit);
    }
    let sorts = text.strip_prefix("sort ");
    if (sorts.is_some() || text.starts_with("view ")) && place(state) != Place::List {
        list_only(state, text.split(' ').next().unwrap_or_default());
        return Vec::new();
    }
    if let Some(more) = sorts {
        look::sort(state, more.trim());
        return Vec::new();
    }
    if let Some(command) = Command::from_name(text) {
        return run(state, command);
    }
    let (name, more) = text
        .split_once(' ')
        .map_or((text, ""), |(name, more)| (name, more.trim()));
    match name {
        "columns" => look::columns(state, more),
        "view" => look::named_view(state, more),
        "save-view" => return look::save(state, more),
        _ => {
            let shown = Untrusted::new(name);
            state.say(
                Tone::Bad,
                format!("There is no command {shown}; Tab completes what is typed, and help lists them all."),
            );
        }
    }
    Vec::new()
}

/// The names that begin with what was typed.
#[must_use]
pub fn candidates(state: &State, typed: &str) -> Vec<&'static str> {
    let may = |command: &&Command| state.mode.can_change() || !command.changes();
    let names = Command::ALL.iter().filter(may).map(|c| c.name());
    names
        .chain(WITH_MORE.iter().map(|(name, _)| *name))
        .filter(|name| name.starts_with(typed))
        .collect()
}

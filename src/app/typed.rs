//! Commands typed at the `:` prompt: those of the key map by their names, and those that take something more.

use super::columns::Column;
use super::command::{Command, Place};
use super::effect::Effect;
use super::list::Sort;
use super::look;
use super::run::{list_only, place, run};
use super::state::{State, Tone};
use crate::domain::Untrusted;
use crate::findings::filter::Completion;

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

/// What could stand where this is typed: commands by their names, and then what the command takes.
#[must_use]
pub fn candidates(state: &State, typed: &str) -> Vec<Completion> {
    let offer = |label: &str, text: String| Completion {
        label: label.to_owned(),
        cursor: text.chars().count(),
        text,
    };
    if let Some((name, more)) = typed.split_once(' ') {
        let (kept, wanted) = more.rsplit_once([',', ' ']).map_or(("", more), |(kept, _)| {
            let kept = &more[..=kept.len()];
            (kept, &more[kept.len()..])
        });
        let words = match name {
            "columns" => {
                let taken: Vec<&str> = kept.split([',', ' ']).collect();
                let free = Column::ALL
                    .iter()
                    .map(|c| c.word())
                    .filter(|word| !taken.contains(word));
                return (free.filter(|word| word.starts_with(&wanted.to_lowercase())))
                    .map(|word| offer(word, format!("{name} {kept}{word}")))
                    .collect();
            }
            "sort" => Sort::ALL.iter().map(|sort| sort.word().to_owned()).collect(),
            "view" => state.look.views.iter().map(|view| view.name.clone()).collect(),
            _ => Vec::new(),
        };
        let begins = |word: &&String| word.to_lowercase().starts_with(&more.to_lowercase());
        let fit = words.iter().filter(begins);
        return fit.map(|word| offer(word, format!("{name} {word}"))).collect();
    }
    let may = |command: &&Command| state.mode.can_change() || !command.changes();
    let names = Command::ALL.iter().filter(may).map(|c| c.name().to_owned());
    names
        .chain(WITH_MORE.iter().map(|(name, _)| format!("{name} ")))
        .filter(|name| name.starts_with(typed))
        .map(|name| offer(&name, name.clone()))
        .collect()
}

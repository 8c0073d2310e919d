//! How the list looks: its view, its columns, its order.

use super::columns;
use super::effect::Effect;
use super::list::{self, Sort};
use super::state::{Screen, State, Tone};
use super::views::{self, View};
use crate::domain::Untrusted;
use crate::findings::filter::folded;

/// Shows a saved view, by its number from 1.
pub(super) fn view(state: &mut State, number: usize) {
    let Some(view) = number.checked_sub(1).and_then(|n| state.look.views.get(n)).cloned() else {
        let n = state.look.views.len();
        state.say(
            Tone::Plain,
            format!("There is no view {number}; there are {n}. :save-view NAME makes one of what is shown."),
        );
        return;
    };
    if let Err(why) = list::set_filter(state, &view.filter) {
        state.say(
            Tone::Bad,
            format!("The view {} cannot be shown: {why}", shown(&view.name)),
        );
        return;
    }
    state.list.jump(false);
    state.say(
        Tone::Plain,
        format!("View {number}, {}: {}", shown(&view.name), shown(&view.filter)),
    );
}

/// Shows a saved view by its name or number.
pub(super) fn named_view(state: &mut State, name: &str) {
    let wanted = folded(name);
    let place = state
        .look
        .views
        .iter()
        .position(|view| folded(&view.name) == wanted)
        .map(|n| n + 1);
    if let Some(number) = place.or_else(|| name.parse().ok()) {
        view(state, number);
        return;
    }
    let names: Vec<String> = state.look.views.iter().map(|view| shown(&view.name)).collect();
    state.say(
        Tone::Bad,
        format!("There is no view {}; there are {}.", shown(name), names.join(", ")),
    );
}

/// Keeps what is shown as a view until the console is left, and copies the lines that keep it for good.
pub(super) fn save(state: &mut State, name: &str) -> Vec<Effect> {
    if name.is_empty() {
        state.say(Tone::Bad, "A view needs a name: :save-view NAME.");
        return Vec::new();
    }
    let view = View {
        name: Untrusted::new(name).shown(),
        filter: state.list.filter_text.clone(),
    };
    let written = view.as_toml();
    let all = &mut state.look.views;
    let number = match all.iter().position(|kept| kept.name == view.name) {
        Some(place) => {
            all[place] = view;
            place + 1
        }
        None if all.len() < views::MOST => {
            all.push(view);
            all.len()
        }
        None => {
            state.say(
                Tone::Bad,
                format!(
                    "There are {} views already; give the name of one to replace it.",
                    views::MOST
                ),
            );
            return Vec::new();
        }
    };
    state.say(
        Tone::Good,
        format!(
            "View {number} until you leave. To keep it, put what was copied at the end of the configuration: {}",
            written.trim_end().replace('\n', "  ")
        ),
    );
    vec![Effect::Copy(written)]
}

/// Chooses the columns by their names.
pub(super) fn columns(state: &mut State, names: &str) {
    match columns::parse(names) {
        Ok(columns) => state.look.columns = columns,
        Err(why) => {
            let why = Untrusted::new(why.to_string());
            state.say(Tone::Bad, why.shown());
        }
    }
}

/// Sorts by what comes next.
pub(super) fn next_sort(state: &mut State) {
    let (now, _) = state.list.sort();
    let place = Sort::ALL.iter().position(|sort| *sort == now).unwrap_or_default();
    let next = Sort::ALL[(place + 1) % Sort::ALL.len()];
    list::sort_by(state, next);
    say_sort(state);
}

/// Turns the order round.
pub(super) fn reverse(state: &mut State) {
    let (now, _) = state.list.sort();
    list::sort_by(state, now);
    say_sort(state);
}

/// Sorts by a name.
pub(super) fn sort(state: &mut State, name: &str) {
    let Some(sort) = Sort::ALL.into_iter().find(|sort| sort.word() == name.to_lowercase()) else {
        let names = Sort::ALL.map(Sort::word).join(", ");
        state.say(
            Tone::Bad,
            format!("The list cannot be sorted by {}; there are {names}.", shown(name)),
        );
        return;
    };
    list::sort_by(state, sort);
    say_sort(state);
}

fn say_sort(state: &mut State) {
    let (sort, reversed) = state.list.sort();
    let round = if reversed { ", turned round" } else { "" };
    state.say(Tone::Plain, format!("Sorted by {}{round}.", sort.word()));
}

/// Marks the row under the cursor, and goes on to the next.
pub(super) fn mark(state: &mut State) {
    state.list.mark();
    state.list.by(1);
}

/// That marked rows are hidden, where what was done or is about to be done leaves them out.
pub(super) fn left_out(state: &State) -> Option<String> {
    if !state.mode.can_change() || !matches!(state.screen(), Screen::List) {
        return None;
    }
    match state.hidden_marks() {
        0 => None,
        1 => Some("1 marked row is hidden by the filter; it is left out.".to_owned()),
        n => Some(format!("{n} marked rows are hidden by the filter; they are left out.")),
    }
}

/// Adds a sentence to what is said already.
pub(super) fn add(state: &mut State, sentence: Option<String>) {
    let Some(sentence) = sentence else { return };
    match &mut state.message {
        Some(message) if message.text.ends_with(&sentence) => {}
        Some(message) => {
            message.text.push(' ');
            message.text.push_str(&sentence);
        }
        None => state.say(Tone::Plain, sentence),
    }
}

fn shown(text: &str) -> String {
    Untrusted::new(text).shown()
}

//! What changes the list: findings that arrive, the clock, filters, orders.

use super::view::View;
use super::{Kind, Sort};
use crate::app::state::State;
use crate::findings::filter::Filter;
use crate::findings::incident::Change;
use crate::findings::index::Slot;

/// A filter that asks for ages is asked again this often, in seconds.
const AGEING: i64 = 30;

/// Calls the list with what it looks at, which stands beside it in the state.
macro_rules! with_view {
    ($state:expr, |$list:ident, $view:ident| $body:expr) => {{
        let $view = View {
            index: &$state.index,
            groups: &$state.groups,
            claims: &$state.claims,
            answers: &$state.answers,
            table: &$state.classification,
            names: &$state.account_names,
            now: $state.now,
        };
        let $list = &mut $state.list;
        $body
    }};
}

/// Puts what arrived where it belongs. An incident of very many findings may follow some seconds later.
pub(in crate::app) fn settle(state: &mut State) {
    let change = state.groups.settle_soon(&state.index, state.now);
    settled(state, &change);
}

/// Puts everything that arrived where it belongs.
pub(in crate::app) fn settle_all(state: &mut State) {
    let change = state.groups.settle(&state.index);
    settled(state, &change);
}

fn settled(state: &mut State, change: &Change) {
    state.list.dirty = state.groups.is_waiting();
    follow(state, change);
    crate::app::incident::follow(state);
}

fn follow(state: &mut State, change: &Change) {
    with_view!(state, |list, view| {
        list.refused.forget(&change.findings);
        match list.kind {
            Kind::Incidents if change.out.is_empty() && change.into.is_empty() => {}
            Kind::Incidents => list.merge(change.out.iter().copied(), change.into.iter().copied(), &view),
            // A finding's own row changes where it did itself, and where its group did if the filter or the order asks about that.
            Kind::Findings if change.findings.is_empty() && change.into.is_empty() => {}
            Kind::Findings => {
                let mut rows = change.findings.clone();
                if list.asks_incidents() {
                    let groups = change.into.iter();
                    rows.extend(groups.flat_map(|g| view.groups.members(*g)));
                }
                list.merge(rows.iter().copied(), rows.iter().copied(), &view);
            }
        }
    });
}

/// There is nothing any more. The filter and the order stay.
pub(in crate::app) fn clear(state: &mut State) {
    state.list.clear();
    state.list.dirty = true;
}

/// The clock moved on: some rows became overdue, and ages changed.
pub(in crate::app) fn tick(state: &mut State) {
    if state.list.dirty {
        settle(state);
    }
    with_view!(state, |list, view| {
        let late: Vec<Slot> = list.late(view.now);
        if !late.is_empty() {
            list.merge(late.iter().copied(), late.iter().copied(), &view);
        }
        if list.filter.asks_age() && view.now.as_second() - list.asked >= AGEING {
            list.ask(&view);
        }
    });
}

/// Goes on with what takes longer than one turn. True where that was needed.
pub(in crate::app) fn work(state: &mut State) -> bool {
    if !state.list.is_filtering() {
        return false;
    }
    with_view!(state, |list, view| list.go_on(&view));
    true
}

/// Names of accounts arrived, which filters and the order may go by.
pub(in crate::app) fn renamed(state: &mut State) {
    settle(state);
    state.list.refused.clear();
    let (sort, reversed) = state.list.sort();
    refill(state, sort, reversed);
}

/// What the journal says of this incident changed, and with it whether it is overdue.
pub(in crate::app) fn answered(state: &mut State, id: &str) {
    if let Some(group) = state.groups.named(id, &state.index) {
        state.groups.touch(group);
        state.list.dirty = true;
    }
}

/// Sets the filter from what was typed, or says what is wrong with it.
pub fn set_filter(state: &mut State, text: &str) -> Result<(), String> {
    let filter = Filter::parse(text).map_err(|e| e.to_string())?;
    text.trim().clone_into(&mut state.list.filter_text);
    // What arrived since the last tick is part of what is filtered, so that the first row is right for the very next key.
    settle(state);
    if filter != state.list.filter {
        state.list.filter = filter;
        state.list.refused.clear();
        with_view!(state, |list, view| list.ask(&view));
    }
    Ok(())
}

/// Follows a filter while it is typed. Where it cannot be understood, its longest beginning of whole terms that can be holds, and
/// what is wrong is handed back: half a term would be looked for as free text, and hide everything.
pub fn follow_filter(state: &mut State, text: &str) -> Option<String> {
    let error = set_filter(state, text).err()?;
    let ends = text.char_indices().rev().filter(|(_, c)| c.is_whitespace());
    for end in ends.map(|(at, _)| at).chain([0]) {
        if set_filter(state, &text[..end]).is_ok() {
            break;
        }
    }
    Some(error)
}

/// Sorts by this, or turns the order round where it is sorted by this already.
pub fn sort_by(state: &mut State, sort: Sort) {
    settle(state);
    let (before, reversed) = state.list.sort();
    refill(state, sort, before == sort && !reversed);
}

/// Puts every row into this order.
fn refill(state: &mut State, sort: Sort, reversed: bool) {
    with_view!(state, |list, view| {
        let rows = match list.kind {
            Kind::Incidents => view.groups.all().collect(),
            Kind::Findings => (0..).take(view.index.len()).collect(),
        };
        list.refill(rows, sort, reversed, &view);
    });
}

/// Shows incidents or findings. The cursor stays with what it was on.
pub fn show(state: &mut State, kind: Kind) {
    if state.list.kind == kind {
        return;
    }
    settle(state);
    let here = state.current().and_then(|row| state.index.slot_of(&row.lead().key()));
    state.list.kind = kind;
    state.list.selected = here;
    state.list.marked.clear();
    // The rows of the other kind mean nothing any more.
    state.list.empty();
    let (sort, reversed) = state.list.sort();
    refill(state, sort, reversed);
}

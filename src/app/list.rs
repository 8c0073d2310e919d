//! The list: incidents or findings, what of it is visible under the filter, in which order, and where the cursor is.
//!
//! Owns: the rows. They are kept up to date row by row: what streams in is put where it belongs, and a new filter is worked through
//! in slices, the top of the list first. Must never: look at every finding because one changed, or lose the cursor's row.

mod merge;
mod order;
#[cfg(test)]
mod tests;
mod view;

pub use order::Sort;
pub use view::View;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::findings::Finding;
use crate::findings::filter::Filter;
use crate::findings::incident::{Change, Incident};
use crate::findings::index::Slot;

use super::clock::{self, Deadline};
use super::scroll::Scroll;
use super::state::State;

/// Rows that a filter is asked about in one turn: a few milliseconds, so that a key never waits for the others.
const SLICE: usize = 4_000;
/// A filter that asks for ages is asked again this often, in seconds.
const AGEING: i64 = 30;

/// What the rows are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Incidents,
    Findings,
}

/// One row.
#[derive(Clone, Debug)]
pub enum Row {
    Incident(Arc<Incident>),
    Finding(Arc<Finding>),
}

impl Row {
    /// The finding, or the incident's worst one.
    #[must_use]
    pub fn lead(&self) -> &Arc<Finding> {
        match self {
            Self::Incident(incident) => &incident.lead,
            Self::Finding(finding) => finding,
        }
    }

    /// How many findings it stands for.
    #[must_use]
    pub fn findings(&self) -> usize {
        match self {
            Self::Incident(incident) => incident.members.len(),
            Self::Finding(_) => 1,
        }
    }
}

/// The list.
#[derive(Debug)]
pub struct List {
    /// The filter as it was typed.
    pub filter_text: String,
    pub filter: Filter,
    pub kind: Kind,
    pub scroll: Scroll,
    sort: Sort,
    reversed: bool,
    /// Every row in order: a group's number, or a finding's slot.
    all: Vec<Slot>,
    /// Those of the first `judged` of them that the filter lets through, in the same order.
    visible: Vec<Slot>,
    judged: usize,
    /// What the order goes by first, by row.
    ranks: Vec<u64>,
    /// When rows become overdue that are not: seconds since 1970, and the row.
    due: BTreeSet<(u32, Slot)>,
    /// A finding of the row under the cursor: the cursor stays with it when others arrive above.
    selected: Option<Slot>,
    /// A finding of each marked row.
    marked: BTreeSet<Slot>,
    /// When a filter that asks for ages was last asked.
    asked: i64,
    /// Whether something arrived that the rows do not show yet.
    pub dirty: bool,
}

/// What the list shows before anything is typed.
const DEFAULT_FILTER: &str = "!archived";

impl Default for List {
    fn default() -> Self {
        Self {
            filter_text: DEFAULT_FILTER.to_owned(),
            filter: Filter::parse(DEFAULT_FILTER).unwrap_or_default(),
            kind: Kind::default(),
            scroll: Scroll::default(),
            sort: Sort::default(),
            reversed: false,
            all: Vec::new(),
            visible: Vec::new(),
            judged: 0,
            ranks: Vec::new(),
            due: BTreeSet::new(),
            selected: None,
            marked: BTreeSet::new(),
            asked: 0,
            dirty: false,
        }
    }
}

impl List {
    /// How many rows the filter lets through so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.visible.len()
    }

    /// Whether it lets none through so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.visible.is_empty()
    }

    /// How many rows there are without the filter.
    #[must_use]
    pub fn total(&self) -> usize {
        self.all.len()
    }

    /// Whether the filter has not been asked about every row yet.
    #[must_use]
    pub fn is_filtering(&self) -> bool {
        self.judged < self.all.len()
    }

    /// What the rows are sorted by, and whether that is turned round.
    #[must_use]
    pub fn sort(&self) -> (Sort, bool) {
        (self.sort, self.reversed)
    }

    /// Moves the cursor.
    pub fn by(&mut self, lines: isize) {
        self.scroll.by(lines, self.visible.len());
        self.remember();
    }

    /// To the first or the last line.
    pub fn jump(&mut self, to_end: bool) {
        if to_end {
            self.scroll.end(self.visible.len());
        } else {
            self.scroll.cursor = 0;
        }
        self.remember();
    }

    fn remember(&mut self) {
        // On the first line nothing is remembered: who has not moved sees the worst finding, even when it arrives later.
        self.selected = if self.scroll.cursor == 0 { None } else { self.here() };
    }

    /// The row under the cursor, by one of its findings.
    fn here(&self) -> Option<Slot> {
        self.visible.get(self.scroll.cursor).copied()
    }

    /// Marks the row under the cursor, or takes its mark away.
    pub fn mark(&mut self) {
        if let Some(row) = self.here()
            && !self.marked.remove(&row)
        {
            self.marked.insert(row);
        }
    }

    /// Takes every mark away.
    pub fn unmark(&mut self) {
        self.marked.clear();
    }

    /// How many marks there are.
    #[must_use]
    pub fn marks(&self) -> usize {
        self.marked.len()
    }

    /// Begins anew with these rows.
    fn refill(&mut self, rows: Vec<Slot>, view: &View<'_>) {
        self.due.clear();
        self.ranks.resize(view.index.len(), u64::MAX);
        for row in &rows {
            self.rank(*row, view);
        }
        self.all = rows;
        self.order(view);
    }

    /// Sorts every row and asks the filter anew.
    fn order(&mut self, view: &View<'_>) {
        let mut all = std::mem::take(&mut self.all);
        let (sort, reversed, kind, ranks) = (self.sort, self.reversed, self.kind, &self.ranks);
        all.sort_unstable_by(|a, b| order::compare(*a, *b, ranks, (sort, reversed), kind, view));
        self.all = all;
        self.ask(view);
    }

    /// Asks the filter anew, the first rows at once.
    fn ask(&mut self, view: &View<'_>) {
        self.visible.clear();
        self.judged = 0;
        self.asked = view.now.as_second();
        self.work(view);
    }

    /// Asks the filter about the next rows.
    fn work(&mut self, view: &View<'_>) {
        let end = self.all.len().min(self.judged + SLICE);
        {
            let matches = view.matcher(&self.filter, self.kind);
            let next = self.all[self.judged..end].iter().copied();
            self.visible.extend(next.filter(|row| matches(*row)));
        }
        self.judged = end;
        self.find_cursor(view);
    }

    /// Works out what a row is sorted by.
    fn rank(&mut self, row: Slot, view: &View<'_>) {
        let (rank, due) = order::rank(row, self.sort, self.kind, view);
        if let Some(due) = due {
            self.due.insert((due, row));
        }
        self.ranks[row as usize] = if self.reversed { !rank } else { rank };
    }

    /// The cursor goes where its row went.
    fn find_cursor(&mut self, view: &View<'_>) {
        if let Some(selected) = self.selected {
            let row = view.row_of(selected, self.kind);
            if let Some(place) = self.visible.iter().position(|r| *r == row) {
                self.scroll.cursor = place;
            }
        }
        self.scroll.by(0, self.visible.len());
    }
}

impl State {
    /// At most `n` rows from row `first` on, as they are drawn. Only these are made.
    #[must_use]
    pub fn rows(&self, first: usize, n: usize) -> Vec<Row> {
        let end = self.list.visible.len().min(first.saturating_add(n));
        let seen = self.list.visible.get(first..end).unwrap_or_default();
        seen.iter().map(|row| self.row(*row)).collect()
    }

    /// The row under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<Row> {
        self.list.here().map(|row| self.row(row))
    }

    /// The marked rows, or else the one under the cursor.
    #[must_use]
    pub fn chosen(&self) -> Vec<Row> {
        let marked = self.marked();
        if marked.is_empty() {
            return self.current().into_iter().collect();
        }
        marked
    }

    /// The marked rows, hidden ones too.
    #[must_use]
    pub fn marked(&self) -> Vec<Row> {
        let view = self.view();
        let rows: BTreeSet<Slot> = self
            .list
            .marked
            .iter()
            .map(|slot| view.row_of(*slot, self.list.kind))
            .collect();
        rows.into_iter().map(|row| self.row(row)).collect()
    }

    /// Whether a row is marked.
    #[must_use]
    pub fn is_marked(&self, row: &Row) -> bool {
        if self.list.marked.is_empty() {
            return false;
        }
        let Some(slot) = self.index.slot_of(&row.lead().key()) else {
            return false;
        };
        let view = self.view();
        let place = view.row_of(slot, self.list.kind);
        self.list
            .marked
            .iter()
            .any(|m| view.row_of(*m, self.list.kind) == place)
    }

    fn row(&self, row: Slot) -> Row {
        match self.list.kind {
            // Between two ticks a group may have joined another that the rows do not show yet.
            Kind::Incidents => Row::Incident(self.groups.incident(self.groups.of(row), &self.index)),
            Kind::Findings => Row::Finding(Arc::clone(self.index.at(row))),
        }
    }

    /// The response-time clock of an incident.
    #[must_use]
    pub fn deadline(&self, incident: &Incident) -> Option<Deadline> {
        clock::deadline(incident, &self.claims, &self.answers, &self.classification)
    }

    fn view(&self) -> View<'_> {
        View {
            index: &self.index,
            groups: &self.groups,
            claims: &self.claims,
            answers: &self.answers,
            table: &self.classification,
            names: &self.account_names,
            now: self.now,
        }
    }
}

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

/// Puts what arrived where it belongs.
pub(super) fn settle(state: &mut State) {
    let change = state.groups.settle(&state.index);
    state.list.dirty = false;
    follow(state, &change);
    super::incident::follow(state);
}

fn follow(state: &mut State, change: &Change) {
    if change.out.is_empty() && change.into.is_empty() {
        return;
    }
    with_view!(state, |list, view| {
        match list.kind {
            Kind::Incidents => list.merge(change.out.iter().copied(), change.into.iter().copied(), &view),
            // A finding's own row changes where its group did; groups tell which findings those may be.
            Kind::Findings => {
                let rows: BTreeSet<Slot> = change
                    .into
                    .iter()
                    .flat_map(|g| view.groups.members(*g))
                    .copied()
                    .collect();
                list.merge(rows.iter().copied(), rows.iter().copied(), &view);
            }
        }
    });
}

/// The clock moved on: some rows became overdue, and ages changed.
pub(super) fn tick(state: &mut State) {
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
pub(super) fn work(state: &mut State) -> bool {
    if !state.list.is_filtering() {
        return false;
    }
    with_view!(state, |list, view| list.work(&view));
    true
}

/// Names of accounts arrived, which filters and the order may go by.
pub(super) fn renamed(state: &mut State) {
    settle(state);
    with_view!(state, |list, view| {
        let rows = std::mem::take(&mut list.all);
        list.refill(rows, &view);
    });
}

/// What the journal says of this incident changed, and with it whether it is overdue.
pub(super) fn answered(state: &mut State, id: &str) {
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
        with_view!(state, |list, view| list.ask(&view));
    }
    Ok(())
}

/// Sorts by this, or turns the order round where it is sorted by this already.
pub fn sort_by(state: &mut State, sort: Sort) {
    settle(state);
    state.list.reversed = state.list.sort == sort && !state.list.reversed;
    state.list.sort = sort;
    with_view!(state, |list, view| {
        let rows = std::mem::take(&mut list.all);
        list.refill(rows, &view);
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
    with_view!(state, |list, view| {
        let rows = match kind {
            Kind::Incidents => view.groups.all().collect(),
            Kind::Findings => (0..).take(view.index.len()).collect(),
        };
        list.refill(rows, &view);
    });
}

//! The list: incidents or findings, what of it is visible under the filter, in which order, and where the cursor is.
//!
//! Owns: the rows. They are kept up to date row by row: what streams in is put where it belongs, and a new filter or order is
//! worked through in slices, the top of the list first. Must never: look at every finding because one changed, or lose the cursor's row.

mod asked;
mod change;
mod merge;
mod order;
mod rows;
mod sorting;
#[cfg(test)]
mod tests;
mod view;

pub(super) use change::{answered, clear, renamed, settle, settle_all, tick, work};
pub use change::{follow_filter, set_filter, show, sort_by};
pub use order::Sort;
pub use view::View;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::Severity;
use crate::findings::Finding;
use crate::findings::filter::Filter;
use crate::findings::incident::Incident;
use crate::findings::index::Slot;

use super::scroll::Scroll;

/// Rows that a filter is asked about in one turn: a few milliseconds, so that a key never waits for the others.
const SLICE: usize = 4_000;

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

    /// How bad it is: of an incident, as bad as its worst finding.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::Incident(incident) => incident.severity,
            Self::Finding(finding) => finding.severity,
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
    /// The findings that the filter has refused.
    refused: asked::Refused,
    /// What the order goes by first, by row.
    ranks: Vec<u64>,
    /// When rows become overdue that are not: seconds since 1970, and the row.
    due: BTreeSet<(u32, Slot)>,
    /// Rows that are worked through in one turn.
    slice: usize,
    /// Another order, on its way.
    sorting: Option<Box<sorting::Sorting>>,
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
            refused: asked::Refused::default(),
            ranks: Vec::new(),
            due: BTreeSet::new(),
            slice: SLICE,
            sorting: None,
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

    /// The filter to go back to: the one that the list began with, and from that one to none.
    #[must_use]
    pub fn filter_before(&self) -> &'static str {
        match self.filter_text.as_str() {
            "" | DEFAULT_FILTER => "",
            _ => DEFAULT_FILTER,
        }
    }

    /// How many rows there are without the filter.
    #[must_use]
    pub fn total(&self) -> usize {
        self.all.len()
    }

    /// Whether something takes longer than one turn: the filter has not been asked about every row yet, or another order is on its way.
    #[must_use]
    pub fn is_filtering(&self) -> bool {
        self.judged < self.all.len() || self.is_sorting()
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

    /// Keeps the cursor with its row, on the first line too: who acts on a row goes on with that row, wherever it moves to.
    pub(super) fn hold(&mut self) {
        self.selected = self.here();
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

    /// Forgets every row, and what pointed at one.
    fn clear(&mut self) {
        self.refused.clear();
        self.empty();
        self.scroll = Scroll::default();
        self.sorting = None;
        self.selected = None;
        self.marked.clear();
    }

    /// Shows no row until others come.
    fn empty(&mut self) {
        self.all.clear();
        self.visible.clear();
        self.judged = 0;
        self.ranks.clear();
        self.due.clear();
    }

    /// Whether a finding's row depends on the incident that it is in.
    fn asks_incidents(&self) -> bool {
        self.filter.asks_incidents() || self.sort == Sort::Deadline || self.sort().0 == Sort::Deadline
    }

    /// Asks the filter anew, the first rows at once.
    fn ask(&mut self, view: &View<'_>) {
        self.visible.clear();
        self.judged = 0;
        self.asked = view.now.as_second();
        self.work(view);
    }

    /// Goes on with what takes longer than one turn: the filter first, for what is seen depends on it.
    fn go_on(&mut self, view: &View<'_>) {
        if self.judged < self.all.len() {
            self.work(view);
        } else {
            self.sort_on(view);
        }
    }

    /// Asks the filter about the next rows.
    fn work(&mut self, view: &View<'_>) {
        let end = self.all.len().min(self.judged + self.slice);
        {
            let mut matches = view.matcher(&self.filter, self.kind, &mut self.refused);
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

//! A new order that is worked out in slices, while the rows stay in the old one.
//!
//! Owns: the rows on their way to the new order. First each slice of rows is sorted by itself; then the slices are put together, the
//! top first. What changes meanwhile is noted, and put where it belongs at the end. Must never: take more than a few milliseconds in
//! one turn, or leave a row out.

use std::collections::BTreeSet;

use crate::findings::index::Slot;

use super::order;
use super::view::View;
use super::{Kind, List, Sort};

/// Sorted slices that are put together at most: for each row that is taken, the first of every slice is looked at.
const MOST_RUNS: usize = 64;

/// The new order.
#[derive(Debug)]
pub struct Sorting {
    pub sort: Sort,
    pub reversed: bool,
    /// Rows that are in no slice yet, the next ones last.
    left: Vec<Slot>,
    /// How many rows are taken in one turn.
    slice: usize,
    /// How many rows a slice has.
    size: usize,
    /// What the new order goes by first, by row, and when rows become overdue in it.
    ranks: Vec<u64>,
    due: BTreeSet<(u32, Slot)>,
    /// Sorted slices, each with its first row last.
    runs: Vec<Vec<Slot>>,
    done: Vec<Slot>,
    /// Rows that changed since it began or are no more, and those of them that there are.
    changed: BTreeSet<Slot>,
    into: BTreeSet<Slot>,
}

impl Sorting {
    pub fn new(rows: Vec<Slot>, slice: usize, (sort, reversed): (Sort, bool), view: &View<'_>) -> Self {
        Self {
            sort,
            reversed,
            slice,
            size: slice.max(rows.len().div_ceil(MOST_RUNS)),
            left: rows,
            ranks: vec![u64::MAX; view.index.len()],
            due: BTreeSet::new(),
            runs: Vec::new(),
            done: Vec::new(),
            changed: BTreeSet::new(),
            into: BTreeSet::new(),
        }
    }

    /// Notes what changed. Those rows leave their slices, for they may stand in the wrong place there.
    fn note(&mut self, out: &[Slot], into: &[Slot]) {
        for row in out.iter().chain(into) {
            self.changed.insert(*row);
            self.into.remove(row);
        }
        self.into.extend(into);
        // Asked of every row, so a table and no set.
        let mut gone = vec![false; self.ranks.len()];
        for row in out.iter().chain(into) {
            if let Some(gone) = gone.get_mut(*row as usize) {
                *gone = true;
            }
        }
        let stays = |row: &Slot| !gone[*row as usize];
        self.left.retain(stays);
        self.done.retain(stays);
        for run in &mut self.runs {
            run.retain(stays);
        }
    }

    /// Sorts one slice, or takes as many rows as one has from the top of all of them. True once every row has its place.
    fn turn(&mut self, kind: Kind, view: &View<'_>) -> bool {
        if self.left.is_empty() {
            self.take(kind, view);
            return self.runs.is_empty();
        }
        let mut run = self.left.split_off(self.left.len().saturating_sub(self.size));
        for row in &run {
            let (rank, due) = order::rank(*row, self.sort, kind, view);
            self.due.extend(due.map(|due| (due, *row)));
            self.ranks[*row as usize] = if self.reversed { !rank } else { rank };
        }
        let (ranks, how) = (&self.ranks, (self.sort, self.reversed));
        run.sort_unstable_by(|a, b| order::compare(*b, *a, ranks, how, kind, view));
        self.runs.push(run);
        false
    }

    fn take(&mut self, kind: Kind, view: &View<'_>) {
        let (ranks, how) = (&self.ranks, (self.sort, self.reversed));
        let compare = |a: Slot, b: Slot| order::compare(a, b, ranks, how, kind, view);
        for _ in 0..self.slice {
            self.runs.retain(|run| !run.is_empty());
            let firsts = self.runs.iter().enumerate();
            let firsts = firsts.filter_map(|(place, run)| Some((place, *run.last()?)));
            let Some((place, _)) = firsts.min_by(|(_, a), (_, b)| compare(*a, *b)) else {
                return;
            };
            self.done.extend(self.runs[place].pop());
        }
        self.runs.retain(|run| !run.is_empty());
    }
}

impl List {
    /// Begins anew with these rows in this order: at once where they are few, else while the old rows stay.
    pub(super) fn refill(&mut self, rows: Vec<Slot>, sort: Sort, reversed: bool, view: &View<'_>) {
        let few = rows.len() <= self.slice;
        self.sorting = Some(Box::new(Sorting::new(rows, self.slice, (sort, reversed), view)));
        // Few rows are one slice: it is sorted, and then taken.
        while few && self.sorting.is_some() {
            self.sort_on(view);
        }
    }

    /// Goes on with the new order, and shows it once it is complete.
    pub(super) fn sort_on(&mut self, view: &View<'_>) {
        let kind = self.kind;
        let Some(mut sorting) = self.sorting.take() else { return };
        if !sorting.turn(kind, view) {
            self.sorting = Some(sorting);
            return;
        }
        let Sorting {
            sort,
            reversed,
            ranks,
            due,
            done,
            changed,
            into,
            ..
        } = *sorting;
        (self.sort, self.reversed) = (sort, reversed);
        (self.ranks, self.due, self.all) = (ranks, due, done);
        self.ranks.resize(view.index.len(), u64::MAX);
        self.ask(view);
        if !changed.is_empty() {
            self.merge(changed.into_iter(), into.into_iter(), view);
        }
        // The clock may have moved on since the first slice was sorted.
        let late = self.late(view.now);
        if !late.is_empty() {
            self.merge(late.iter().copied(), late.iter().copied(), view);
        }
    }

    /// Notes for the order that is worked out what changed.
    pub(super) fn note(&mut self, out: &[Slot], into: &[Slot]) {
        if let Some(sorting) = &mut self.sorting {
            sorting.note(out, into);
        }
    }

    /// What the rows are sorted by, or soon will be, and whether that is turned round.
    #[must_use]
    pub fn sort(&self) -> (Sort, bool) {
        let soon = self.sorting.as_ref().map(|sorting| (sorting.sort, sorting.reversed));
        soon.unwrap_or((self.sort, self.reversed))
    }

    /// Whether another order is being worked out.
    #[must_use]
    pub fn is_sorting(&self) -> bool {
        self.sorting.is_some()
    }
}

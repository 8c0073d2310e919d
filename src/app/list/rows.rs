//! The rows as whoever draws them or acts on them asks for them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::view::View;
use super::{Kind, Row};
use crate::app::clock::{self, Deadline};
use crate::app::state::State;
use crate::findings::incident::Incident;
use crate::findings::index::Slot;

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

    /// The marked rows that are seen, or else the one under the cursor.
    #[must_use]
    pub fn chosen(&self) -> Vec<Row> {
        let marked = self.marked();
        if marked.is_empty() {
            return self.current().into_iter().collect();
        }
        marked
    }

    /// The marked rows that the filter lets through: nothing is done to a row that is not seen.
    #[must_use]
    pub fn marked(&self) -> Vec<Row> {
        let rows = self.marked_rows();
        let seen = self.list.visible.iter().filter(|row| rows.contains(row));
        let seen: BTreeSet<Slot> = seen.copied().collect();
        seen.into_iter().map(|row| self.row(row)).collect()
    }

    /// How many marked rows the filter hides, or has not come to yet.
    #[must_use]
    pub fn hidden_marks(&self) -> usize {
        let rows = self.marked_rows();
        if rows.is_empty() {
            return 0;
        }
        let seen = self.list.visible.iter().filter(|row| rows.contains(row));
        rows.len() - seen.count()
    }

    fn marked_rows(&self) -> BTreeSet<Slot> {
        let view = self.view();
        let marked = self.list.marked.iter();
        marked.map(|slot| view.row_of(*slot, self.list.kind)).collect()
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

    pub(super) fn view(&self) -> View<'_> {
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

//! Completing what is typed: the candidates, and going through them with Tab.

use std::collections::BTreeSet;

use super::input::LineEdit;
use super::state::State;
use super::typed;
use crate::domain::Untrusted;
use crate::findings::filter::complete::{Completions, Values, complete};

/// Rows whose types are offered: the first ones are the ones that are worked on.
const ROWS: usize = 300;

/// What could stand in place of the last word, and which of it does.
#[derive(Clone, Debug, Default)]
pub struct Completing {
    found: Completions,
    /// The candidate that was taken last.
    taken: Option<usize>,
    /// The word as it was typed, which comes again after the last candidate.
    typed: String,
}

impl Completing {
    /// The candidates, and which of them was taken.
    #[must_use]
    pub fn candidates(&self) -> (&[String], Option<usize>) {
        (&self.found.candidates, self.taken)
    }

    /// For a filter that is being typed.
    #[must_use]
    pub fn filter(state: &State, line: &LineEdit) -> Self {
        let before = line.before();
        Self::of(complete(before, &values(state)), before)
    }

    /// For a command that is being typed.
    #[must_use]
    pub fn command(state: &State, line: &LineEdit) -> Self {
        let found = typed::candidates(state, line.before());
        let candidates = found.into_iter().map(str::to_owned).collect();
        Self::of(Completions { start: 0, candidates }, line.before())
    }

    fn of(found: Completions, before: &str) -> Self {
        Self {
            typed: before.get(found.start..).unwrap_or_default().to_owned(),
            found,
            taken: None,
        }
    }

    /// Puts the next candidate into the line, or the one before; after the last comes what was typed.
    pub fn step(&mut self, line: &mut LineEdit, forward: bool) {
        let n = self.found.candidates.len();
        if n == 0 {
            return;
        }
        self.taken = match (self.taken, forward) {
            (None, true) => Some(0),
            (None, false) => Some(n - 1),
            (Some(at), true) => Some(at + 1).filter(|at| *at < n),
            (Some(at), false) => at.checked_sub(1),
        };
        let word = self.taken.map_or(&self.typed, |at| &self.found.candidates[at]);
        line.replace_before(self.found.start, word);
    }
}

/// Values that were seen: every account and region, and the types of the first rows.
fn values(state: &State) -> Values {
    let plain = |text: &Untrusted| Some(text.raw().to_owned()).filter(|raw| *raw == text.shown());
    let named = state.account_names.iter().map(|(id, name)| {
        let name = plain(name).filter(|name| !name.is_empty());
        name.unwrap_or_else(|| id.to_string())
    });
    let rows = state.rows(0, ROWS);
    let types: BTreeSet<String> = rows.iter().filter_map(|row| plain(&row.lead().kind)).collect();
    Values {
        accounts: named.collect(),
        regions: state.coverage.regions().map(ToString::to_string).collect(),
        types: types.into_iter().collect(),
    }
}

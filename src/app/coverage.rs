//! What could be read and what could not: the rows, their counts, and the order in which they are shown.
//!
//! Owns: the counts, kept up to date row by row, so that the banner costs the same for eight rows as for eight thousand; and the
//! lines of the coverage screen, worked out again only when something changed while they are seen. Must never: leave a row out of
//! both the counts and the lines.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{AccountId, Region, Untrusted};
use crate::findings::filter::folded;
use crate::findings::{Coverage, CoverageState, Source};

use super::effect::Effect;
use super::scroll::Scroll;
use super::state::{Screen, State};

/// Every state, the ones that will not mend themselves first.
pub const STATES: [CoverageState; 6] = [
    CoverageState::Refused,
    CoverageState::Partial,
    CoverageState::Stale,
    CoverageState::Reading,
    CoverageState::Disabled,
    CoverageState::Complete,
];

/// How many rows are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally([usize; STATES.len()]);

impl Tally {
    /// Those in one state.
    #[must_use]
    pub fn of(&self, state: CoverageState) -> usize {
        self.0[rank(state)]
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// Those that something may be missing from, without those that have not answered yet.
    #[must_use]
    pub fn gaps(&self) -> usize {
        let gap = |state: &CoverageState| state.is_gap() && *state != CoverageState::Reading;
        STATES.into_iter().filter(gap).map(|state| self.of(state)).sum()
    }

    /// The state of the worst row.
    fn worst(&self) -> usize {
        self.0.iter().position(|n| *n > 0).unwrap_or(STATES.len())
    }
}

fn rank(state: CoverageState) -> usize {
    match state {
        CoverageState::Refused => 0,
        CoverageState::Partial => 1,
        CoverageState::Stale => 2,
        CoverageState::Reading => 3,
        CoverageState::Disabled => 4,
        CoverageState::Complete => 5,
    }
}

/// A line of the coverage screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// There may be accounts or regions that nobody named, so that they have no row: how that came, safe to show.
    Unnamed(String),
    /// Something in the files that was not understood or is missing: where and why, safe to show.
    Entry(String),
    /// An account, with the counts of all its rows.
    Account { account: AccountId, tally: Tally },
    /// Rows of the account above that say the same, with their regions.
    Group { row: Coverage, regions: Vec<Region> },
}

/// All rows.
#[derive(Debug, Default)]
pub struct Book {
    rows: BTreeMap<(AccountId, Region, Source), Coverage>,
    tally: Tally,
    accounts: BTreeMap<AccountId, Tally>,
    regions: BTreeSet<Region>,
    /// Why there may be accounts or regions without a row, where that is so.
    unnamed: Option<String>,
    /// What was not understood in files, entry by entry, and how many there are in all.
    entries: Vec<String>,
    misunderstood: usize,
    /// The lines as they were arranged last.
    lines: Vec<Line>,
    /// The whole text of the line under the cursor, where it is open.
    whole: Option<Scroll>,
    /// What the screen is narrowed to, as it was typed.
    filter: String,
    dirty: bool,
}

impl Book {
    /// Takes a row in; it takes the place of what was known of the same account, region and source.
    pub fn insert(&mut self, row: Coverage) {
        let now = rank(row.state);
        let key = (row.account, row.region.clone(), row.source);
        let account = self.accounts.entry(row.account).or_default();
        account.0[now] += 1;
        self.tally.0[now] += 1;
        self.regions.insert(row.region.clone());
        if let Some(before) = self.rows.insert(key, row) {
            account.0[rank(before.state)] -= 1;
            self.tally.0[rank(before.state)] -= 1;
        }
        self.dirty = true;
    }

    /// Takes a row out.
    pub fn remove(&mut self, account: AccountId, region: &Region, source: Source) {
        let Some(row) = self.rows.remove(&(account, region.clone(), source)) else {
            return;
        };
        let state = rank(row.state);
        self.tally.0[state] -= 1;
        if let Some(tally) = self.accounts.get_mut(&account) {
            tally.0[state] -= 1;
            if tally.total() == 0 {
                self.accounts.remove(&account);
            }
        }
        if !self.rows.keys().any(|(_, other, _)| other == region) {
            self.regions.remove(region);
        }
        self.dirty = true;
    }

    /// Notes why there may be accounts or regions that nobody named; `None` where there are none.
    pub fn may_miss(&mut self, why: Option<String>) {
        self.unnamed = why;
        self.dirty = true;
    }

    /// Why there may be accounts or regions that nobody named.
    #[must_use]
    pub fn unnamed(&self) -> Option<&str> {
        self.unnamed.as_deref()
    }

    /// Notes what was not understood in files: where and why, safe to show, and how many there are in all, which may be more.
    pub fn not_understood(&mut self, entries: Vec<String>, count: usize) {
        (self.entries, self.misunderstood) = (entries, count);
        self.dirty = true;
    }

    /// How many entries of files were not understood or are missing.
    #[must_use]
    pub fn misunderstood(&self) -> usize {
        self.misunderstood
    }

    /// Rows that something may be missing from, and one more where there may be places without a row.
    #[must_use]
    pub fn gaps(&self) -> usize {
        self.tally.gaps() + usize::from(self.unnamed.is_some())
    }

    /// How many rows are in each state.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// How many accounts and how many regions there are rows of.
    #[must_use]
    pub fn extent(&self) -> (usize, usize) {
        (self.accounts.len(), self.regions.len())
    }

    /// The regions that there are rows of.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.regions.iter()
    }

    /// The lines of the screen, as they were arranged last.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// What the screen is narrowed to; empty where it shows everything.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// How far the whole text of the line under the cursor is scrolled, where it is open.
    #[must_use]
    pub fn whole(&self) -> Option<Scroll> {
        self.whole
    }

    /// Moves in the open text, which can be scrolled so far, and else among the lines.
    pub(super) fn scroll(&mut self, cursor: &mut Scroll, lines: isize, furthest: usize) {
        match &mut self.whole {
            Some(whole) => whole.by(lines, furthest + 1),
            None => cursor.by(lines, self.lines.len()),
        }
    }

    /// Every row of an account, by region and source.
    pub fn of_account<'a>(&'a self, account: &'a AccountId) -> impl Iterator<Item = &'a Coverage> {
        self.rows.values().filter(move |row| row.account == *account)
    }

    /// Works the lines out again: accounts by their worst row, then by name; below each what is not complete or has something to
    /// say nevertheless, told together where it is the same.
    fn arrange(&mut self, names: &BTreeMap<AccountId, Untrusted>) {
        let name = |id: &AccountId| names.get(id).map(Untrusted::shown).unwrap_or_default();
        let words: Vec<String> = self.filter.split_whitespace().map(folded).collect();
        let mut accounts: BTreeMap<AccountId, (Tally, Vec<&Coverage>)> = BTreeMap::new();
        for row in self.rows.values() {
            if words.is_empty() || matches(row, &name(&row.account), &words) {
                let (tally, rows) = accounts.entry(row.account).or_default();
                tally.0[rank(row.state)] += 1;
                rows.push(row);
            }
        }
        let mut order: Vec<_> = accounts.into_iter().collect();
        order.sort_by_cached_key(|(id, (tally, _))| (tally.worst(), name(id), *id));
        self.lines.clear();
        // Whatever the screen is narrowed to: what has no row has no words to be found by.
        self.lines.extend(self.unnamed.clone().map(Line::Unnamed));
        let has = |entry: &&String| has_words(&folded(entry), &words);
        self.lines
            .extend(self.entries.iter().filter(has).cloned().map(Line::Entry));
        let untold = self.misunderstood.saturating_sub(self.entries.len());
        if untold > 0 {
            let entries = if untold == 1 { "entry" } else { "entries" };
            self.lines
                .push(Line::Entry(format!("and {untold} more {entries} without a line here")));
        }
        for (account, (tally, rows)) in order {
            self.lines.push(Line::Account { account, tally });
            let told = rows
                .into_iter()
                .filter(|row| row.state != CoverageState::Complete || row.error.is_some());
            let mut groups: BTreeMap<_, (Coverage, Vec<Region>)> = BTreeMap::new();
            for row in told {
                let key = (rank(row.state), row.source, row.via, row.reason());
                let group = groups.entry(key).or_insert_with(|| (row.clone(), Vec::new()));
                group.1.push(row.region.clone());
            }
            let groups = groups.into_values();
            self.lines
                .extend(groups.map(|(row, regions)| Line::Group { row, regions }));
        }
        self.dirty = false;
    }
}

/// Whether the row has every word in it; a word after `!` must not be there.
fn matches(row: &Coverage, name: &str, words: &[String]) -> bool {
    let via = row.via.as_ref().map(ToString::to_string).unwrap_or_default();
    let text = folded(&format!(
        "{} {name} {} {} {} {} {via} {}",
        row.account,
        row.region,
        row.source.word(),
        row.source.name(),
        row.state.word(),
        row.error.as_deref().unwrap_or_default()
    ));
    has_words(&text, words)
}

/// Whether folded text has every word in it and none that is unwanted.
fn has_words(text: &str, words: &[String]) -> bool {
    words.iter().all(|word| match word.strip_prefix('!') {
        Some("") => true,
        Some(unwanted) => !text.contains(unwanted),
        None => text.contains(word.as_str()),
    })
}

/// What a line is about, so that the cursor can stay with it when others come or go above.
fn about(line: &Line) -> (Option<&str>, Option<&AccountId>, Option<(Source, CoverageState)>) {
    match line {
        Line::Unnamed(_) => (None, None, None),
        Line::Entry(said) => (Some(said), None, None),
        Line::Account { account, .. } => (None, Some(account), None),
        Line::Group { row, .. } => (None, Some(&row.account), Some((row.source, row.state))),
    }
}

/// Arranges the lines again where something changed and the screen is seen. Called once a tick, not once a row.
pub(super) fn refresh(state: &mut State) {
    if !state.coverage.dirty {
        return;
    }
    let Some(Screen::Coverage(scroll)) = state.screens.last_mut() else {
        return;
    };
    let before = state.coverage.lines.get(scroll.cursor).cloned();
    state.coverage.arrange(&state.account_names);
    let lines = &state.coverage.lines;
    if scroll.cursor > 0
        && let Some(before) = &before
        && let Some(place) = lines.iter().position(|line| about(line) == about(before))
    {
        scroll.cursor = place;
    }
    scroll.by(0, lines.len());
}

/// Opens the screen, with everything in it.
pub(super) fn open(state: &mut State) {
    if matches!(state.screen(), Screen::Coverage(_)) {
        return;
    }
    state.screens.push(Screen::Coverage(Scroll::default()));
    set_filter(state, "");
}

/// Opens the whole text of the line under the cursor.
pub(super) fn open_line(state: &mut State) -> Vec<Effect> {
    if !state.coverage.lines.is_empty() {
        state.coverage.whole = Some(Scroll::default());
    }
    Vec::new()
}

/// Closes that text, and says whether it was open.
pub(super) fn back(state: &mut State) -> bool {
    matches!(state.screen(), Screen::Coverage(_)) && state.coverage.whole.take().is_some()
}

/// Narrows the screen to the rows that have every word that was typed.
pub(super) fn set_filter(state: &mut State, text: &str) {
    text.trim().clone_into(&mut state.coverage.filter);
    state.coverage.whole = None;
    state.coverage.dirty = true;
    refresh(state);
}

/// The whole text of the line under the cursor: what is copied.
pub(super) fn said(state: &State, cursor: usize) -> Option<String> {
    let (account, row, regions) = match state.coverage.lines.get(cursor)? {
        Line::Unnamed(said) | Line::Entry(said) => return Some(said.clone()),
        Line::Account { account, .. } => return Some(account.to_string()),
        Line::Group { row, regions } => (&row.account, row, regions),
    };
    let regions: Vec<&str> = regions.iter().map(Region::as_str).collect();
    let error = row.reason().map(|why| format!(": {why}")).unwrap_or_default();
    Some(format!(
        "{account} {} {} {}{error}",
        regions.join(","),
        row.source.name(),
        row.state.word()
    ))
}

#[cfg(test)]
#[path = "coverage_tests.rs"]
mod tests;

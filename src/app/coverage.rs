//! What could be read and what could not: the rows, their counts, and the order in which they are shown.
//!
//! Owns: the counts, kept up to date row by row, so that the banner costs the same for eight rows as for eight thousand; and the
//! lines of the coverage screen, worked out again only when something changed while they are seen. Must never: leave a row out of
//! both the counts and the lines.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{AccountId, Region, Untrusted};
use crate::findings::filter::folded;
use crate::findings::{Coverage, CoverageState, Source};

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
    /// The lines as they were arranged last.
    lines: Vec<Line>,
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
        for (account, (tally, rows)) in order {
            self.lines.push(Line::Account { account, tally });
            let told = rows
                .into_iter()
                .filter(|row| row.state != CoverageState::Complete || row.error.is_some());
            let mut groups: BTreeMap<_, (Coverage, Vec<Region>)> = BTreeMap::new();
            for row in told {
                let key = (rank(row.state), row.source, row.via, row.error.clone());
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
    words.iter().all(|word| match word.strip_prefix('!') {
        Some("") => true,
        Some(unwanted) => !text.contains(unwanted),
        None => text.contains(word.as_str()),
    })
}

/// What a line is about, so that the cursor can stay with it when others come or go above.
fn about(line: &Line) -> (Option<&AccountId>, Option<(Source, CoverageState)>) {
    match line {
        Line::Unnamed(_) => (None, None),
        Line::Account { account, .. } => (Some(account), None),
        Line::Group { row, .. } => (Some(&row.account), Some((row.source, row.state))),
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

/// Narrows the screen to the rows that have every word that was typed.
pub(super) fn set_filter(state: &mut State, text: &str) {
    text.trim().clone_into(&mut state.coverage.filter);
    state.coverage.dirty = true;
    refresh(state);
}

/// The whole text of the line under the cursor: what is copied.
pub(super) fn said(state: &State, cursor: usize) -> Option<String> {
    let (account, row, regions) = match state.coverage.lines.get(cursor)? {
        Line::Unnamed(why) => return Some(why.clone()),
        Line::Account { account, .. } => return Some(account.to_string()),
        Line::Group { row, regions } => (&row.account, row, regions),
    };
    let regions: Vec<&str> = regions.iter().map(Region::as_str).collect();
    let error = row.error.as_deref().map(|e| format!(": {e}")).unwrap_or_default();
    Some(format!(
        "{account} {} {} {}{error}",
        regions.join(","),
        row.source.name(),
        row.state.word()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(account: &str, region: &str, state: CoverageState, error: Option<&str>) -> Coverage {
        Coverage {
            account: account.parse().unwrap(),
            region: region.parse().unwrap(),
            source: Source::GuardDuty,
            state,
            via: None,
            error: error.map(str::to_owned),
        }
    }

    const ONE: &str = "111111111111";
    const TWO: &str = "222222222222";

    #[test]
    fn a_row_that_goes_leaves_nothing_behind() {
        let mut book = Book::default();
        book.insert(row(ONE, "us-east-1", CoverageState::Complete, None));
        book.insert(row(TWO, "eu-west-1", CoverageState::Stale, None));
        let (two, ireland) = (TWO.parse().unwrap(), "eu-west-1".parse().unwrap());
        for _ in 0..2 {
            book.remove(two, &ireland, Source::GuardDuty);
            assert_eq!((book.tally().total(), book.gaps(), book.extent()), (1, 0, (1, 1)));
        }
        assert_eq!(book.regions().count(), 1);
    }

    #[test]
    fn the_counts_are_those_of_the_rows() {
        let mut book = Book::default();
        for state in [CoverageState::Reading, CoverageState::Partial, CoverageState::Complete] {
            book.insert(row(ONE, "us-east-1", state, None));
            assert_eq!((book.tally().total(), book.tally().of(state)), (1, 1));
        }
        book.insert(row(TWO, "us-east-1", CoverageState::Refused, None));
        book.insert(row(TWO, "us-west-2", CoverageState::Reading, None));
        assert_eq!((book.tally().gaps(), book.extent()), (1, (2, 2)));
    }

    #[test]
    fn every_row_that_is_not_complete_is_in_a_line_and_the_worst_account_is_first() {
        let mut book = Book::default();
        let denied = Some("AccessDenied");
        for region in ["us-east-1", "us-west-2", "eu-west-1"] {
            book.insert(row(ONE, region, CoverageState::Complete, None));
            book.insert(row(TWO, region, CoverageState::Refused, denied));
        }
        book.insert(row(TWO, "eu-west-1", CoverageState::Stale, None));
        book.arrange(&BTreeMap::new());
        let told: Vec<(String, usize)> = book
            .lines()
            .iter()
            .map(|line| match line {
                Line::Unnamed(why) => (why.clone(), 0),
                Line::Account { account, tally } => (account.to_string(), tally.total()),
                Line::Group { row, regions } => (row.state.word().to_owned(), regions.len()),
            })
            .collect();
        let told: Vec<(&str, usize)> = told.iter().map(|(said, n)| (said.as_str(), *n)).collect();
        assert_eq!(told, [(TWO, 3), ("refused", 2), ("stale", 1), (ONE, 3)]);
    }

    #[test]
    fn places_without_a_row_are_a_gap_and_the_first_line_whatever_is_asked_for() {
        let mut book = Book::default();
        book.insert(row(ONE, "us-east-1", CoverageState::Complete, None));
        book.may_miss(Some("The accounts could not be listed.".to_owned()));
        assert_eq!((book.gaps(), book.tally().gaps()), (1, 0));
        for filter in ["", "no such word"] {
            filter.clone_into(&mut book.filter);
            book.arrange(&BTreeMap::new());
            assert!(matches!(&book.lines()[0], Line::Unnamed(why) if why.contains("listed")));
        }
        book.may_miss(None);
        book.arrange(&BTreeMap::new());
        assert_eq!((book.gaps(), book.lines().len()), (0, 0));
    }

    #[test]
    fn a_filter_takes_words_and_their_absence() {
        let row = row(ONE, "us-east-1", CoverageState::Refused, Some("AccessDenied"));
        let has = |typed: &str| {
            let words: Vec<String> = typed.split_whitespace().map(folded).collect();
            matches(&row, "prod", &words)
        };
        assert!(has("PROD refused") && has("accessdenied") && has("!stale guardduty"));
        assert!(!has("prod stale") && !has("!refused"));
        // The account's name is written in syllables, and typed in letters.
        let words: Vec<String> = ["\u{1109}\u{1165}\u{1107}\u{1165}"].map(folded).to_vec();
        assert!(matches(&row, "운영 서버", &words) && !matches(&row, "운영", &words));
    }
}

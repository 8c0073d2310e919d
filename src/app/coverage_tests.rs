//! The counts, and the lines of the coverage screen.

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
            Line::Unnamed(why) | Line::Entry(why) => (why.clone(), 0),
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

#[test]
fn rows_that_differ_only_in_their_place_are_told_together() {
    let mut book = Book::default();
    for region in ["us-east-1", "us-west-2"] {
        let error = format!("In {ONE} {region}, page 1: cut");
        book.insert(row(ONE, region, CoverageState::Partial, Some(&error)));
    }
    book.arrange(&BTreeMap::new());
    assert!(matches!(&book.lines()[1..], [Line::Group { regions, .. }] if regions.len() == 2));
}

#[test]
fn what_was_not_understood_in_files_is_listed_entry_by_entry() {
    let mut book = Book::default();
    book.not_understood(
        vec!["a.json:1:1: empty".to_owned(), "b.json:7:2: no finding".to_owned()],
        30,
    );
    for (filter, wanted) in [("", 3), ("B.JSON", 2), ("c.json", 1)] {
        filter.clone_into(&mut book.filter);
        book.arrange(&BTreeMap::new());
        assert_eq!(book.lines().len(), wanted, "{filter}");
        let last = book.lines().last();
        assert!(
            matches!(last, Some(Line::Entry(said)) if said.contains("28 more entries")),
            "those without a line are counted whatever is asked for: {last:?}"
        );
    }
    assert_eq!(book.misunderstood(), 30);
}

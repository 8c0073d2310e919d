//! The gaps that `quell findings` names on standard error.
//!
//! Owns: one line for each account, source and reason, with the regions that it is the same in. Must never: leave a gap out.

use std::collections::BTreeMap;

use super::out;
use crate::domain::{AccountId, Untrusted};
use crate::findings::{Coverage, CoverageState, Source};

/// How far a source was read, in words that are true of one that was not read at all.
fn how_far(state: CoverageState) -> &'static str {
    match state {
        CoverageState::Refused => "could not be read (refused)",
        CoverageState::Partial => "was read in part at most (partial)",
        CoverageState::Reading => "was not read to its end (reading)",
        CoverageState::Stale => "could not be read again (stale)",
        CoverageState::Complete | CoverageState::Disabled => "is not a gap",
    }
}

/// Names every account, region and source that was not read to its end, and says whether there is one.
pub fn say<'n>(coverage: &[Coverage], named: &dyn Fn(&AccountId) -> Option<&'n str>) -> bool {
    let lines = lines(coverage, named);
    for line in &lines {
        out::note(line);
    }
    !lines.is_empty()
}

/// What one line says, but for its regions.
type Said = (AccountId, Source, String);

/// One line where account, source and reason are the same, in the order of the rows.
fn lines<'n>(coverage: &[Coverage], named: &dyn Fn(&AccountId) -> Option<&'n str>) -> Vec<String> {
    let mut groups: Vec<(Said, Vec<&str>)> = Vec::new();
    let mut known = BTreeMap::new();
    for row in coverage.iter().filter(|row| row.state.is_gap()) {
        let said = match row.why_nothing().filter(|_| row.state == CoverageState::Partial) {
            Some(why) => format!("could not be read: {why}"),
            None => format!("{}. {}", how_far(row.state), row.reason().unwrap_or_default()),
        };
        let via = row.via.filter(|via| *via != row.account);
        let through = via
            .map(|via| format!(" through {}", label(&via, named)))
            .unwrap_or_default();
        let key = (row.account, row.source, format!("{through} {said}"));
        let place = *known.entry(key.clone()).or_insert(groups.len());
        if place == groups.len() {
            groups.push((key, Vec::new()));
        }
        groups[place].1.push(row.region.as_str());
    }
    let line = |((account, source, said), regions): (Said, Vec<&str>)| {
        let regions = match regions.as_slice() {
            [only] => (*only).to_owned(),
            all => format!("{} regions ({})", all.len(), all.join(", ")),
        };
        let said = Untrusted::new(said);
        format!("{} in {regions}: {}{said}", label(&account, named), source.name())
    };
    groups.into_iter().map(line).collect()
}

/// `prod (111122223333)`, or the number alone where nobody knows the name.
fn label<'n>(account: &AccountId, named: &dyn Fn(&AccountId) -> Option<&'n str>) -> String {
    match named(account) {
        Some(name) => format!("{} ({account})", Untrusted::new(name)),
        None => account.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_was_refused_is_not_said_to_be_read_in_part() {
        assert!(!how_far(CoverageState::Refused).contains("in part"));
        for state in [
            CoverageState::Refused,
            CoverageState::Partial,
            CoverageState::Reading,
            CoverageState::Stale,
        ] {
            assert!(state.is_gap() && how_far(state).contains(state.word()), "{state:?}");
        }
    }

    fn row(region: &str, source: Source, error: &str) -> Coverage {
        Coverage {
            account: "111111111111".parse().unwrap(),
            region: region.parse().unwrap(),
            source,
            state: CoverageState::Partial,
            via: None,
            error: Some(error.to_owned()),
        }
    }

    #[test]
    fn an_account_and_a_source_have_one_line_for_one_reason() {
        let gone = "In 111111111111 nothing can be read: the role is gone";
        let rows = [
            row("eu-west-1", Source::GuardDuty, gone),
            row("eu-west-1", Source::SecurityHub, gone),
            row("us-east-1", Source::GuardDuty, gone),
            row("us-west-2", Source::GuardDuty, "In 111111111111 us-west-2, page 2: cut"),
            row("us-west-1", Source::GuardDuty, "In 111111111111 us-west-1, page 2: cut"),
        ];
        let told = lines(&rows, &|_| Some("prod"));
        assert_eq!(
            told,
            [
                "prod (111111111111) in 2 regions (eu-west-1, us-east-1): GuardDuty could not be read: the role is gone",
                "prod (111111111111) in eu-west-1: Security Hub could not be read: the role is gone",
                "prod (111111111111) in 2 regions (us-west-2, us-west-1): GuardDuty was read in part at most (partial). Page 2: cut",
            ]
        );
        assert!(lines(&rows, &|_| None)[0].starts_with("111111111111 in 2 regions"));
    }
}

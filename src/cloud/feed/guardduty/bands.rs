//! The bands of severity that are listed side by side.
//!
//! Owns: their limits. Must never: let a severity fall between two of them.
//!
//! The conditions are whole numbers (`Condition` in the API reference) and severities are not, so each band reaches from a whole
//! number to just below the next band's: 6.95 is below 7. The lowest has no lower limit and the highest no upper one. So each number
//! is in exactly one. What is no number is in none: see `Whole::odd`.

use aws_sdk_guardduty::types::{Condition, FindingCriteria};
use jiff::SignedDuration;

use super::calls::{By, Question};
use crate::cloud::limits::Rank;
use crate::domain::Time;

/// Severities from, and below, on GuardDuty's scale ("Severity levels of GuardDuty findings").
const SEVERITIES: [(Option<i64>, Option<i64>, &str); 4] = [
    (Some(9), None, "severity 9 and above"),
    (Some(7), Some(9), "severity 7 to 9"),
    (Some(4), Some(7), "severity 4 to 7"),
    (None, Some(4), "severity below 4"),
];

/// Most findings are of the last two bands; these are listed in so many parts, by how old they are. GuardDuty keeps 90 days.
const LONG: usize = 2;
const DAYS: [i64; 3] = [7, 20, 45];

/// A part of all findings.
#[derive(Clone, Debug)]
pub(super) struct Band {
    /// As a gap names it.
    pub name: String,
    pub question: Question,
    /// Of its pages of ids.
    pub rank: Rank,
    /// Of its findings.
    pub findings: Rank,
}

/// All of them, the worst first. `parted` says at which time to part those that are long by age.
pub(super) fn bands(parted: Option<Time>) -> Vec<Band> {
    let mut all = Vec::new();
    for (number, (least, below, name)) in SEVERITIES.into_iter().enumerate() {
        let long = number >= SEVERITIES.len() - LONG;
        let rank = Rank::later(u8::try_from(number).unwrap_or(u8::MAX));
        for (from, until, age) in parted.filter(|_| long).map_or(vec![(None, None, String::new())], ages) {
            let severity = between(least, below);
            let mut criteria = FindingCriteria::builder().criterion("severity", severity);
            if from.is_some() || until.is_some() {
                criteria = criteria.criterion("updatedAt", between(from, until));
            }
            all.push(Band {
                name: format!("{name}{age}"),
                question: Question {
                    criteria: Some(criteria.build()),
                    by: By::Worst,
                },
                rank,
                findings: if long { Rank::LESS } else { Rank::FOUND },
            });
        }
    }
    all
}

/// From (inclusive) and until (exclusive) in milliseconds since the epoch, and the words for it.
type Age = (Option<i64>, Option<i64>, String);

/// Parts of all time that touch and do not overlap.
fn ages(now: Time) -> Vec<Age> {
    let at = |days: i64| {
        let ago = now.checked_sub(SignedDuration::from_hours(24 * days));
        ago.unwrap_or(now).as_millisecond()
    };
    let mut ages: Vec<Age> = Vec::new();
    let mut until = None;
    for days in DAYS {
        let from = at(days);
        ages.push((Some(from), until, format!(", up to {days} days old")));
        until = Some(from);
    }
    ages.push((None, until, ", older".to_owned()));
    ages
}

fn between(least: Option<i64>, below: Option<i64>) -> Condition {
    let condition = Condition::builder().set_greater_than_or_equal(least);
    condition.set_less_than(below).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a condition accepts a number, as AWS compares.
    #[allow(
        clippy::cast_precision_loss,
        reason = "the limits are small, or milliseconds below 2^53"
    )]
    fn accepts(condition: &Condition, number: f64) -> bool {
        condition
            .greater_than_or_equal()
            .is_none_or(|least| number >= least as f64)
            && condition.less_than().is_none_or(|below| number < below as f64)
    }

    #[test]
    fn each_number_and_each_time_is_in_exactly_one_band() {
        let now: Time = "2026-03-01T02:10:00Z".parse().unwrap();
        for parted in [None, Some(now)] {
            let bands = bands(parted);
            assert_eq!(bands.len(), if parted.is_some() { 2 + 2 * 4 } else { 4 });
            for severity in [-1.0, 0.0, 0.5, 3.99, 4.0, 6.95, 7.0, 8.9999, 9.0, 10.0, 1e9] {
                let edges = ages(now).into_iter().filter_map(|(from, ..)| from);
                for edge in edges {
                    for time in [i64::MIN / 2, edge - 1, edge, edge + 1, i64::MAX / 2] {
                        #[allow(
                            clippy::cast_precision_loss,
                            reason = "the limits are exact, those far away need not be"
                        )]
                        let at = time as f64;
                        let fits = |band: &&Band| {
                            let criteria = band.question.criteria.as_ref().unwrap().criterion().unwrap();
                            accepts(&criteria["severity"], severity)
                                && criteria.get("updatedAt").is_none_or(|c| accepts(c, at))
                        };
                        assert_eq!(bands.iter().filter(fits).count(), 1, "{severity} at {time}");
                    }
                }
            }
        }
    }
}

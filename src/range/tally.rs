//! How often each operation was asked for, and how often it was answered, throttled or failed.
//!
//! Owns: the counts, which a benchmark or the one who leads a drill reads. Must never: keep anything of a call but that it was made.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// The counts of one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Went well.
    pub answered: u64,
    /// Refused for coming too often, by a quota or on request.
    pub throttled: u64,
    /// Refused or failed otherwise.
    pub failed: u64,
}

impl Count {
    /// All calls.
    pub fn calls(self) -> u64 {
        self.answered + self.throttled + self.failed
    }

    fn with(self, other: Self) -> Self {
        Self {
            answered: self.answered + other.answered,
            throttled: self.throttled + other.throttled,
            failed: self.failed + other.failed,
        }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Answered,
    Throttled,
    Failed,
}

/// The counts by service and operation, since the range was opened. As text it is a table whose last line is the sum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<(&'static str, String), Count>);

impl Tally {
    /// Counts a call.
    pub fn add(&mut self, service: &'static str, operation: &str, end: End) {
        let count = self.0.entry((service, operation.to_owned())).or_default();
        match end {
            End::Answered => count.answered += 1,
            End::Throttled => count.throttled += 1,
            End::Failed => count.failed += 1,
        }
    }

    /// The counts of one operation.
    pub fn of(&self, service: &str, operation: &str) -> Count {
        let found = self.0.iter().find(|((s, o), _)| *s == service && o == operation);
        found.map(|(_, count)| *count).unwrap_or_default()
    }

    /// The sum of all counts.
    pub fn total(&self) -> Count {
        self.0.values().fold(Count::default(), |sum, count| sum.with(*count))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let mut line = |service: &str, operation: &str, cells: [&str; 4]| {
            let [calls, answered, throttled, failed] = cells;
            writeln!(
                text,
                "{service:<14} {operation:<32} {calls:>8} {answered:>9} {throttled:>10} {failed:>7}"
            )
        };
        line("service", "operation", ["calls", "answered", "throttled", "failed"])?;
        let cells = |count: Count| {
            [count.calls(), count.answered, count.throttled, count.failed].map(|number| number.to_string())
        };
        for ((service, operation), count) in &self.0 {
            line(service, operation, cells(*count).each_ref().map(String::as_str))?;
        }
        line("total", "", cells(self.total()).each_ref().map(String::as_str))?;
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_ends_with_the_sum() {
        let mut tally = Tally::default();
        for end in [End::Answered, End::Throttled, End::Answered] {
            tally.add("securityhub", "GetFindings", end);
        }
        tally.add("sts", "AssumeRole", End::Failed);
        assert_eq!(tally.of("securityhub", "GetFindings").throttled, 1);
        let text = tally.to_string();
        let rows: Vec<Vec<&str>> = text.lines().map(|l| l.split_whitespace().collect()).collect();
        assert_eq!(rows[1], ["securityhub", "GetFindings", "3", "2", "1", "0"]);
        assert_eq!(rows[3], ["total", "4", "2", "1", "1"]);
    }
}

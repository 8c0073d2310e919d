//! Severity and response times: from a finding's label to a suggestion, from a decision to a deadline.
//!
//! Owns: the classification table. Must never: decide. It suggests; a person classifies, and the journal says who.

use jiff::SignedDuration;
use serde::Deserialize;
use toml::Spanned;

use crate::domain::{SeverityLabel, SourceError, Time, source_text};

/// The table that is built in, editable as a file.
pub const BUILT_IN: &str = include_str!("../../playbooks/classification.toml");

/// The severities an incident can be given, the worst first. Findings also know `informational`; incidents do not.
pub const SEVERITIES: [SeverityLabel; 4] = [
    SeverityLabel::Critical,
    SeverityLabel::High,
    SeverityLabel::Medium,
    SeverityLabel::Low,
];

/// The longest response time that a table may give: 30 days, in minutes.
const LONGEST: u32 = 30 * 24 * 60;

/// What each severity means and asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// In the order of `SEVERITIES`.
    levels: [Level; 4],
}

/// One severity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The time in which somebody must have responded, in minutes.
    pub response_minutes: u32,
    /// The labels of findings for which this severity is suggested.
    pub suggested_for: Vec<SeverityLabel>,
    /// What it means, in a sentence.
    pub meaning: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    critical: Spanned<WrittenLevel>,
    high: Spanned<WrittenLevel>,
    medium: Spanned<WrittenLevel>,
    low: Spanned<WrittenLevel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLevel {
    response_minutes: Spanned<u32>,
    suggested_for: Spanned<Vec<SeverityLabel>>,
    meaning: String,
}

impl Classification {
    /// The built-in table: 15 minutes, 1 hour, 4 hours, 24 hours.
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse("classification.toml", BUILT_IN).expect("the built-in table is parsed by a test")
    }

    /// A table from a file's text.
    pub fn parse(file: &str, text: &str) -> Result<Self, SourceError> {
        let written: Written = source_text::toml(file, text)?;
        let levels = [written.critical, written.high, written.medium, written.low];
        let mut shortest = 1;
        let mut taken: Vec<SeverityLabel> = Vec::new();
        for (severity, level) in SEVERITIES.iter().zip(&levels) {
            let level = level.get_ref();
            let minutes = *level.response_minutes.get_ref();
            if !(shortest..=LONGEST).contains(&minutes) {
                let what = format!(
                    "{severity} responds in {minutes} minutes, expected {shortest} to {LONGEST}: \
                     no severity waits less than a worse one"
                );
                return Err(SourceError::at(file, text, Some(level.response_minutes.span()), what));
            }
            shortest = minutes;
            for label in level.suggested_for.get_ref() {
                if taken.contains(label) {
                    let what = format!("{label} is suggested twice, expected once");
                    return Err(SourceError::at(file, text, Some(level.suggested_for.span()), what));
                }
                taken.push(*label);
            }
        }
        if let Some(missing) = SeverityLabel::ALL.iter().find(|l| !taken.contains(l)) {
            let what = format!("no severity is suggested for {missing} findings");
            return Err(SourceError::at(file, text, None, what));
        }
        let levels = levels.map(|level| {
            let level = level.into_inner();
            Level {
                response_minutes: level.response_minutes.into_inner(),
                suggested_for: level.suggested_for.into_inner(),
                meaning: level.meaning,
            }
        });
        Ok(Self { levels })
    }

    /// The level of a severity. There are no informational incidents, so that reads as low.
    #[must_use]
    pub fn level(&self, severity: SeverityLabel) -> &Level {
        let [critical, high, medium, low] = &self.levels;
        match severity {
            SeverityLabel::Critical => critical,
            SeverityLabel::High => high,
            SeverityLabel::Medium => medium,
            SeverityLabel::Low | SeverityLabel::Informational => low,
        }
    }

    /// The severity to suggest for a finding with this label.
    #[must_use]
    pub fn suggest(&self, finding: SeverityLabel) -> SeverityLabel {
        SEVERITIES
            .into_iter()
            .find(|severity| self.level(*severity).suggested_for.contains(&finding))
            .unwrap_or(finding)
    }

    /// When somebody must have responded to an incident that began then.
    #[must_use]
    pub fn deadline(&self, began: Time, severity: SeverityLabel) -> Time {
        deadline(began, self.level(severity).response_minutes)
    }
}

/// When somebody must have responded, for a response time that the journal recorded.
#[must_use]
pub fn deadline(began: Time, response_minutes: u32) -> Time {
    began
        .checked_add(SignedDuration::from_mins(i64::from(response_minutes)))
        .unwrap_or(Time::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_has_the_times_that_were_asked_for() {
        let table = Classification::built_in();
        let minutes: Vec<u32> = SEVERITIES.iter().map(|s| table.level(*s).response_minutes).collect();
        assert_eq!(minutes, [15, 60, 240, 1440]);
        let opened: Time = "2026-03-01T03:00:00Z".parse().unwrap();
        let deadline = table.deadline(opened, SeverityLabel::Critical);
        assert_eq!(deadline.to_string(), "2026-03-01T03:15:00Z");
        assert_eq!(table.deadline(Time::MAX, SeverityLabel::Low), Time::MAX);
    }

    #[test]
    fn every_label_of_a_finding_has_a_suggestion() {
        let table = Classification::built_in();
        for (label, suggestion) in [
            (SeverityLabel::Critical, SeverityLabel::Critical),
            (SeverityLabel::High, SeverityLabel::High),
            (SeverityLabel::Medium, SeverityLabel::Medium),
            (SeverityLabel::Low, SeverityLabel::Low),
            (SeverityLabel::Informational, SeverityLabel::Low),
        ] {
            assert_eq!(table.suggest(label), suggestion);
        }
    }

    #[test]
    fn a_table_can_be_changed_and_its_faults_are_named() {
        let changed = BUILT_IN.replace("response_minutes = 15", "response_minutes = 10");
        let table = Classification::parse("c.toml", &changed).unwrap();
        assert_eq!(table.level(SeverityLabel::Critical).response_minutes, 10);
        for (from, to, expected) in [
            ("response_minutes = 60", "response_minutes = 5", "expected 15 to 43200"),
            ("response_minutes = 60", "response_minutes = \"1 h\"", "expected u32"),
            ("[\"low\", \"informational\"]", "[\"low\"]", "for informational"),
            ("[\"medium\"]", "[\"high\"]", "high is suggested twice"),
            ("[medium]", "[middling]", "expected one of"),
        ] {
            let shown = Classification::parse("c.toml", &BUILT_IN.replace(from, to))
                .unwrap_err()
                .to_string();
            assert!(shown.starts_with("c.toml:") && shown.contains(expected), "{shown}");
        }
    }
}

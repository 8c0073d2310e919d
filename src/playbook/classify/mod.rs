//! Incident types, severities and response times: from what findings say to a suggestion, from a decision to a deadline.
//!
//! Owns: the classification table. Must never: decide. It suggests; a person classifies, and the journal says who.

mod parse;
mod suggest;

pub use suggest::{Evidence, Suggestion};

use jiff::SignedDuration;

use crate::domain::{ResourceKind, SeverityLabel, SourceError, Time};

/// The table that is built in, editable as a file.
pub const BUILT_IN: &str = include_str!("../../../playbooks/classification.toml");

/// The severities an incident can be given, the worst first. Findings also know `informational`; incidents do not.
pub const SEVERITIES: [SeverityLabel; 4] = [
    SeverityLabel::Critical,
    SeverityLabel::High,
    SeverityLabel::Medium,
    SeverityLabel::Low,
];

/// What each severity means and asks for, and which types of incident there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// An incident that affects more systems than this is one step worse than its type and subtype say.
    pub step_up_above: u32,
    /// In the order of `SEVERITIES`.
    levels: [Level; 4],
    /// In the order of the file; the last one is for everything else.
    types: Vec<IncidentType>,
}

/// One severity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The time in which somebody must have responded, in minutes.
    pub response_minutes: u32,
    /// The labels of findings for which this severity is suggested while nothing else is known.
    pub suggested_for: Vec<SeverityLabel>,
    /// What it means, in a sentence.
    pub meaning: String,
    /// Who is told, in this order.
    pub escalation: Vec<String>,
    /// What is done at once whatever the type, beside the type's own.
    pub actions: Vec<String>,
}

/// One type of incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentType {
    /// The name that conditions and the journal use: lower-case letters, digits and hyphens.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// What is done at once.
    pub actions: Vec<String>,
    /// Finding types that suggest it, `*` standing for any text. Only the last type has none.
    pub findings: Vec<String>,
    /// At least one, the worst first.
    pub subtypes: Vec<Subtype>,
}

/// One subtype: a row of the matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subtype {
    /// The name that conditions and the journal use.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// How severe that is, where few systems are affected.
    pub severity: SeverityLabel,
    /// Finding types that suggest it.
    pub findings: Vec<String>,
    /// Resources that suggest it.
    pub resources: Vec<ResourceKind>,
    /// Tags that suggest it, as `key=value` in lower case, `*` standing for any text.
    pub tags: Vec<String>,
    /// It is the one that is taken while nothing suggests another. Every type has one.
    pub assumed: bool,
}

impl Classification {
    /// The built-in table: 15 minutes, 1 hour, 4 hours, 24 hours.
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse("classification.toml", BUILT_IN).expect("the built-in table is parsed by a test")
    }

    /// A table from a file's text. The first fault is named with its line and column.
    pub fn parse(file: &str, text: &str) -> Result<Self, SourceError> {
        Self::lint(file, text).map_err(|faults| {
            let none = || SourceError::at(file, text, None, "it is not a classification table");
            faults.into_iter().next().unwrap_or_else(none)
        })
    }

    /// A table from a file's text, or every fault that can be seen, in the order of the file.
    pub fn lint(file: &str, text: &str) -> Result<Self, Vec<SourceError>> {
        parse::table(file, text)
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

    /// The types of incident, in the order of the file.
    #[must_use]
    pub fn types(&self) -> &[IncidentType] {
        &self.types
    }

    /// The type of this name.
    #[must_use]
    pub fn incident_type(&self, name: &str) -> Option<&IncidentType> {
        self.types.iter().find(|t| t.name == name)
    }

    /// Whether there is a type of this name.
    #[must_use]
    pub fn knows(&self, incident_type: &str) -> bool {
        self.incident_type(incident_type).is_some()
    }

    /// How severe an incident of this type and subtype is that affects so many systems; none when there is no such row.
    #[must_use]
    pub fn severity(&self, incident_type: &str, subtype: &str, systems: u32) -> Option<SeverityLabel> {
        let subtype = self.incident_type(incident_type)?.subtype(subtype)?;
        Some(self.stepped(subtype.severity, systems))
    }

    /// One step up where more systems are affected than the table allows for. Nothing is worse than critical.
    fn stepped(&self, severity: SeverityLabel, systems: u32) -> SeverityLabel {
        if systems <= self.step_up_above {
            return severity;
        }
        let at = SEVERITIES.iter().position(|s| *s == severity).unwrap_or_default();
        SEVERITIES[at.saturating_sub(1)]
    }

    /// What is done at once in an incident of this type and severity: the type's own first, then what the severity adds.
    #[must_use]
    pub fn actions(&self, incident_type: &str, severity: SeverityLabel) -> Vec<&str> {
        let own = self.incident_type(incident_type).map(|t| t.actions.as_slice());
        let added = &self.level(severity).actions;
        own.unwrap_or_default()
            .iter()
            .chain(added)
            .map(String::as_str)
            .collect()
    }

    /// The severity to suggest for a finding with this label while its type is not known.
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

impl IncidentType {
    /// The subtype of this name.
    #[must_use]
    pub fn subtype(&self, name: &str) -> Option<&Subtype> {
        self.subtypes.iter().find(|s| s.name == name)
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
#[path = "tests.rs"]
mod tests;

//! Reports: what a journal says about one incident, as values, as Markdown and as JSON.
//!
//! Owns: the timeline and its two forms. Must never: read a clock, so that the same journal gives the same bytes; show text
//! from outside unescaped; or call verified what was only applied.

mod escape;
mod fold;
mod markdown;
#[cfg(test)]
mod tests;

pub use fold::{incidents, report};
pub use markdown::markdown;

use serde::Serialize;

use crate::action::ActionName;
use crate::domain::{AccountId, Region, Severity, SeverityLabel, Time};

/// The version of the JSON's shape.
pub const REPORT_VERSION: u32 = 2;

/// Everything a journal says about one incident. Texts are in their shown form: nothing in them is obeyed by a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    pub version: u32,
    pub incident: String,
    /// Live or drill, version and endpoint: what the journal's last opening record before the incident says.
    pub mode: Option<String>,
    pub finding: Option<Found>,
    /// When the incident was opened, by the journal's clock.
    pub opened: Option<Time>,
    /// When the incident began: what deadlines are counted from. The list's clocks run from the same moment.
    pub began: Option<Began>,
    /// Every decision about the severity; the last one counts.
    pub classifications: Vec<Decision>,
    pub response: Option<Response>,
    pub plans: Vec<PlanStory>,
    pub timeline: Vec<Entry>,
    /// Intents of calls whose outcome is in no record, by sequence number: they may or may not have happened.
    pub unsettled: Vec<u64>,
    pub journal: Extent,
}

/// The finding that the incident was opened on, as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    pub source: String,
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub severity: Severity,
    pub severity_label: SeverityLabel,
    pub title: String,
    pub account: AccountId,
    pub region: Region,
    pub resource: String,
    pub first_seen: Option<Time>,
    pub updated_at: Option<Time>,
}

/// When an incident began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Began {
    pub at: Time,
    pub by: BeganBy,
}

/// Which moment that is: the first of these that the journal knows of the worst finding that the incident was opened on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BeganBy {
    /// The finding was first seen.
    FirstSeen,
    /// The finding was updated.
    Updated,
    /// The incident was opened in the journal.
    Opened,
}

impl BeganBy {
    /// In words.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::FirstSeen => "when its worst finding was first seen",
            Self::Updated => "the update of its worst finding, which does not say when it was first seen",
            Self::Opened => "when it was opened in the journal, for no finding says when it was seen",
        }
    }
}

/// Somebody classified the incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    pub seq: u64,
    pub time: Time,
    pub who: String,
    pub severity: SeverityLabel,
    pub response_minutes: u32,
    /// The type of incident and its subtype, by their names in the classification table, and the systems affected. Where the
    /// journal has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtype: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub systems: Option<u32>,
    /// Counted from when the incident began; none when the journal does not say when that was.
    pub deadline: Option<Time>,
}

/// Whether the incident was responded to in time: the first call that AWS accepted, since the incident began, held against the last deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Response {
    pub deadline: Time,
    pub state: ResponseState,
    /// The first outcome that AWS accepted, if there is one.
    pub first: Option<Moment>,
    /// The journal's last record, which is as far as this is known.
    pub as_of: Moment,
}

/// How the response stands against its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResponseState {
    Met,
    Missed,
    /// Nothing was done yet, and the deadline was still ahead at the last record.
    Open,
}

/// A record's number and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    pub seq: u64,
    pub time: Time,
}

/// A confirmed plan and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanStory {
    pub seq: u64,
    pub time: Time,
    pub who: String,
    pub action: ActionName,
    pub target: String,
    pub account: AccountId,
    pub region: Region,
    pub digest: String,
    /// The plan that this one undoes.
    pub undoes: Option<u64>,
    /// The plans that undo this one.
    pub undone_by: Vec<u64>,
    pub calls: Vec<CallStory>,
    /// What was read back last; empty when nothing was.
    pub checks: Vec<CheckStory>,
    /// When that was.
    pub checked: Option<Moment>,
    /// What undo cannot restore.
    pub lost: Vec<String>,
}

/// One call: *applied* is what AWS answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallStory {
    /// From 1.
    pub number: usize,
    pub call: String,
    /// `not sent`, `no outcome`, `applied`, `already so`, `failed` or `unknown`.
    pub outcome: String,
    pub detail: String,
    /// What CloudTrail knows the call by.
    pub request_id: Option<String>,
    /// When the outcome was written, or else the intent.
    pub at: Option<Moment>,
}

/// One thing that was read back: *verified* is what was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckStory {
    pub expectation: String,
    /// `verified`, `pending`, `failed` or `unreadable`.
    pub verdict: String,
    pub detail: String,
}

/// A record of the incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub seq: u64,
    pub time: Time,
    pub who: String,
    pub kind: String,
    pub text: String,
}

/// The journal that the report rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Extent {
    /// Its first and last record.
    pub first: u64,
    pub last: u64,
    /// The SHA-256 of the last line.
    pub head: String,
    /// The bytes of an unfinished record at its end, which are not part of the report.
    pub torn: usize,
}

impl Report {
    /// One JSON object, with a line break at its end.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

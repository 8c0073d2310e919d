//! What `quell findings` prints: a contract with scripts for JSON, JSON lines and CSV, and a table for people.
//!
//! Owns: the shapes. Must never: lose a character of a finding in JSON, send control characters from outside to a terminal
//! in any format, or let a spreadsheet run a field of the CSV.

mod csv;
mod json;
mod table;

use serde::Serialize;

use crate::domain::{AccountId, Region, Severity, SeverityLabel, Time, Untrusted};

use super::{Finding, Source};

pub use csv::csv;
pub use json::{Way, json, jsonl};
pub use table::{age, cut, fit, table};

/// One finding as scripts see it. The names and their order are part of the contract.
#[derive(Debug, Serialize)]
pub struct FindingRow<'a> {
    /// The source's own id.
    pub id: &'a Untrusted,
    pub arn: Option<&'a Untrusted>,
    pub source: Source,
    pub account: &'a AccountId,
    pub region: &'a Region,
    #[serde(rename = "type")]
    pub kind: &'a Untrusted,
    /// 0–10.
    pub severity: Severity,
    pub severity_label: SeverityLabel,
    pub title: &'a Untrusted,
    /// The id that AWS gives the resource.
    pub resource: &'a Untrusted,
    /// RFC 3339.
    pub first_seen: Option<Time>,
    /// RFC 3339.
    pub updated_at: Option<Time>,
    pub archived: bool,
}

impl<'a> From<&'a Finding> for FindingRow<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            id: &finding.id,
            arn: finding.arn.as_ref(),
            source: finding.source,
            account: &finding.account,
            region: &finding.region,
            kind: &finding.kind,
            severity: finding.severity,
            severity_label: finding.severity.label(),
            title: &finding.title,
            resource: &finding.resource.id,
            first_seen: finding.first_seen,
            updated_at: finding.updated_at,
            archived: finding.archived,
        }
    }
}

#[cfg(test)]
mod tests;

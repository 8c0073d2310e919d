//! One line of the journal.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::evidence::EvidenceKept;
use crate::action::{ByRule, Check, Digest, Mutation, Outcome, Plan};
use crate::domain::{AccountId, IncidentId, Region, Resource, Severity, SeverityLabel, Time, Untrusted};

/// The version of the record's shape.
pub const RECORD_VERSION: u32 = 1;

/// A record. `prev` is the lower-case hex SHA-256 of the previous line's bytes without its newline; the first line has 64
/// zeros. Order is by `seq`, never by `time`: clocks jump.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    pub v: u32,
    pub seq: u64,
    pub time: Time,
    pub prev: String,
    /// The caller's ARN.
    pub who: String,
    pub incident: Option<IncidentId>,
    pub what: What,
}

/// Whether the changes were made to real accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    Live,
    Drill,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Live => "real accounts",
            Self::Drill => "a drill",
        })
    }
}

/// The world that a journal is about: what was done in one says nothing about another, even where ids are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    mode: Mode,
    /// Named where it is not AWS's own.
    endpoint: Option<String>,
}

impl World {
    /// The world of a mode and an endpoint.
    #[must_use]
    pub fn new(mode: Mode, endpoint: Option<&str>) -> Self {
        Self {
            mode,
            endpoint: endpoint.map(str::to_owned),
        }
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.endpoint {
            None => self.mode.fmt(f),
            Some(endpoint) => write!(f, "{} at {}", self.mode, Untrusted::new(endpoint.as_str())),
        }
    }
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum What {
    /// A console or command began to write here. `endpoint` is named where it is not AWS's own.
    Opened {
        mode: Mode,
        version: String,
        endpoint: Option<String>,
    },
    /// An incident was opened on a finding.
    Incident { finding: FindingSummary },
    /// A severity was decided, and with it the time in which to respond. Records from before there were types have none.
    Classified {
        severity: SeverityLabel,
        response_minutes: u32,
        /// The type's name in the classification table, and the subtype's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incident_type: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subtype: Option<String>,
        /// How many systems are affected.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        systems: Option<u32>,
    },
    /// A person took the incident on. Without `from` it counts only where nobody else has it; with it, it takes the incident over
    /// from that caller and counts only if that one still has it. So of two claims at once the first in the journal stands. By whoever
    /// has it already it is another response.
    Claimed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
    },
    /// Whoever has the incident gave it up. By anybody else it counts for nothing.
    Released {},
    /// A person confirmed a plan. The plan holds the state before. Where a rule of the configuration did it, `rule` names that.
    Confirmed {
        plan: Box<Plan>,
        digest: Digest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<ByRule>,
    },
    /// A call is about to be sent. `plan` is the sequence of the confirmed plan, `call` counts from 0.
    Intent {
        plan: u64,
        call: usize,
        mutation: Mutation,
        target_arn: String,
    },
    /// What AWS answered to the call of that intent.
    Outcome { intent: u64, outcome: Outcome },
    /// What was read back after the plan.
    Checked { plan: u64, checks: Vec<Check> },
    /// A person made these findings an incident of their own, named `into`. The record stands under the incident that they were
    /// in. From then on they share only among themselves; what held them to others by a `Merged` before holds no more.
    Split {
        findings: Vec<FindingRef>,
        into: IncidentId,
    },
    /// A person made these incidents one with the incident that the record stands under. `findings` has a finding of each of
    /// them and of that one, so that what they hold can be found again whatever joins them later.
    Merged {
        incidents: Vec<IncidentId>,
        findings: Vec<FindingRef>,
    },
    /// A person chose the playbook by which the incident is worked.
    PlaybookChosen { playbook: String },
    /// A person ticked a step of a playbook, or one of its boxes by its text, or took the tick away again.
    Ticked {
        playbook: String,
        step: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
        done: bool,
    },
    /// What AWS said of the incident was written into files.
    Evidence(EvidenceKept),
    /// A person wrote something down.
    Noted { text: Untrusted },
    /// A report was written; its hash ties it to this place in the journal.
    Reported { path: String, sha256: String },
    /// An unfinished line was found at the end and set aside into the named file.
    Recovered { set_aside: String, bytes: usize },
}

/// The finding an incident was opened on, as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingSummary {
    pub id: Untrusted,
    pub source: String,
    pub account: AccountId,
    pub region: Region,
    /// The product's ARN, in Security Hub alone: a part of what names the finding. Records from before that have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Untrusted>,
    #[serde(rename = "type")]
    pub kind: Untrusted,
    pub severity: Severity,
    pub title: Untrusted,
    pub resource: Resource,
    pub first_seen: Option<Time>,
    pub updated_at: Option<Time>,
}

impl FindingSummary {
    /// What it is, in its own words: GuardDuty's types say it; the others' say only which family it is of, and their titles say it.
    #[must_use]
    pub fn headline(&self) -> &Untrusted {
        if self.source == "guardduty" || self.title.raw().is_empty() {
            &self.kind
        } else {
            &self.title
        }
    }
}

/// What names a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingRef {
    /// `guardduty`, `securityhub` or `eventbridge`.
    pub source: String,
    pub account: AccountId,
    pub region: Region,
    /// The product's ARN, in Security Hub alone. Records from before it was a part of the name have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Untrusted>,
    /// The source's own id.
    pub id: Untrusted,
}

impl What {
    /// The word in lists.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Incident { .. } => "incident",
            Self::Classified { .. } => "classified",
            Self::Claimed { .. } => "claimed",
            Self::Released {} => "released",
            Self::Confirmed { .. } => "confirmed",
            Self::Intent { .. } => "intent",
            Self::Outcome { .. } => "outcome",
            Self::Checked { .. } => "checked",
            Self::Split { .. } => "split",
            Self::Merged { .. } => "merged",
            Self::PlaybookChosen { .. } => "playbook",
            Self::Ticked { .. } => "ticked",
            Self::Evidence(_) => "evidence",
            Self::Noted { .. } => "noted",
            Self::Reported { .. } => "reported",
            Self::Recovered { .. } => "recovered",
        }
    }

    /// The record in one line, safe to show.
    #[must_use]
    pub fn phrase(&self) -> String {
        match self {
            Self::Opened {
                mode: Mode::Drill,
                version,
                ..
            } => format!("DRILL, quell {version}"),
            Self::Opened {
                mode: Mode::Live,
                version,
                endpoint: None,
            } => format!("live, quell {version}"),
            Self::Opened {
                mode: Mode::Live,
                version,
                endpoint: Some(endpoint),
            } => {
                format!("live, quell {version}, endpoint {}", Untrusted::new(endpoint.as_str()))
            }
            Self::Incident { finding } => {
                format!(
                    "{} {} on {}",
                    finding.severity.label(),
                    finding.headline(),
                    finding.resource
                )
            }
            Self::Classified {
                severity,
                response_minutes,
                incident_type,
                subtype,
                systems,
            } => {
                let what = kind_phrase(incident_type.as_deref(), subtype.as_deref(), *systems);
                format!("{severity}{what}, respond within {}", minutes(*response_minutes))
            }
            Self::Claimed { from: None } => "works on it now".to_owned(),
            Self::Claimed { from: Some(from) } => {
                format!("takes it over from {}", Untrusted::new(from.as_str()))
            }
            Self::Released {} => "no longer works on it".to_owned(),
            Self::Confirmed { plan, digest, rule } => format!(
                "{}{} {} ({} {}, digest {}){}",
                if plan.request.undoes.is_some() { "undo " } else { "" },
                plan.request.action,
                plan.request.target,
                plan.draft.calls.len(),
                if plan.draft.calls.len() == 1 { "call" } else { "calls" },
                digest.short(),
                rule.as_ref().map(|rule| format!(", by {rule}")).unwrap_or_default()
            ),
            Self::Intent { call, mutation, .. } => format!("call {}: {}", call + 1, Untrusted::new(mutation.phrase())),
            Self::Outcome { intent, outcome } => outcome_phrase(*intent, outcome),
            Self::Checked { checks, .. } => checks_phrase(checks),
            Self::Split { findings, into } => {
                let n = findings.len();
                let s = if n == 1 { "" } else { "s" };
                format!("{n} finding{s} into {}", Untrusted::new(into.as_str()))
            }
            Self::Merged { incidents, .. } => format!("with {}", Untrusted::new(incidents.join(", "))),
            Self::PlaybookChosen { playbook } => {
                format!("works by {}", Untrusted::new(playbook.as_str()))
            }
            Self::Ticked { step, item, done, .. } => {
                let what = item.as_deref().map(|item| format!(": {item}")).unwrap_or_default();
                let word = if *done { "done" } else { "not done" };
                Untrusted::new(format!("{word}: {step}{what}")).shown()
            }
            Self::Evidence(kept) => kept.to_string(),
            Self::Noted { text } => text.shown(),
            Self::Reported { path, sha256 } => {
                format!(
                    "{} sha256 {}",
                    Untrusted::new(path.as_str()),
                    Untrusted::new(sha256.as_str())
                )
            }
            Self::Recovered { set_aside, bytes } => {
                format!(
                    "{bytes} bytes of an unfinished record set aside in {}",
                    Untrusted::new(set_aside.as_str())
                )
            }
        }
    }
}

/// Minutes as people say them: 15 minutes, 1 hour, 24 hours.
#[must_use]
pub fn minutes(minutes: u32) -> String {
    match minutes {
        60 => "1 hour".to_owned(),
        m if m > 0 && m % 60 == 0 => format!("{} hours", m / 60),
        m => format!("{m} minutes"),
    }
}

/// What kind of incident was decided on, ready to follow the severity; empty where that is not recorded.
#[must_use]
pub fn kind_phrase(incident_type: Option<&str>, subtype: Option<&str>, systems: Option<u32>) -> String {
    let shown = |text: &str| Untrusted::new(text).shown();
    let systems = match systems {
        Some(1) => ", 1 system".to_owned(),
        Some(systems) => format!(", {systems} systems"),
        None => String::new(),
    };
    let incident_type = incident_type.map(|t| format!(", {}", shown(t))).unwrap_or_default();
    let subtype = subtype.map(|s| format!(" ({})", shown(s))).unwrap_or_default();
    format!("{incident_type}{subtype}{systems}")
}

fn outcome_phrase(intent: u64, outcome: &Outcome) -> String {
    let detail = match outcome {
        Outcome::Applied { made, .. } => made.values().cloned().collect::<Vec<_>>().join(", "),
        Outcome::AlreadySo { code, .. } => code.clone(),
        Outcome::Failed { code, message, .. } => format!("{} {}", code.as_deref().unwrap_or_default(), message.raw()),
        Outcome::Partly { code, message, .. } => format!("{code} {}", message.raw()),
        Outcome::Unknown { why } => why.raw().to_owned(),
    };
    let id = outcome
        .request_id()
        .map(|id| format!(" [request {id}]"))
        .unwrap_or_default();
    Untrusted::new(format!("of {intent}: {} {detail}{id}", outcome.word())).shown()
}

fn checks_phrase(checks: &[Check]) -> String {
    if checks.is_empty() {
        return "there is nothing to read back".to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    for check in checks {
        let why = match check.detail() {
            "" => String::new(),
            why => format!(" ({why})"),
        };
        words.push(format!("{}: {}{why}", check.expectation, check.verdict.word()));
    }
    Untrusted::new(words.join("; ")).shown()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_classification_from_before_there_were_types_still_reads() {
        let old = r#"{"kind":"classified","severity":"high","response_minutes":60}"#;
        let read: What = serde_json::from_str(old).unwrap();
        assert_eq!(read.phrase(), "high, respond within 1 hour");
        assert_eq!(serde_json::to_string(&read).unwrap(), old);
        let new = What::Classified {
            severity: SeverityLabel::Critical,
            response_minutes: 15,
            incident_type: Some("data-breach".to_owned()),
            subtype: Some("personal\u{1b}[2J".to_owned()),
            systems: Some(12),
        };
        let said = new.phrase();
        assert!(said.starts_with("critical, data-breach (personal"), "{said}");
        assert!(said.ends_with("), 12 systems, respond within 15 minutes"), "{said}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
        let again: What = serde_json::from_str(&serde_json::to_string(&new).unwrap()).unwrap();
        assert_eq!(again, new);
    }
}

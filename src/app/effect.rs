//! What the console wants done outside.

use super::alert::Alert;
use super::collecting::Subject;
use crate::action::{Confirmed, Made, Plan, Query};
use crate::domain::{AccountId, IncidentId, Region};
use crate::findings::FindingKey;
use crate::journal::What;

/// Something for the runtime to do. Closed and matched without a catch-all.
#[derive(Debug)]
pub enum Effect {
    /// Read these, side by side, and answer with `Event::Read` of this number.
    Read {
        number: u64,
        account: AccountId,
        region: Region,
        queries: Vec<Query>,
    },
    /// Read these for a plan that is made ahead: the same as `Read`, and never before what the responder waits for.
    Prepare {
        number: u64,
        account: AccountId,
        region: Region,
        queries: Vec<Query>,
    },
    /// Ask AWS whether the plan's calls would be allowed, and answer with `Event::Predicted`.
    Predict(Box<Plan>),
    /// Apply a notification that a rule confirmed, and answer with `Event::RuleDone`.
    ApplyByRule(Box<Confirmed>),
    /// Ring, or ask the terminal for a notification.
    Alert(Alert),
    /// Apply a confirmed plan.
    Apply(Box<Confirmed>),
    /// Read back what the plan of record `seq` was to bring about, and answer with `Event::Checked`. `made` is what its calls made.
    Verify { seq: u64, plan: Box<Plan>, made: Made },
    /// Write a record.
    Note { incident: Option<IncidentId>, what: What },
    /// Write the incident's report.
    Report { incident: IncidentId },
    /// Read everything about these into files with a manifest, and answer with `Event::Collected`. Nothing in AWS changes.
    Collect {
        incident: IncidentId,
        subjects: Vec<Subject>,
        findings: Vec<FindingKey>,
    },
    /// Show what AWS sent of a finding: answer with `Event::Evidence`.
    Evidence { key: FindingKey },
    /// List the earlier events of an operational incident: answer with `Event::Earlier`.
    Earlier { key: FindingKey },
    /// Show what was sent of the one of this digest: answer with `Event::EarlierEvent`.
    EarlierEvent { key: FindingKey, digest: u64 },
    /// Read the findings again now.
    Refresh,
    /// Put a line into the clipboard of the terminal. It is safe to paste: no control character is in it.
    Copy(String),
    /// Give the terminal back to the shell until it is brought to the foreground again.
    Suspend,
    /// Leave.
    Quit,
}

//! What happened outside.

use std::sync::Arc;

use bytes::Bytes;

use crate::action::{Check, Outcome, Prediction, Reading};
use crate::domain::{AccountId, IncidentId, Time, Untrusted};
use crate::findings::event::Brief;
use crate::findings::{Coverage, Finding, FindingKey, Place, Source};
use crate::journal::Record;

use super::collecting::Gathered;
use super::key::Key;
use super::state::Identity;

/// Something that the console has to take in. Closed and matched without a catch-all, so that no event is swallowed.
#[derive(Debug)]
pub enum Event {
    /// A key, and when it was pressed.
    Key(Key, Time),
    Paste(String),
    /// The wheel: negative is up.
    Wheel(i8),
    /// Columns and rows.
    Resize(u16, u16),
    /// The clock.
    Tick(Time),
    /// Nothing else happened: what takes longer than one turn goes on. Sent for as long as `List::is_filtering`.
    Idle,
    /// Who the caller was last time: what the cache has of that one is shown, and AWS has not said yet who it is now.
    Presumed(Identity),
    /// What was shown of whoever the caller was last time is taken away, for the caller is another, as this sentence says.
    Withdrawn(String),
    Identified(Identity),
    /// Accounts and their names, as far as they are known.
    Accounts(Vec<(AccountId, Untrusted)>),
    /// Nothing can be read at all; the sentence says why and what to do.
    Fatal(String),
    Findings(Vec<Arc<Finding>>),
    Coverage(Coverage),
    /// No way leads to this place any more, and nothing is known of it that could be shown: its row goes.
    Uncovered(Place, Source),
    /// Nothing is read from AWS: what is read instead, in one sentence that is safe to show.
    Offline(String),
    /// What was not understood in the files that are read in place of AWS: the entries, safe to show, and how many there are in all.
    NotUnderstood {
        entries: Vec<String>,
        count: usize,
    },
    /// Which way was taken to the findings, and why: one or two sentences that are safe to show.
    Way {
        how: String,
        /// Whether there may be accounts or regions that nobody named: a gap that no row stands for.
        may_miss: bool,
    },
    /// Every source was read once more, to its end or as far as it could be.
    Round,
    /// A rule's notification went out, or why it did not.
    RuleDone {
        trouble: Option<String>,
    },
    /// What AWS sent of a finding, or why it cannot be shown; and how many earlier events are kept of an operational incident.
    Evidence {
        key: FindingKey,
        raw: Result<Bytes, String>,
        earlier: usize,
    },
    /// The earlier events of an operational incident, what was sent last first, or why they cannot be listed.
    Earlier {
        key: FindingKey,
        events: Result<Vec<Brief>, String>,
    },
    /// What was sent of one of them, or why it cannot be shown.
    EarlierEvent {
        key: FindingKey,
        digest: u64,
        raw: Result<Bytes, String>,
    },
    /// The answers to `Effect::Read` of this number.
    Read {
        number: u64,
        readings: Vec<Reading>,
    },
    /// What was said beforehand about a plan's permissions.
    Predicted(Box<Prediction>),
    /// A record was written to the journal, here or by another process.
    Recorded(Box<Record>),
    /// The confirmed plan was not begun: nothing was sent.
    ApplyRefused {
        why: Vec<String>,
    },
    /// The plan is record `seq` of the journal and is being applied.
    ApplyBegan {
        seq: u64,
    },
    /// Call number `call` was sent.
    CallSent {
        call: usize,
    },
    /// AWS answered to it.
    CallAnswered {
        call: usize,
        outcome: Outcome,
    },
    /// No more calls will be sent. `trouble` says why it did not come to the plan's end.
    CallsEnded {
        trouble: Option<String>,
    },
    /// What was read back of the plan of record `seq`. Comes again while something is pending, even after other plans began.
    Checked {
        seq: u64,
        checks: Vec<Check>,
        last: bool,
    },
    /// The report was written.
    Reported {
        path: String,
    },
    /// The evidence of an incident lies in files, or why it does not.
    Collected {
        incident: IncidentId,
        result: Result<Gathered, String>,
    },
    /// The organisation's management account, as AWS says.
    Organization(AccountId),
    /// Something asked for did not work.
    Failed(String),
}

//! What reading GuardDuty and reading Security Hub have in common: turns, gaps, and handing over pages.
//!
//! Owns: the words for a gap. Must never: forget one.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc::Sender;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::FeedEvent;
use crate::cloud::capture::Capture;
use crate::cloud::errors::{CallError, ErrorKind};
use crate::cloud::session::Session;
use crate::domain::Time;
use crate::findings::page::BadPage;
use crate::findings::{Place, Seen};

/// How reading a source ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Complete,
    Partial(String),
    Refused(String),
    Disabled(String),
}

/// At most this many gaps are told in one sentence; the others are counted.
const GAPS_TOLD: usize = 3;

/// One source under way.
pub(super) struct Reader {
    pub session: Arc<Session>,
    pub place: Place,
    /// Only what was updated since.
    pub since: Option<Time>,
    /// When the round began.
    pub started: Time,
    limit: Arc<Semaphore>,
    tx: Sender<FeedEvent>,
    gaps: Vec<String>,
    newest: Option<Time>,
}

impl Reader {
    pub fn new(
        session: Arc<Session>,
        place: Place,
        since: Option<Time>,
        started: Time,
        limit: Arc<Semaphore>,
        tx: Sender<FeedEvent>,
    ) -> Self {
        Self {
            session,
            place,
            since,
            started,
            limit,
            tx,
            gaps: Vec::new(),
            newest: None,
        }
    }

    /// Waits for a turn. The semaphore is never closed, and without a turn the call would only be made a little early.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.limit.acquire().await.ok()
    }

    /// Hands over a page.
    pub async fn found(&mut self, findings: Vec<Seen>) {
        self.newest = self
            .newest
            .max(findings.iter().filter_map(|f| f.finding.updated_at).max());
        if !findings.is_empty() {
            // Where nobody listens, the round finds out at its end.
            let _ = self.tx.send(FeedEvent::Findings(findings)).await;
        }
        // Where answers come at once, as from the range, this lets the others read their first page before this one's next.
        tokio::task::yield_now().await;
    }

    /// The newest finding's time.
    pub fn newest(&self) -> Option<Time> {
        self.newest
    }

    /// Notes what did not arrive, and goes on.
    pub fn gap(&mut self, call: &str, page: usize, why: impl std::fmt::Display) {
        let place = self.here();
        self.gaps.push(format!("{place}, {call}, page {page}: {why}"));
    }

    /// The end of a call that failed before anything was read.
    pub fn stopped(&self, page: usize, error: &CallError) -> End {
        let why = format!("{}, page {page}: {error}", self.here());
        match error.kind {
            ErrorKind::Denied => End::Refused(why),
            _ if error.code.as_deref() == Some("SubscriptionRequiredException") => End::Disabled(why),
            _ => End::Partial(why),
        }
    }

    /// How it ended, with the gaps on the way counted in.
    pub fn end(&self, end: End) -> End {
        match end {
            End::Complete if self.gaps.is_empty() => End::Complete,
            End::Complete => End::Partial(self.told(None)),
            End::Partial(why) => End::Partial(self.told(Some(why))),
            // Refused half way: what came before is there, so it is not all refused.
            End::Refused(why) if self.newest.is_some() || !self.gaps.is_empty() => End::Partial(self.told(Some(why))),
            refused_or_disabled => refused_or_disabled,
        }
    }

    fn told(&self, last: Option<String>) -> String {
        let all: Vec<String> = self.gaps.iter().cloned().chain(last).collect();
        let mut told = all.iter().take(GAPS_TOLD).cloned().collect::<Vec<_>>().join("; ");
        if all.len() > GAPS_TOLD {
            let _ = write!(told, "; and {} more gaps", all.len() - GAPS_TOLD);
        }
        told
    }

    fn here(&self) -> String {
        format!("In {} {}", self.place.account, self.place.region)
    }
}

/// Reads a page from the bytes that came. The SDK's own view of it counts only where there is no whole body: a page that
/// the SDK cannot parse may still be read.
pub(super) fn page<P>(
    capture: &Capture,
    failed: Option<CallError>,
    call: &'static str,
    split: impl FnOnce(&Bytes) -> Result<P, BadPage>,
) -> Result<P, CallError> {
    let captured = capture.take();
    match (captured.body, failed) {
        (Some(body), _) if (200..300).contains(&captured.status) => split(&body).map_err(|bad| CallError {
            request_id: captured.request_id,
            ..CallError::malformed(call, bad.to_string())
        }),
        (_, Some(error)) => Err(error),
        (_, None) => Err(CallError::malformed(call, "the answer's body did not arrive")),
    }
}

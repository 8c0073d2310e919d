//! What reading GuardDuty and reading Security Hub have in common: asking within the limits, gaps, and handing over pages.
//!
//! Owns: the words for a gap. Must never: forget one.

use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinError;

use super::known::Known;
use super::memory::Scope;
use super::{FeedEvent, Page};
use crate::cloud::capture::Capture;
use crate::cloud::connect::Cloud;
use crate::cloud::errors::{CallError, ErrorKind};
use crate::cloud::limits::{Rank, Tries, Turn};
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

/// Whether a source that gives its findings finds anything new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Switch {
    On,
    /// It was switched off and keeps what it found, as a suspended detector does.
    Off(String),
    /// It was asked and did not say.
    Unknown(String),
}

/// At most this many gaps are told in one sentence; the others are counted.
const GAPS_TOLD: usize = 3;

/// A call that was sent. Boxed, since the SDK's futures are large.
pub(super) type Sent<'a, P> = Pin<Box<dyn Future<Output = Result<P, CallError>> + Send + 'a>>;

/// How many calls side by side a list is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Width {
    /// There are very many lists, so there are calls enough; more of them would only take longer.
    Narrow,
    /// The first page tells whether the list is long; a long one is read in more parts.
    Wide,
    /// The list is taken for long before its first page is seen, which saves the wait for that page.
    Long,
}

/// One source under way. Its chains share it.
pub(super) struct Reader {
    pub cloud: Arc<Cloud>,
    pub session: Arc<Session>,
    pub place: Place,
    pub scope: Scope,
    /// When the round began.
    pub started: Time,
    pub width: Width,
    /// What was known of the source before this round.
    pub known: Known,
    pub tx: Sender<FeedEvent>,
    pub told: Mutex<Told>,
}

/// What was found on the way.
pub(super) struct Told {
    gaps: Vec<String>,
    any: bool,
    known: Known,
    /// Absent where it was not asked.
    switch: Option<Switch>,
}

impl Told {
    /// A full reading finds out anew what is newest; a refresh adds to what is known.
    pub fn new(known: Known) -> Self {
        Self {
            gaps: Vec::new(),
            any: false,
            known,
            switch: None,
        }
    }
}

impl Reader {
    /// Makes a call within the limits, again where that may help. The turn that comes with the answer is to be held as long as
    /// the answer's memory is, which bounds how much of it there is.
    pub async fn ask<'a, P>(
        &self,
        call: &'static str,
        rank: Rank,
        units: usize,
        send: impl Fn() -> Sent<'a, P>,
    ) -> Result<(P, Turn), CallError> {
        let mut tries = Tries::new(self.cloud.options.attempts);
        let Place { account, region } = &self.place;
        loop {
            let turn = self.cloud.limits.feed(*account, region, call, rank, units).await;
            let error = match send().await {
                Ok(answer) => {
                    turn.taken();
                    return Ok((answer, turn));
                }
                Err(error) => error,
            };
            if error.kind == ErrorKind::Throttled {
                turn.throttled();
            }
            drop(turn);
            match tries.pause(error.kind) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(self.session.placed(error, region)),
            }
        }
    }

    /// Hands over a page, and its turn with it, which ends when whoever listens has taken it in.
    pub async fn found(&self, findings: Vec<Seen>, turn: Turn) {
        self.with(|told| {
            for seen in &findings {
                told.known.add(&seen.finding);
            }
            told.any |= !findings.is_empty();
        });
        if !findings.is_empty() {
            // Where nobody listens, the round finds out at its end.
            let _ = self.tx.send(FeedEvent::Findings(Page::read(findings, turn))).await;
        }
        // Where answers come at once, as from the range, this lets the others read their first page before this one's next.
        tokio::task::yield_now().await;
    }

    /// Corrects what is known.
    pub fn learn(&self, change: impl FnOnce(&mut Known)) {
        self.with(|told| change(&mut told.known));
    }

    /// Notes what did not arrive, and goes on. `page` says which page of what.
    pub fn gap(&self, call: &str, page: &str, why: impl std::fmt::Display) {
        let gap = format!("{}, {call}, {page}: {why}", self.here());
        self.with(|told| told.gaps.push(gap));
    }

    /// Notes whether it is switched on. Of several detectors the one that finds nothing counts.
    pub fn switched(&self, switch: Switch) {
        self.with(|told| {
            if told.switch.is_none() || switch != Switch::On {
                told.switch = Some(switch);
            }
        });
    }

    /// Whether it is switched on, where that was asked.
    pub fn switch(&self) -> Option<Switch> {
        self.with(|told| told.switch.take())
    }

    /// Notes that a task of this source did not end by itself.
    pub fn cut_short(&self, ended: Result<(), JoinError>) {
        if let Err(error) = ended {
            let gap = format!("{}: reading was cut short: {error}", self.here());
            self.with(|told| told.gaps.push(gap));
        }
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

    /// How it ended, with the gaps on the way counted in, and what is the newest of it now.
    pub fn end(&self, end: End) -> (End, Known) {
        self.with(|told| {
            let end = match end {
                End::Complete if told.gaps.is_empty() => End::Complete,
                End::Complete => End::Partial(told.gaps_told(None)),
                End::Partial(why) => End::Partial(told.gaps_told(Some(&why))),
                // Refused half way: what came before is there, so it is not all refused.
                End::Refused(why) if told.any || !told.gaps.is_empty() => End::Partial(told.gaps_told(Some(&why))),
                refused_or_disabled => refused_or_disabled,
            };
            (end, told.known.clone())
        })
    }

    fn with<T>(&self, change: impl FnOnce(&mut Told) -> T) -> T {
        change(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn here(&self) -> String {
        format!("In {} {}", self.place.account, self.place.region)
    }
}

impl Told {
    fn gaps_told(&self, last: Option<&String>) -> String {
        let all: Vec<&String> = self.gaps.iter().chain(last).collect();
        let first: Vec<&str> = all.iter().take(GAPS_TOLD).map(|gap| gap.as_str()).collect();
        let mut told = first.join("; ");
        if all.len() > GAPS_TOLD {
            let _ = write!(told, "; and {} more gaps", all.len() - GAPS_TOLD);
        }
        told
    }
}

/// Reads a page from the bytes that came.
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

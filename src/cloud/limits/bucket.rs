//! One operation's tokens in one account and region.
//!
//! Owns: who draws next, and the rate that AWS was seen to bear. Must never: give two tokens for one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Rank;
use super::quota::Quota;

/// A rate is never halved below this: calls a second.
const SLOWEST: f64 = 0.2;
/// Calls that were under way together are throttled together; within this time they count as one.
const ONE_THROTTLING: Duration = Duration::from_secs(1);
/// Each call that AWS takes gives this part of the full rate back.
const CREEP: f64 = 0.05;
/// What the feed leaves of the tokens for the responder, and never more than this part of the burst.
const KEPT: f64 = 1.0;

#[derive(Debug)]
pub(super) struct Bucket {
    quota: Quota,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    rate: f64,
    tokens: f64,
    filled: Instant,
    halved: Option<Instant>,
    waiting: BTreeMap<Place, Arc<Notify>>,
    came: u64,
}

/// A place in the queue: by rank, then by who came first.
type Place = (Rank, u64);

/// Holds a place, and gives it up when it is dropped, so that a caller that goes away holds up nobody.
struct Waiting<'b> {
    bucket: &'b Bucket,
    place: Place,
    woken: Arc<Notify>,
}

impl Bucket {
    pub fn new(quota: Quota) -> Self {
        Self {
            quota,
            inner: Mutex::new(Inner {
                rate: quota.rate,
                tokens: quota.burst,
                filled: Instant::now(),
                halved: None,
                waiting: BTreeMap::new(),
                came: 0,
            }),
        }
    }

    /// How many tokens the feed leaves for the responder.
    pub fn kept(&self) -> f64 {
        KEPT.min(self.quota.burst / 4.0)
    }

    /// Takes a token as soon as there is one and nobody stands before, leaving `keep` behind.
    pub async fn draw(&self, rank: Rank, keep: f64) {
        let waiting = self.queue(rank);
        loop {
            match self.attempt(waiting.place, keep) {
                Attempt::Drawn => return,
                Attempt::NotFirst => waiting.woken.notified().await,
                // Somebody of a better rank may come meanwhile; then it is no longer this one's turn.
                Attempt::In(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    pub fn throttled(&self) {
        let now = Instant::now();
        self.with(|inner| {
            if inner.halved.is_some_and(|at| now.duration_since(at) < ONE_THROTTLING) {
                return;
            }
            inner.fill(now, self.quota);
            inner.halved = Some(now);
            inner.rate = (inner.rate / 2.0).max(SLOWEST);
            inner.tokens = inner.tokens.min(0.0);
        });
    }

    pub fn taken(&self) {
        self.with(|inner| {
            if inner.rate < self.quota.rate {
                inner.fill(Instant::now(), self.quota);
                inner.rate = (inner.rate + self.quota.rate * CREEP).min(self.quota.rate);
            }
        });
    }

    fn queue(&self, rank: Rank) -> Waiting<'_> {
        let woken = Arc::new(Notify::new());
        let place = self.with(|inner| {
            inner.came += 1;
            let place = (rank, inner.came);
            inner.waiting.insert(place, Arc::clone(&woken));
            place
        });
        Waiting {
            bucket: self,
            place,
            woken,
        }
    }

    fn attempt(&self, place: Place, keep: f64) -> Attempt {
        self.with(|inner| {
            if inner
                .waiting
                .first_key_value()
                .is_some_and(|(first, _)| *first != place)
            {
                return Attempt::NotFirst;
            }
            inner.fill(Instant::now(), self.quota);
            let missing = 1.0 + keep - inner.tokens;
            // Sums of tenths are not exact; a token that lacks a millionth is there.
            if missing <= 1e-6 {
                inner.tokens -= 1.0;
                return Attempt::Drawn;
            }
            // At least a millisecond, which is the clock's grain.
            Attempt::In(Duration::from_secs_f64(missing / inner.rate).max(Duration::from_millis(1)))
        })
    }

    fn with<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

enum Attempt {
    Drawn,
    NotFirst,
    In(Duration),
}

impl Inner {
    fn fill(&mut self, now: Instant, quota: Quota) {
        let passed = now.duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.tokens = (self.tokens + passed * self.rate).min(quota.burst);
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.bucket.with(|inner| {
            inner.waiting.remove(&self.place);
            if let Some((_, next)) = inner.waiting.first_key_value() {
                next.notify_one();
            }
        });
    }
}

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
use super::tokens::Tokens;

/// What the feed leaves of the tokens for the responder, and never more than this part of the burst.
const KEPT: f64 = 1.0;

#[derive(Debug)]
pub(super) struct Bucket {
    kept: f64,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    tokens: Tokens,
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

enum Attempt {
    Drawn,
    NotFirst,
    In(Duration),
}

impl Bucket {
    pub fn new(quota: Quota) -> Self {
        Self {
            kept: KEPT.min(quota.burst / 4.0),
            inner: Mutex::new(Inner {
                tokens: Tokens::full(quota, Instant::now().into_std()),
                waiting: BTreeMap::new(),
                came: 0,
            }),
        }
    }

    /// How many tokens the feed leaves for the responder.
    pub fn kept(&self) -> f64 {
        self.kept
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
        self.with(|inner| inner.tokens.throttled(Instant::now().into_std()));
    }

    pub fn taken(&self) {
        self.with(|inner| inner.tokens.taken(Instant::now().into_std()));
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
            match inner.tokens.draw(Instant::now().into_std(), keep) {
                Ok(()) => Attempt::Drawn,
                Err(wait) => Attempt::In(wait),
            }
        })
    }

    fn with<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
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

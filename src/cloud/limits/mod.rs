//! How many requests are made, and when: a rate for each account, region and operation, and a bound on all that are under way.
//!
//! Owns: the buckets, the gates and the pauses before a further try. Must never: let what the responder does now wait behind the
//! feed. It has a gate of its own, it is first at every bucket, and the feed leaves tokens for it.

mod bucket;
mod expected;
mod gate;
mod quota;
mod tokens;
mod tries;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::{AccountId, Region};

use bucket::Bucket;
pub(super) use expected::{Expected, Weight};
use gate::{Gate, Permit};
pub(super) use quota::READS;
pub(super) use tries::Tries;

/// What the feed may have under way, in units of memory: about 4 KiB each, so 48 MiB at the worst.
const FEED_UNITS: usize = 12_288;
/// How many calls the responder may have under way.
const URGENT_CALLS: usize = 64;

/// What a call costs at least, however little it asks for: at most 1,024 calls of the feed are under way. With fewer the processor
/// waits for answers while thousands of accounts and regions are read; with more the calls only take memory.
pub(super) const LEAST: usize = 12;

/// Who goes first where calls have to wait: the lower one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Rank(pub u8);

impl Rank {
    /// What the responder waits for.
    const URGENT: Self = Self(0);
    /// The feed's findings whose ids are known and which are, or may be, among the worst.
    pub const FOUND: Self = Self(1);
    /// What leads to findings and has none: a detector, and its first ids. Two more calls wait for the one and one for the other, so in
    /// a large organisation everything ends when the last of these chains does.
    pub const LEAD: Self = Self(2);
    /// The first page of a source, which holds its worst.
    pub const FIRST: Self = Self(3);
    /// Pages after the first, from the worst on: `later(0)` is critical.
    pub fn later(band: u8) -> Self {
        Self(4_u8.saturating_add(band))
    }
    /// Findings whose ids are known and which are not among the worst. They come after every page of ids: a page of ids is small and
    /// the next one waits for it, so a list that stands still costs more time than findings that come a moment later.
    pub const LESS: Self = Self(u8::MAX - 1);
    /// What is no finding and leads to none: it waits until little else is under way.
    pub const LAST: Self = Self(u8::MAX);
}

/// Which bucket a call draws from.
type Key = (AccountId, Region, &'static str);

/// All limits of one way into AWS.
#[derive(Debug)]
pub(super) struct Limits {
    feed: Gate,
    urgent: Gate,
    /// What the first page of a hub weighs.
    pub first_page: Expected,
    /// What a finding of `GuardDuty`, and of Security Hub, weighs.
    pub guardduty: Weight,
    pub securityhub: Weight,
    buckets: Mutex<HashMap<Key, Arc<Bucket>>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            feed: Gate::new(FEED_UNITS),
            urgent: Gate::new(URGENT_CALLS),
            first_page: Expected::default(),
            guardduty: Weight::default(),
            securityhub: Weight::default(),
            buckets: Mutex::default(),
        }
    }
}

/// Leave to make one call, until it is dropped. Held on while the answer's memory is held.
#[derive(Debug)]
pub(super) struct Turn {
    bucket: Arc<Bucket>,
    _permit: Permit,
}

impl Turn {
    /// AWS throttled the call: the bucket's rate is halved.
    pub fn throttled(&self) {
        self.bucket.throttled();
    }

    /// AWS took the call: a rate that was lowered creeps back.
    pub fn taken(&self) {
        self.bucket.taken();
    }
}

impl Limits {
    /// Waits for leave to make a call of the feed. `call` is its IAM name; `units` is about what its answer weighs.
    pub async fn feed(
        &self,
        account: AccountId,
        region: &Region,
        call: &'static str,
        rank: Rank,
        units: usize,
    ) -> Turn {
        let bucket = self.bucket(account, region, call);
        bucket.draw(rank, bucket.kept()).await;
        let permit = self.feed.enter(rank, units.max(LEAST)).await;
        Turn {
            bucket,
            _permit: permit,
        }
    }

    /// Waits for leave to make a call that the responder waits for.
    pub async fn urgent(&self, account: AccountId, region: &Region, call: &'static str) -> Turn {
        let bucket = self.bucket(account, region, call);
        bucket.draw(Rank::URGENT, 0.0).await;
        let permit = self.urgent.enter(Rank::URGENT, 1).await;
        Turn {
            bucket,
            _permit: permit,
        }
    }

    fn bucket(&self, account: AccountId, region: &Region, call: &'static str) -> Arc<Bucket> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets
            .entry((account, region.clone(), call))
            .or_insert_with(|| Arc::new(Bucket::new(quota::of(call))));
        Arc::clone(bucket)
    }
}

#[cfg(test)]
mod tests;

//! How often a caller may ask: a token bucket for each account, region and operation, as AWS keeps them.
//!
//! Owns: the buckets and the clock that fills them. The numbers stand in `numbers`. Must never: read the world's clock, which a
//! drill may run faster than life, or throttle where nobody asked for quotas.

mod numbers;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::services::Service;
use crate::domain::{AccountId, Region};

pub use numbers::Limit;

/// AWS's quotas on requests, and the time that they run on.
#[derive(Clone)]
pub struct Quotas(Arc<dyn Fn() -> Duration + Send + Sync>);

impl fmt::Debug for Quotas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Quotas")
    }
}

impl Quotas {
    /// On the real, monotonic clock, however fast the drill's own clock runs.
    pub fn real() -> Self {
        let anchor = Instant::now();
        Self::on(move || anchor.elapsed())
    }

    /// On a clock that the caller moves: it gives the time since some fixed moment and never goes back.
    pub fn on(clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(clock))
    }
}

/// What a bucket is for: the caller's account, the region, the service, and the operation or the group that it shares with others.
type Key = (AccountId, Region, &'static str, String);

/// The buckets that have been drawn from.
#[derive(Debug)]
pub struct Buckets {
    quotas: Quotas,
    drawn: HashMap<Key, Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Duration,
}

impl Buckets {
    /// Full ones.
    pub fn new(quotas: Quotas) -> Self {
        Self {
            quotas,
            drawn: HashMap::new(),
        }
    }

    /// Takes a token for a call; false where there is none, which the caller hears as throttling.
    pub fn take(
        &mut self,
        service: &Service,
        operation: &str,
        params: &Value,
        account: AccountId,
        region: &Region,
    ) -> bool {
        let Some((group, limit)) = numbers::limit(service, operation, params) else {
            return true;
        };
        let now = (self.quotas.0)();
        let bucket = self
            .drawn
            .entry((account, region.clone(), service.name, group.to_owned()))
            .or_insert(Bucket {
                tokens: limit.burst,
                filled: now,
            });
        let since = now.saturating_sub(bucket.filled).as_secs_f64();
        bucket.filled = bucket.filled.max(now);
        bucket.tokens = (bucket.tokens + since * limit.rate).min(limit.burst);
        // A hair below one counts as one, so that a third of a second at three a second is a token whatever floats make of it.
        if bucket.tokens < 1.0 - 1e-6 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use serde_json::json;

    use super::*;
    use crate::range::services::by_name;

    struct Bench {
        buckets: Buckets,
        clock: Arc<AtomicU64>,
    }

    impl Bench {
        fn new() -> Self {
            let clock = Arc::new(AtomicU64::new(0));
            let reads = Arc::clone(&clock);
            let quotas = Quotas::on(move || Duration::from_millis(reads.load(Ordering::SeqCst)));
            Self {
                buckets: Buckets::new(quotas),
                clock,
            }
        }

        /// How many of 100 calls at once go through.
        fn pass(&mut self, service: &str, operation: &str, account: &str, region: &str) -> usize {
            let service = by_name(service).unwrap();
            let (account, region): (AccountId, Region) = (account.parse().unwrap(), region.parse().unwrap());
            (0..100)
                .filter(|_| self.buckets.take(service, operation, &json!({}), account, &region))
                .count()
        }

        fn wait(&self, milliseconds: u64) {
            self.clock.fetch_add(milliseconds, Ordering::SeqCst);
        }
    }

    const ONE: &str = "111111111111";
    const TWO: &str = "222222222222";

    #[test]
    fn a_burst_then_the_rate_and_never_more_than_the_bucket_holds() {
        let mut bench = Bench::new();
        let pass = |bench: &mut Bench| bench.pass("securityhub", "GetFindings", ONE, "us-east-1");
        assert_eq!(pass(&mut bench), 6);
        bench.wait(333);
        assert_eq!(pass(&mut bench), 0);
        bench.wait(1);
        assert_eq!(pass(&mut bench), 1);
        bench.wait(1000);
        assert_eq!(pass(&mut bench), 3);
        bench.wait(3_600_000);
        assert_eq!(pass(&mut bench), 6);
    }

    #[test]
    fn accounts_regions_and_operations_have_buckets_of_their_own() {
        let mut bench = Bench::new();
        for (account, region) in [(ONE, "us-east-1"), (TWO, "us-east-1"), (ONE, "eu-west-1")] {
            assert_eq!(bench.pass("securityhub", "GetFindings", account, region), 6);
        }
        assert_eq!(bench.pass("securityhub", "BatchUpdateFindings", ONE, "us-east-1"), 30);
        assert_eq!(bench.pass("securityhub", "GetFindings", ONE, "us-east-1"), 0);
    }

    #[test]
    fn sts_has_one_bucket_for_its_operations_together() {
        let mut bench = Bench::new();
        let passed: usize = (0..5)
            .map(|_| bench.pass("sts", "AssumeRole", ONE, "us-east-1"))
            .sum::<usize>()
            + bench.pass("sts", "GetCallerIdentity", ONE, "us-east-1")
            + bench.pass("sts", "GetCallerIdentity", ONE, "us-east-1");
        assert_eq!(passed, 600);
    }
}

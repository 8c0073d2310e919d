//! The arithmetic of a bucket: what there is at a time that is given.
//!
//! Owns: the rate that AWS was seen to bear. Must never: look at a clock, or give two tokens for one.

use std::time::{Duration, Instant};

use super::quota::Quota;

/// A rate is never halved below this: calls a second.
const SLOWEST: f64 = 0.2;
/// Calls that were under way together are throttled together; within this time they count as one.
const ONE_THROTTLING: Duration = Duration::from_secs(1);
/// Each call that AWS takes gives this part of the full rate back.
const CREEP: f64 = 0.05;

#[derive(Debug)]
pub(super) struct Tokens {
    quota: Quota,
    rate: f64,
    there: f64,
    filled: Instant,
    halved: Option<Instant>,
}

impl Tokens {
    pub fn full(quota: Quota, now: Instant) -> Self {
        Self {
            quota,
            rate: quota.rate,
            there: quota.burst,
            filled: now,
            halved: None,
        }
    }

    /// Takes one and leaves `keep`, or says when to ask again.
    pub fn draw(&mut self, now: Instant, keep: f64) -> Result<(), Duration> {
        self.fill(now);
        let missing = 1.0 + keep - self.there;
        // Sums of tenths are not exact; a token that lacks a millionth is there.
        if missing <= 1e-6 {
            self.there -= 1.0;
            return Ok(());
        }
        // At least a millisecond, which is the grain of the clock that is waited by.
        Err(Duration::from_secs_f64(missing / self.rate).max(Duration::from_millis(1)))
    }

    /// AWS refused a call: half the rate, and no burst until it has filled up again.
    pub fn throttled(&mut self, now: Instant) {
        self.fill(now);
        if self.halved.is_some_and(|at| now.duration_since(at) < ONE_THROTTLING) {
            return;
        }
        self.halved = Some(now);
        self.rate = (self.rate / 2.0).max(SLOWEST);
        self.there = self.there.min(0.0);
    }

    /// AWS took a call: a rate that was lowered creeps back.
    pub fn taken(&mut self, now: Instant) {
        if self.rate < self.quota.rate {
            self.fill(now);
            self.rate = (self.rate + self.quota.rate * CREEP).min(self.quota.rate);
        }
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.there = (self.there + passed * self.rate).min(self.quota.burst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUB: Quota = Quota { rate: 3.0, burst: 6.0 };

    /// A clock that is moved by hand.
    struct Bench {
        tokens: Tokens,
        now: Instant,
    }

    impl Bench {
        fn new() -> Self {
            let now = Instant::now();
            Self {
                tokens: Tokens::full(HUB, now),
                now,
            }
        }

        /// How many are drawn in so many seconds by one who asks again when it is told to.
        fn drawn(&mut self, seconds: u64, keep: f64) -> usize {
            let until = self.now + Duration::from_secs(seconds);
            let mut drawn = 0;
            loop {
                match self.tokens.draw(self.now, keep) {
                    Ok(()) => drawn += 1,
                    Err(wait) if self.now + wait > until => {
                        self.now = until;
                        return drawn;
                    }
                    Err(wait) => self.now += wait,
                }
            }
        }
    }

    #[test]
    fn never_more_than_the_quota_and_one_is_left() {
        let mut bench = Bench::new();
        // Five of the burst of six, then three a second; the last one of ten seconds may fall just behind them.
        let first = bench.drawn(10, 1.0);
        assert!((34..=35).contains(&first), "{first}");
        let all = first + bench.drawn(10, 1.0);
        assert!((64..=65).contains(&all), "{all}");
        assert_eq!(bench.tokens.draw(bench.now, 0.0), Ok(()), "the one that was kept");
    }

    #[test]
    fn throttling_halves_the_rate_and_success_gives_it_back() {
        let mut bench = Bench::new();
        bench.drawn(5, 0.0);
        for _ in 0..3 {
            // Three at once are one throttling.
            bench.tokens.throttled(bench.now);
        }
        let halved = bench.drawn(10, 0.0);
        assert!((14..=15).contains(&halved), "{halved}");
        for _ in 0..10 {
            bench.tokens.taken(bench.now);
        }
        let back = bench.drawn(10, 0.0);
        assert!((29..=31).contains(&back), "{back}");
        for _ in 0..40 {
            bench.now += Duration::from_secs(2);
            bench.tokens.throttled(bench.now);
        }
        let slowest = bench.drawn(60, 0.0);
        assert!((11..=12).contains(&slowest), "it never stops altogether: {slowest}");
    }
}

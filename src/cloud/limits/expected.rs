//! What an answer is expected to weigh, as far as the ones before it tell.
//!
//! Owns: the estimate. Must never: expect nothing, so that answers without bound are under way.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::LEAST;

/// Before anything is known: between an empty hub and a full page.
const UNKNOWN: usize = 32;
/// What is remembered of the answers before: seven parts in eight.
const INERTIA: usize = 8;
/// So many findings make a full page.
const PAGE: usize = 50;

/// An estimate in units of the gate. A hub may hold nothing or thousands, and of an organisation's hubs either most are small or,
/// for an administrator, most are large; so the first answers tell what the next ones weigh.
#[derive(Debug)]
pub(in crate::cloud) struct Expected(AtomicUsize);

impl Default for Expected {
    fn default() -> Self {
        // Kept in parts of a unit, so that small answers move it too.
        Self(AtomicUsize::new(UNKNOWN * INERTIA))
    }
}

impl Expected {
    /// What the next answer may weigh.
    pub fn units(&self) -> usize {
        (self.0.load(Ordering::Relaxed) / INERTIA).max(LEAST)
    }

    /// An answer weighed this much.
    pub fn learn(&self, units: usize) {
        // Two that learn at once may forget one of them, which only makes the estimate a little older.
        let before = self.0.load(Ordering::Relaxed);
        self.0.store(before - before / INERTIA + units, Ordering::Relaxed);
    }
}

/// Bytes in a unit of the gate.
const UNIT: usize = 4096;
/// What a finding weighs before any was seen: twice the usual one.
const UNSEEN: usize = 2 * UNIT;

/// What a finding of one source weighs, in bytes, as far as those before it tell.
#[derive(Debug)]
pub(in crate::cloud) struct Weight(AtomicUsize);

impl Default for Weight {
    fn default() -> Self {
        Self(AtomicUsize::new(UNSEEN))
    }
}

impl Weight {
    /// The units that so many findings may weigh: a quarter more than those before them, for some are large.
    pub fn units(&self, findings: usize) -> usize {
        let bytes = self.0.load(Ordering::Relaxed);
        (findings * (bytes + bytes / 4)).div_ceil(UNIT)
    }

    /// So many findings weighed so many bytes. A page of few says little, so it counts for little.
    pub fn learn(&self, findings: usize, bytes: usize) {
        if findings == 0 {
            return;
        }
        let before = self.0.load(Ordering::Relaxed);
        let counts = findings.min(PAGE);
        let after = (before * (INERTIA * PAGE - counts) + bytes / findings * counts) / (INERTIA * PAGE);
        self.0.store(after, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_weighs_what_those_before_it_did_and_a_quarter_more() {
        let weight = Weight::default();
        assert_eq!(weight.units(50), 125, "before any was seen");
        for _ in 0..100 {
            weight.learn(50, 50 * UNIT);
        }
        assert!((62..=63).contains(&weight.units(50)), "{}", weight.units(50));
        weight.learn(0, 0);
        weight.learn(1, 100 * UNIT);
        assert!(weight.units(50) < 100, "one large finding alone: {}", weight.units(50));
        for _ in 0..100 {
            weight.learn(50, 50 * 10 * UNIT);
        }
        assert!(weight.units(50) > 600, "{}", weight.units(50));
    }

    #[test]
    fn it_follows_what_it_is_told_and_never_expects_nothing() {
        let expected = Expected::default();
        assert_eq!(expected.units(), UNKNOWN);
        for _ in 0..100 {
            expected.learn(0);
        }
        assert_eq!(expected.units(), LEAST);
        for _ in 0..100 {
            expected.learn(200);
        }
        assert!((190..=200).contains(&expected.units()), "{}", expected.units());
    }
}

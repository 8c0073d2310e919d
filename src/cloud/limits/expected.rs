//! What an answer is expected to weigh, as far as the ones before it tell.
//!
//! Owns: the estimate. Must never: expect nothing, so that answers without bound are under way.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::LEAST;

/// Before anything is known: between an empty hub and a full page.
const UNKNOWN: usize = 32;
/// What is remembered of the answers before: seven parts in eight.
const INERTIA: usize = 8;

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

#[cfg(test)]
mod tests {
    use super::*;

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

//! Which findings are there in versions of which nothing tells the later one.
//!
//! Owns: their slots; there are few, and only from files. Must never: go on doubting what a later version has settled.

use std::collections::BTreeSet;

use super::{Index, Slot};
use crate::findings::FindingKey;
use crate::findings::version::Version;

#[derive(Clone, Debug, Default)]
pub(super) struct Undecided(BTreeSet<Slot>);

impl Undecided {
    /// Notes whether two versions leave open which is the later one. One that is later for certain settles it.
    pub fn note(&mut self, slot: Slot, new: &Version, held: &Version) {
        if new.is_undecided(held) {
            self.0.insert(slot);
        } else if new.digest != held.digest && held.is_older_than(new) {
            self.0.remove(&slot);
        }
    }
}

impl Index {
    /// Whether nothing tells which version of a finding is the later one (`version::UNDECIDED`).
    #[must_use]
    pub fn is_undecided(&self, key: &FindingKey) -> bool {
        !self.undecided.0.is_empty() && self.slot_of(key).is_some_and(|slot| self.undecided.0.contains(&slot))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Severity, Time};
    use crate::findings::{Finding, samples};

    fn entry(tenths: u8, second: i64) -> Arc<Finding> {
        let mut finding = samples::finding();
        finding.severity = Severity::from_score(f64::from(tenths) / 10.0);
        finding.updated_at = Time::from_second(second).ok();
        finding.is_dated = true;
        finding.digest = u64::from(tenths);
        Arc::new(finding)
    }

    #[test]
    fn of_two_entries_of_one_time_the_worse_one_is_there_with_a_doubt_until_a_later_one_comes() {
        for (first, last) in [(20, 80), (80, 20)] {
            let mut index = Index::new();
            let key = entry(first, 5).key();
            index.insert(entry(first, 5));
            index.insert(entry(first, 5));
            assert!(!index.is_undecided(&key), "the same twice");
            index.insert(entry(last, 5));
            assert_eq!(index.get(&key).map(|held| held.severity.tenths()), Some(80));
            assert!(index.is_undecided(&key));
            index.insert(entry(30, 6));
            assert!(!index.is_undecided(&key));
            assert_eq!(index.get(&key).map(|held| held.severity.tenths()), Some(30));
        }
    }
}

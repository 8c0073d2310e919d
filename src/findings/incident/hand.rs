//! What people split and merged by hand.
//!
//! Owns: what a history of splits and merges adds up to. Must never: depend on which findings have arrived yet.

use std::collections::{BTreeMap, BTreeSet};

use crate::findings::FindingKey;

/// The result of every split and merge so far. Each step is taken in the journal's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hand {
    /// Findings that were split off, by the number of the split. They share only with those of the same split.
    cells: BTreeMap<FindingKey, u16>,
    /// Pairs that are one incident because somebody said so.
    pairs: BTreeSet<(FindingKey, FindingKey)>,
    /// The findings of these pairs, those of former ones too.
    tied: BTreeSet<FindingKey>,
    splits: u16,
}

impl Hand {
    /// These findings are an incident of their own. What held them to others by hand holds no more.
    pub fn split(&mut self, findings: &[FindingKey]) {
        let off: BTreeSet<&FindingKey> = findings.iter().collect();
        self.pairs.retain(|(a, b)| off.contains(a) == off.contains(b));
        self.splits = self.splits.saturating_add(1);
        for key in findings {
            self.cells.insert(key.clone(), self.splits);
        }
        self.tie(findings);
    }

    /// The incidents that hold these findings are one from now on.
    pub fn merge(&mut self, findings: &[FindingKey]) {
        self.tie(findings);
    }

    fn tie(&mut self, findings: &[FindingKey]) {
        for pair in findings.windows(2) {
            if let [a, b] = pair
                && a != b
            {
                self.pairs.insert((a.clone(), b.clone()));
                self.tied.extend([a.clone(), b.clone()]);
            }
        }
    }

    /// Whether nothing was split or merged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.pairs.is_empty()
    }

    /// Whether it speaks of this finding.
    pub(super) fn knows(&self, key: &FindingKey) -> bool {
        self.cells.contains_key(key) || self.tied.contains(key)
    }

    /// The findings that were split off, with the number of their split.
    pub(super) fn cells(&self) -> impl Iterator<Item = (&FindingKey, u16)> {
        self.cells.iter().map(|(key, cell)| (key, *cell))
    }

    /// The pairs that are one incident.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&FindingKey, &FindingKey)> {
        self.pairs.iter().map(|(a, b)| (a, b))
    }
}

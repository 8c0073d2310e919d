//! What a hand and the journal do to groups that are there.

use std::collections::{BTreeSet, HashMap};

use crate::findings::FindingKey;
use crate::findings::index::{Finder, Index, Slot};

use super::group::Groups;
use super::hand::Hand;
use super::reasons::links;

impl Groups {
    /// Takes the place of everything that was split and merged by hand. The next `settle` follows it.
    pub fn set_hand(&mut self, hand: Hand) {
        self.hand = hand;
        (self.unresolved, self.by_hand) = (true, true);
    }

    /// Works out which of the findings that are here the hand speaks of. The groups of those that it moves are made again.
    pub(super) fn resolve(&mut self, index: &Index) {
        let finder = Finder::new(index);
        let found = |key: &FindingKey| finder.slot_of(key).filter(|slot| (*slot as usize) < self.of.len());
        let cells: HashMap<Slot, u16> = self
            .hand
            .cells()
            .filter_map(|(key, cell)| Some((found(key)?, cell)))
            .collect();
        let mut pairs: HashMap<Slot, Vec<Slot>> = HashMap::new();
        for (a, b) in self.hand.pairs() {
            if let (Some(a), Some(b)) = (found(a), found(b)) {
                pairs.entry(a).or_default().push(b);
                pairs.entry(b).or_default().push(a);
            }
        }
        let every = cells
            .keys()
            .chain(self.cells.keys())
            .chain(pairs.keys())
            .chain(self.pairs.keys());
        let every: BTreeSet<Slot> = every.copied().collect();
        for slot in every {
            if cells.get(&slot) != self.cells.get(&slot) || pairs.get(&slot) != self.pairs.get(&slot) {
                // What it shared in its old cell, it shares no more.
                let old = links(index.at(slot), self.cell(slot));
                self.stale.entry(self.of(slot)).or_default().extend(old);
            }
        }
        self.cells = cells;
        self.pairs = pairs;
    }
}

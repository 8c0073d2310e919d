//! The names that the journal gave to incidents.
//!
//! Owns: which finding each name stands on, so that the incident that holds the finding keeps the name. Must never: forget a name
//! because its finding has not come yet.

use std::collections::{BTreeMap, HashMap};

use crate::domain::IncidentId;
use crate::findings::FindingKey;
use crate::findings::index::Slot;

/// Names by their order in the journal.
type Given = BTreeMap<u64, IncidentId>;

/// Every name that the journal gave.
#[derive(Clone, Debug, Default)]
pub struct Names {
    at: HashMap<Slot, Given>,
    waiting: HashMap<FindingKey, Given>,
    slots: HashMap<IncidentId, Slot>,
}

impl Names {
    /// A name for a finding that is here.
    pub fn give(&mut self, slot: Slot, order: u64, id: IncidentId) {
        self.slots.insert(id.clone(), slot);
        self.at.entry(slot).or_default().insert(order, id);
    }

    /// A name for a finding that may come.
    pub fn wait(&mut self, finding: FindingKey, order: u64, id: IncidentId) {
        self.waiting.entry(finding).or_default().insert(order, id);
    }

    /// Whether a finding is waited for.
    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The finding of this key has come. Returns the names that it has from now on.
    pub fn came(&mut self, key: &FindingKey, slot: Slot) -> Vec<(u64, IncidentId)> {
        let given: Vec<(u64, IncidentId)> = self.waiting.remove(key).into_iter().flatten().collect();
        for (order, id) in &given {
            self.give(slot, *order, id.clone());
        }
        given
    }

    /// The names that stand on this finding, with their order in the journal.
    pub fn on(&self, slot: Slot) -> impl Iterator<Item = (u64, IncidentId)> {
        let given = self.at.get(&slot).into_iter().flatten();
        given.map(|(order, id)| (*order, id.clone()))
    }

    /// Where the finding of a name is.
    pub fn slot(&self, id: &str) -> Option<Slot> {
        self.slots.get(id).copied()
    }

    /// The names that stand on any of these findings, the oldest first, each once.
    pub fn of(&self, slots: &[Slot]) -> Vec<&IncidentId> {
        if self.at.is_empty() {
            return Vec::new();
        }
        let own = slots.iter().filter_map(|slot| self.at.get(slot)).flatten();
        let by_order: BTreeMap<u64, &IncidentId> = own.map(|(order, id)| (*order, id)).collect();
        let mut names: Vec<&IncidentId> = Vec::new();
        for id in by_order.into_values() {
            if !names.contains(&id) {
                names.push(id);
            }
        }
        names
    }
}

//! Looking up many keys, some of them as old journals wrote them.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::{Index, Slot};
use crate::findings::{FindingKey, Source};

/// Looks up keys one after the other. Those without a product cost one look at every finding, and not one each.
#[derive(Debug)]
pub struct Finder<'a> {
    index: &'a Index,
    bare: OnceCell<HashMap<FindingKey, Slot>>,
}

impl<'a> Finder<'a> {
    /// In this index.
    #[must_use]
    pub fn new(index: &'a Index) -> Self {
        Self {
            index,
            bare: OnceCell::new(),
        }
    }

    /// What `Index::slot_of` gives.
    #[must_use]
    pub fn slot_of(&self, key: &FindingKey) -> Option<Slot> {
        let known = self.index.slot_of_known(key);
        if known.is_some() || key.source != Source::SecurityHub || key.product.is_some() {
            return known;
        }
        self.bare.get_or_init(|| self.without_products()).get(key).copied()
    }

    fn without_products(&self) -> HashMap<FindingKey, Slot> {
        let mut all = HashMap::new();
        for (slot, finding) in (0..).zip(self.index.iter()) {
            if finding.source == Source::SecurityHub {
                all.entry(finding.key().without_product()).or_insert(slot);
            }
        }
        all
    }
}

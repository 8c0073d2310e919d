//! Which findings are in one incident, kept up to date finding by finding.
//!
//! Owns: the groups. A finding that comes new or whose activity grows can only join groups; that is done at once, by the stretches
//! of time of each thing that it shares. A finding that lets go of something can take a group apart: such a group is made again
//! from its members, once for however many changes, by `settle`.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::domain::{IncidentId, Time, Untrusted};
use crate::findings::index::{Index, Slot, Taken};
use crate::findings::{Finding, FindingKey, Source};

use super::chains::{Chain, Chains};
use super::hand::Hand;
use super::large::{LARGE, Large};
use super::link::{self, Link};
use super::names::Names;
use super::reasons::links;
use super::{Incident, WINDOW};

/// Every finding's group. A group goes by the slot of one of its findings.
#[derive(Clone, Debug)]
pub struct Groups {
    /// In seconds.
    pub(super) window: u32,
    pub(super) links: HashMap<Link, Chains>,
    /// Attack sequences by the ids of the findings that they name.
    pub(super) sequences: HashMap<Untrusted, BTreeSet<Slot>>,
    /// The group of each slot. A finding by itself is its own group.
    pub(super) of: Vec<Slot>,
    /// Those with more than one finding.
    pub(super) joined: HashMap<Slot, Group>,
    pub(super) hand: Hand,
    /// The hand's splits and pairs, for the findings that are here.
    pub(super) cells: HashMap<Slot, u16>,
    pub(super) pairs: HashMap<Slot, Vec<Slot>>,
    pub(super) names: Names,
    /// Groups to be made again, with what their findings no longer share.
    pub(super) stale: BTreeMap<Slot, Vec<Link>>,
    /// Groups that changed since the last `settle`, or are no more.
    pub(super) touched: HashSet<Slot>,
    /// Those of them that changed from outside.
    pub(super) asked: HashSet<Slot>,
    /// Groups whose incident is made again later.
    pub(super) late: HashSet<Slot>,
    /// Findings that came or changed since the last `settle`.
    pub(super) moved: BTreeSet<Slot>,
    /// Whether the hand may speak of findings that have come since it was last asked.
    pub(super) unresolved: bool,
    /// Whether the hand itself changed.
    pub(super) by_hand: bool,
    /// When many findings were last taken apart and joined anew.
    pub(super) apart: Option<Time>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) members: Vec<Slot>,
    pub(super) incident: Option<Arc<Incident>>,
    /// Where there are many.
    pub(super) large: Option<Box<Large>>,
}

impl Default for Groups {
    fn default() -> Self {
        Self::new(WINDOW)
    }
}

impl Groups {
    /// Without findings, and with this window in seconds.
    #[must_use]
    pub fn new(window: u32) -> Self {
        Self {
            window,
            links: HashMap::new(),
            sequences: HashMap::new(),
            of: Vec::new(),
            joined: HashMap::new(),
            hand: Hand::default(),
            cells: HashMap::new(),
            pairs: HashMap::new(),
            names: Names::default(),
            stale: BTreeMap::new(),
            touched: HashSet::new(),
            asked: HashSet::new(),
            late: HashSet::new(),
            moved: BTreeSet::new(),
            unresolved: false,
            by_hand: false,
            apart: None,
        }
    }

    /// Within how many seconds of each other findings are joined.
    #[must_use]
    pub fn window(&self) -> u32 {
        self.window
    }

    /// Follows what the index took in. Every finding goes through here, in the order in which the index took them.
    pub fn follow(&mut self, taken: &Taken, index: &Index) {
        let slot = taken.slot;
        if self.of.len() <= slot as usize {
            let next = Slot::try_from(self.of.len()).unwrap_or(Slot::MAX);
            self.of.extend(next..=slot);
        }
        let now = Arc::clone(index.at(slot));
        self.touched.insert(self.of(slot));
        self.moved.insert(slot);
        if let Some(before) = &taken.before {
            if let Some(large) = self
                .joined
                .get_mut(&self.of[slot as usize])
                .and_then(|g| g.large.as_mut())
            {
                large.changed(slot, before, &now);
            }
            let cell = self.cell(slot);
            let old = links(before, cell);
            let same = (before.archived, &before.signals) == (now.archived, &now.signals) && old == links(&now, cell);
            let lets_go = !same || !grew(before, &now);
            if lets_go {
                self.stale.entry(self.of(slot)).or_default().extend(old);
                for signal in &before.signals {
                    self.forget_signal(signal, slot);
                }
            }
        }
        self.arrived(taken, &now, index);
        self.add(slot, &now, index);
    }

    fn forget_signal(&mut self, signal: &Untrusted, slot: Slot) {
        if let Entry::Occupied(mut held) = self.sequences.entry(signal.clone()) {
            held.get_mut().remove(&slot);
            if held.get().is_empty() {
                held.remove();
            }
        }
    }

    /// What the journal or a hand already said of a finding that has come, under its own key or its copy's.
    fn arrived(&mut self, taken: &Taken, finding: &Finding, index: &Index) {
        let slot = taken.slot;
        if !self.names.is_waiting() && self.hand.is_empty() {
            return;
        }
        let mut keys = vec![finding.key()];
        if let Some(twin) = index.twin(slot) {
            keys.push(FindingKey {
                source: Source::SecurityHub,
                product: twin.product.clone(),
                id: twin.id.clone(),
                ..finding.key()
            });
        }
        // What was written down before the product was a part of the key.
        let named = keys.iter().filter(|key| key.product.is_some());
        let bare: Vec<FindingKey> = named.map(|key| key.clone().without_product()).collect();
        keys.extend(bare);
        for key in &keys {
            let given = self.names.came(key, slot);
            self.has_names(slot, given);
        }
        // A key that was found stays found, so another version of a finding tells the hand nothing unless it brings another key.
        let may_be_new = taken.before.is_none() || keys.len() > 1;
        self.unresolved |= may_be_new && keys.iter().any(|key| self.hand.knows(key));
    }

    /// The journal's names for a finding are those of its group, too.
    fn has_names(&mut self, slot: Slot, given: impl IntoIterator<Item = (u64, IncidentId)>) {
        if let Some(large) = self
            .joined
            .get_mut(&self.of[slot as usize])
            .and_then(|g| g.large.as_mut())
        {
            for (order, id) in given {
                large.name(order, id);
            }
        }
    }

    pub(super) fn cell(&self, slot: Slot) -> u16 {
        self.cells.get(&slot).copied().unwrap_or_default()
    }

    /// Joins a finding to those that it shares something with.
    pub(super) fn add(&mut self, slot: Slot, finding: &Finding, index: &Index) {
        self.touched.insert(self.of(slot));
        let mut near: Vec<Slot> = self.pairs.get(&slot).cloned().unwrap_or_default();
        if let Some((start, end)) = link::activity(finding) {
            let new = Chain { start, end, slot };
            let window = self.window;
            link::each(finding, self.cell(slot), |link| match self.links.entry(link) {
                Entry::Vacant(free) => {
                    free.insert(Chains::One(new));
                }
                Entry::Occupied(mut held) => held.get_mut().join(new, window, |other| near.push(other)),
            });
        }
        self.sequence(slot, finding, index, &mut near);
        for other in near {
            self.unite(slot, other, index);
        }
    }

    /// An attack sequence is joined to the findings of its account and region that it names as its signals.
    fn sequence(&mut self, slot: Slot, finding: &Finding, index: &Index, near: &mut Vec<Slot>) {
        let cell = self.cell(slot);
        let mut both = |groups: &Self, other: Slot| {
            let found = index.at(other);
            let here = (found.account, &found.region) == (finding.account, &finding.region);
            if here && !found.archived && !finding.archived && groups.cell(other) == cell {
                near.push(other);
            }
        };
        for signal in &finding.signals {
            self.sequences.entry(signal.clone()).or_default().insert(slot);
            let key = FindingKey {
                source: Source::GuardDuty,
                product: None,
                id: signal.clone(),
                ..finding.key()
            };
            if let Some(other) = index.slot_of(&key).filter(|slot| (*slot as usize) < self.of.len()) {
                both(self, other);
            }
        }
        let id = finding.twin_of.as_ref().unwrap_or(&finding.id);
        for other in self.sequences.get(id).into_iter().flatten() {
            both(self, *other);
        }
    }

    /// The smaller group joins the larger, so that a finding changes its group at most as often as the logarithm of all.
    fn unite(&mut self, a: Slot, b: Slot, index: &Index) {
        let (a, b) = (self.of(a), self.of(b));
        if a == b {
            return;
        }
        let (large, small) = if self.members(a).len() >= self.members(b).len() {
            (a, b)
        } else {
            (b, a)
        };
        self.touched.extend([large, small]);
        let moving = self
            .joined
            .remove(&small)
            .map_or_else(|| vec![small], |group| group.members);
        for slot in &moving {
            self.of[*slot as usize] = large;
        }
        let group = self.joined.entry(large).or_default();
        if group.members.is_empty() {
            group.members.push(large);
        }
        let before = group.members.len();
        group.members.extend(moving);
        if group.members.len() >= LARGE {
            // All of them where it becomes a large one by these, else these alone.
            let from = if group.large.is_some() { before } else { 0 };
            let large = group.large.get_or_insert_default();
            for slot in &group.members[from..] {
                let by_hand = self.pairs.contains_key(slot);
                large.take(*slot, index.at(*slot), by_hand, self.names.on(*slot));
            }
        }
        if let Some(links) = self.stale.remove(&small) {
            self.stale.entry(large).or_default().extend(links);
        }
    }

    /// The journal opened an incident of this name on this finding, as its record number `order`.
    pub fn anchor(&mut self, finding: &FindingKey, order: u64, id: IncidentId, index: &Index) {
        match index.slot_of(finding).filter(|slot| (*slot as usize) < self.of.len()) {
            Some(slot) => {
                self.touched.insert(self.of(slot));
                self.names.give(slot, order, id.clone());
                self.has_names(slot, [(order, id)]);
            }
            None => self.names.wait(finding.clone(), order, id),
        }
    }

    /// Something outside the findings changed what a group looks like: the next `settle` will name it.
    pub fn touch(&mut self, group: Slot) {
        self.touched.insert(group);
        self.asked.insert(group);
    }
}

/// Whether the activity only became longer.
fn grew(before: &Finding, now: &Finding) -> bool {
    match (link::activity(before), link::activity(now)) {
        (Some(old), Some(new)) => new.0 <= old.0 && new.1 >= old.1,
        (None, _) => true,
        (Some(_), None) => false,
    }
}

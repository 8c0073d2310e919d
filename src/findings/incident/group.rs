//! Which findings are in one incident, kept up to date finding by finding.
//!
//! Owns: the groups. A finding that comes new or whose activity grows can only join groups; that is done at once, by the stretches
//! of time of each thing that it shares. A finding that lets go of something can take a group apart: such a group is made again
//! from its members, once for however many changes, by `settle`.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::domain::{IncidentId, Untrusted};
use crate::findings::index::{Index, Slot, Taken};
use crate::findings::{Finding, FindingKey, Source};

use super::chains::{Chain, Chains};
use super::hand::Hand;
use super::link::{self, Link};
use super::names::Names;
use super::reasons::{links, reasons};
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
}

#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) members: Vec<Slot>,
    pub(super) incident: Option<Arc<Incident>>,
}

/// What changed since the last time.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Groups that changed or are no more. Whoever keeps rows takes these out…
    pub out: HashSet<Slot>,
    /// …and puts these in.
    pub into: BTreeSet<Slot>,
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
        if let Some(before) = &taken.before {
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
        self.arrived(slot, &now, index);
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
    fn arrived(&mut self, slot: Slot, finding: &Finding, index: &Index) {
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
            self.names.came(key, slot);
        }
        if keys.iter().any(|key| self.hand.knows(key)) {
            self.resolve(index);
        }
    }

    pub(super) fn cell(&self, slot: Slot) -> u16 {
        self.cells.get(&slot).copied().unwrap_or_default()
    }

    /// Joins a finding to those that it shares something with.
    fn add(&mut self, slot: Slot, finding: &Finding, index: &Index) {
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
            self.unite(slot, other);
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
    fn unite(&mut self, a: Slot, b: Slot) {
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
        group.members.extend(moving);
        if let Some(links) = self.stale.remove(&small) {
            self.stale.entry(large).or_default().extend(links);
        }
    }

    /// Brings everything up to date, and says what changed. Until then a group may hold too much, but no finding is lost.
    pub fn settle(&mut self, index: &Index) -> Change {
        if !self.stale.is_empty() {
            self.remake(index);
        }
        let out = std::mem::take(&mut self.touched);
        let into: BTreeSet<Slot> = out.iter().map(|slot| self.of(*slot)).collect();
        for group in &into {
            if self.joined.contains_key(group) {
                let made = self.make(*group, index).map(Arc::new);
                if let Some(held) = self.joined.get_mut(group) {
                    held.incident = made;
                }
            }
        }
        Change { out, into }
    }

    /// Whether nothing changed since the last `settle`.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.touched.is_empty() && self.stale.is_empty()
    }

    /// Takes the stale groups apart, all of them first, and then joins their findings anew.
    fn remake(&mut self, index: &Index) {
        let mut members = Vec::new();
        let mut gone: HashSet<Link> = HashSet::new();
        let stale = std::mem::take(&mut self.stale);
        for (group, links) in &stale {
            gone.extend(links.iter().cloned());
            members.extend_from_slice(self.members(*group));
        }
        for slot in &members {
            gone.extend(links(index.at(*slot), self.cell(*slot)));
        }
        for link in gone {
            let of = &self.of;
            let is_stale = |slot: Slot| stale.contains_key(&of[slot as usize]);
            if self.links.get_mut(&link).is_some_and(|chains| chains.forget(is_stale)) {
                self.links.remove(&link);
            }
        }
        for group in stale.keys() {
            self.joined.remove(group);
        }
        for slot in &members {
            self.of[*slot as usize] = *slot;
        }
        self.touched.extend(&members);
        for slot in members {
            self.add(slot, &Arc::clone(index.at(slot)), index);
        }
    }

    /// The journal opened an incident of this name on this finding, as its record number `order`.
    pub fn anchor(&mut self, finding: &FindingKey, order: u64, id: IncidentId, index: &Index) {
        match index.slot_of(finding).filter(|slot| (*slot as usize) < self.of.len()) {
            Some(slot) => {
                self.touched.insert(self.of(slot));
                self.names.give(slot, order, id);
            }
            None => self.names.wait(finding.clone(), order, id),
        }
    }

    /// Something outside the findings changed what a group looks like: `settle` will name it.
    pub fn touch(&mut self, group: Slot) {
        self.touched.insert(group);
    }

    pub(super) fn make(&self, group: Slot, index: &Index) -> Option<Incident> {
        let slots = self.members(group);
        let members = slots.iter().map(|slot| Arc::clone(index.at(*slot))).collect();
        let names = self.names(group).into_iter().cloned().collect();
        let reasons = if slots.len() < 2 {
            Vec::new()
        } else {
            let by_hand = slots.iter().filter(|slot| self.pairs.contains_key(slot)).count();
            let findings = slots.iter().map(|slot| (index.at(*slot).as_ref(), self.cell(*slot)));
            reasons(findings, by_hand)
        };
        Incident::new(members, names, reasons)
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

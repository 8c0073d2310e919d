//! Bringing groups up to date, once for however many findings came.
//!
//! Owns: which groups are made again, and when. Must never: lose a finding because a group waits, or let a group wait for ever.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::domain::Time;
use crate::findings::index::{Index, Slot};

use super::Incident;
use super::group::{Group, Groups};
use super::link::Link;
use super::reasons::{links, reasons};

/// Findings that are taken apart and joined anew at any time. More of them wait for the next time that this is done…
const FEW: usize = 1_000;
/// …which is not sooner than this many seconds after the last.
const APART: i64 = 10;

/// What changed since the last time.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Groups that changed or are no more. Whoever keeps rows takes these out…
    pub out: HashSet<Slot>,
    /// …and puts these in.
    pub into: BTreeSet<Slot>,
    /// Findings that came or changed.
    pub findings: BTreeSet<Slot>,
}

impl Groups {
    /// Brings everything up to date, and says what changed. Until then a group may hold too much, but no finding is lost.
    pub fn settle(&mut self, index: &Index) -> Change {
        self.bring(index, None)
    }

    /// The same for whoever is called many times a second: a group of very many findings waits for some seconds where nothing in it
    /// is urgent. `is_waiting` says whether one does.
    pub fn settle_soon(&mut self, index: &Index, now: Time) -> Change {
        self.bring(index, Some(now))
    }

    /// Whether something waits for a later `settle_soon`.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.late.is_empty() || !self.stale.is_empty()
    }

    fn bring(&mut self, index: &Index, now: Option<Time>) -> Change {
        if std::mem::take(&mut self.unresolved) {
            self.resolve(index);
        }
        let stale = self.take_stale(now);
        if !stale.is_empty() {
            self.remake(&stale, index);
        }
        let mut out = std::mem::take(&mut self.touched);
        out.extend(std::mem::take(&mut self.late));
        let asked = std::mem::take(&mut self.asked);
        let mut into: BTreeSet<Slot> = out.iter().map(|slot| self.of(*slot)).collect();
        into.retain(|group| {
            let may_rest = now.filter(|_| !asked.contains(group));
            let made = self.remade(*group, index, may_rest, now);
            if !made {
                self.late.insert(*group);
                out.remove(group);
            }
            made
        });
        Change {
            out,
            into,
            findings: std::mem::take(&mut self.moved),
        }
    }

    /// Makes the incident of a group again. False where it rests instead.
    fn remade(&mut self, group: Slot, index: &Index, may_rest: Option<Time>, now: Option<Time>) -> bool {
        match self.joined.get_mut(&group) {
            None => return true,
            Some(Group {
                members,
                incident,
                large: Some(large),
            }) => {
                if incident.is_some() && may_rest.is_some_and(|now| large.rests(members.len(), index, now)) {
                    return false;
                }
                *incident = large.make(members, index, now).map(Arc::new);
            }
            Some(_) => {
                let made = self.make(group, index).map(Arc::new);
                if let Some(held) = self.joined.get_mut(&group) {
                    held.incident = made;
                }
            }
        }
        true
    }

    /// The groups that are to be made again now. One of very many findings stays joined for now if such a one was taken apart a
    /// moment ago, unless a hand wants it.
    fn take_stale(&mut self, now: Option<Time>) -> BTreeMap<Slot, Vec<Link>> {
        let by_hand = std::mem::take(&mut self.by_hand);
        let mut stale = std::mem::take(&mut self.stale);
        let Some(now) = now.filter(|_| !by_hand) else {
            return stale;
        };
        let many = |group: &Slot| self.members(*group).len() > FEW;
        if !stale.keys().any(many) {
            return stale;
        }
        let since = |at: Time| now.as_second() - at.as_second();
        if self.apart.is_some_and(|at| (0..APART).contains(&since(at))) {
            let waits: Vec<Slot> = stale.keys().copied().filter(many).collect();
            self.stale = waits.iter().filter_map(|group| stale.remove_entry(group)).collect();
        } else {
            self.apart = Some(now);
        }
        stale
    }

    /// Takes these groups apart, all of them first, and then joins their findings anew.
    fn remake(&mut self, stale: &BTreeMap<Slot, Vec<Link>>, index: &Index) {
        let mut members = Vec::new();
        let mut gone: HashSet<Link> = HashSet::new();
        for (group, links) in stale {
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

    pub(super) fn make(&self, group: Slot, index: &Index) -> Option<Incident> {
        let slots = self.members(group);
        let members = slots.iter().map(|slot| Arc::clone(index.at(*slot))).collect();
        let names = self.names(group).into_iter().cloned().collect();
        let (reasons, more) = if slots.len() < 2 {
            (Vec::new(), 0)
        } else {
            let by_hand = slots.iter().filter(|slot| self.pairs.contains_key(slot)).count();
            let findings = slots.iter().map(|slot| (index.at(*slot).as_ref(), self.cell(*slot)));
            reasons(findings, by_hand)
        };
        Incident::new(members, names, reasons, more)
    }
}

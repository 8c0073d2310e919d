//! Groups of many findings.
//!
//! Owns: what the incident of such a group is made of, kept up to date finding by finding: one finding more costs what that one is, and
//! not what all of them are. The incident itself, which holds every finding, is then made now and again. Must never: say anything else
//! than `Incident::new` says of the same findings, or let what is urgent wait.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use crate::domain::{IncidentId, Severity, Time, Untrusted};
use crate::findings::Finding;
use crate::findings::index::{Index, Slot};

use super::link::{Reason, Why};
use super::reasons::{foremost, links};
use super::{Incident, by_worst, id_of};

/// From this many findings on a group is kept up to date finding by finding. Below, its incident is made anew in less than a millisecond.
pub const LARGE: usize = 128;
/// From this many on its incident waits, unless something urgent came.
const RESTS: usize = 1_000;

/// What is known of a group of many findings beside which ones they are.
#[derive(Clone, Debug, Default)]
pub struct Large {
    /// Those that came or changed since they were last put in order.
    changed: HashSet<Slot>,
    /// How many of them share each thing.
    shared: HashMap<(Why, Untrusted), usize>,
    /// How many were joined by hand.
    by_hand: usize,
    ids: HashSet<Untrusted>,
    signals: HashSet<Untrusted>,
    names: BTreeMap<u64, IncidentId>,
    first_seen: Option<Time>,
    updated_at: Option<Time>,
    /// Whether a finding that gave one of these times gives it no more.
    recount: bool,
    last: Option<Last>,
}

/// What its incident says that was made last.
#[derive(Clone, Copy, Debug)]
struct Last {
    at: Option<Time>,
    lead: Slot,
    severity: Severity,
    names: usize,
}

impl Large {
    /// Takes in a finding that was not in the group.
    pub fn take(
        &mut self,
        slot: Slot,
        finding: &Finding,
        by_hand: bool,
        names: impl Iterator<Item = (u64, IncidentId)>,
    ) {
        self.changed.insert(slot);
        let own: HashSet<(Why, Untrusted)> = links(finding, 0).into_iter().map(|l| (l.why, l.what)).collect();
        for what in own {
            *self.shared.entry(what).or_default() += 1;
        }
        self.by_hand += usize::from(by_hand);
        self.ids.insert(finding.id.clone());
        self.signals.extend(finding.signals.iter().cloned());
        self.names.extend(names);
        self.times(finding);
    }

    /// A finding of the group has another version, which shares the same as the one before.
    pub fn changed(&mut self, slot: Slot, before: &Finding, now: &Finding) {
        self.changed.insert(slot);
        // The copy of a finding gives way to the finding itself, which has another id.
        self.ids.insert(now.id.clone());
        let first = before.first_seen == self.first_seen && before.first_seen != now.first_seen;
        let last = before.updated_at == self.updated_at && before.updated_at != now.updated_at;
        self.recount |= first || last;
        self.times(now);
    }

    fn times(&mut self, finding: &Finding) {
        let first = self.first_seen.into_iter().chain(finding.first_seen);
        self.first_seen = first.min();
        self.updated_at = self.updated_at.max(finding.updated_at);
    }

    /// The journal gave a name to one of its findings.
    pub fn name(&mut self, order: u64, id: IncidentId) {
        self.names.insert(order, id);
    }

    /// Its names, the oldest first, each once.
    pub fn names(&self) -> Vec<&IncidentId> {
        let mut names: Vec<&IncidentId> = Vec::new();
        for id in self.names.values() {
            if !names.contains(&id) {
                names.push(id);
            }
        }
        names
    }

    /// Whether its incident may stay for now as it was made last: it was not long ago, and nothing came that is worse than what was
    /// there, or that gives it another lead or name.
    pub fn rests(&self, members: usize, index: &Index, now: Time) -> bool {
        let Some(last) = self.last.filter(|_| members >= RESTS) else {
            return false;
        };
        // The more findings, the longer: making it copies them all.
        let pause = 2 + i64::try_from(members / 10_000).unwrap_or(i64::MAX);
        let rested = last
            .at
            .is_some_and(|at| (0..pause).contains(&(now.as_second() - at.as_second())));
        let lead = index.at(last.lead);
        let is_urgent = |slot: &Slot| {
            let finding = index.at(*slot);
            let leads = *slot == last.lead || by_worst(finding, lead).is_lt();
            leads || (!finding.archived && finding.severity > last.severity)
        };
        rested && last.names == self.names.len() && !self.changed.iter().any(is_urgent)
    }

    /// Makes the incident of these findings, which it leaves in order: the worst first.
    pub fn make(&mut self, members: &mut Vec<Slot>, index: &Index, now: Option<Time>) -> Option<Incident> {
        self.order(members, index);
        if std::mem::take(&mut self.recount) {
            let all = || members.iter().map(|slot| index.at(*slot));
            self.first_seen = all().filter_map(|f| f.first_seen).min();
            self.updated_at = all().filter_map(|f| f.updated_at).max();
        }
        let first = *members.first()?;
        let lead = Arc::clone(index.at(first));
        let severity = worst(members, index).unwrap_or(lead.severity);
        self.last = Some(Last {
            at: now,
            lead: first,
            severity,
            names: self.names.len(),
        });
        let named = self.signals.iter().filter(|id| self.ids.contains(*id)).count();
        let shared = self.shared.iter().filter(|(_, n)| **n > 1);
        let shared = shared.map(|((why, what), n)| Reason {
            why: *why,
            what: what.clone(),
            findings: *n,
        });
        let (reasons, more_reasons) = foremost(shared.collect(), self.by_hand, named);
        let mut names = self.names().into_iter().cloned();
        Some(Incident {
            id: names.next().unwrap_or_else(|| id_of(&lead)),
            aliases: names.collect(),
            first_seen: self.first_seen,
            updated_at: self.updated_at,
            // What is archived comes last, so the first is only where all are.
            archived: lead.archived,
            severity,
            members: members.iter().map(|slot| Arc::clone(index.at(*slot))).collect(),
            lead,
            reasons,
            more_reasons,
            about: OnceLock::new(),
            near: OnceLock::new(),
        })
    }

    /// Puts what changed where it belongs among the others, which are in order.
    fn order(&mut self, members: &mut Vec<Slot>, index: &Index) {
        if self.changed.is_empty() {
            return;
        }
        let compare = |a: Slot, b: Slot| by_worst(index.at(a), index.at(b));
        let mut new: Vec<Slot> = std::mem::take(&mut self.changed).into_iter().collect();
        new.sort_unstable();
        members.retain(|slot| new.binary_search(slot).is_err());
        new.sort_unstable_by(|a, b| compare(*a, *b));
        let mut all = Vec::with_capacity(members.len() + new.len());
        let mut from = 0;
        for slot in new {
            let to = from + members[from..].partition_point(|other| compare(*other, slot).is_lt());
            all.extend_from_slice(&members[from..to]);
            all.push(slot);
            from = to;
        }
        all.extend_from_slice(&members[from..]);
        *members = all;
    }
}

/// The worst of those that are not archived. In this order these come first: what happened, and then weaknesses, the worst of each first.
fn worst(members: &[Slot], index: &Index) -> Option<Severity> {
    let open = members.partition_point(|slot| !index.at(*slot).archived);
    let weak = members[..open].partition_point(|slot| !index.at(*slot).is_weakness());
    let firsts = members[..open].first().into_iter().chain(members[weak..open].first());
    firsts.map(|slot| index.at(*slot).severity).max()
}

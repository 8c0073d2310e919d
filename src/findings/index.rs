//! The findings in memory.
//!
//! Owns: which version of a finding is kept, which two are one finding seen twice, and the counts. Must never: lose a finding, or
//! let what it holds depend on the order of arrival.

use std::borrow::Borrow;
use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::domain::{AccountId, Region, SeverityLabel, Time, Untrusted};

use super::compact::Pool;
use super::timeline::Timeline;
use super::{Finding, FindingKey, Source};

/// A finding's number in the index. It never changes and is never given to another finding.
pub type Slot = u32;

/// What became of a finding that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged {
    /// It was not there before.
    Added,
    /// It took the place of an earlier version, or is Security Hub's copy of a finding that was there.
    Updated,
    /// The same, or a newer version, was there already.
    Unchanged,
}

/// What taking in a finding changed.
#[derive(Clone, Debug)]
pub struct Taken {
    pub merged: Merged,
    /// Where it is kept.
    pub slot: Slot,
    /// What was kept there before.
    pub before: Option<Arc<Finding>>,
}

/// How many findings there are in each band, without the archived ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; SeverityLabel::ALL.len()]);

impl Counts {
    /// Those of one band.
    #[must_use]
    pub fn of(&self, label: SeverityLabel) -> usize {
        self.0[slot(label)]
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }
}

fn slot(label: SeverityLabel) -> usize {
    match label {
        SeverityLabel::Critical => 0,
        SeverityLabel::High => 1,
        SeverityLabel::Medium => 2,
        SeverityLabel::Low => 3,
        SeverityLabel::Informational => 4,
    }
}

/// Security Hub's copy of a GuardDuty finding that is in the index itself. The copy is no row of its own; what it adds is what
/// people did with it in Security Hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    /// Its id in Security Hub, an ARN: with the key of the finding it names the copy there.
    pub id: Untrusted,
    /// Security Hub's workflow status.
    pub workflow: Option<Untrusted>,
    pub updated_at: Option<Time>,
    /// Of the copy's own JSON.
    pub digest: u64,
}

/// A finding as it is kept.
#[derive(Clone, Debug)]
struct Held {
    finding: Arc<Finding>,
    twin: Option<Box<Twin>>,
    /// Whether the source itself says that it is archived, whatever its copy's workflow says.
    archived: bool,
}

/// Findings by key. A lookup or an insert costs the same however many there are.
///
/// A finding that comes from GuardDuty and again through Security Hub is one: GuardDuty's leads, and the copy is its `Twin`. The
/// workflow status that people set on the copy holds for both, so a finding that was suppressed or resolved there counts as
/// archived here too.
///
/// What is kept of a finding is what lists, filters, grouping and actions need, with repeated text shared. Its description, what
/// could not be read of it and GuardDuty's ARN are not: whoever opens the finding reads them from the evidence.
#[derive(Clone, Debug, Default)]
pub struct Index {
    by_key: HashMap<ByKey, Slot>,
    held: Vec<Held>,
    counts: Counts,
    timeline: Timeline,
    pool: Pool,
}

impl Index {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a finding in. Of two versions the one updated later stays; with equal times, or where one has none, the one
    /// handed in last.
    pub fn insert(&mut self, finding: Arc<Finding>) -> Taken {
        let Some(slot) = self.by_key.get(&identity(&finding) as &dyn Keyed).copied() else {
            return self.add(finding);
        };
        let held = &self.held[slot as usize];
        let unchanged = Taken {
            merged: Merged::Unchanged,
            slot,
            before: None,
        };
        let (copy, copy_held) = (finding.twin_of.is_some(), held.finding.twin_of.is_some());
        let (digest, updated) = match (copy, &held.twin) {
            (true, _) if copy_held => (held.finding.digest, held.finding.updated_at),
            (true, Some(twin)) => (twin.digest, twin.updated_at),
            (false, _) if !copy_held => (held.finding.digest, held.finding.updated_at),
            // The first of its kind for this finding: there is nothing to compare it with.
            (true, None) | (false, _) => return self.replace(slot, finding),
        };
        let older = matches!((finding.updated_at, updated), (Some(new), Some(old)) if new < old);
        if older || finding.digest == digest {
            return unchanged;
        }
        self.replace(slot, finding)
    }

    fn add(&mut self, finding: Arc<Finding>) -> Taken {
        let slot = Slot::try_from(self.held.len()).unwrap_or(Slot::MAX);
        let finding = Arc::new(self.pool.compact(Arc::unwrap_or_clone(finding)));
        self.count(&finding, true);
        self.by_key.insert(ByKey(Arc::clone(&finding)), slot);
        self.held.push(Held {
            archived: finding.archived,
            finding,
            twin: None,
        });
        Taken {
            merged: Merged::Added,
            slot,
            before: None,
        }
    }

    /// Puts a newer version, or the other one of a pair, where its finding is kept.
    fn replace(&mut self, slot: Slot, finding: Arc<Finding>) -> Taken {
        let finding = self.pool.compact(Arc::unwrap_or_clone(finding));
        let held = &self.held[slot as usize];
        let before = Arc::clone(&held.finding);
        let now = match (finding.twin_of.is_some(), before.twin_of.is_some()) {
            (true, false) => {
                let twin = Some(Box::new(Twin::of(&finding)));
                lead(Finding::clone(&before), held.archived, twin)
            }
            (false, true) => {
                let (archived, twin) = (finding.archived, Twin::of(&before));
                lead(finding, archived, Some(Box::new(twin)))
            }
            _ => {
                let (archived, twin) = (finding.archived, held.twin.clone());
                lead(finding, archived, twin)
            }
        };
        self.count(&before, false);
        self.by_key.remove(&identity(&before) as &dyn Keyed);
        self.count(&now.finding, true);
        self.by_key.insert(ByKey(Arc::clone(&now.finding)), slot);
        self.held[slot as usize] = now;
        Taken {
            merged: Merged::Updated,
            slot,
            before: Some(before),
        }
    }

    fn count(&mut self, finding: &Finding, in_it: bool) {
        if finding.archived {
            return;
        }
        if in_it {
            self.timeline.add(finding);
        } else {
            self.timeline.remove(finding);
        }
        let band = &mut self.counts.0[slot(finding.severity.label())];
        *band = if in_it { *band + 1 } else { *band - 1 };
    }

    /// The finding of a key. The key of Security Hub's copy gives the finding that it is a copy of.
    #[must_use]
    pub fn get(&self, key: &FindingKey) -> Option<&Arc<Finding>> {
        self.slot_of(key).map(|slot| self.at(slot))
    }

    /// Where the finding of a key is kept.
    #[must_use]
    pub fn slot_of(&self, key: &FindingKey) -> Option<Slot> {
        let parts = Parts(key.source, &key.account, &key.region, key.id.raw());
        if let Some(slot) = self.by_key.get(&parts as &dyn Keyed) {
            return Some(*slot);
        }
        // An ARN of GuardDuty under Security Hub's name is its copy, if the finding knows of that copy.
        let (arn, id) = key.id.raw().rsplit_once("/finding/")?;
        if key.source != Source::SecurityHub || !arn.contains(":guardduty:") {
            return None;
        }
        let parts = Parts(Source::GuardDuty, &key.account, &key.region, id);
        let slot = *self.by_key.get(&parts as &dyn Keyed)?;
        let held = &self.held[slot as usize];
        let known = held.finding.id == key.id || held.twin.as_ref().is_some_and(|twin| twin.id == key.id);
        known.then_some(slot)
    }

    /// The finding that is kept there.
    #[must_use]
    pub fn at(&self, slot: Slot) -> &Arc<Finding> {
        &self.held[slot as usize].finding
    }

    /// Security Hub's copy of the finding that is kept there, where GuardDuty's own leads.
    #[must_use]
    pub fn twin(&self, slot: Slot) -> Option<&Twin> {
        self.held[slot as usize].twin.as_deref()
    }

    /// How many there are, archived ones too.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// How many there are in each band, without the archived ones.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How many there were in each hour, without the archived ones.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// All of them, in the order of arrival.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Finding>> {
        self.held.iter().map(|held| &held.finding)
    }
}

/// A finding with what its copy says of it.
fn lead(mut finding: Finding, archived: bool, twin: Option<Box<Twin>>) -> Held {
    if let Some(twin) = &twin {
        let handled = twin.workflow.as_ref().is_some_and(|w| is_handled(w.raw()));
        finding.archived = archived || handled;
        finding.workflow.clone_from(&twin.workflow);
    }
    Held {
        finding: Arc::new(finding),
        twin,
        archived,
    }
}

/// The workflow statuses with which Security Hub takes a finding off its lists.
fn is_handled(workflow: &str) -> bool {
    matches!(workflow, "SUPPRESSED" | "RESOLVED")
}

impl Twin {
    fn of(copy: &Finding) -> Self {
        Self {
            id: copy.id.clone(),
            workflow: copy.workflow.clone(),
            updated_at: copy.updated_at,
            digest: copy.digest,
        }
    }
}

/// The parts of a key, borrowed from wherever they stand: a lookup copies no text.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Parts<'a>(Source, &'a AccountId, &'a Region, &'a str);

trait Keyed {
    fn parts(&self) -> Parts<'_>;
}

/// What makes two findings the same one: GuardDuty's key, for Security Hub's copy of a GuardDuty finding too.
fn identity(finding: &Finding) -> Parts<'_> {
    match &finding.twin_of {
        Some(id) => Parts(Source::GuardDuty, &finding.account, &finding.region, id.raw()),
        None => own(finding),
    }
}

fn own(finding: &Finding) -> Parts<'_> {
    Parts(finding.source, &finding.account, &finding.region, finding.id.raw())
}

impl Keyed for Parts<'_> {
    fn parts(&self) -> Parts<'_> {
        Parts(self.0, self.1, self.2, self.3)
    }
}

impl PartialEq for dyn Keyed + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for dyn Keyed + '_ {}

impl Hash for dyn Keyed + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

#[derive(Clone, Debug)]
struct ByKey(Arc<Finding>);

impl Keyed for ByKey {
    fn parts(&self) -> Parts<'_> {
        identity(&self.0)
    }
}

impl PartialEq for ByKey {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for ByKey {}

impl Hash for ByKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl<'a> Borrow<dyn Keyed + 'a> for ByKey {
    fn borrow(&self) -> &(dyn Keyed + 'a) {
        self
    }
}

/// Orders by urgency: the worst first, then what moved last, what has no time at the end; the key settles the rest.
#[must_use]
pub fn by_urgency(a: &Finding, b: &Finding) -> Ordering {
    let rank = |f: &Finding| (Reverse(f.severity), Reverse(f.updated_at));
    rank(a).cmp(&rank(b)).then_with(|| by_key(a, b))
}

/// Orders by key: what settles every order, so that it does not depend on the order of arrival.
#[must_use]
pub fn by_key(a: &Finding, b: &Finding) -> Ordering {
    own(a).cmp(&own(b))
}

#[cfg(test)]
mod tests;

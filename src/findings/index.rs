//! The findings in memory.
//!
//! Owns: which version of a finding is kept, which two are one finding seen twice, and the counts. Must never: lose a finding, or
//! let what it holds depend on the order of arrival.

mod counts;
mod finder;
mod identity;
mod undecided;

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::{Time, Untrusted};

use super::compact::Pool;
use super::timeline::Timeline;
use super::version::{Told, Version, goes_on, worsened};
use super::{Finding, FindingKey, Source};
pub use counts::Counts;
pub use finder::Finder;
use identity::{ByKey, Keyed, Parts, identity, own};
use undecided::Undecided;

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

impl Taken {
    /// Whether what was archived is open again.
    #[must_use]
    pub fn reopens(&self, index: &Index) -> bool {
        let was_over = self.before.as_ref().is_some_and(|before| before.archived);
        was_over && !index.at(self.slot).archived
    }
}

/// Security Hub's copy of a GuardDuty finding that is in the index itself. The copy is no row of its own; what it adds is what
/// people did with it in Security Hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    /// Its id in Security Hub, an ARN: with the key of the finding it names the copy there.
    pub id: Untrusted,
    /// The product's ARN there.
    pub product: Option<Untrusted>,
    /// Security Hub's workflow status.
    pub workflow: Option<Untrusted>,
    /// Which version of the copy it is.
    version: Version,
}

/// A finding as it is kept.
#[derive(Clone, Debug)]
struct Held {
    finding: Arc<Finding>,
    twin: Option<Box<Twin>>,
    /// Whether the source itself says that it is archived, whatever its copy's workflow says.
    archived: bool,
    /// When it was last known to be so, which the same version told again moves.
    told: Told,
}

impl Held {
    /// The version of the finding itself.
    fn version(&self) -> Version {
        Version {
            told: self.told,
            archived: self.archived,
            ..Version::of(&self.finding)
        }
    }
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
    undecided: Undecided,
}

impl Index {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a finding in. Of two versions the later one stays (`version`).
    pub fn insert(&mut self, finding: Arc<Finding>) -> Taken {
        let Some(slot) = self.by_key.get(&identity(&finding) as &dyn Keyed).copied() else {
            return self.add(finding);
        };
        let held = &self.held[slot as usize];
        let (copy, copy_held) = (finding.twin_of.is_some(), held.finding.twin_of.is_some());
        let version = match (copy, &held.twin) {
            (true, _) if copy_held => held.version(),
            (true, Some(twin)) => twin.version,
            (false, _) if !copy_held => held.version(),
            // The first of its kind for this finding: there is nothing to compare it with.
            (true, None) | (false, _) => return self.replace(slot, finding),
        };
        let new = Version::of(&finding);
        self.undecided.note(slot, &new, &version);
        if new.digest == version.digest || new.is_older_than(&version) {
            return self.again(slot, &finding, new.digest == version.digest);
        }
        self.replace(slot, finding)
    }

    /// Takes in what is not newer than what is there. The same version, told later, makes older ones that old; an earlier event of an
    /// incident may say that it began earlier.
    fn again(&mut self, slot: Slot, finding: &Finding, is_same: bool) -> Taken {
        let held = &mut self.held[slot as usize];
        if is_same {
            match &mut held.twin {
                Some(twin) if finding.twin_of.is_some() => twin.version.told = twin.version.told.max(finding.told),
                _ => held.told = held.told.max(finding.told),
            }
        }
        let first_seen = begun(held, finding, false);
        // What the cache knows of it beside its JSON may come after a page.
        let worsened = held.finding.worsened.or(finding.worsened.filter(|_| is_same));
        if (first_seen, worsened) == (held.finding.first_seen, held.finding.worsened) {
            return Taken {
                merged: Merged::Unchanged,
                slot,
                before: None,
            };
        }
        let now = Finding {
            first_seen,
            worsened,
            ..Finding::clone(&held.finding)
        };
        let now = Held {
            finding: Arc::new(now),
            ..held.clone()
        };
        self.put(slot, now)
    }

    fn add(&mut self, finding: Arc<Finding>) -> Taken {
        let slot = Slot::try_from(self.held.len()).unwrap_or(Slot::MAX);
        let finding = Arc::new(self.pool.compact(Arc::unwrap_or_clone(finding)));
        self.count(&finding, true);
        self.by_key.insert(ByKey(Arc::clone(&finding)), slot);
        self.held.push(Held {
            archived: finding.archived,
            told: finding.told,
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
        let mut finding = self.pool.compact(Arc::unwrap_or_clone(finding));
        let held = &self.held[slot as usize];
        let before = Arc::clone(&held.finding);
        let now = match (finding.twin_of.is_some(), before.twin_of.is_some()) {
            (true, false) => {
                let twin = Some(Box::new(Twin::of(Version::of(&finding), &finding)));
                lead(Finding::clone(&before), (held.archived, held.told), twin)
            }
            (false, true) => {
                let (own, twin) = ((finding.archived, finding.told), Twin::of(held.version(), &before));
                finding.worsened = finding.worsened.or(before.worsened);
                lead(finding, own, Some(Box::new(twin)))
            }
            _ => {
                let (own, twin) = ((finding.archived, finding.told), held.twin.clone());
                finding.first_seen = begun(held, &finding, true);
                let (was, is) = (before.severity.label(), finding.severity.label());
                finding.worsened = worsened((was, before.worsened), (is, finding.updated_at));
                lead(finding, own, twin)
            }
        };
        self.put(slot, now)
    }

    /// Puts a finding where another version of it is.
    fn put(&mut self, slot: Slot, now: Held) -> Taken {
        let before = Arc::clone(&self.held[slot as usize].finding);
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
        self.counts.count(finding.severity.label(), in_it);
    }

    /// The finding of a key. The key of Security Hub's copy gives the finding that it is a copy of.
    #[must_use]
    pub fn get(&self, key: &FindingKey) -> Option<&Arc<Finding>> {
        self.slot_of(key).map(|slot| self.at(slot))
    }

    /// Where the finding of a key is kept. A key of Security Hub without a product, as it was written down before products were a part
    /// of it, gives the finding of any product.
    #[must_use]
    pub fn slot_of(&self, key: &FindingKey) -> Option<Slot> {
        let known = self.slot_of_known(key);
        if known.is_some() || key.source != Source::SecurityHub || key.product.is_some() {
            return known;
        }
        self.slot_of_any(key)
    }

    /// The same, for keys as they are written down now.
    fn slot_of_known(&self, key: &FindingKey) -> Option<Slot> {
        let (id, product) = (key.id.raw(), key.product.as_ref().map(Untrusted::raw));
        let parts = Parts(key.source, &key.account, &key.region, id, product);
        if let Some(slot) = self.by_key.get(&parts as &dyn Keyed) {
            return Some(*slot);
        }
        if key.source != Source::SecurityHub {
            return None;
        }
        self.slot_of_copy(key)
    }

    /// An ARN of `GuardDuty` under Security Hub's name is its copy, if the finding knows of that copy.
    fn slot_of_copy(&self, key: &FindingKey) -> Option<Slot> {
        let (arn, id) = key.id.raw().rsplit_once("/finding/")?;
        if !arn.contains(":guardduty:") {
            return None;
        }
        let parts = Parts(Source::GuardDuty, &key.account, &key.region, id, None);
        let slot = *self.by_key.get(&parts as &dyn Keyed)?;
        let held = &self.held[slot as usize];
        let is_it = |id: &Untrusted, product: &Option<Untrusted>| {
            *id == key.id && (key.product.is_none() || *product == key.product)
        };
        let known = is_it(&held.finding.id, &held.finding.product_arn)
            || held.twin.as_ref().is_some_and(|twin| is_it(&twin.id, &twin.product));
        known.then_some(slot)
    }

    /// Looks at every finding: only what old journals wrote down asks for it.
    fn slot_of_any(&self, key: &FindingKey) -> Option<Slot> {
        let is_it = |f: &Finding| f.id == key.id && f.key().without_product() == *key;
        let place = self.held.iter().position(|held| is_it(&held.finding))?;
        Slot::try_from(place).ok()
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
fn lead(mut finding: Finding, (archived, told): (bool, Told), twin: Option<Box<Twin>>) -> Held {
    if let Some(twin) = &twin {
        let handled = twin.workflow.as_ref().is_some_and(|w| is_handled(w.raw()));
        finding.archived = archived || handled;
        finding.workflow.clone_from(&twin.workflow);
    }
    Held {
        finding: Arc::new(finding),
        twin,
        archived,
        told,
    }
}

/// Since when what a finding tells goes on.
fn begun(held: &Held, new: &Finding, is_newer: bool) -> Option<Time> {
    let before = (held.finding.first_seen, held.archived);
    goes_on(new.source, before, (new.first_seen, new.archived), is_newer)
}

/// The workflow statuses with which Security Hub takes a finding off its lists.
pub(super) fn is_handled(workflow: &str) -> bool {
    matches!(workflow, "SUPPRESSED" | "RESOLVED")
}

impl Twin {
    fn of(version: Version, copy: &Finding) -> Self {
        Self {
            id: copy.id.clone(),
            product: copy.product_arn.clone(),
            workflow: copy.workflow.clone(),
            version,
        }
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

//! The findings in memory, the most urgent first.
//!
//! Owns: which version of a finding is kept, their order, and the counts. Must never: lose a finding, or let the order depend
//! on the order of arrival.

use std::borrow::Borrow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeSet, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::domain::{AccountId, Region, SeverityLabel, Untrusted};

use super::filter::{Context, Filter};
use super::timeline::Timeline;
use super::{Finding, FindingKey, Source};

/// What became of a finding that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged {
    /// It was not there before.
    Added,
    /// It took the place of an earlier version.
    Updated,
    /// The same, or a newer version, was there already.
    Unchanged,
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

/// Findings by key and in order of urgency: severity, then the newest update, then the key. Inserting costs the logarithm of
/// their number. Both orders share the findings, so an entry costs two pointers and no text.
#[derive(Clone, Debug, Default)]
pub struct Index {
    by_key: HashSet<ByKey>,
    by_urgency: BTreeSet<ByUrgency>,
    counts: Counts,
    timeline: Timeline,
}

impl Index {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a finding in. Of two versions the one updated later stays; with equal times, or where one has none, the one
    /// handed in last.
    pub fn insert(&mut self, finding: Arc<Finding>) -> Merged {
        let before = self
            .by_key
            .get(&finding.parts() as &dyn Keyed)
            .map(|held| Arc::clone(&held.0));
        if let Some(before) = &before {
            let older = matches!((finding.updated_at, before.updated_at), (Some(new), Some(old)) if new < old);
            if older || finding.digest == before.digest {
                return Merged::Unchanged;
            }
            self.remove(before);
        }
        if !finding.archived {
            self.counts.0[slot(finding.severity.label())] += 1;
        }
        self.timeline.add(&finding);
        self.by_key.insert(ByKey(Arc::clone(&finding)));
        self.by_urgency.insert(ByUrgency(finding));
        if before.is_some() {
            Merged::Updated
        } else {
            Merged::Added
        }
    }

    fn remove(&mut self, finding: &Arc<Finding>) {
        self.by_key.remove(&finding.parts() as &dyn Keyed);
        self.by_urgency.remove(&ByUrgency(Arc::clone(finding)));
        self.timeline.remove(finding);
        if !finding.archived {
            self.counts.0[slot(finding.severity.label())] -= 1;
        }
    }

    /// The finding of a key.
    #[must_use]
    pub fn get(&self, key: &FindingKey) -> Option<&Arc<Finding>> {
        let parts = Parts(key.source, &key.account, &key.region, &key.id);
        self.by_key.get(&parts as &dyn Keyed).map(|held| &held.0)
    }

    /// How many there are, archived ones too.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
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

    /// All of them, the most urgent first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Finding>> {
        self.by_urgency.iter().map(|held| &held.0)
    }

    /// At most `n` from position `start` on.
    pub fn range(&self, start: usize, n: usize) -> impl Iterator<Item = &Arc<Finding>> {
        self.iter().skip(start).take(n)
    }

    /// Those that a filter lets through, the most urgent first.
    #[must_use]
    pub fn visible(&self, filter: &Filter, context: &Context<'_>) -> Vec<Arc<Finding>> {
        let shown = self.iter().filter(|finding| filter.matches(finding, context));
        shown.cloned().collect()
    }
}

/// The parts of a key, borrowed from wherever they stand: a lookup copies no text.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Parts<'a>(Source, &'a AccountId, &'a Region, &'a Untrusted);

trait Keyed {
    fn parts(&self) -> Parts<'_>;
}

impl Keyed for Finding {
    fn parts(&self) -> Parts<'_> {
        Parts(self.source, &self.account, &self.region, &self.id)
    }
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

impl PartialEq for ByKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.parts() == other.0.parts()
    }
}

impl Eq for ByKey {}

impl Hash for ByKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.parts().hash(state);
    }
}

impl<'a> Borrow<dyn Keyed + 'a> for ByKey {
    fn borrow(&self) -> &(dyn Keyed + 'a) {
        &*self.0
    }
}

#[derive(Clone, Debug)]
struct ByUrgency(Arc<Finding>);

/// Orders by urgency: the worst first, then what moved last, what has no time at the end; the key settles the rest.
#[must_use]
pub fn by_urgency(a: &Finding, b: &Finding) -> Ordering {
    let rank = |f: &Finding| (Reverse(f.severity), Reverse(f.updated_at));
    rank(a).cmp(&rank(b)).then_with(|| a.parts().cmp(&b.parts()))
}

impl Ord for ByUrgency {
    fn cmp(&self, other: &Self) -> Ordering {
        by_urgency(&self.0, &other.0)
    }
}

impl PartialOrd for ByUrgency {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ByUrgency {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ByUrgency {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Severity, Time};
    use crate::findings::samples;

    fn finding(id: u8, tenths: u8, updated: Option<u8>, archived: bool) -> Arc<Finding> {
        let mut finding = samples::finding();
        finding.id = Untrusted::new(format!("f-{id}"));
        finding.severity = Severity::from_score(f64::from(tenths) / 10.0);
        finding.updated_at = updated.map(|s| Time::from_second(i64::from(s)).unwrap());
        finding.archived = archived;
        finding.digest = super::super::unread::digest(format!("{id} {tenths} {updated:?} {archived}").as_bytes());
        Arc::new(finding)
    }

    #[test]
    fn the_later_version_stays() {
        let mut index = Index::new();
        assert_eq!(index.insert(finding(1, 50, Some(5), false)), Merged::Added);
        assert_eq!(index.insert(finding(1, 50, Some(5), false)), Merged::Unchanged);
        assert_eq!(index.insert(finding(1, 90, Some(4), false)), Merged::Unchanged);
        assert_eq!(index.counts().of(SeverityLabel::Medium), 1);
        assert_eq!(index.insert(finding(1, 80, Some(5), false)), Merged::Updated);
        assert_eq!(index.counts().of(SeverityLabel::Medium), 0);
        assert_eq!(index.insert(finding(1, 80, Some(6), true)), Merged::Updated);
        assert_eq!((index.len(), index.counts().total()), (1, 0));
        let key = finding(1, 0, None, false).key();
        assert!(index.get(&key).unwrap().archived);
    }

    #[test]
    fn the_same_id_elsewhere_is_another_finding() {
        let mut index = Index::new();
        index.insert(finding(1, 50, None, false));
        let mut other = samples::finding();
        other.id = Untrusted::new("f-1");
        other.region = "eu-west-1".parse().unwrap();
        assert_eq!(index.insert(Arc::new(other)), Merged::Added);
        assert_eq!(index.len(), 2);
    }

    #[test]
    fn a_window_is_a_part_of_the_whole() {
        let mut index = Index::new();
        for n in 0..50 {
            index.insert(finding(n, n, Some(n), false));
        }
        let ids: Vec<&str> = index.range(10, 3).map(|f| f.id.raw()).collect();
        assert_eq!(ids, ["f-39", "f-38", "f-37"]);
        assert_eq!(index.range(49, 9).count(), 1);
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_a_plain_sort(
            given in proptest::collection::vec((0_u8..40, 0_u8..=100, proptest::option::of(0_u8..5), any::<bool>()), 0..200)
        ) {
            let mut index = Index::new();
            let mut naive: BTreeMap<FindingKey, Arc<Finding>> = BTreeMap::new();
            for (id, tenths, updated, archived) in given {
                let new = finding(id, tenths, updated, archived);
                index.insert(Arc::clone(&new));
                let stale = naive.get(&new.key()).is_some_and(|old| {
                    old.updated_at.is_some() && new.updated_at.is_some() && new.updated_at < old.updated_at
                });
                if !stale {
                    naive.insert(new.key(), new);
                }
            }
            let mut sorted: Vec<_> = naive.values().cloned().collect();
            sorted.sort_by(|a, b| by_urgency(a, b));
            let raws = |all: &[Arc<Finding>]| all.iter().map(|f| f.digest).collect::<Vec<_>>();
            let held: Vec<_> = index.iter().cloned().collect();
            prop_assert_eq!(raws(&held), raws(&sorted));
            for label in SeverityLabel::ALL {
                let count = sorted.iter().filter(|f| !f.archived && f.severity.label() == label).count();
                prop_assert_eq!(index.counts().of(label), count);
            }
        }
    }
}

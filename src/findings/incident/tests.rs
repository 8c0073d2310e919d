//! Groups against a plain search over all pairs, in any order of arrival; names, splits and merges.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::domain::{Principal, Resource, ResourceKind, Untrusted};
use crate::findings::index::Index;
use crate::findings::samples;
use crate::findings::version::Told;

const HOUR: i64 = 3600;

/// A finding on an instance, by its number, with activity in hours.
pub fn on(n: u32, instance: &str, from: i64, to: i64) -> Finding {
    let mut finding = samples::finding();
    finding.id = Untrusted::new(format!("f-{n}"));
    finding.resource = Resource::new(ResourceKind::Instance, instance);
    finding.others = Vec::new();
    finding.principal = Principal::default();
    finding.first_seen = Some(Time::from_second(from * HOUR).unwrap());
    finding.updated_at = Some(Time::from_second(to * HOUR).unwrap());
    finding.digest = u64::from(n) << 32 | from.unsigned_abs() << 16 | to.unsigned_abs();
    finding
}

#[derive(Default)]
pub struct Desk {
    pub index: Index,
    pub groups: Groups,
}

impl Desk {
    pub fn take(&mut self, finding: Finding) {
        let taken = self.index.insert(Arc::new(finding));
        if taken.merged != crate::findings::index::Merged::Unchanged {
            self.groups.follow(&taken, &self.index);
        }
    }

    pub fn of(&mut self, findings: impl IntoIterator<Item = Finding>) -> &mut Self {
        findings.into_iter().for_each(|f| self.take(f));
        self.groups.settle(&self.index);
        self
    }

    /// The groups by the ids of their findings.
    fn ids(&self) -> BTreeSet<BTreeSet<String>> {
        let ids = |group| {
            let members = self.groups.incident(group, &self.index);
            members.members.iter().map(|f| f.id.raw().to_owned()).collect()
        };
        self.groups.all().map(ids).collect()
    }

    pub fn incident(&self, id: &str) -> Arc<Incident> {
        let key = self.index.iter().find(|f| f.id.raw() == id).unwrap().key();
        let slot = self.index.slot_of(&key).unwrap();
        self.groups.incident(self.groups.of(slot), &self.index)
    }
}

fn sets(all: &[&[&str]]) -> BTreeSet<BTreeSet<String>> {
    all.iter()
        .map(|set| set.iter().map(|id| (*id).to_owned()).collect())
        .collect()
}

#[test]
fn what_is_shared_within_the_window_joins_and_says_why() {
    let mut key = on(3, "i-3", 30, 31);
    key.principal.access_key = Some(Untrusted::new("AKIAEXAMPLE7Q2XEXAMP"));
    let mut elsewhere = on(4, "i-4", 40, 41);
    elsewhere.account = "333333333333".parse().unwrap();
    elsewhere.others = vec![Resource::new(ResourceKind::AccessKey, "AKIAEXAMPLE7Q2XEXAMP")];
    let mut desk = Desk::default();
    desk.of([
        on(0, "i-1", 0, 1),
        on(1, "i-1", 25, 26),
        on(2, "i-1", 51, 52),
        key,
        elsewhere,
    ]);
    assert_eq!(desk.ids(), sets(&[&["f-0", "f-1"], &["f-2"], &["f-3", "f-4"]]));
    let reasons = |id: &str| {
        desk.incident(id)
            .reasons
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(reasons("f-0"), ["same instance i-1"]);
    assert_eq!(reasons("f-4"), ["same access key AKIAEXAMPLE7Q2XEXAMP"]);
    assert!(reasons("f-2").is_empty());
}

#[test]
fn what_everybody_shares_joins_nothing() {
    let with = |n, change: &dyn Fn(&mut Finding)| {
        let mut finding = on(n, "i-x", 0, 1);
        finding.resource = Resource::new(ResourceKind::Account, "222222222222");
        change(&mut finding);
        finding
    };
    let principal = |name: &str, kind: &str| Principal {
        name: Some(Untrusted::new(name)),
        kind: Some(Untrusted::new(kind)),
        ..Principal::default()
    };
    for change in [
        &(|_: &mut Finding| {}) as &dyn Fn(&mut Finding),
        &|f| f.principal = principal("Root", "Root"),
        &|f| f.principal = principal("AWSReservedSSO_Admin_0123456789abcdef", "AssumedRole"),
        &|f| f.principal = principal("AWSServiceRoleForAutoScaling", "AssumedRole"),
        &|f| f.principal.name = Some(Untrusted::new("admin")),
        &|f| f.resource = Resource::new(ResourceKind::Other, "vpc-1"),
        &|f| {
            f.archived = true;
            f.resource = Resource::new(ResourceKind::Instance, "i-1");
        },
        &|f| {
            (f.first_seen, f.updated_at) = (None, None);
            f.resource = Resource::new(ResourceKind::Instance, "i-1");
        },
    ] {
        let mut desk = Desk::default();
        desk.of([with(1, change), with(2, change)]);
        assert_eq!(desk.ids(), sets(&[&["f-1"], &["f-2"]]));
    }
    let mut desk = Desk::default();
    let bot = |f: &mut Finding| f.principal = principal("deploy-bot", "IAMUser");
    desk.of([with(1, &bot), with(2, &bot)]);
    assert_eq!(desk.incident("f-1").reasons[0].to_string(), "same user deploy-bot");
}

#[test]
fn a_sequence_is_joined_to_the_findings_that_it_names() {
    let mut sequence = on(9, "i-9", 90, 91);
    sequence.signals = vec![Untrusted::new("f-1"), Untrusted::new("f-7")];
    for order in [[0, 1], [1, 0]] {
        let both = [sequence.clone(), on(1, "i-1", 1, 2)];
        let mut desk = Desk::default();
        desk.of(order.map(|n: usize| both[n].clone()));
        assert_eq!(desk.ids(), sets(&[&["f-1", "f-9"]]));
        assert_eq!(desk.incident("f-1").reasons[0].to_string(), "same attack sequence");
        let mut gone = sequence.clone();
        (gone.signals, gone.digest) = (Vec::new(), 1);
        gone.told = Told::read(Time::from_second(1).unwrap());
        desk.of([gone]);
        assert_eq!(desk.ids(), sets(&[&["f-1"], &["f-9"]]));
    }
}

#[test]
fn the_journals_name_stays_with_its_finding() {
    let mut desk = Desk::default();
    desk.of([on(1, "i-1", 0, 1), on(2, "i-2", 0, 1)]);
    let (first, second) = (desk.incident("f-1").id.clone(), desk.incident("f-2").id.clone());
    assert!(first.starts_with("q-") && first.len() == 10);
    for (n, id, order) in [(1, &first, 5), (2, &second, 3)] {
        let key = on(n, "", 0, 0).key();
        desk.groups.anchor(&key, order, id.clone(), &desk.index);
    }
    // A worse one that shares both instances joins them all.
    let mut worse = on(3, "i-1", 0, 1);
    worse.severity = Severity::from_score(9.9);
    worse.others = vec![Resource::new(ResourceKind::Instance, "i-2")];
    desk.of([worse]);
    let all = desk.incident("f-3");
    assert_eq!(
        (&all.id, &all.aliases, all.lead.id.raw()),
        (&second, &vec![first.clone()], "f-3")
    );
    assert_eq!(
        desk.groups.named(&first, &desk.index),
        desk.groups.named(&second, &desk.index)
    );
    // A name may come before its finding.
    let key = on(8, "", 0, 0).key();
    desk.groups.anchor(&key, 9, "q-00000008".to_owned(), &desk.index);
    desk.of([on(8, "i-8", 0, 1)]);
    assert_eq!(desk.incident("f-8").id, "q-00000008");
}

#[test]
fn splits_and_merges_hold_for_what_comes_and_undo_each_other() {
    let keys = |ns: &[u32]| ns.iter().map(|n| on(*n, "", 0, 0).key()).collect::<Vec<_>>();
    let all = || {
        [
            on(1, "i-1", 0, 1),
            on(2, "i-1", 0, 1),
            on(3, "i-1", 0, 1),
            on(4, "i-4", 0, 1),
        ]
    };
    let mut hand = Hand::default();
    hand.split(&keys(&[2, 3]));
    let split = sets(&[&["f-1"], &["f-2", "f-3"], &["f-4"]]);
    // Before and after the findings came.
    let mut before = Desk::default();
    before.groups.set_hand(hand.clone());
    assert_eq!(before.of(all()).ids(), split);
    let mut after = Desk::default();
    after.of(all());
    after.groups.set_hand(hand.clone());
    assert_eq!(after.of([]).ids(), split);
    // What comes later stays with those that were not split off.
    assert_eq!(
        after.of([on(5, "i-1", 1, 2)]).ids(),
        sets(&[&["f-1", "f-5"], &["f-2", "f-3"], &["f-4"]])
    );
    hand.merge(&keys(&[1, 2, 4]));
    after.groups.set_hand(hand.clone());
    assert_eq!(after.of([]).ids(), sets(&[&["f-1", "f-2", "f-3", "f-4", "f-5"]]));
    assert!(after.incident("f-1").reasons.iter().any(|r| r.why == Why::Hand));
    hand.split(&keys(&[4]));
    after.groups.set_hand(hand);
    assert_eq!(after.of([]).ids(), sets(&[&["f-1", "f-2", "f-3", "f-5"], &["f-4"]]));
}

/// Small numbers make a finding: its number, what it shares, and its time in hours.
type Seed = (u32, u8, u8, i64, i64, bool);

fn made((n, instance, key, from, long, archived): Seed) -> Finding {
    let mut finding = on(n, &format!("i-{instance}"), from, from + long);
    if key < 6 {
        finding.principal.access_key = Some(Untrusted::new(format!("AKIA{key}")));
    }
    if key == 7 {
        finding.signals = vec![Untrusted::new(format!("f-{instance}"))];
    }
    finding.archived = archived;
    finding.digest =
        crate::findings::unread::digest(format!("{n} {instance} {key} {from} {long} {archived}").as_bytes());
    finding
}

/// Whether two findings are joined directly: said once more, plainly.
fn joined(a: &Finding, b: &Finding) -> bool {
    if a.archived || b.archived {
        return false;
    }
    let names = |x: &Finding, y: &Finding| x.signals.contains(&y.id);
    if names(a, b) || names(b, a) {
        return true;
    }
    let far =
        |x: &Finding, y: &Finding| x.updated_at.unwrap().as_second() + 24 * HOUR < y.first_seen.unwrap().as_second();
    let same_key = a.principal.access_key.is_some() && a.principal.access_key == b.principal.access_key;
    !far(a, b) && !far(b, a) && (same_key || a.resource == b.resource)
}

/// Every pair is looked at until nothing changes.
fn oracle(findings: &[Finding]) -> BTreeSet<BTreeSet<String>> {
    let mut group: Vec<usize> = (0..findings.len()).collect();
    loop {
        let mut changed = false;
        for a in 0..findings.len() {
            for b in 0..a {
                if group[a] != group[b] && joined(&findings[a], &findings[b]) {
                    let (from, to) = (group[a], group[b]);
                    group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
    }
    let mut sets: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for (finding, group) in findings.iter().zip(group) {
        sets.entry(group).or_default().insert(finding.id.raw().to_owned());
    }
    sets.into_values().collect()
}

proptest! {
    /// Versions of the same finding come in order, as a source gives them; the findings in any order, and settled at any time.
    #[test]
    fn any_order_gives_the_groups_of_a_plain_search(
        seeds in proptest::collection::vec((0_u32..14, 0_u8..6, 0_u8..9, 0_i64..200, 0_i64..12, prop::bool::weighted(0.15)), 0..40),
        settles in proptest::collection::vec(any::<bool>(), 40),
        shuffle in any::<u64>(),
    ) {
        let mut last: BTreeMap<u32, Finding> = BTreeMap::new();
        let mut desk = Desk::default();
        for (read, (seed, settle)) in (1..).zip(seeds.iter().zip(settles)) {
            let mut finding = made(*seed);
            finding.told = Told::read(Time::from_second(read).unwrap());
            // A later version never has an earlier update; its first time may be corrected.
            if let Some(before) = last.get(&seed.0) {
                finding.updated_at = finding.updated_at.max(before.updated_at);
            }
            last.insert(seed.0, finding.clone());
            desk.take(finding);
            if settle {
                desk.groups.settle(&desk.index);
            }
        }
        desk.groups.settle(&desk.index);
        let mut findings: Vec<Finding> = last.into_values().collect();
        let wanted = oracle(&findings);
        prop_assert_eq!(&desk.ids(), &wanted);
        findings.sort_by_key(|f| f.digest ^ shuffle);
        let mut other = Desk::default();
        other.of(findings);
        prop_assert_eq!(&other.ids(), &wanted);
        // The names and the reasons are the same too.
        for finding in other.index.iter() {
            let (a, b) = (desk.incident(finding.id.raw()), other.incident(finding.id.raw()));
            prop_assert_eq!((&a.id, &a.reasons, a.first_seen, a.updated_at), (&b.id, &b.reasons, b.first_seen, b.updated_at));
        }
    }

    /// What a change says is enough to keep rows: taking out and putting in gives every group once.
    #[test]
    fn changes_keep_rows_true(
        seeds in proptest::collection::vec((0_u32..14, 0_u8..6, 0_u8..9, 0_i64..200, 0_i64..12, any::<bool>()), 0..40),
    ) {
        let mut desk = Desk::default();
        let mut rows = BTreeSet::new();
        for seed in seeds {
            desk.take(made(seed));
            let change = desk.groups.settle(&desk.index);
            rows.retain(|row| !change.out.contains(row));
            rows.extend(change.into);
            prop_assert_eq!(&rows, &desk.groups.all().collect::<BTreeSet<_>>());
        }
    }
}

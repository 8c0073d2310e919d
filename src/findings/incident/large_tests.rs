//! Large groups against what a small one would say of the same findings, and what of them waits.

use super::tests::{Desk, on};
use super::*;
use crate::domain::{Resource, ResourceKind};
use crate::findings::index::Slot;

/// Findings of one instance that also share buckets, some of them weaknesses.
fn member(n: u32, version: u32) -> Finding {
    let mixed = (n + 7 * version).wrapping_mul(2_654_435_761) >> 8;
    let mut finding = on(n, "i-1", i64::from(mixed % 5), 10 + i64::from(version));
    finding.severity = Severity::from_score(f64::from(mixed % 80) / 10.0);
    finding.others = vec![Resource::new(ResourceKind::Bucket, format!("bucket-{}", n % 30))];
    finding.control = n.is_multiple_of(7).then(|| Untrusted::new("S3.8"));
    if n % 10 == 3 {
        finding.signals = vec![Untrusted::new(format!("f-{}", n + 1))];
    }
    finding.digest = u64::from(n) << 32 | u64::from(version);
    finding
}

/// What the incident of these findings says if it is made of them at once.
fn anew(incident: &Incident) -> Incident {
    let findings = incident.members.iter().map(|f| (f.as_ref(), 0));
    let (reasons, more) = reasons::reasons(findings, 0);
    let names = std::iter::once(incident.id.clone()).chain(incident.aliases.clone());
    Incident::new(incident.members.clone(), names.collect(), reasons, more).unwrap()
}

fn same(a: &Incident, b: &Incident) {
    let ids = |i: &Incident| i.members.iter().map(|f| f.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(a), ids(b));
    assert_eq!((&a.reasons, a.more_reasons), (&b.reasons, b.more_reasons));
    assert_eq!((a.first_seen, a.updated_at), (b.first_seen, b.updated_at));
    assert_eq!(
        (a.severity, a.archived, &a.lead.digest),
        (b.severity, b.archived, &b.lead.digest)
    );
    assert_eq!((&a.id, &a.aliases), (&b.id, &b.aliases));
}

#[test]
fn a_large_group_says_what_a_small_one_would() {
    let mut desk = Desk::default();
    for n in 0..300 {
        desk.take(member(n, 0));
        if n % 40 == 0 {
            desk.groups.settle(&desk.index);
        }
        if n == 250 {
            let key = member(20, 0).key();
            desk.groups.anchor(&key, 7, "q-00000007".to_owned(), &desk.index);
        }
    }
    let key = member(30, 0).key();
    desk.groups.anchor(&key, 3, "q-00000003".to_owned(), &desk.index);
    desk.of([]);
    let all = desk.incident("f-1");
    assert_eq!((all.members.len(), all.id.as_str()), (300, "q-00000003"));
    assert!(all.more_reasons > 0 && all.reasons.iter().any(|r| r.why == Why::Sequence));
    same(&all, &anew(&all));
    // Newer versions, among them of the lead and of the one that was seen first; one more joins, and one lets go.
    for n in (0..300).step_by(3) {
        desk.take(member(n, 1));
    }
    desk.of([member(300, 0)]);
    let all = desk.incident("f-1");
    assert_eq!(all.members.len(), 301);
    same(&all, &anew(&all));
    let mut gone = member(5, 2);
    gone.archived = true;
    desk.of([gone]);
    let all = desk.incident("f-1");
    assert_eq!(all.members.len(), 300);
    same(&all, &anew(&all));
}

fn at(second: i64) -> Time {
    Time::from_second(second).unwrap()
}

/// A desk with one group of so many findings, made at the second 100.
fn crowd(many: u32) -> (Desk, Slot) {
    let mut desk = Desk::default();
    (0..many).for_each(|n| desk.take(member(n, 0)));
    desk.groups.settle_soon(&desk.index, at(100));
    let group = desk.groups.of(0);
    assert_eq!(desk.groups.members(group).len(), many as usize);
    (desk, group)
}

#[test]
fn a_very_large_incident_follows_some_seconds_later_and_what_is_urgent_at_once() {
    let (mut desk, group) = crowd(1_200);
    let made = Arc::clone(desk.groups.made(group).unwrap());
    let mut mild = member(5_000, 0);
    mild.severity = Severity::from_score(1.0);
    desk.take(mild);
    let change = desk.groups.settle_soon(&desk.index, at(101));
    assert!(change.into.is_empty() && !change.out.contains(&group), "{change:?}");
    assert_eq!(change.findings.len(), 1);
    assert!(
        Arc::ptr_eq(&made, desk.groups.made(group).unwrap()),
        "it was not made again"
    );
    assert!(desk.groups.is_waiting());
    // Nothing else comes, and yet it follows.
    let change = desk.groups.settle_soon(&desk.index, at(102));
    assert!(change.into.contains(&group) && !desk.groups.is_waiting());
    assert_eq!(desk.groups.made(group).unwrap().members.len(), 1_201);
    let mut worst = member(5_001, 0);
    worst.severity = Severity::from_score(9.9);
    desk.take(worst);
    assert!(desk.groups.settle_soon(&desk.index, at(102)).into.contains(&group));
    let made = desk.groups.made(group).unwrap();
    assert_eq!((made.members.len(), made.severity), (1_202, Severity::from_score(9.9)));
    // Its lead is over.
    let mut over = member(5_001, 1);
    (over.archived, over.severity) = (true, Severity::from_score(9.9));
    desk.take(over);
    desk.groups.settle_soon(&desk.index, at(102));
    assert!(desk.groups.made(desk.groups.of(0)).unwrap().severity < Severity::from_score(9.0));
    // Who asks for everything gets it.
    desk.take(member(5_002, 0));
    assert!(desk.groups.settle(&desk.index).into.contains(&desk.groups.of(0)));
    assert!(!desk.groups.is_waiting());
}

#[test]
fn a_very_large_group_is_taken_apart_once_in_a_while_and_small_ones_at_once() {
    let (mut desk, _) = crowd(1_200);
    let over = |n: u32| Finding {
        archived: true,
        ..member(n, 1)
    };
    let other = |n: u32, over: bool| Finding {
        archived: over,
        digest: u64::from(over),
        ..on(n, "i-2", 0, 1 + i64::from(over))
    };
    for n in [9_000, 9_001] {
        desk.take(other(n, false));
    }
    let size = |desk: &Desk, n: Slot| desk.groups.members(desk.groups.of(n)).len();
    desk.take(over(10));
    desk.groups.settle_soon(&desk.index, at(100));
    assert_eq!((size(&desk, 10), size(&desk, 0), size(&desk, 1_200)), (1, 1_199, 2));
    desk.take(over(11));
    desk.take(other(9_001, true));
    desk.groups.settle_soon(&desk.index, at(105));
    assert_eq!((size(&desk, 0), size(&desk, 1_200)), (1_199, 1));
    assert!(desk.groups.is_waiting());
    desk.groups.settle_soon(&desk.index, at(110));
    assert_eq!((size(&desk, 11), size(&desk, 0)), (1, 1_198));
    // What a hand takes apart does not wait.
    let mut hand = Hand::default();
    hand.split(&[member(12, 0).key()]);
    desk.groups.set_hand(hand);
    desk.groups.settle_soon(&desk.index, at(111));
    assert_eq!((size(&desk, 12), size(&desk, 0)), (1, 1_197));
}

/// What was split by hand is looked up once for however many of its findings came, and not again when they change.
#[test]
fn the_hand_is_asked_once_a_settle() {
    let mut hand = Hand::default();
    let keys: Vec<_> = (0..40).map(|n| member(n, 0).key()).collect();
    hand.split(&keys[..20]);
    let mut desk = Desk::default();
    desk.groups.set_hand(hand);
    desk.of([]);
    for n in 0..40 {
        desk.take(member(n, 0));
        assert!(desk.groups.cells.is_empty(), "not with each finding");
    }
    desk.of([]);
    assert_eq!(desk.groups.cells.len(), 20);
    assert_eq!(desk.groups.all().count(), 2);
    for n in 0..40 {
        desk.take(member(n, 1));
        assert!(!desk.groups.unresolved, "a key that was found stays found");
    }
    desk.of([]);
    assert_eq!(desk.groups.all().count(), 2);
}

/// Keys of journals from before products were a part of them.
#[test]
fn many_old_keys_are_found_as_one_is() {
    use crate::findings::index::{Finder, Index};
    let mut index = Index::new();
    for n in 0..20_u32 {
        let mut finding = member(n % 10, 0);
        finding.source = Source::SecurityHub;
        finding.product_arn = Some(Untrusted::new(format!(
            "arn:aws:securityhub:us-east-1::product/p{}/p",
            n / 10
        )));
        index.insert(Arc::new(finding));
    }
    let finder = Finder::new(&index);
    for n in 0..12 {
        let mut key = member(n, 0).key();
        key.source = Source::SecurityHub;
        assert_eq!(finder.slot_of(&key), (n < 10).then_some(n));
        assert_eq!(finder.slot_of(&key), index.slot_of(&key));
        key.product = Some(Untrusted::new("arn:aws:securityhub:us-east-1::product/p1/p"));
        assert_eq!(finder.slot_of(&key), index.slot_of(&key));
    }
}

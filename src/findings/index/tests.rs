//! The index against a plain sort, and duplicates.

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
    assert_eq!(index.insert(finding(1, 50, Some(5), false)).merged, Merged::Added);
    assert_eq!(index.insert(finding(1, 50, Some(5), false)).merged, Merged::Unchanged);
    assert_eq!(index.insert(finding(1, 90, Some(4), false)).merged, Merged::Unchanged);
    assert_eq!(index.counts().of(SeverityLabel::Medium), 1);
    assert_eq!(index.insert(finding(1, 80, Some(5), false)).merged, Merged::Updated);
    assert_eq!(index.counts().of(SeverityLabel::Medium), 0);
    assert_eq!(index.insert(finding(1, 80, Some(6), true)).merged, Merged::Updated);
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
    assert_eq!(index.insert(Arc::new(other)).merged, Merged::Added);
    assert_eq!(index.len(), 2);
}

fn copy_of(lead: &Finding, workflow: &str, second: i64) -> Finding {
    let mut copy = samples::named("asff-guardduty-key");
    copy.id = Untrusted::new(format!(
        "arn:aws:guardduty:us-east-1:222222222222:detector/d/finding/{}",
        lead.id.raw()
    ));
    copy.twin_of = Some(lead.id.clone());
    (copy.account, copy.region) = (lead.account, lead.region.clone());
    copy.workflow = Some(Untrusted::new(workflow));
    copy.updated_at = Some(Time::from_second(second).unwrap());
    copy.archived = workflow == "RESOLVED";
    copy.digest = super::super::unread::digest(format!("{workflow} {second}").as_bytes());
    copy
}

#[test]
fn a_copy_in_security_hub_is_the_same_finding() {
    let copy = samples::named("asff-guardduty-key");
    assert_eq!(copy.twin_of.as_ref().unwrap().raw(), "616e6f6d616c6f7573");
    let lead = finding(1, 80, Some(5), false);
    let new = copy_of(&lead, "NEW", 6);
    let resolved = copy_of(&lead, "RESOLVED", 7);
    let all = [lead.as_ref().clone(), new, resolved];
    for order in [[0, 1, 2], [1, 0, 2], [1, 2, 0], [0, 2, 1], [2, 1, 0], [2, 0, 1]] {
        let mut index = Index::new();
        for n in order {
            index.insert(Arc::new(all[n].clone()));
        }
        assert_eq!((index.len(), index.counts().total()), (1, 0), "{order:?}");
        let held = index.get(&lead.key()).unwrap();
        assert_eq!((held.source, held.archived), (Source::GuardDuty, true));
        assert_eq!(held.workflow.as_ref().unwrap().raw(), "RESOLVED");
        assert_eq!(index.get(&all[1].key()).unwrap().key(), lead.key());
        assert_eq!(index.twin(0).unwrap().id, all[1].id);
        // Taken up again in Security Hub, it is open again.
        index.insert(Arc::new(copy_of(&lead, "NOTIFIED", 8)));
        assert_eq!(index.counts().total(), 1);
    }
}

#[test]
fn what_only_looks_like_a_copy_is_a_finding_of_its_own() {
    let raw = samples::ASFF
        .iter()
        .find(|(name, _)| *name == "asff-guardduty-key")
        .unwrap()
        .1;
    let text = String::from_utf8(raw.to_vec()).unwrap();
    let forged = text.replace(
        "ap-northeast-2::product/aws/guardduty",
        "ap-northeast-2:222222222222:product/222222222222/default",
    );
    let forged = super::super::asff::parse(forged.as_bytes(), &samples::place());
    assert_eq!((forged.product.raw(), &forged.twin_of), ("GuardDuty", &None));
    let mut index = Index::new();
    let mut lead = samples::finding();
    lead.id = Untrusted::new("616e6f6d616c6f7573");
    (lead.account, lead.region) = (forged.account, forged.region.clone());
    index.insert(Arc::new(lead.clone()));
    index.insert(Arc::new(forged.clone()));
    assert_eq!(index.len(), 2);
    assert_eq!(index.get(&forged.key()).unwrap().source, Source::SecurityHub);
    assert_eq!(index.get(&lead.key()).unwrap().source, Source::GuardDuty);
}

#[test]
fn a_finding_is_kept_small() {
    assert!(size_of::<Finding>() <= 480, "{}", size_of::<Finding>());
    let mut index = Index::new();
    for n in 0..2 {
        index.insert(finding(n, 50, None, false));
    }
    let (a, b) = (index.at(0), index.at(1));
    for (one, other) in [
        (&a.kind, &b.kind),
        (&a.title, &b.title),
        (&a.resource.id, &b.resource.id),
    ] {
        assert!(std::ptr::eq(one.raw(), other.raw()), "{one} is held once");
    }
    assert!(a.description.is_empty() && a.doubts.is_empty());
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
        let mut held: Vec<_> = index.iter().cloned().collect();
        held.sort_by(|a, b| by_urgency(a, b));
        prop_assert_eq!(raws(&held), raws(&sorted));
        for label in SeverityLabel::ALL {
            let count = sorted.iter().filter(|f| !f.archived && f.severity.label() == label).count();
            prop_assert_eq!(index.counts().of(label), count);
        }
    }
}

//! The index against a plain sort, and duplicates.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::SeverityLabel;
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

fn hub(product: &str, updated: &str, workflow: &str, told: Told) -> Arc<Finding> {
    let raw = format!(
        r#"{{"Id":"scan/i-1","ProductArn":"arn:aws:securityhub:us-east-1:111111111111:product/{product}/scan","CreatedAt":"2026-03-01T09:00:00Z",
        "AwsAccountId":"111122223333","Region":"us-east-1","UpdatedAt":"{updated}","Workflow":{{"Status":"{workflow}"}}}}"#
    );
    let mut finding = super::super::asff::parse(raw.as_bytes(), &samples::place());
    finding.told = told;
    Arc::new(finding)
}

#[test]
fn two_products_may_give_the_same_id() {
    let mut index = Index::new();
    let all = ["acme", "beta"].map(|product| hub(product, "2026-03-01T10:00:00Z", "NEW", Told::default()));
    for finding in &all {
        assert_eq!(index.insert(Arc::clone(finding)).merged, Merged::Added);
    }
    for finding in &all {
        assert_eq!(index.get(&finding.key()).unwrap().product_arn, finding.product_arn);
    }
    let names = all.each_ref().map(|finding| crate::findings::incident::id_of(finding));
    assert_ne!(names[0], names[1], "they open incidents of their own");
    // A journal of before named no product.
    let bare = all[1].key().without_product();
    assert_eq!(index.get(&bare).unwrap().id, all[1].id);
    let old = crate::findings::incident::id_of_key(&bare);
    assert!(crate::findings::incident::gives_name(&all[1], &old) && names[1] != old);
    // Nobody hides the copy of a GuardDuty finding by giving its id to one of his own.
    let lead = finding(1, 80, Some(5), false);
    let copy = copy_of(&lead, "NEW", 6);
    let mut forged = copy.clone();
    forged.twin_of = None;
    forged.product_arn.clone_from(&all[0].product_arn);
    index.insert(lead);
    index.insert(Arc::new(copy.clone()));
    assert!(index.get(&forged.key()).is_none(), "it is not there yet");
    index.insert(Arc::new(forged.clone()));
    assert_eq!(index.get(&forged.key()).unwrap().source, Source::SecurityHub);
    assert_eq!(index.get(&copy.key()).unwrap().source, Source::GuardDuty);
}

#[test]
fn a_time_that_cannot_be_read_makes_no_version_old() {
    let mut index = Index::new();
    index.insert(hub("acme", "2026-03-01T10:00:00Z", "NEW", Told::default()));
    let new = hub("acme", "2026/03/01 11:00", "NOTIFIED", Told::default());
    assert_eq!(
        new.updated_at.unwrap().to_string(),
        "2026-03-01T09:00:00Z",
        "another time stands in"
    );
    assert_eq!(index.insert(new).merged, Merged::Updated);
}

#[test]
fn an_old_message_does_not_take_the_place_of_what_was_read_since() {
    let at = |second| Time::from_second(second).unwrap();
    let of = |workflow, told| hub("acme", "2026-03-01T10:00:00Z", workflow, told);
    let mut index = Index::new();
    index.insert(of("NEW", Told::read(at(100))));
    let suppressed = of("SUPPRESSED", Told::by_event(Some(at(200))));
    assert_eq!(index.insert(Arc::clone(&suppressed)).merged, Merged::Updated);
    assert_eq!(index.insert(of("NEW", Told::read(at(300)))).merged, Merged::Updated);
    assert_eq!(index.insert(suppressed).merged, Merged::Unchanged, "SQS sends it again");
    // The same version, read later, is as late as that.
    assert_eq!(index.insert(of("NEW", Told::read(at(500)))).merged, Merged::Unchanged);
    let between = of("RESOLVED", Told::by_event(Some(at(400))));
    assert_eq!(index.insert(between).merged, Merged::Unchanged);
    let news = of("RESOLVED", Told::by_event(Some(at(600))));
    assert_eq!(index.insert(news).merged, Merged::Updated);
}

#[test]
fn an_incident_of_events_goes_on_since_its_first() {
    let event = |minute: u32, status: &str| {
        let raw = format!(
            r#"{{"detail-type":"T","source":"acme.pay","id":"e","account":"111122223333","region":"us-east-1",
            "time":"2026-03-01T10:{minute:02}:00Z","detail":{{"id":"p1","severity":"critical","status":"{status}"}}}}"#
        );
        Arc::new(super::super::event::parse(raw.as_bytes(), &samples::place()))
    };
    let mut index = Index::new();
    let mut since = |event: Arc<Finding>| {
        let slot = index.insert(event).slot;
        index.at(slot).first_seen.unwrap().to_string()
    };
    assert_eq!(since(event(5, "open")), "2026-03-01T10:05:00Z");
    assert_eq!(since(event(10, "open")), "2026-03-01T10:05:00Z");
    assert_eq!(
        since(event(0, "open")),
        "2026-03-01T10:00:00Z",
        "an earlier one came late"
    );
    assert_eq!(since(event(20, "resolved")), "2026-03-01T10:00:00Z");
    assert_eq!(since(event(30, "open")), "2026-03-01T10:30:00Z", "it has begun anew");
    assert_eq!(since(event(20, "resolved")), "2026-03-01T10:30:00Z");
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
                let rank = |f: &Finding| (!f.archived, f.severity, f.digest);
                let both = old.updated_at.is_some() && new.updated_at.is_some();
                let same = old.updated_at == new.updated_at;
                both && new.updated_at < old.updated_at || same && rank(&new) < rank(old)
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

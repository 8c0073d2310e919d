//! Whose an event is, which of two is later, and that none of it is left out.

use super::tests::{event, one};
use super::*;
use crate::findings::samples;

#[test]
fn an_event_of_health_is_of_the_account_and_region_that_it_is_about_and_each_page_is_kept() {
    let told = |account: &str, page: u32| {
        let detail = format!(
            r#"{{"eventArn":"arn:aws:health:us-east-1::event/EC2/X/1","service":"EC2","eventTypeCode":"X","statusCode":"open",
            "affectedAccount":"{account}","eventRegion":"us-east-1","page":"{page}","totalPages":"3"}}"#
        );
        one(&event("aws.health", "AWS Health Event", "", &detail))
    };
    let (first, other) = (told("333333333333", 1), told("444444444444", 1));
    assert_eq!(
        (first.account.as_str(), first.region.as_str()),
        ("333333333333", "us-east-1")
    );
    assert_eq!(first.resource.id.raw(), "333333333333");
    assert_ne!(first.key(), other.key(), "one ARN, two accounts");
    let second = told("333333333333", 2);
    assert_ne!(first.key(), second.key(), "a page does not take the place of another");
    assert!(second.title.raw().ends_with("(page 2)"), "{}", second.title.raw());
    assert!(second.doubts.is_empty(), "{:?}", second.doubts);
    assert_eq!(told("333333333333", 2).key(), second.key());
    // Another's detail names nobody.
    let own = one(&event(
        "acme.pay",
        "Outage",
        "",
        r#"{"affectedAccount":"333333333333"}"#,
    ));
    assert_eq!(own.account.as_str(), "111122223333");
}

#[test]
fn of_many_findings_in_one_event_none_is_left_out() {
    let all: Vec<String> = (0..1_500).map(|n| format!(r#"{{"Id":"f-{n}"}}"#)).collect();
    let detail = format!(r#"{{"findings":[{}]}}"#, all.join(","));
    let body = event("aws.securityhub", "Security Hub Findings - Custom Action", "", &detail);
    assert_eq!(read(&body, &samples::place()).unwrap().len(), 1_500);
}

#[test]
fn a_resolved_event_of_a_clock_that_is_ahead_does_not_hide_what_opens_later() {
    let sent = |time: &str, status: &str, received: &str| {
        let raw = format!(
            r#"{{"detail-type":"Outage","source":"acme.pay","id":"e","account":"111122223333","region":"eu-west-1","time":"{time}",
            "detail":{{"id":"pay","status":"{status}"}}}}"#
        );
        let mut seen = read(&Bytes::from(raw), &samples::place()).unwrap();
        seen.remove(0).not_after(received.parse().unwrap()).finding
    };
    let version = crate::findings::version::Version::of;
    let over = sent("2027-03-01T10:10:00Z", "resolved", "2026-03-01T10:00:00.250Z");
    let open = sent("2026-03-01T10:02:00Z", "open", "2026-03-01T10:02:00.900Z");
    assert!(over.archived && !open.archived);
    assert!(!version(&open).is_older_than(&version(&over)) && version(&over).is_older_than(&version(&open)));
    assert_eq!(
        open.updated_at,
        Some("2026-03-01T10:02:00Z".parse().unwrap()),
        "a right clock stays"
    );
}

/// Nobody knows when it happened, but it did before it was received: without a time it would have no response clock.
#[test]
fn an_event_of_a_time_that_cannot_be_read_has_the_one_at_which_it_was_received() {
    let raw = br#"{"detail-type":"Outage","source":"acme.pay","id":"e","account":"111122223333","region":"eu-west-1",
        "time":"yesterday","detail":{"id":"pay"}}"#;
    let mut seen = read(&Bytes::from_static(raw), &samples::place()).unwrap();
    let untimed = seen.remove(0);
    assert!(!untimed.finding.is_timed_by_queue());
    let finding = untimed.not_after("2026-03-01T10:00:00.250Z".parse().unwrap()).finding;
    let received = Some("2026-03-01T10:00:00Z".parse().unwrap());
    assert_eq!((finding.first_seen, finding.updated_at), (received, received));
    assert_eq!((finding.told.sent(), finding.version()), (received, None));
    assert!(finding.is_timed_by_queue());
}

#[test]
fn what_sns_asks_is_told_with_what_to_do() {
    let body = Bytes::from_static(
        br#"{"Type":"SubscriptionConfirmation","SubscribeURL":"https://x","Message":"You have chosen"}"#,
    );
    let NotAnEvent(why) = read(&body, &samples::place()).unwrap_err();
    assert!(why.contains("SubscribeURL"), "{why}");
}

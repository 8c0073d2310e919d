//! Which version of a finding stays on the disk, and which two findings are one.

use super::*;
use crate::findings::version::Told;
use crate::findings::{asff, event as events};

pub const ACME: &str = "arn:aws:securityhub:us-east-1:111111111111:product/acme/scan";
pub const BETA: &str = "arn:aws:securityhub:us-east-1:222222222222:product/beta/scan";

/// What a scanner imports, always with the same id.
pub fn hub(product: &str, updated: &str, severity: u8) -> Seen {
    let raw = format!(
        r#"{{"Id":"scan/i-1","ProductArn":"{product}","AwsAccountId":"222222222222","Region":"us-east-1","CreatedAt":"2026-03-01T09:00:00Z",
        "UpdatedAt":"{updated}","Severity":{{"Normalized":{severity}0}},"Title":"t","Workflow":{{"Status":"NEW"}}}}"#
    );
    Seen::read(Bytes::from(raw), |raw| asff::parse(raw, &samples_place()))
}

/// An application's event, always of the same incident.
pub fn event(time: &str, status: &str) -> Vec<Seen> {
    let raw = format!(
        r#"{{"detail-type":"T","source":"acme.pay","id":"e","account":"222222222222","region":"us-east-1","time":"{time}",
        "detail":{{"id":"p1","severity":"critical","status":"{status}"}}}}"#
    );
    events::read(&Bytes::from(raw), &samples_place()).unwrap()
}

fn told(mut seen: Seen, told: Told, workflow: &str) -> Seen {
    let raw = String::from_utf8(seen.raw.to_vec()).unwrap().replace("NEW", workflow);
    seen = Seen::read(Bytes::from(raw), |raw| asff::parse(raw, &samples_place()));
    seen.told(told)
}

#[test]
fn two_products_may_give_the_same_id() {
    let (_base, home) = workspace();
    let cache = open(&home);
    let (acme, beta) = (
        hub(ACME, "2026-03-01T10:00:00Z", 9),
        hub(BETA, "2026-03-01T10:05:00Z", 2),
    );
    cache.keep(Batch::of(&[acme.clone(), beta.clone()]), now());
    assert_eq!(all(&cache, 10).len(), 2);
    assert_eq!(all(&cache, 10)[0].key, acme.finding.key());
    assert_eq!(cache.raw(&acme.finding.key()).unwrap(), acme.raw);
    assert_eq!(cache.raw(&beta.finding.key()).unwrap(), beta.raw);
    // As a journal wrote it down before.
    assert!(cache.raw(&beta.finding.key().without_product()).is_ok());
}

#[test]
fn a_time_that_cannot_be_read_makes_no_version_old() {
    let (_base, home) = workspace();
    let cache = open(&home);
    let new = hub(ACME, "2026/03/01 11:00", 9);
    cache.keep(Batch::of(&[hub(ACME, "2026-03-01T10:00:00Z", 2)]), now());
    cache.keep(Batch::of(std::slice::from_ref(&new)), now());
    assert_eq!(all(&cache, 10)[0].raw, new.raw);
}

#[test]
fn an_old_message_does_not_take_the_place_of_what_was_read_since() {
    let (_base, home) = workspace();
    let cache = open(&home);
    let at = |time: &str| time.parse::<Time>().unwrap();
    let one = || hub(ACME, "2026-03-01T09:00:00Z", 9);
    let open = told(one(), Told::read(at("2026-03-01T10:00:00Z")), "NEW");
    let suppressed = told(one(), Told::by_event(Some(at("2026-03-01T10:05:00Z"))), "SUPPRESSED");
    let again = told(one(), Told::read(at("2026-03-01T10:06:30Z")), "NEW");
    cache.keep(Batch::of(&[open.clone(), suppressed.clone()]), now());
    assert_eq!(all(&cache, 10)[0].raw, suppressed.raw, "it is news");
    cache.keep(Batch::of(&[again.clone(), suppressed.clone()]), now());
    assert_eq!(all(&cache, 10)[0].raw, again.raw, "SQS sends it again");
    assert_eq!(all(&cache, 10)[0].told, again.finding.told);
    // The same version, read later, is as late as that.
    let late = told(one(), Told::read(at("2026-03-01T10:10:00Z")), "NEW");
    let between = told(one(), Told::by_event(Some(at("2026-03-01T10:08:00Z"))), "SUPPRESSED");
    cache.keep(Batch::of(&[late, between]), now());
    assert_eq!(all(&cache, 10)[0].raw, again.raw);
}

#[test]
fn an_incident_of_events_goes_on_since_its_first() {
    let (_base, home) = workspace();
    let cache = open(&home);
    let since = |cache: &Cache| all(cache, 10)[0].read().first_seen.unwrap().to_string();
    cache.keep(Batch::of(&event("2026-03-01T10:05:00Z", "open")), now());
    cache.keep(Batch::of(&event("2026-03-01T10:10:00Z", "open")), now());
    assert_eq!(since(&cache), "2026-03-01T10:05:00Z");
    cache.keep(Batch::of(&event("2026-03-01T10:00:00Z", "open")), now());
    drop(cache);
    let cache = open(&home);
    assert_eq!(since(&cache), "2026-03-01T10:00:00Z", "after a restart too");
    cache.keep(Batch::of(&event("2026-03-01T11:00:00Z", "resolved")), now());
    assert_eq!(since(&cache), "2026-03-01T10:00:00Z");
    cache.keep(Batch::of(&event("2026-03-01T12:00:00Z", "open")), now());
    assert_eq!(since(&cache), "2026-03-01T12:00:00Z", "it has begun anew");
}

/// An application's event of this severity, sent at this time.
fn as_bad_as(severity: &str, time: &str) -> Seen {
    let raw = format!(
        r#"{{"detail-type":"T","source":"acme.pay","id":"e","account":"111122223333","region":"us-east-1",
        "time":"{time}","detail":{{"id":"p1","severity":"{severity}"}}}}"#
    );
    let place = crate::findings::samples::place();
    Seen::read(Bytes::from(raw), |raw| crate::findings::event::parse(raw, &place))
}

/// The index and the cache say the same of when it became as bad as it is, and the cache says it after a restart.
#[test]
fn since_when_a_finding_is_as_bad_as_it_is_stays_known() {
    let (_base, home) = workspace();
    let mut index = crate::findings::index::Index::new();
    for (severity, time, since) in [
        ("low", "2026-03-01T10:00:00Z", None),
        ("critical", "2026-03-01T12:00:00Z", Some("2026-03-01T12:00:00Z")),
        ("critical", "2026-03-01T12:30:00Z", Some("2026-03-01T12:00:00Z")),
        ("low", "2026-03-01T11:00:00Z", Some("2026-03-01T12:00:00Z")),
        ("medium", "2026-03-01T13:00:00Z", Some("2026-03-01T12:00:00Z")),
        ("high", "2026-03-01T14:00:00Z", Some("2026-03-01T14:00:00Z")),
    ] {
        let seen = as_bad_as(severity, time);
        let cache = open(&home);
        cache.keep(Batch::of(std::slice::from_ref(&seen)), now());
        let slot = index.insert(std::sync::Arc::new(seen.finding)).slot;
        let kept = all(&cache, 10)[0].read();
        let since = since.map(|at| at.parse().unwrap());
        assert_eq!(
            (kept.worse_since(), index.at(slot).worse_since()),
            (since, since),
            "{severity} {time}"
        );
    }
    // What the cache knows counts, where a page came first.
    let mut later = crate::findings::index::Index::new();
    let slot = later
        .insert(std::sync::Arc::new(as_bad_as("high", "2026-03-01T14:00:00Z").finding))
        .slot;
    later.insert(std::sync::Arc::new(all(&open(&home), 10)[0].read()));
    assert_eq!(later.at(slot).worse_since(), "2026-03-01T14:00:00Z".parse().ok());
}

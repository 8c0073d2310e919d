//! Administrators, the queue, and what comes into it.

use std::time::Duration;

use serde_json::Value;

use crate::domain::{AccountId, Region};
use crate::drill;
use crate::range::clock::Clock;
use crate::range::services::sqs::queue::Queue;
use crate::range::services::{guardduty, securityhub};
use crate::range::world::World;

const SECURITY: &str = "222222222222";
const SEOUL: &str = "ap-northeast-2";

fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

/// The leaked-key drill, with or without administrators.
fn world(administered: bool) -> World {
    let (name, text) = drill::builtin()[0];
    let mut text = text
        .lines()
        .filter(|l| !l.contains("_administrator = ") && !l.starts_with("aggregator = "));
    let mut text: String = text.by_ref().collect::<Vec<_>>().join("\n");
    if administered {
        let lines = "guardduty_administrator = \"acme-security\"\nsecurityhub_administrator = \"acme-security\"\n\
            aggregator = { region = \"ap-northeast-2\" }\n\n[quell]";
        text = text.replacen("[quell]", lines, 1);
    }
    let clock = Clock::stepped("2026-03-01T02:10:00Z".parse().unwrap());
    drill::load(name, &text).unwrap().build(clock).unwrap()
}

fn queue(world: &mut World) -> &Queue {
    let place = world.regional(&id(SECURITY), &region(SEOUL)).unwrap();
    &place.sqs.queues["quell-events"]
}

fn bodies(world: &mut World) -> Vec<String> {
    queue(world).messages.values().map(|m| m.body.clone()).collect()
}

fn events(world: &mut World) -> Vec<Value> {
    let bodies = bodies(world);
    bodies.iter().filter_map(|b| serde_json::from_str(b).ok()).collect()
}

#[test]
fn what_happened_before_the_start_waits_in_the_queue() {
    let mut world = world(false);
    let all = events(&mut world);
    let types: Vec<_> = all.iter().map(|e| e["detail-type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        [
            "ACM Certificate Approaching Expiration",
            "RDS DB Cluster Event",
            "AWS Service Event via CloudTrail"
        ]
    );
    let first = &all[0];
    assert_eq!(
        (&first["version"], &first["account"]),
        (&"0".into(), &"333333333333".into())
    );
    assert_eq!(
        (&first["time"], &first["region"]),
        (&"2026-02-28T21:10:00Z".into(), &SEOUL.into())
    );
    assert_eq!(first["detail"]["DaysToExpiry"], 6);
    assert_eq!(bodies(&mut world).last().unwrap(), "hello? is this thing on");
}

#[test]
fn findings_that_appear_are_told_to_whoever_sees_them() {
    for (administered, expected) in [(false, 0), (true, 7)] {
        let mut world = world(administered);
        world.clock.advance(Duration::from_mins(10));
        world.apply_due();
        let all = events(&mut world);
        let told: Vec<&Value> = all.iter().filter(|e| e["source"] == "aws.guardduty").collect();
        // Of the ten that appear, those of Seoul: a bus belongs to a region.
        assert_eq!(told.len(), expected);
        for event in told {
            assert_eq!(event["detail-type"], "GuardDuty Finding");
            assert_eq!(event["account"], SECURITY);
            assert_eq!(event["resources"], Value::Array(Vec::new()));
            let account = id(event["detail"]["accountId"].as_str().unwrap());
            let place = world.regional(&account, &region(SEOUL)).unwrap();
            assert_eq!(
                &event["detail"],
                &*place.guardduty.findings[event["detail"]["id"].as_str().unwrap()]
            );
        }
        let others = all
            .iter()
            .filter(|e| e["source"] == "aws.kms" || e["source"] == "acme.payments");
        assert_eq!(others.count(), 2);
    }
}

#[test]
fn the_administrators_are_what_the_file_says() {
    let world = world(true);
    let count = |seen: Vec<bool>| seen.into_iter().filter(|s| *s).count();
    let accounts: Vec<AccountId> = world.accounts.keys().copied().collect();
    for (code, members) in [(SEOUL, 4), ("us-east-1", 3)] {
        let shown = accounts
            .iter()
            .map(|a| guardduty::shows(&world, id(SECURITY), &region(code), *a));
        // acme-data has no detector in us-east-1, so that nobody sees it there.
        assert_eq!(count(shown.collect()), members, "{code}");
        let home = (id(SECURITY), &region(SEOUL));
        let shown = accounts
            .iter()
            .map(|a| securityhub::shows(&world, home, (*a, &region(code))));
        assert_eq!(count(shown.collect()), members, "{code}");
    }
}

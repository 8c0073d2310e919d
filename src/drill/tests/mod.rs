//! What a scenario promises, what is said when one is wrong, and, one file a service, what the SDK's clients make of it.

mod bench;
mod bulk;
mod ec2;
mod ec2_groups;
mod events;
mod guardduty;
mod securityhub;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::{builtin, load};
use crate::range::clock::Clock;
use crate::range::world::World;

const LEAKED_KEY: &str = include_str!("../../../playbooks/drills/leaked-key.toml");

fn world() -> World {
    let start = "2026-03-01T00:00:00Z".parse().unwrap();
    load("leaked-key", LEAKED_KEY)
        .unwrap()
        .build(Clock::stepped(start))
        .unwrap()
}

/// All GuardDuty findings of a world.
fn findings(world: &World) -> Vec<&Value> {
    let regions = world.accounts.values().flat_map(|account| account.regions.values());
    regions
        .flat_map(|regional| regional.guardduty.findings.values().map(|kept| &**kept))
        .collect()
}

#[test]
fn every_builtin_scenario_loads_under_its_own_name() {
    for (name, text) in builtin() {
        assert_eq!(load(name, text).unwrap().name(), *name);
    }
}

#[test]
fn the_leaked_key_has_what_it_promises() {
    let mut world = world();
    assert_eq!((world.accounts.len(), world.regions.len()), (4, 2));
    let at_start = findings(&world).len();
    assert!(at_start >= 60, "{at_start}");
    let types: BTreeSet<&str> = findings(&world).iter().map(|f| f["type"].as_str().unwrap()).collect();
    assert!(types.len() > 15, "{types:?}");
    let severities: Vec<f64> = findings(&world)
        .iter()
        .map(|f| f["severity"].as_f64().unwrap())
        .collect();
    let critical = severities.iter().filter(|s| **s >= 9.0).count();
    let high = severities.iter().filter(|s| (7.0..9.0).contains(*s)).count();
    assert!(
        (2..=4).contains(&critical) && (8..=14).contains(&high),
        "{critical} {high}"
    );
    let controls: usize = world
        .accounts
        .values()
        .flat_map(|account| account.regions.values())
        .map(|regional| regional.securityhub.findings.len())
        .sum();
    assert!(controls >= 15, "{controls}");
    let blind = world
        .accounts
        .values()
        .flat_map(|account| account.regions.values())
        .filter(|regional| regional.guardduty.detector.is_none())
        .count();
    assert_eq!(blind, 1);
    world.clock.advance(Duration::from_secs(9));
    world.apply_due();
    assert_eq!(findings(&world).len(), at_start);
    world.clock.advance(Duration::from_secs(291));
    world.apply_due();
    assert!(findings(&world).len() >= at_start + 8, "{}", findings(&world).len());
}

#[test]
fn a_hundred_machines_mine_and_the_web_server_has_two_interfaces() {
    let world = world();
    let prod = &world.accounts[&"333333333333".parse().unwrap()];
    let virginia = &prod.regions[&"us-east-1".parse().unwrap()].ec2;
    assert_eq!(
        virginia.instances.values().filter(|i| i.kind == "c5.24xlarge").count(),
        100
    );
    let addresses: BTreeSet<&str> = virginia.interfaces.values().map(|e| e.private_ip.as_str()).collect();
    assert_eq!(addresses.len(), 100);
    let seoul = &prod.regions[&"ap-northeast-2".parse().unwrap()].ec2;
    let web = seoul
        .instances
        .values()
        .find(|i| i.tags["Name"] == "결제-웹-01")
        .unwrap();
    assert_eq!(seoul.interfaces_of(&web.id).len(), 2);
    assert_eq!(seoul.volumes_of(&web.id).len(), 2);
    assert!(
        seoul.interfaces_of(&web.id)[0].ipv6[0]
            .parse::<std::net::Ipv6Addr>()
            .is_ok()
    );
    let hostile = |i: &crate::range::services::ec2::model::Instance| i.tags.values().any(|v| v.contains('\u{1b}'));
    assert!(seoul.instances.values().any(hostile));
}

#[test]
fn the_same_scenario_gives_the_same_world() {
    let all = |world: &World| -> Vec<String> { findings(world).iter().map(ToString::to_string).collect() };
    assert_eq!(all(&world()), all(&world()));
    let other = LEAKED_KEY.replace("seed = 20_260_301", "seed = 7");
    let login = |text: &str| load("x", text).unwrap().login().unwrap().responder.access_key;
    assert_eq!(login(LEAKED_KEY), login(LEAKED_KEY));
    assert_ne!(login(LEAKED_KEY), login(&other));
}

/// Puts a change into the scenario and gives the place and the sentence that come back.
fn fault(from: &str, to: &str) -> (usize, usize, String) {
    assert!(LEAKED_KEY.contains(from), "{from}");
    let error = load("broken", &LEAKED_KEY.replacen(from, to, 1)).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("broken.toml:{}:{}: ", error.line, error.column))
    );
    (error.line, error.column, error.message)
}

#[test]
fn an_error_names_line_and_column_and_what_was_expected() {
    let line = |text: &str| LEAKED_KEY.lines().position(|l| l == text).unwrap() + 1;
    for (from, to, at, column, says) in [
        (
            "zone = \"a\"\npublic",
            "zoom = \"a\"\npublic",
            line("zone = \"a\""),
            1,
            "expected one of `name`, `zone`, `public`",
        ),
        (
            "count = 3",
            "count = \"three\"",
            line("count = 3"),
            9,
            "count is a whole number",
        ),
        (
            "age = \"4m\"",
            "age = \"soon\"",
            line("age = \"4m\""),
            7,
            "such as \"12m\"",
        ),
        (
            "id = \"222222222222\"",
            "id = \"2222\"",
            line("id = \"222222222222\""),
            6,
            "12 digits",
        ),
        (
            "at = \"+02:30\"",
            "at = \"02:30\"",
            line("at = \"+02:30\""),
            6,
            "expected a moment",
        ),
        (
            "\"tcp 8080 group:web\"",
            "\"tcp 8080 group:wep\"",
            line("ingress = [\"tcp 8080 group:web\"]"),
            12,
            "no group",
        ),
        (
            "resource = \"key:deploy-bot\"",
            "resource = \"key:nobody\"",
            line("resource = \"key:deploy-bot\""),
            12,
            "nobody",
        ),
        (
            "resource = \"bucket:acme-payments-receipts\"",
            "resource = \"bucket:acme-nothing\"",
            line("resource = \"bucket:acme-payments-receipts\""),
            12,
            "no bucket",
        ),
        (
            "resource = \"person:minseo.choi@acme.example\"",
            "resource = \"person:nobody\"",
            line("resource = \"person:minseo.choi@acme.example\""),
            12,
            "no user of Identity Center",
        ),
        (
            "permission_set = \"ViewOnly\"",
            "permission_set = \"Nothing\"",
            line("permission_set = \"ViewOnly\""),
            18,
            "no permission set",
        ),
        (
            "\"Trojan:EC2/DNSDataExfiltration\"",
            "\"Trojan:EC2/Horse\"",
            line("type = \"Trojan:EC2/DNSDataExfiltration\""),
            8,
            "finding type",
        ),
        (
            "profile = \"web-instance\"",
            "profile = \"none\"",
            line("profile = \"web-instance\""),
            11,
            "trust",
        ),
        (
            "security = \"acme-security\"",
            "security = \"acme\"",
            line("security = \"acme-security\""),
            12,
            "expected one of acme-management",
        ),
    ] {
        let (found, at_column, message) = fault(from, to);
        assert_eq!((found, at_column), (at, column), "{to}: {message}");
        assert!(message.contains(says), "{to}: {message}");
    }
}

#[test]
fn a_finding_where_guardduty_is_off_is_an_error() {
    let finding = "\n[[finding]]\ntype = \"Policy:IAMUser/RootCredentialUsage\"\naccount = \"acme-data\"\nregion = \"us-east-1\"\nresource = \"account\"\n";
    let error = load("broken", &format!("{LEAKED_KEY}{finding}")).unwrap_err();
    assert!(error.message.contains("GuardDuty is not enabled"), "{error}");
}

//! Worlds for benchmarks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::drill::load;
use crate::range::clock::Clock;
use crate::range::world::World;

const EVEN: &str = include_str!("../../../tests/bench/administrator-even.toml");
const SKEWED: &str = include_str!("../../../tests/bench/administrator-skewed.toml");
const ACCOUNTS: &str = include_str!("../../../tests/bench/accounts.toml");

/// The world of a file with its numbers made smaller, so that a test does not take a benchmark's time.
fn small(text: &str) -> World {
    let text = text
        .replace("10_000", "1_700")
        .replace("accounts = 100", "accounts = 5");
    let clock = Clock::stepped("2026-03-01T00:00:00Z".parse().unwrap());
    load("bulk", &text).unwrap().build(clock).unwrap()
}

fn findings(world: &World) -> Vec<(&Value, &Value)> {
    let regions = world.accounts.values().flat_map(|account| account.regions.values());
    let places: Vec<_> = regions.collect();
    let duty = places
        .iter()
        .flat_map(|r| r.guardduty.findings.values().map(|kept| &**kept));
    let hub = places
        .iter()
        .flat_map(|r| r.securityhub.findings.values().map(|kept| &**kept));
    duty.zip(hub).collect()
}

#[test]
fn the_files_of_the_benchmarks_are_what_their_titles_say() {
    for (text, regions, administered) in [(EVEN, 17, true), (SKEWED, 1, true), (ACCOUNTS, 17, false)] {
        let world = small(text);
        assert_eq!((world.accounts.len(), world.regions.len()), (7, 17));
        let found = findings(&world);
        assert_eq!(found.len(), 1_700);
        let ids: BTreeSet<&str> = found
            .iter()
            .flat_map(|(duty, hub)| [&duty["id"], &hub["Id"]])
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(ids.len(), 3_400);
        let places: BTreeSet<&str> = found.iter().filter_map(|(duty, _)| duty["region"].as_str()).collect();
        assert_eq!(places.len(), regions);
        let home = &world.accounts[&world.security].regions[&crate::domain::Region::global()];
        assert_eq!(home.guardduty.members.enabled().count() == 5, administered);
        assert_eq!(home.securityhub.members.enabled().count() == 5, administered);
    }
}

#[test]
fn findings_are_of_real_size_and_most_are_not_urgent() {
    let world = small(EVEN);
    let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut critical, mut high) = (0, 0);
    for (duty, hub) in findings(&world) {
        *labels.entry(hub["Severity"]["Label"].as_str().unwrap()).or_default() += 1;
        let severity = duty["severity"].as_f64().unwrap();
        critical += usize::from(severity >= 9.0);
        high += usize::from((7.0..9.0).contains(&severity));
        for finding in [duty, hub] {
            let size = finding.to_string().len();
            assert!((1_200..6_000).contains(&size), "{size}: {finding}");
        }
    }
    assert_eq!((critical, high), (17, 153));
    assert_eq!(
        (labels["CRITICAL"], labels["HIGH"], labels["MEDIUM"], labels["LOW"]),
        (17, 153, 680, 850)
    );
}

#[test]
fn too_many_or_nowhere_is_said_with_its_place() {
    for (from, to, says) in [
        ("guardduty = 10_000", "guardduty = 2_000_000", "at most 200000"),
        ("accounts = 100", "accounts = 0", "at least 1"),
        ("accounts = 100", "accounts = 100_000", "at most 5000"),
    ] {
        let error = load("bulk", &EVEN.replace(from, to)).unwrap_err();
        assert!(error.message.contains(says) && error.line > 30, "{error}");
    }
}

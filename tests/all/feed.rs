//! `complete_or_says_partial`: whatever goes wrong on the way, a list of findings is whole, or it says where it is not.
//!
//! AWS's own paginators were seen to return 100 of 1,000 findings without an error when one page arrived cut in half with status 200.

use std::collections::{BTreeMap, BTreeSet};

use quell::cloud::{self, Cloud, ConnectOptions};
use quell::findings::{CoverageState, Source};
use quell::range::Range;
use quell::range::call::ApiError;
use quell::range::fault::{Fault, Kind};
use serde_json::json;

use crate::support::ground::{PROD, SEOUL, options, range_of};
use crate::support::room::with_room;
use crate::support::tamper::{Mischief, Operation, Tampering};

/// An account, a region and a source.
type Place = (String, String, Source);

/// Every id that there is, by place; nothing where the service is not enabled.
type Truth = BTreeMap<Place, Option<BTreeSet<String>>>;

fn truth(range: &Range) -> Truth {
    range.with_world(|world| {
        let mut truth = Truth::new();
        for account in world.accounts.values() {
            for (region, place) in &account.regions {
                let key = |source| (account.id.to_string(), region.to_string(), source);
                let (guardduty, hub) = (&place.guardduty, &place.securityhub);
                let ids = guardduty
                    .detector
                    .is_some()
                    .then(|| guardduty.findings.keys().cloned().collect());
                truth.insert(key(Source::GuardDuty), ids);
                let ids = hub.enabled.is_some().then(|| hub.findings.keys().cloned().collect());
                truth.insert(key(Source::SecurityHub), ids);
            }
        }
        truth
    })
}

/// Fills one place up, so that both sources have more than a page there, of every severity.
fn crowd(range: &Range) {
    range.with_world(|world| {
        let account = world.accounts.get_mut(&PROD.parse().unwrap()).unwrap();
        let place = account.regions.get_mut(&SEOUL.parse().unwrap()).unwrap();
        let finding = place.guardduty.findings.values().next().unwrap().clone();
        let hub = place.securityhub.findings.values().next().unwrap().clone();
        let severities = [
            (9.0, "CRITICAL"),
            (8.0, "HIGH"),
            (5.0, "MEDIUM"),
            (2.0, "LOW"),
            (1.0, "INFORMATIONAL"),
        ];
        for n in 0..120_usize {
            let mut finding = finding.clone();
            finding["id"] = json!(format!("{n:032x}"));
            finding["severity"] = json!(severities[n % severities.len()].0);
            place.guardduty.put(finding);
        }
        for n in 0..230_usize {
            let mut finding = hub.clone();
            finding["Id"] = json!(format!("{}/{n}", hub["Id"].as_str().unwrap()));
            finding["Severity"]["Label"] = json!(severities[n % severities.len()].1);
            place.securityhub.put(finding);
        }
    });
}

type Read = cloud::Everything;

/// What `quell findings` reads. Nothing where AWS would not even say who the caller is, which is an error and no list.
async fn read(options: ConnectOptions) -> Option<Read> {
    let cloud = Cloud::connect(options).await.ok()?;
    Some(cloud::feed::read_once(cloud).await)
}

/// Holds a reading against the truth: where it says complete it is, and it says something of every place. The places that it
/// says are not whole.
fn check(read: &Read, truth: &Truth, name: &str) -> BTreeSet<Place> {
    let mut got: BTreeMap<Place, BTreeSet<String>> = BTreeMap::new();
    for f in &read.findings {
        let place = (f.account.to_string(), f.region.to_string(), f.source);
        let new = got.entry(place).or_default().insert(f.id.raw().to_owned());
        assert!(new, "{name}: {} is there twice", f.id);
    }
    let mut gaps = BTreeSet::new();
    let mut told = BTreeSet::new();
    for row in &read.coverage {
        let place: Place = (row.account.to_string(), row.region.to_string(), row.source);
        let (real, got) = (&truth[&place], got.remove(&place).unwrap_or_default());
        told.insert(place.clone());
        match row.state {
            CoverageState::Complete => assert_eq!(Some(&got), real.as_ref(), "{name}: {place:?} is short in silence"),
            CoverageState::Disabled => assert_eq!(*real, None, "{name}: {place:?} is enabled"),
            CoverageState::Partial | CoverageState::Refused => {
                let why = row.error.as_deref().unwrap_or_default();
                assert!(
                    why.contains(place.0.as_str()),
                    "{name}: {place:?} does not name its account: {why:?}"
                );
                assert!(
                    got.is_subset(real.as_ref().unwrap_or(&BTreeSet::new())),
                    "{name}: {place:?}"
                );
                gaps.insert(place);
            }
            CoverageState::Reading | CoverageState::Stale => panic!("{name}: {row:?}"),
        }
    }
    assert!(
        got.is_empty(),
        "{name}: findings of places that nobody spoke of: {got:?}"
    );
    if !read.may_miss {
        assert_eq!(
            told,
            truth.keys().cloned().collect(),
            "{name}: every place is spoken of"
        );
    }
    gaps
}

/// Every way to fail that a call has.
fn failures() -> Vec<(&'static str, Kind)> {
    let error = |status, code: &str| Kind::Error(ApiError::new(status, code, "On request."));
    vec![
        ("no byte", Kind::CutBody(0)),
        ("cut after 1 byte", Kind::CutBody(1)),
        ("cut after 10 bytes", Kind::CutBody(10)),
        ("no reply", Kind::DropReply),
        ("500", error(500, "InternalServerErrorException")),
        ("503 in no words", error(503, "")),
        ("403", error(403, "AccessDeniedException")),
        ("throttled", Kind::Throttle),
    ]
}

#[test]
fn complete_or_says_partial() {
    with_room(async || {
        let (name, text) = quell::drill::builtin()[0];
        let (range, login) = range_of(name, text);
        let truth = truth(&range);
        let open = || options(&range, &login, &login.watcher);
        let clean = read(open()).await.unwrap();
        assert!(check(&clean, &truth, "nothing fails").is_empty());
        assert!(!clean.may_miss);

        // Each call that the clean reading made is made to fail, one at a time and in every way.
        let mut calls: BTreeMap<(&str, String, quell::domain::AccountId, quell::domain::Region), u32> = BTreeMap::new();
        for call in range.with_world(|world| std::mem::take(&mut world.log)) {
            *calls
                .entry((call.service, call.operation, call.account, call.region))
                .or_default() += 1;
        }
        // Each call meets two of the eight failures, in turn; with QUELL_FULL it meets all of them.
        let full = std::env::var_os("QUELL_FULL").is_some();
        let (mut faults, mut errors, mut gaps, mut turn) = (0, 0, 0, 0);
        for ((service, operation, account, region), count) in calls {
            for skip in 0..count {
                for (number, (word, kind)) in failures().into_iter().enumerate() {
                    turn += 1;
                    if !full && (number + turn / 8) % 4 != 0 {
                        continue;
                    }
                    let name = format!("{service}:{operation} {skip} in {account} {region}: {word}");
                    range.fail(Fault {
                        service: Some(service.to_owned()),
                        operation: Some(operation.clone()),
                        account: Some(account),
                        region: Some(region.clone()),
                        skip,
                        times: 1,
                        kind,
                        ..Fault::default()
                    });
                    let read = read(open()).await;
                    range.heal();
                    faults += 1;
                    let Some(read) = read else {
                        assert_eq!(operation, "GetCallerIdentity", "{name}");
                        errors += 1;
                        continue;
                    };
                    let said = check(&read, &truth, &name);
                    gaps += said.len();
                    // Nothing is tried twice here, so what failed is missing, and nothing else is.
                    let source = match service {
                        "guardduty" => Some(Source::GuardDuty),
                        "securityhub" => Some(Source::SecurityHub),
                        _ => None,
                    };
                    match source {
                        Some(source) => {
                            let place = (account.to_string(), region.to_string(), source);
                            // A refusal says in its head that the service is off, however its body ends.
                            let off = truth[&place].is_none() && said.is_empty();
                            // What discovery asks for a better way leaves the accounts' own ways, on which nothing is missing; `check` holds
                            // that. It asks for detectors too.
                            let looks = !["ListFindings", "GetFindings"].contains(&operation.as_str());
                            let whole = off || looks && said.is_empty();
                            assert!(whole || said == BTreeSet::from([place]), "{name}: {said:?}");
                        }
                        // Another way to the list of accounts may do; `check` holds that it is whole or said not to be.
                        None if service == "organizations" => assert!(said.is_empty(), "{name}: {said:?}"),
                        None => {
                            // A role that could not be assumed for one source is tried again for the next.
                            let hit: BTreeSet<&String> = said.iter().map(|(account, ..)| account).collect();
                            assert!(hit.len() <= 1, "{name}: one account at most: {said:?}");
                        }
                    }
                }
            }
        }
        println!(
            "{faults} faults: {errors} ended with an error, {gaps} places were named as gaps, none was short in silence"
        );
        assert!(faults > 50, "{faults} faults");
    });
}

/// Every page of long lists, of which several are read side by side, fails once in each of the ways in turn.
#[test]
fn every_page_of_a_long_list_is_complete_or_says_partial() {
    with_room(async || {
        let (name, text) = quell::drill::builtin()[0];
        let (range, login) = range_of(name, text);
        crowd(&range);
        let only = |place: &Place| place.0 == PROD && place.1 == SEOUL;
        let truth: Truth = truth(&range).into_iter().filter(|(place, _)| only(place)).collect();
        let open = || ConnectOptions {
            accounts: vec![PROD.parse().unwrap()],
            regions: vec![SEOUL.parse().unwrap()],
            ..options(&range, &login, &login.watcher)
        };
        range.with_world(|world| world.log.clear());
        assert!(check(&read(open()).await.unwrap(), &truth, "nothing fails").is_empty());
        let mut calls: BTreeMap<(&str, String), u32> = BTreeMap::new();
        for call in range.with_world(|world| std::mem::take(&mut world.log)) {
            if ["guardduty", "securityhub"].contains(&call.service) {
                *calls.entry((call.service, call.operation)).or_default() += 1;
            }
        }
        let full = std::env::var_os("QUELL_FULL").is_some();
        let (mut faults, mut turn) = (0, 0);
        for ((service, operation), count) in calls {
            for skip in 0..count {
                for (number, (word, kind)) in failures().into_iter().enumerate() {
                    turn += 1;
                    if !full && number != (turn / 8) % 8 {
                        continue;
                    }
                    let name = format!("{service}:{operation} {skip}: {word}");
                    range.fail(Fault {
                        service: Some(service.to_owned()),
                        operation: Some(operation.clone()),
                        skip,
                        times: 1,
                        kind,
                        ..Fault::default()
                    });
                    let read = read(open()).await.unwrap();
                    range.heal();
                    faults += 1;
                    assert_eq!(check(&read, &truth, &name).len(), 1, "{name}: what failed is named");
                }
            }
        }
        println!("{faults} faults on the pages of long lists, each named");
        assert!(faults > 20, "{faults} faults");
    });
}

/// Answers that AWS would not give: a circle of pages, fewer findings than were asked for, and bodies that are something else.
#[test]
fn an_answer_that_is_not_to_be_trusted_is_a_gap() {
    with_room(async || {
        let (name, text) = quell::drill::builtin()[0];
        let (range, login) = range_of(name, text);
        crowd(&range);
        let truth = truth(&range);
        let mut tried = 0;
        for operation in Operation::ALL {
            for mischief in Mischief::ALL {
                // Only findings that were asked for by their ids can be too few, and only they have no pages.
                let by_id = operation == Operation::GuardDutyGetFindings;
                let fits = match mischief {
                    Mischief::FewerThanAsked => by_id,
                    Mischief::SameToken => !by_id,
                    _ => true,
                };
                if !fits {
                    continue;
                }
                let name = format!("{operation:?}, {mischief:?}");
                let tampering = Tampering::new(&range, operation, mischief);
                let read = read(ConnectOptions {
                    http: Some(tampering.http_client()),
                    ..options(&range, &login, &login.watcher)
                });
                let read = read.await.unwrap();
                let said = check(&read, &truth, &name);
                let struck = tampering.struck();
                assert!(struck > 0, "{name}: the call was not made");
                assert!(
                    !said.is_empty(),
                    "{name}: {struck} answers were spoiled and nothing is said of it"
                );
                tried += 1;
            }
        }
        println!("{tried} kinds of answer that are not to be trusted");
    });
}

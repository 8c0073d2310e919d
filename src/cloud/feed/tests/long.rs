//! Lists that are taken for long before their first page is seen, as an administrator's are.

use serde_json::json;

use super::*;
use crate::cloud::route::Route;
use crate::cloud::testing::range as drill;

const ROUTES: [Source; 2] = Source::REGIONAL;

fn route(source: Source) -> Route {
    Route {
        source,
        via: account(PROD),
        region: region(SEOUL),
    }
}

/// Several pages in each source, of all severities.
fn crowded() -> (Range, crate::drill::Login) {
    let (range, login) = drill();
    range.with_world(|world| {
        let place = world.accounts.get_mut(&account(PROD)).unwrap();
        let place = place.regions.get_mut(&region(SEOUL)).unwrap();
        let pattern = place.guardduty.findings.values().next().unwrap().clone();
        for n in 0..230 {
            let mut finding = pattern.clone();
            finding["id"] = Value::String(format!("{n:032x}"));
            finding["severity"] = json!([2.0, 5.0, 8.0, 9.5][n % 4]);
            place.guardduty.put(finding);
        }
        let pattern = place.securityhub.findings.values().next().unwrap().clone();
        for n in 0..330 {
            let mut finding = pattern.clone();
            finding["Id"] = Value::String(format!("{}/{n}", pattern["Id"].as_str().unwrap()));
            finding["Severity"]["Label"] = json!(["CRITICAL", "LOW", "MEDIUM"][n % 3]);
            place.securityhub.put(finding);
        }
    });
    (range, login)
}

/// Reads PROD in Seoul along routes that are taken for long.
async fn read_long(range: &Range, login: &crate::drill::Login) -> (Vec<Finding>, Vec<Coverage>, bool) {
    let only = crate::cloud::ConnectOptions {
        accounts: vec![account(PROD)],
        regions: vec![region(SEOUL)],
        ..options(range, login)
    };
    let mut rounds = Rounds::new(Cloud::connect(only).await.unwrap());
    for source in ROUTES {
        assert!(rounds.routes().add(&route(source), true, true).is_some());
    }
    round(&mut rounds).await
}

fn held_here(range: &Range) -> BTreeSet<Name> {
    let here = |n: &Name| n.1 == PROD && n.2 == SEOUL;
    held(range).into_iter().filter(here).collect()
}

/// The last row of a source.
fn last(told: &[Coverage], source: Source) -> &Coverage {
    told.iter().rfind(|row| row.source == source).unwrap()
}

/// How often each operation of the two services was called.
fn called(range: &Range) -> std::collections::BTreeMap<(&'static str, String), u32> {
    let mut calls = std::collections::BTreeMap::new();
    for call in range.with_world(|world| std::mem::take(&mut world.log)) {
        *calls.entry((call.service, call.operation)).or_default() += 1;
    }
    calls.retain(|(service, _), _| ["guardduty", "securityhub"].contains(service));
    calls
}

#[tokio::test]
async fn a_list_that_is_taken_for_long_is_whole() {
    let (range, login) = crowded();
    range.with_world(|world| world.log.clear());
    let (findings, told, complete) = read_long(&range, &login).await;
    assert_eq!(read(&findings), held_here(&range));
    assert!(complete, "{told:?}");
    let calls = called(&range);
    // Two lists and the last look: no page is asked for only to see whether there are more.
    let pages = held_here(&range).iter().filter(|n| n.0 == Source::SecurityHub).count();
    let most = u32::try_from(pages.div_ceil(100)).unwrap() + 2;
    assert!(calls[&("securityhub", "GetFindings".to_owned())] <= most, "{calls:?}");
}

#[tokio::test]
async fn what_is_of_no_band_is_found_beside_the_bands() {
    for (name, odd) in [("severity", Value::Null), ("updatedAt", json!("soon"))] {
        let (range, login) = crowded();
        range.with_world(|world| {
            let place = world.accounts.get_mut(&account(PROD)).unwrap();
            let store = &mut place.regions.get_mut(&region(SEOUL)).unwrap().guardduty;
            let pattern = store.findings.values().next().unwrap().clone();
            for n in 0..120 {
                let mut finding = pattern.clone();
                finding["id"] = Value::String(format!("{:032x}", 1_000 + n));
                finding[name] = odd.clone();
                store.put(finding);
            }
        });
        let (findings, told, _) = read_long(&range, &login).await;
        assert_eq!(read(&findings), held_here(&range), "{name}: {told:?}");
    }
}

#[tokio::test]
async fn every_page_that_fails_is_named() {
    let (range, login) = crowded();
    range.with_world(|world| world.log.clear());
    let (_, _, complete) = read_long(&range, &login).await;
    assert!(complete);
    let all = held_here(&range);
    let mut faults = 0;
    for ((service, operation), count) in called(&range) {
        let source = if service == "guardduty" {
            Source::GuardDuty
        } else {
            Source::SecurityHub
        };
        for skip in 0..count {
            let (status, code) =
                [(500, "InternalServerErrorException"), (403, "AccessDeniedException")][skip as usize % 2];
            range.fail(Fault {
                service: Some(service.to_owned()),
                operation: Some(operation.clone()),
                skip,
                times: 1,
                kind: Kind::Error(ApiError::new(status, code, "On request.")),
                ..Fault::default()
            });
            let (findings, told, complete) = read_long(&range, &login).await;
            range.heal();
            faults += 1;
            let name = format!("{service}:{operation} {skip}: {code}");
            assert!(!complete, "{name}");
            assert!(read(&findings).is_subset(&all), "{name}");
            for other in ROUTES {
                let gap = last(&told, other).state.is_gap();
                assert_eq!(gap, other == source, "{name}: {told:?}");
            }
        }
    }
    assert!(faults > 15, "{faults}");
}

#[tokio::test]
async fn what_is_off_is_disabled_and_not_empty() {
    let (range, login) = drill();
    range.with_world(|world| {
        let place = world.accounts.get_mut(&account(PROD)).unwrap();
        let place = place.regions.get_mut(&region(SEOUL)).unwrap();
        place.guardduty.detector = None;
        place.securityhub.enabled = None;
    });
    let (findings, told, _) = read_long(&range, &login).await;
    assert!(findings.is_empty());
    for source in ROUTES {
        assert_eq!(last(&told, source).state, CoverageState::Disabled, "{told:?}");
    }
}

/// Where one of two lists says that the hub is off and the other gives findings, neither is believed.
#[tokio::test]
async fn a_hub_that_is_off_for_one_list_alone_is_a_gap() {
    let (range, login) = crowded();
    range.fail(Fault {
        service: Some("securityhub".to_owned()),
        operation: Some("GetFindings".to_owned()),
        times: 1,
        kind: Kind::Error(ApiError::new(401, "InvalidAccessException", "not subscribed")),
        ..Fault::default()
    });
    let (_, told, complete) = read_long(&range, &login).await;
    assert!(!complete);
    let hub = last(&told, Source::SecurityHub);
    assert!(hub.state.is_gap(), "{hub:?}");
}

/// What is not urgent is not taken in while the first critical finding is waited for.
#[tokio::test]
async fn the_lower_list_of_a_hub_begins_when_the_upper_one_has_a_page() {
    let (range, login) = crowded();
    range.with_world(|world| world.log.clear());
    // No answer comes before what is looked at here is over.
    range.latency(std::time::Duration::from_secs(1));
    let asked = || {
        range.with_world(|world| {
            let calls = world.log.iter().filter(|call| call.service == "securityhub");
            calls.count()
        })
    };
    let watching = async {
        while asked() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        asked()
    };
    tokio::select! {
        _ = read_long(&range, &login) => panic!("it was read before it was answered"),
        asked = watching => assert_eq!(asked, 1, "the upper list alone is asked for"),
    }
}

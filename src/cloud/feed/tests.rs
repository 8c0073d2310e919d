//! The feed against the range, through the real SDK clients.

mod again;
mod bodies;
mod long;
mod look;
mod meanwhile;
mod merged;
mod places;
mod refresh;
mod switch;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::sync::mpsc;

use super::round::Rounds;
use super::{Everything, FeedEvent, read_once};
use crate::cloud::Cloud;
use crate::cloud::testing::{Between, PROD, SEOUL, VIRGINIA, account, connected, options, region, targets};
use crate::findings::{Coverage, CoverageState, Finding, Source};
use crate::range::Range;
use crate::range::call::ApiError;
use crate::range::fault::{Fault, Kind};

/// What the world holds: source, account, region and id of each finding.
type Name = (Source, String, String, String);

fn held(range: &Range) -> BTreeSet<Name> {
    let mut all = BTreeSet::new();
    range.with_world(|world| {
        for account in world.accounts.values() {
            for (region, regional) in &account.regions {
                let name = |source, id: &String| (source, account.id.to_string(), region.to_string(), id.clone());
                if regional.guardduty.detector.is_some() {
                    all.extend(regional.guardduty.findings.keys().map(|id| name(Source::GuardDuty, id)));
                }
                if regional.securityhub.enabled.is_some() {
                    let ids = regional.securityhub.findings.values().filter_map(|f| f["Id"].as_str());
                    all.extend(ids.map(|id| name(Source::SecurityHub, &id.to_owned())));
                }
            }
        }
    });
    all
}

fn read(findings: &[Finding]) -> BTreeSet<Name> {
    let name = |f: &Finding| {
        let id = f.id.raw().to_owned();
        (f.source, f.account.to_string(), f.region.to_string(), id)
    };
    findings.iter().map(name).collect()
}

/// Fills one detector up, so that it takes several pages.
fn crowd(range: &Range, count: usize) {
    range.with_world(|world| {
        let place = world.accounts.get_mut(&account(PROD)).unwrap();
        let store = &mut place.regions.get_mut(&region(SEOUL)).unwrap().guardduty;
        let pattern = store.findings.values().next().unwrap().clone();
        for n in 0..count {
            let mut finding = pattern.clone();
            finding["id"] = Value::String(format!("{n:032x}"));
            finding["severity"] = serde_json::json!(2.0);
            store.put(finding);
        }
    });
}

fn row<'c>(coverage: &'c [Coverage], at: (&str, &str), source: Source) -> &'c Coverage {
    let fits = |c: &&Coverage| c.account.as_str() == at.0 && c.region.as_str() == at.1 && c.source == source;
    coverage.iter().find(fits).unwrap()
}

#[tokio::test]
async fn every_finding_of_every_account_is_read() {
    let (range, cloud) = connected().await;
    crowd(&range, 130);
    let Everything { findings, coverage, .. } = read_once(cloud).await;
    assert_eq!(read(&findings), held(&range));
    assert!(findings.len() > 200, "{}", findings.len());
    assert_eq!(coverage.len(), targets(&range).len() * 2);
    for row in &coverage {
        let off = row.account.as_str() == "444444444444" && row.region.as_str() == VIRGINIA;
        let state = if off {
            CoverageState::Disabled
        } else {
            CoverageState::Complete
        };
        assert_eq!(row.state, state, "{row:?}");
        assert_eq!(row.error.is_some(), off, "{row:?}");
    }
}

#[tokio::test]
async fn a_page_that_fails_is_named_and_the_rest_goes_on() {
    for (operation, kind, word) in [
        ("GetFindings", Kind::CutBody(900), "cannot be understood"),
        (
            "GetFindings",
            Kind::Error(ApiError::new(500, "InternalServerErrorException", "oops")),
            "server error",
        ),
        (
            "ListFindings",
            Kind::Error(ApiError::new(403, "AccessDeniedException", "not you")),
            "refused",
        ),
        ("ListFindings", Kind::DropReply, "no answer"),
    ] {
        let (range, cloud) = connected().await;
        crowd(&range, 130);
        range.fail(Fault {
            service: Some("guardduty".to_owned()),
            operation: Some(operation.to_owned()),
            account: Some(account(PROD)),
            region: Some(region(SEOUL)),
            skip: 1,
            times: 1,
            kind,
            ..Fault::default()
        });
        let Everything { findings, coverage, .. } = read_once(cloud).await;
        let gap = row(&coverage, (PROD, SEOUL), Source::GuardDuty);
        assert_eq!(gap.state, CoverageState::Partial, "{gap:?}");
        let why = gap.error.clone().unwrap();
        for part in [PROD, SEOUL, &format!("guardduty:{operation}"), "page ", word] {
            assert!(why.contains(part), "{part:?} in {why:?}");
        }
        assert_eq!(coverage.iter().filter(|c| c.state == CoverageState::Partial).count(), 1);
        let (got, all) = (read(&findings), held(&range));
        // What a list that failed would have shown may have come with another.
        assert!(got.is_subset(&all));
        let elsewhere = |names: BTreeSet<Name>| -> BTreeSet<Name> {
            let there = |n: &Name| n.0 == Source::GuardDuty && n.1 == PROD && n.2 == SEOUL;
            names.into_iter().filter(|n| !there(n)).collect()
        };
        assert_eq!(elsewhere(got), elsewhere(all));
    }
}

/// Whatever ends the search for accounts and regions before its last word, what was read is not everything.
#[tokio::test]
async fn without_a_word_on_the_way_something_may_be_missing() {
    let way = FeedEvent::Way {
        how: "All of it.".to_owned(),
        may_miss: false,
    };
    for (events, may_miss) in [(vec![], true), (vec![way], false)] {
        let (tx, rx) = mpsc::channel(4);
        for event in events {
            tx.send(event).await.unwrap();
        }
        drop(tx);
        let all = super::gathered(rx, |_| {}).await;
        assert_eq!(all.may_miss, may_miss, "{all:?}");
        assert!(!all.how.is_empty());
    }
}

#[tokio::test]
async fn a_source_that_refuses_is_refused_and_not_empty() {
    let (range, cloud) = connected().await;
    range.fail(Fault {
        service: Some("securityhub".to_owned()),
        account: Some(account(PROD)),
        region: Some(region(SEOUL)),
        kind: Kind::Error(ApiError::new(403, "AccessDeniedException", "an SCP says no")),
        ..Fault::default()
    });
    let coverage = read_once(cloud).await.coverage;
    let refused = row(&coverage, (PROD, SEOUL), Source::SecurityHub);
    assert_eq!(refused.state, CoverageState::Refused);
    assert!(
        refused.error.as_ref().unwrap().contains("an SCP says no"),
        "{refused:?}"
    );
    let guardduty = row(&coverage, (PROD, SEOUL), Source::GuardDuty);
    assert_eq!(guardduty.state, CoverageState::Complete);
}

/// Runs one round and gives what it told.
async fn round(rounds: &mut Rounds) -> (Vec<Finding>, Vec<Coverage>, bool) {
    let (tx, mut rx) = mpsc::channel(4096);
    assert!(rounds.next(&tx).await);
    drop(tx);
    let (mut findings, mut coverage, mut whole) = (Vec::new(), Vec::new(), false);
    while let Some(event) = rx.recv().await {
        match event {
            FeedEvent::Findings(page) => findings.extend(page.into_seen().into_iter().map(|seen| seen.finding)),
            FeedEvent::Coverage(row) => coverage.push(row),
            FeedEvent::Round { complete, .. } => whole = complete,
            FeedEvent::Accounts(_) | FeedEvent::Way { .. } | FeedEvent::Begins(_) | FeedEvent::Whole { .. } => {}
        }
    }
    (findings, coverage, whole)
}

#[tokio::test]
async fn a_refresh_reads_what_is_new_and_a_failed_one_leaves_the_source_stale() {
    let (range, login) = crate::cloud::testing::range();
    let only = crate::cloud::ConnectOptions {
        accounts: vec![account(PROD)],
        regions: vec![region(SEOUL)],
        ..options(&range, &login)
    };
    let mut rounds = Rounds::new(Cloud::connect(only).await.unwrap());
    let (first, told, complete) = round(&mut rounds).await;
    assert!(complete && !first.is_empty());
    assert_eq!(told[0].state, CoverageState::Reading);

    range.with_world(|world| {
        let now = world.now().to_string();
        let place = world.accounts.get_mut(&account(PROD)).unwrap();
        let store = &mut place.regions.get_mut(&region(SEOUL)).unwrap().guardduty;
        let mut finding = store.findings.values().next().unwrap().clone();
        finding["id"] = Value::String("f".repeat(32));
        finding["updatedAt"] = Value::String(now);
        store.put(finding);
    });
    let (second, _, complete) = round(&mut rounds).await;
    assert!(complete);
    assert!(second.iter().any(|f| f.id.raw() == "f".repeat(32)), "{}", second.len());
    assert!(second.len() < first.len(), "{} of {}", second.len(), first.len());

    range.fail(Fault {
        service: Some("guardduty".to_owned()),
        operation: Some("ListFindings".to_owned()),
        times: 1,
        kind: Kind::Error(ApiError::new(500, "InternalServerErrorException", "oops")),
        ..Fault::default()
    });
    let (_, told, complete) = round(&mut rounds).await;
    assert!(!complete);
    let stale = row(&told, (PROD, SEOUL), Source::GuardDuty);
    assert_eq!(stale.state, CoverageState::Stale, "{stale:?}");

    // What came meanwhile is seen, and not everything is read for it.
    range.with_world(|world| {
        let place = world.accounts.get_mut(&account(PROD)).unwrap();
        let store = &mut place.regions.get_mut(&region(SEOUL)).unwrap().guardduty;
        let mut finding = store.findings[&"f".repeat(32)].clone();
        finding["id"] = Value::String("e".repeat(32));
        store.put(finding);
        world.log.clear();
    });
    let (mut late, told, complete) = round(&mut rounds).await;
    assert!(complete, "{told:?}");
    late.extend(round(&mut rounds).await.0);
    assert!(late.iter().any(|f| f.id.raw() == "e".repeat(32)), "{}", late.len());
    let status = range.with_world(|world| world.log.iter().any(|call| call.operation == "GetDetector"));
    assert!(!status, "which follows each read of everything");
}

#[tokio::test]
async fn the_worst_of_every_source_comes_before_the_rest_of_any() {
    let (range, cloud) = connected().await;
    crowd(&range, 400);
    let mut rounds = Rounds::new(cloud);
    let (findings, _, _) = round(&mut rounds).await;
    let last_critical = findings.iter().rposition(|f| f.severity.score() >= 9.0).unwrap();
    assert!(
        last_critical < findings.len() / 2,
        "{last_critical} of {}",
        findings.len()
    );
}

/// Reads one account and region through something that changes the answers.
async fn changed(
    change: impl Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
) -> (Range, Vec<Finding>, Vec<Coverage>) {
    let (range, login) = crate::cloud::testing::range();
    crowd(&range, 130);
    let http = aws_smithy_runtime_api::client::http::SharedHttpClient::new(Between {
        range: range.clone(),
        change: Arc::new(change),
    });
    let cloud = Cloud::connect(crate::cloud::ConnectOptions {
        http: Some(http),
        accounts: vec![account(PROD)],
        regions: vec![region(SEOUL)],
        ..options(&range, &login)
    });
    let Everything { findings, coverage, .. } = read_once(cloud.await.unwrap()).await;
    (range, findings, coverage)
}

fn json(body: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = serde_json::from_slice(body).unwrap();
    change(&mut value);
    serde_json::to_vec(&value).unwrap()
}

#[tokio::test]
async fn pages_in_a_circle_end_and_are_named() {
    let first = Mutex::new(None);
    let (_, findings, coverage) = changed(move |path, body| {
        if path.ends_with("/findings") && path.starts_with("/detector") {
            // Every later page points back to where the first one points.
            return json(&body, |v| {
                let token = v["nextToken"].clone();
                v["nextToken"] = first.lock().unwrap().get_or_insert(token).clone();
            });
        }
        body
    })
    .await;
    let circle = row(&coverage, (PROD, SEOUL), Source::GuardDuty);
    assert_eq!(circle.state, CoverageState::Partial);
    let why = circle.error.clone().unwrap();
    assert!(
        why.contains("guardduty:ListFindings") && why.contains("page 2"),
        "{why}"
    );
    assert!(why.contains("a token that an earlier page had"), "{why}");
    assert!(!findings.is_empty());
}

#[tokio::test]
async fn an_id_that_is_listed_but_never_given_is_named() {
    let (_, findings, coverage) = changed(|path, body| {
        if path.ends_with("/findings/get") {
            return json(&body, |v| {
                let findings = v["findings"].as_array_mut().unwrap();
                findings.retain(|f| f["id"] != "00000000000000000000000000000007");
            });
        }
        body
    })
    .await;
    let gap = row(&coverage, (PROD, SEOUL), Source::GuardDuty);
    assert_eq!(gap.state, CoverageState::Partial);
    assert!(
        gap.error.as_ref().unwrap().contains("00000000000000000000000000000007"),
        "{gap:?}"
    );
    assert!(
        findings
            .iter()
            .any(|f| f.id.raw() == "00000000000000000000000000000008")
    );
}

#[tokio::test]
async fn a_page_that_the_sdk_cannot_parse_still_counts() {
    let (range, findings, coverage) = changed(|path, body| {
        if path.ends_with("/findings/get") {
            // The SDK expects a number here and gives up on the whole page.
            return json(&body, |v| {
                for finding in v["findings"].as_array_mut().unwrap() {
                    finding["severity"] = Value::String("8".to_owned());
                }
            });
        }
        body
    })
    .await;
    assert_eq!(
        row(&coverage, (PROD, SEOUL), Source::GuardDuty).state,
        CoverageState::Complete,
        "{coverage:?}"
    );
    let here = |n: &Name| n.1 == PROD && n.2 == SEOUL;
    let all: BTreeSet<Name> = held(&range).into_iter().filter(here).collect();
    assert_eq!(read(&findings), all);
}

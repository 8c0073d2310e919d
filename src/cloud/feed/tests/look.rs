//! The last look at what was updated while it was read, and what is made of a hub that refuses.

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use serde_json::json;

use super::*;
use crate::cloud::ConnectOptions;
use crate::cloud::testing::range as drill;

/// The finding that moved in the list while it was read.
const MOVED: &str = "arn:aws:securityhub:moved";

/// A hub where more than a page was updated lately, and one finding, which sorts before all others, has a time that cannot be read.
fn busy() -> (Range, crate::drill::Login) {
    let (range, login) = drill();
    range.with_world(|world| {
        let place = world.accounts.get_mut(&account(PROD)).unwrap();
        let store = &mut place.regions.get_mut(&region(SEOUL)).unwrap().securityhub;
        let pattern = store.findings.values().next().unwrap().clone();
        let mut put = |id: &str, updated: &str| {
            let mut finding = pattern.clone();
            finding["Id"] = json!(id);
            finding["CreatedAt"] = json!("2026-02-01T00:00:00.000Z");
            finding["UpdatedAt"] = json!(updated);
            finding["Severity"]["Label"] = json!("LOW");
            store.put(finding);
        };
        put("arn:aws:securityhub:undated", "yesterday");
        put(MOVED, "2026-03-01T02:00:00.000Z");
        for n in 0..130 {
            put(&format!("arn:aws:securityhub:{n}"), "2026-03-01T02:05:00.000Z");
        }
    });
    (range, login)
}

#[tokio::test]
async fn a_time_that_cannot_be_read_does_not_end_the_last_look() {
    let (range, login) = busy();
    // It was on neither list when they were read, so the last look alone can show it, on its second page.
    let shown = Mutex::new(0);
    let change = move |_: &str, body: Vec<u8>| {
        let text = String::from_utf8_lossy(&body);
        if !text.contains(MOVED) {
            return body;
        }
        let mut shown = shown.lock().unwrap();
        *shown += 1;
        if *shown > 1 {
            return body;
        }
        json(&body, |page| {
            let findings = page["Findings"].as_array_mut().unwrap();
            findings.retain(|f| f["Id"] != MOVED);
        })
    };
    let between = Between {
        range: range.clone(),
        change: Arc::new(change),
    };
    let only = ConnectOptions {
        http: Some(SharedHttpClient::new(between)),
        accounts: vec![account(PROD)],
        regions: vec![region(SEOUL)],
        ..options(&range, &login)
    };
    let Everything { findings, coverage, .. } = read_once(Cloud::connect(only).await.unwrap()).await;
    let hub = row(&coverage, (PROD, SEOUL), Source::SecurityHub);
    assert_eq!(hub.state, CoverageState::Complete, "{hub:?}");
    assert!(findings.iter().any(|f| f.id.raw() == MOVED));
}

/// The same of GuardDuty's bands: fifty others, which no band lost, were updated after the one that moved.
#[tokio::test]
async fn what_moved_between_the_bands_is_found_behind_those_that_did_not() {
    const MOVED: &str = "ffffffffffffffffffffffffffffffff";
    let (range, login) = drill();
    range.with_world(|world| {
        let place = world.accounts.get_mut(&account(PROD)).unwrap();
        let store = &mut place.regions.get_mut(&region(SEOUL)).unwrap().guardduty;
        let pattern = store.findings.values().next().unwrap().clone();
        let mut put = |id: &str, updated: &str| {
            let mut finding = pattern.clone();
            finding["id"] = json!(id);
            finding["severity"] = json!(2.0);
            finding["updatedAt"] = json!(updated);
            store.put(finding);
        };
        for n in 0..130 {
            put(&format!("{n:032x}"), "2026-03-01T02:05:00.000Z");
        }
        put(MOVED, "2026-03-01T02:00:00.000Z");
    });
    for parted in [true, false] {
        // It was in no band when they were listed.
        let shown = Mutex::new(0);
        let change = move |path: &str, body: Vec<u8>| {
            if !path.ends_with("/findings") || !String::from_utf8_lossy(&body).contains(MOVED) {
                return body;
            }
            let mut shown = shown.lock().unwrap();
            *shown += 1;
            if *shown > 1 {
                return body;
            }
            json(&body, |page| {
                page["findingIds"].as_array_mut().unwrap().retain(|id| id != MOVED);
            })
        };
        let between = Between {
            range: range.clone(),
            change: Arc::new(change),
        };
        let only = ConnectOptions {
            http: Some(SharedHttpClient::new(between)),
            accounts: vec![account(PROD)],
            regions: vec![region(SEOUL)],
            ..options(&range, &login)
        };
        let mut rounds = Rounds::new(Cloud::connect(only).await.unwrap());
        if !parted {
            narrow(&mut rounds);
        }
        let (findings, told, _) = round(&mut rounds).await;
        let duty = told.iter().rfind(|row| row.source == Source::GuardDuty).unwrap();
        assert_eq!(duty.state, CoverageState::Complete, "parted: {parted}, {duty:?}");
        assert!(findings.iter().any(|f| f.id.raw() == MOVED), "parted: {parted}");
    }
}

/// Has the one place read as where there are very many.
pub(super) fn narrow(rounds: &mut Rounds) {
    let route = crate::cloud::route::Route {
        source: Source::GuardDuty,
        via: account(PROD),
        region: region(SEOUL),
    };
    let width = &mut rounds.routes().remember(&route).width;
    *width = crate::cloud::feed::source::Width::Narrow;
}

/// Security Hub has one code for a hub that is off and for a caller that may not look.
#[tokio::test]
async fn only_a_hub_that_says_it_is_off_is_off() {
    for (said, state) in [
        (
            "Account 333333333333 is not subscribed to AWS Security Hub",
            CoverageState::Disabled,
        ),
        (
            "The account doesn't have permission to perform this action.",
            CoverageState::Refused,
        ),
    ] {
        let (range, cloud) = connected().await;
        range.fail(Fault {
            service: Some("securityhub".to_owned()),
            account: Some(account(PROD)),
            region: Some(region(SEOUL)),
            kind: Kind::Error(ApiError::new(401, "InvalidAccessException", said)),
            ..Fault::default()
        });
        let coverage = read_once(cloud).await.coverage;
        let hub = row(&coverage, (PROD, SEOUL), Source::SecurityHub);
        assert_eq!(hub.state, state, "{hub:?}");
        assert!(hub.error.as_ref().unwrap().contains(said), "{hub:?}");
    }
}

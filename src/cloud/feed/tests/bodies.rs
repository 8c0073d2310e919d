//! Odd findings: severities that are in no band, and values of the wrong type.

use serde_json::{Value, json};

use super::*;
use crate::cloud::testing::range as drill;

/// Puts findings like the others into GuardDuty, each changed.
fn put(range: &Range, count: usize, change: impl Fn(usize, &mut Value)) {
    range.with_world(|world| {
        let place = world.accounts.get_mut(&account(PROD)).unwrap();
        let store = &mut place.regions.get_mut(&region(SEOUL)).unwrap().guardduty;
        let pattern = store.findings.values().next().unwrap().clone();
        for n in 0..count {
            let mut finding = pattern.clone();
            finding["id"] = json!(format!("{n:032x}"));
            change(n, &mut finding);
            store.put(finding);
        }
    });
}

/// Reads one place, wide or narrow, and gives the findings and the rows.
async fn read_place(range: &Range, login: &crate::drill::Login) -> (Vec<Finding>, Vec<Coverage>) {
    let cloud = Cloud::connect(crate::cloud::ConnectOptions {
        accounts: vec![account(PROD)],
        regions: vec![region(SEOUL)],
        ..options(range, login)
    });
    let Everything { findings, coverage, .. } = read_once(cloud.await.unwrap()).await;
    (findings, coverage)
}

fn held_here(range: &Range) -> BTreeSet<Name> {
    held(range)
        .into_iter()
        .filter(|n| n.1 == PROD && n.2 == SEOUL)
        .collect()
}

#[tokio::test]
async fn no_severity_falls_between_the_bands() {
    let numbers = [
        0.0, 0.1, 1.0, 3.99, 4.0, 6.95, 6.9999, 7.0, 8.9999, 9.0, 10.0, -1.0, 100.0,
    ];
    let (range, login) = drill();
    put(&range, 400, |n, f| {
        f["severity"] = json!(numbers[n % numbers.len()]);
        // From now to four months ago.
        let days = i64::try_from(n).unwrap() % 120;
        let at = crate::cloud::testing::start().checked_sub(jiff::SignedDuration::from_hours(24 * days));
        f["updatedAt"] = json!(format!("{:.3}", at.unwrap()));
    });
    let (findings, coverage) = read_place(&range, &login).await;
    assert_eq!(read(&findings), held_here(&range));
    assert!(
        coverage.iter().all(|row| row.state == CoverageState::Complete),
        "{coverage:?}"
    );
}

#[tokio::test]
async fn findings_that_are_in_no_band_are_read_along_one_list() {
    for (name, odd) in [
        ("severity", json!("8")),
        ("severity", Value::Null),
        ("updatedAt", Value::Null),
        ("updatedAt", json!("soon")),
    ] {
        let (range, login) = drill();
        put(&range, 400, |n, f| {
            f["severity"] = json!(2.0);
            if n % 3 == 0 {
                f[name] = odd.clone();
            }
        });
        let (findings, coverage) = read_place(&range, &login).await;
        assert_eq!(read(&findings), held_here(&range), "{name} {odd}");
        assert!(
            coverage.iter().all(|row| row.state == CoverageState::Complete),
            "{coverage:?}"
        );
    }
}

#[tokio::test]
async fn values_of_the_wrong_type_lose_nothing_and_every_byte_is_kept() {
    let bodies: Arc<Mutex<Vec<String>>> = Arc::default();
    let (range, login) = drill();
    let kept = Arc::clone(&bodies);
    let change = move |path: &str, body: Vec<u8>| {
        if !path.ends_with("/findings/get") && path != "/findings" {
            return body;
        }
        let body = json(&body, |page| {
            for key in ["findings", "Findings"] {
                for finding in page[key].as_array_mut().into_iter().flatten() {
                    // What the SDK's parser takes for an error: a number that is a text, a list that is none, and deep nesting.
                    finding["Severity"]["Normalized"] = json!("70");
                    finding["service"]["count"] = json!("many");
                    finding["service"]["modifiedAt"] = json!({"a": ["string"]});
                    finding["Network"] = json!({"SourcePort": "443", "DestinationPort": [22]});
                    finding["Resources"] = if key == "Findings" {
                        finding["Resources"].clone()
                    } else {
                        json!(7)
                    };
                }
            }
        });
        kept.lock().unwrap().push(String::from_utf8(body.clone()).unwrap());
        body
    };
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
    let (tx, mut rx) = mpsc::channel(4096);
    assert!(Rounds::new(cloud.await.unwrap()).next(&tx).await);
    drop(tx);
    let (mut findings, mut raws) = (Vec::new(), Vec::new());
    while let Some(event) = rx.recv().await {
        match event {
            FeedEvent::Findings(page) => {
                for seen in page.into_seen() {
                    raws.push(String::from_utf8(seen.raw.to_vec()).unwrap());
                    findings.push(seen.finding);
                }
            }
            FeedEvent::Coverage(row) => assert!(
                matches!(row.state, CoverageState::Complete | CoverageState::Reading),
                "{row:?}"
            ),
            FeedEvent::Accounts(_)
            | FeedEvent::Way { .. }
            | FeedEvent::Begins(_)
            | FeedEvent::Whole { .. }
            | FeedEvent::Round { .. } => {}
        }
    }
    assert_eq!(read(&findings), held_here(&range));
    let bodies = bodies.lock().unwrap();
    for raw in &raws {
        assert!(bodies.iter().any(|body| body.contains(raw.as_str())), "{raw}");
    }
    assert!(findings.iter().all(|f| !f.title.raw().is_empty()));
}

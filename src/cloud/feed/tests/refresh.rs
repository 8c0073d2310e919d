//! What a refresh asks, and that it misses nothing.

use serde_json::{Value, json};

use super::*;

/// Rounds over one account and region.
async fn small() -> (Range, Rounds) {
    let (range, login) = crate::cloud::testing::range();
    let only = crate::cloud::ConnectOptions {
        accounts: vec![account(PROD)],
        regions: vec![region(SEOUL)],
        ..options(&range, &login)
    };
    let rounds = Rounds::new(Cloud::connect(only).await.unwrap());
    (range, rounds)
}

/// How often GuardDuty and Security Hub were asked since the last time.
fn asked(range: &Range) -> [usize; 2] {
    range.with_world(|world| {
        let log = std::mem::take(&mut world.log);
        ["guardduty", "securityhub"].map(|service| log.iter().filter(|call| call.service == service).count())
    })
}

/// Changes a finding of GuardDuty: the newest one, or another.
fn update(range: &Range, newest: bool, at: &str, id: Option<&str>) {
    range.with_world(|world| {
        let place = world.accounts.get_mut(&account(PROD)).unwrap();
        let store = &mut place.regions.get_mut(&region(SEOUL)).unwrap().guardduty;
        let time = |f: &&Value| f["updatedAt"].as_str().unwrap().to_owned();
        let all = store.findings.values().map(|kept| &**kept);
        let found = if newest {
            all.max_by_key(time)
        } else {
            all.min_by_key(time)
        };
        let mut finding = found.unwrap().clone();
        finding["title"] = json!(format!("changed {at}"));
        finding["updatedAt"] = json!(at);
        if let Some(id) = id {
            finding["id"] = json!(id);
        }
        store.put(finding);
    });
}

#[tokio::test]
async fn nothing_new_costs_one_call_a_route() {
    let (range, mut rounds) = small().await;
    crowd(&range, 130);
    // One each minute, and none that was updated a moment ago: these are got again every tenth time.
    range.with_world(|world| {
        let place = world.accounts.get_mut(&account(PROD)).unwrap();
        let store = &mut place.regions.get_mut(&region(SEOUL)).unwrap().guardduty;
        let all: Vec<Value> = store.findings.values().map(|kept| Value::clone(kept)).collect();
        for (n, mut finding) in all.into_iter().enumerate() {
            let minutes = jiff::SignedDuration::from_mins(20 + i64::try_from(n).unwrap());
            let at = crate::cloud::testing::start().checked_sub(minutes).unwrap();
            finding["updatedAt"] = json!(format!("{at:.3}"));
            store.put(finding);
        }
    });
    let (first, ..) = round(&mut rounds).await;
    assert!(first.len() > 130);
    asked(&range);
    for refresh in 0..25 {
        let (found, _, complete) = round(&mut rounds).await;
        assert!(complete && found.is_empty(), "{refresh}: {}", found.len());
        assert_eq!(asked(&range), [1, 1], "{refresh}");
    }
}

#[tokio::test]
async fn nothing_at_all_costs_one_call_a_route() {
    let (range, mut rounds) = small().await;
    let mut pattern = Value::Null;
    range.with_world(|world| {
        let place = world.accounts.get_mut(&account(PROD)).unwrap();
        let place = place.regions.get_mut(&region(SEOUL)).unwrap();
        pattern = Value::clone(place.guardduty.findings.values().next().unwrap());
        place.guardduty.findings.clear();
        place.securityhub.findings.clear();
    });
    round(&mut rounds).await;
    asked(&range);
    for refresh in 0..25 {
        let (found, _, complete) = round(&mut rounds).await;
        assert!(complete && found.is_empty(), "{refresh}: {}", found.len());
        assert_eq!(asked(&range), [1, 1], "{refresh}");
    }
    // The first one that comes, however late it is listed.
    pattern["updatedAt"] = json!("2026-03-01T01:00:00.000Z");
    range.with_world(|world| {
        let place = world.accounts.get_mut(&account(PROD)).unwrap();
        let store = &mut place.regions.get_mut(&region(SEOUL)).unwrap().guardduty;
        store.put(pattern);
    });
    assert_eq!(round(&mut rounds).await.0.len(), 1);
    asked(&range);
    assert!(round(&mut rounds).await.0.is_empty());
    assert_eq!(asked(&range), [1, 1]);
}

#[tokio::test]
async fn an_update_is_seen_at_the_second_refresh_at_the_latest() {
    for before in 0..3 {
        for (newest, at, id) in [
            // The newest stays the newest.
            (true, "2026-03-01T02:09:59.999Z", None),
            (false, "2026-03-01T02:09:59.999Z", None),
            // A new one, listed late: others are newer.
            (
                true,
                "2026-03-01T02:08:59.000Z",
                Some("abcdefabcdefabcdefabcdefabcdefab"),
            ),
        ] {
            let (range, mut rounds) = small().await;
            // One that is newer than what comes late.
            update(&range, true, "2026-03-01T02:09:00.000Z", None);
            round(&mut rounds).await;
            for _ in 0..before {
                assert!(round(&mut rounds).await.0.is_empty());
            }
            update(&range, newest, at, id);
            let mut seen = Vec::new();
            for _ in 0..2 {
                seen.extend(round(&mut rounds).await.0);
            }
            let changed = |f: &Finding| f.title.raw().starts_with("changed") && f.updated_at == at.parse().ok();
            assert!(seen.iter().any(changed), "{before} refreshes before, {at} {id:?}");
            assert!(round(&mut rounds).await.0.is_empty(), "and then nothing is new");
        }
    }
}

/// It is dated before the newest and listed after that was read, so it stands where it stood.
#[tokio::test]
async fn an_update_that_stands_where_it_stood_is_seen_at_the_tenth_refresh_at_the_latest() {
    const BEHIND: &str = "abcdefabcdefabcdefabcdefabcdefab";
    for before in [0, 4, 9] {
        let (range, mut rounds) = small().await;
        update(&range, true, "2026-03-01T02:09:00.000Z", None);
        update(&range, true, "2026-03-01T02:08:00.000Z", Some(BEHIND));
        round(&mut rounds).await;
        for _ in 0..before {
            round(&mut rounds).await;
        }
        let late = "2026-03-01T02:08:59.000Z";
        update(&range, true, late, Some(BEHIND));
        let mut seen = Vec::new();
        for _ in 0..10 {
            seen.extend(round(&mut rounds).await.0);
        }
        let changed = |f: &Finding| f.id.raw() == BEHIND && f.updated_at == late.parse().ok();
        assert!(seen.iter().any(changed), "{before} refreshes before");
    }
}

#[tokio::test]
async fn many_new_ones_are_read_page_by_page() {
    let (range, mut rounds) = small().await;
    round(&mut rounds).await;
    for n in 0..120 {
        update(&range, false, "2026-03-01T02:09:30.000Z", Some(&format!("{n:032x}")));
    }
    let (found, _, complete) = round(&mut rounds).await;
    assert!(complete);
    let new: BTreeSet<&str> = found
        .iter()
        .map(|f| f.id.raw())
        .filter(|id| id.starts_with("00000"))
        .collect();
    assert_eq!(new.len(), 120);
}

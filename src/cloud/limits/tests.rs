//! The limits under a clock that only tests move.

use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::cloud::errors::ErrorKind;

const HUB: &str = "securityhub:GetFindings";

fn place() -> (AccountId, Region) {
    ("111122223333".parse().unwrap(), "us-east-1".parse().unwrap())
}

/// How many calls of the feed are let through in that many seconds, each ending at once.
async fn through(limits: &Limits, seconds: u64) -> usize {
    let (account, region) = place();
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut calls = 0;
    while tokio::time::timeout_at(until, limits.feed(account, &region, HUB, Rank::FIRST, 1))
        .await
        .is_ok()
    {
        calls += 1;
    }
    calls
}

#[tokio::test(start_paused = true)]
async fn the_feed_never_goes_beyond_the_quota_and_leaves_one_token() {
    let limits = Limits::default();
    // Five of the burst of six, and three a second.
    assert_eq!(through(&limits, 10).await, 5 + 30);
    assert_eq!(through(&limits, 10).await, 30);
}

#[tokio::test(start_paused = true)]
async fn each_account_region_and_operation_has_its_own_bucket() {
    let limits = Limits::default();
    let (account, region) = place();
    through(&limits, 1).await;
    let began = Instant::now();
    limits
        .feed(account, &"eu-west-1".parse().unwrap(), HUB, Rank::FIRST, 1)
        .await;
    limits
        .feed("444455556666".parse().unwrap(), &region, HUB, Rank::FIRST, 1)
        .await;
    limits
        .feed(account, &region, "guardduty:ListFindings", Rank::FIRST, 1)
        .await;
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_responder_does_not_wait_behind_the_feed() {
    let limits = Arc::new(Limits::default());
    let (account, region) = place();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (limits, region) = (Arc::clone(&limits), region.clone());
        waiting.spawn(async move { limits.feed(account, &region, HUB, Rank::FIRST, 1).await });
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    limits.urgent(account, &region, HUB).await;
    assert_eq!(began.elapsed(), Duration::ZERO, "a token was kept");
    limits.urgent(account, &region, HUB).await;
    assert!(began.elapsed() <= Duration::from_millis(400), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn throttling_halves_the_rate_and_success_gives_it_back() {
    let limits = Limits::default();
    let (account, region) = place();
    through(&limits, 1).await;
    let turn = limits.feed(account, &region, HUB, Rank::FIRST, 1).await;
    // Three at once are one throttling.
    for _ in 0..3 {
        turn.throttled();
    }
    // The kept token has to come back first.
    through(&limits, 2).await;
    assert_eq!(through(&limits, 10).await, 15);
    for _ in 0..10 {
        turn.taken();
    }
    assert_eq!(through(&limits, 10).await, 30);
    for _ in 0..40 {
        turn.throttled();
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    assert!(through(&limits, 60).await >= 10, "it never stops altogether");
}

#[tokio::test(start_paused = true)]
async fn the_better_rank_goes_first_and_units_are_bounded() {
    let gate = Gate::new(10);
    let first = gate.enter(Rank::FIRST, 10).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = tokio::task::JoinSet::new();
    for (name, rank, units) in [
        ("low", Rank::later(3), 4),
        ("critical", Rank::later(0), 4),
        ("found", Rank::FOUND, 100),
    ] {
        let (gate, order) = (gate.clone(), Arc::clone(&order));
        tasks.spawn(async move {
            let _permit = gate.enter(rank, units).await;
            order.lock().unwrap().push(name);
            tokio::time::sleep(Duration::from_secs(1)).await;
        });
    }
    // One who goes away leaves nothing behind.
    let gone = tokio::time::timeout(Duration::from_millis(10), gate.enter(Rank::FOUND, 3)).await;
    assert!(gone.is_err());
    drop(first);
    let began = Instant::now();
    while tasks.join_next().await.is_some() {}
    assert_eq!(*order.lock().unwrap(), ["found", "critical", "low"]);
    assert_eq!(
        began.elapsed(),
        Duration::from_secs(2),
        "two fit side by side, the widest alone"
    );
    let _all = gate.enter(Rank::later(3), 10).await;
}

#[test]
fn only_what_may_pass_is_tried_again() {
    let mut once = Tries::new(1);
    assert_eq!(once.pause(ErrorKind::Throttled), None);
    for kind in [ErrorKind::Denied, ErrorKind::Rejected, ErrorKind::Credentials] {
        assert_eq!(Tries::new(3).pause(kind), None);
    }
    for (kind, tries) in [
        (ErrorKind::Throttled, 7),
        (ErrorKind::Server, 2),
        (ErrorKind::NoAnswer, 2),
    ] {
        let mut three = Tries::new(3);
        let pauses: Vec<Duration> = std::iter::from_fn(|| three.pause(kind)).collect();
        assert_eq!(pauses.len(), tries, "{kind:?}");
        assert!(
            pauses
                .iter()
                .all(|p| *p >= Duration::from_millis(125) && *p <= Duration::from_secs(8))
        );
    }
}

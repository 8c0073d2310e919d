//! Who waits for whom. Nothing here waits for a clock.

use std::time::Duration;

use super::*;
use crate::cloud::errors::ErrorKind;

const HUB: &str = "securityhub:GetFindings";

fn place() -> (AccountId, Region) {
    ("111122223333".parse().unwrap(), "us-east-1".parse().unwrap())
}

/// Whether something can be had at once: it is asked once.
async fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| {
        std::task::Poll::Ready(match future.as_mut().poll(cx) {
            std::task::Poll::Ready(got) => Some(got),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test]
async fn each_account_region_and_operation_has_its_own_bucket_and_the_responder_a_token_in_each() {
    let limits = Limits::default();
    let (account, region) = place();
    let mut turns = Vec::new();
    for _ in 0..5 {
        let turn = at_once(limits.feed(account, &region, HUB, Rank::FIRST, 1)).await;
        turns.push(turn.expect("five of six"));
    }
    assert!(
        at_once(limits.feed(account, &region, HUB, Rank::FIRST, 1))
            .await
            .is_none()
    );
    assert!(at_once(limits.urgent(account, &region, HUB)).await.is_some());
    let (other, there) = ("444455556666".parse().unwrap(), "eu-west-1".parse().unwrap());
    for (account, region, call) in [
        (account, &there, HUB),
        (other, &region, HUB),
        (account, &region, "guardduty:ListFindings"),
    ] {
        assert!(
            at_once(limits.feed(account, region, call, Rank::FIRST, 1))
                .await
                .is_some(),
            "{call}"
        );
    }
}

#[tokio::test]
async fn the_responder_is_not_held_up_by_what_the_feed_has_under_way() {
    let limits = Limits::default();
    let (account, region) = place();
    let _all = limits.feed.enter(Rank::FIRST, FEED_UNITS).await;
    let feed = limits.feed(account, &region, "guardduty:GetFindings", Rank::FOUND, 50);
    assert!(at_once(feed).await.is_none());
    assert!(
        at_once(limits.urgent(account, &region, "guardduty:GetFindings"))
            .await
            .is_some()
    );
}

#[tokio::test]
async fn a_plans_many_reads_go_at_once_as_far_as_ec2_lets_them() {
    let limits = Limits::default();
    let (account, region) = place();
    // EC2's bucket, and not the smaller one of calls without a number of their own.
    for read in 0..100 {
        let turn = at_once(limits.urgent(account, &region, READS)).await;
        assert!(turn.is_some(), "{read}");
    }
}

#[tokio::test]
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
            tokio::task::yield_now().await;
        });
    }
    // One who goes away leaves nothing behind.
    assert!(at_once(gate.enter(Rank::FOUND, 3)).await.is_none());
    tokio::task::yield_now().await;
    drop(first);
    while tasks.join_next().await.is_some() {}
    assert_eq!(*order.lock().unwrap(), ["found", "critical", "low"]);
    assert!(
        at_once(gate.enter(Rank::later(3), 10)).await.is_some(),
        "all are free again"
    );
}

#[tokio::test]
async fn the_last_rank_waits_until_little_else_is_under_way() {
    let gate = Gate::new(8);
    let (first, second) = (gate.enter(Rank::FIRST, 2).await, gate.enter(Rank::FOUND, 1).await);
    let mut last = std::pin::pin!(gate.enter(Rank::LAST, 1));
    assert!(at_once(last.as_mut()).await.is_none(), "more than a quarter is in use");
    assert!(at_once(gate.enter(Rank::LESS, 1)).await.is_some(), "it holds up nobody");
    drop(second);
    let one = at_once(last.as_mut()).await.expect("a quarter is little");
    // Its own kind does not count.
    let all = at_once(gate.enter(Rank::LAST, 5)).await;
    assert!(
        all.is_some() && at_once(gate.enter(Rank::LAST, 1)).await.is_none(),
        "no more than there are"
    );
    drop((first, one, all));
    assert!(at_once(gate.enter(Rank::LAST, 8)).await.is_some(), "all are free again");
}

#[tokio::test]
async fn the_better_rank_draws_first() {
    let bucket = Arc::new(Bucket::new(quota::Quota {
        rate: 1000.0,
        burst: 1.0,
    }));
    bucket.draw(Rank::FIRST, 0.0).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = tokio::task::JoinSet::new();
    for (name, rank) in [
        ("low", Rank::later(3)),
        ("critical", Rank::later(0)),
        ("urgent", Rank::URGENT),
    ] {
        let (bucket, order) = (Arc::clone(&bucket), Arc::clone(&order));
        // All three stand in the queue before a token is there.
        tasks.spawn(async move {
            bucket.draw(rank, 0.0).await;
            order.lock().unwrap().push(name);
        });
    }
    while tasks.join_next().await.is_some() {}
    assert_eq!(order.lock().unwrap().first(), Some(&"urgent"));
    assert_eq!(order.lock().unwrap().last(), Some(&"low"));
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
        let least = Duration::from_millis(125);
        assert!(
            pauses.iter().all(|p| *p >= least && *p <= Duration::from_secs(8)),
            "{pauses:?}"
        );
    }
}

/// The subjects of an incident ask for their histories side by side, and draw from one bucket.
#[tokio::test]
async fn the_history_of_an_account_and_region_is_asked_for_twice_a_second() {
    let limits = Limits::default();
    let (account, region) = place();
    let lookup = "cloudtrail:LookupEvents";
    for _ in 0..2 {
        assert!(at_once(limits.urgent(account, &region, lookup)).await.is_some());
    }
    assert!(at_once(limits.urgent(account, &region, lookup)).await.is_none());
    let elsewhere = "us-west-2".parse().unwrap();
    assert!(at_once(limits.urgent(account, &elsewhere, lookup)).await.is_some());
}

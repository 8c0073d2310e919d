//! Quotas, latency and broken pages, as the SDK meets them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_sdk_guardduty::error::{ProvideErrorMetadata, SdkError};
use serde_json::json;

use crate::domain::Region;
use crate::range::fault::{Fault, Kind};
use crate::range::services::guardduty::Detector;
use crate::range::testing::{self, SECURITY};
use crate::range::world::LOG;
use crate::range::{Quotas, Range};

const DETECTOR: &str = "d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0";

/// The small organisation with so many findings in GuardDuty and Security Hub of its security account.
fn range(findings: u32) -> Range {
    let mut world = testing::world();
    let now = world.now();
    let (account, region) = (world.security, Region::global());
    let regional = world.regional(&account, &region).unwrap();
    regional.securityhub.enabled = Some(now);
    regional.guardduty.detector = Some(Detector {
        id: DETECTOR.to_owned(),
        created: now,
        enabled: true,
    });
    for number in 0..findings {
        let id = format!("{number:032x}");
        regional
            .guardduty
            .put(json!({"id": id, "severity": 5.0, "updatedAt": "2026-02-01T00:00:00.000Z", "service": {}}));
        regional
            .securityhub
            .put(json!({"Id": id, "Severity": {"Label": "LOW"}}));
    }
    Range::new(world)
}

fn guardduty(range: &Range) -> aws_sdk_guardduty::Client {
    aws_sdk_guardduty::Client::new(&testing::admin(range, SECURITY, "us-east-1"))
}

/// What one page of ids gave: how many, and the token; or the error's code, `None` where the answer could not be read.
type Page = Result<(usize, String), Option<String>>;

async fn page(client: &aws_sdk_guardduty::Client, token: &str) -> Page {
    let sent = client
        .list_findings()
        .detector_id(DETECTOR)
        .next_token(token)
        .send()
        .await;
    match sent {
        Ok(page) => Ok((
            page.finding_ids().len(),
            page.next_token().unwrap_or_default().to_owned(),
        )),
        Err(error) => Err(error.code().map(str::to_owned)),
    }
}

fn on_page(number: usize, kind: Kind) -> Fault {
    Fault {
        service: Some("guardduty".to_owned()),
        operation: Some("ListFindings".to_owned()),
        page: Some(number),
        times: 1,
        kind,
        ..Fault::default()
    }
}

#[tokio::test]
async fn security_hub_throttles_in_its_own_words_and_its_bucket_fills_again() {
    let range = range(1);
    let clock = Arc::new(AtomicU64::new(0));
    let reads = Arc::clone(&clock);
    range.throttle(Quotas::on(move || Duration::from_millis(reads.load(Ordering::SeqCst))));
    let hub = aws_sdk_securityhub::Client::new(&testing::admin(&range, SECURITY, "us-east-1"));
    for _ in 0..6 {
        Box::pin(hub.get_findings().send()).await.unwrap();
    }
    let error = Box::pin(hub.get_findings().send()).await.unwrap_err();
    assert_eq!(error.code(), Some("TooManyRequestsException"));
    assert_eq!(error.raw_response().map(|r| r.status().as_u16()), Some(429));
    clock.store(334, Ordering::SeqCst);
    Box::pin(hub.get_findings().send()).await.unwrap();
    let count = range.calls().of("securityhub", "GetFindings");
    assert_eq!((count.answered, count.throttled, count.failed), (7, 1, 0));
}

#[tokio::test]
async fn five_hundred_answers_wait_side_by_side_and_do_not_hold_the_world() {
    const CONNECTIONS: u64 = 512;
    let range = range(1);
    // Longer than any test takes: whatever is asked for now is not answered while the test looks.
    range.latency(Duration::from_hours(1));
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let client = guardduty(&range);
            tokio::spawn(async move { client.list_detectors().send().await.is_ok() })
        })
        .collect();
    while range.calls().total().calls() < CONNECTIONS {
        tokio::task::yield_now().await;
    }
    assert!(tasks.iter().all(|task| !task.is_finished()));
    assert_eq!(range.with_world(|world| world.accounts.len()), 3);
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    range.latency(Duration::from_millis(1));
    guardduty(&range).list_detectors().send().await.unwrap();
}

#[tokio::test]
async fn the_second_page_fails_and_the_others_do_not() {
    for kind in [
        Kind::Throttle,
        Kind::Internal,
        Kind::Denied,
        Kind::CutBody(20),
        Kind::Abort(20),
        Kind::Corrupt,
        Kind::DropReply,
    ] {
        let range = range(120);
        range.fail(on_page(2, kind.clone()));
        let client = guardduty(&range);
        let (first, token) = page(&client, "").await.unwrap();
        assert_eq!(first, 50);
        page(&client, &token).await.expect_err("the second page fails");
        // The same page asked for again is answered, and the chain goes on from there.
        let (second, token) = page(&client, &token).await.unwrap();
        let (third, end) = page(&client, &token).await.unwrap();
        assert_eq!((second, third, end.as_str()), (50, 20, ""), "{kind:?}");
    }
}

#[tokio::test]
async fn refusals_have_the_codes_and_statuses_that_guardduty_gives() {
    for (kind, code, status) in [
        (Kind::Throttle, "TooManyRequestsException", 429),
        (Kind::Internal, "InternalServerErrorException", 500),
        (Kind::Denied, "AccessDeniedException", 403),
    ] {
        let range = range(1);
        range.fail(on_page(1, kind));
        let error = guardduty(&range)
            .list_findings()
            .detector_id(DETECTOR)
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.code(), Some(code));
        assert_eq!(error.raw_response().map(|r| r.status().as_u16()), Some(status));
    }
}

#[tokio::test]
async fn a_repeated_token_leads_back_to_the_same_page() {
    let range = range(120);
    range.fail(on_page(2, Kind::RepeatToken));
    let client = guardduty(&range);
    let (_, token) = page(&client, "").await.unwrap();
    let (_, again) = page(&client, &token).await.unwrap();
    assert_eq!(again, token);
    let (_, next) = page(&client, &token).await.unwrap();
    assert_ne!(next, token);
}

#[tokio::test]
async fn fewer_findings_come_than_were_asked_for() {
    let range = range(3);
    range.fail(Fault {
        operation: Some("GetFindings".to_owned()),
        times: 1,
        kind: Kind::Fewer(2),
        ..Fault::default()
    });
    let client = guardduty(&range);
    let ids: Vec<String> = (0..3).map(|n| format!("{n:032x}")).collect();
    let ask = || {
        client
            .get_findings()
            .detector_id(DETECTOR)
            .set_finding_ids(Some(ids.clone()))
    };
    assert_eq!(ask().send().await.unwrap().findings().len(), 1);
    assert_eq!(ask().send().await.unwrap().findings().len(), 3);
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_body_is_no_answer() {
    let range = range(3);
    range.fail(on_page(1, Kind::Abort(10)));
    let error = guardduty(&range)
        .list_findings()
        .detector_id(DETECTOR)
        .send()
        .await
        .unwrap_err();
    assert!(
        matches!(error, SdkError::ResponseError(_) | SdkError::DispatchFailure(_)),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_log_keeps_the_newest_calls_and_counts_the_others() {
    let range = range(0);
    guardduty(&range).list_detectors().send().await.unwrap();
    range.with_world(|world| {
        let call = world.log[0].clone();
        for number in 1..=2 * LOG {
            let mut call = call.clone();
            call.request_id = number.to_string();
            world.record(call);
        }
        assert_eq!((world.log.len(), world.unlogged), (LOG + 1, LOG as u64));
        let newest = world.log.last().map(|call| call.request_id.clone());
        assert_eq!(newest, Some((2 * LOG).to_string()));
    });
}

//! GuardDuty: the detector, the ids by severity, and the findings by their ids.
//!
//! Owns: the three calls. Must never: let an id that was listed get lost on the way to its finding.

use std::collections::HashSet;

use aws_sdk_guardduty::config::{Builder, Config, Region};
use aws_sdk_guardduty::types::{Condition, FindingCriteria, OrderBy, SortCriteria};

use super::source::{End, Reader, page};
use crate::cloud::capture::Capture;
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::domain::Untrusted;
use crate::findings::Seen;
use crate::findings::guardduty::parse;
use crate::findings::page::{Ids, guardduty_page, listed_detectors, listed_ids};

const DETECTORS: &str = "guardduty:ListDetectors";
const LIST: &str = "guardduty:ListFindings";
const GET: &str = "guardduty:GetFindings";
/// The most that `ListFindings` lists and `GetFindings` takes (API reference).
const PAGE: i32 = 50;

/// Reads every finding, or those updated since, the most severe first.
pub(super) async fn read(reader: &mut Reader) -> End {
    let detectors = match Box::pin(detectors(reader)).await {
        Ok(detectors) => detectors,
        Err(error) => return reader.stopped(1, &error),
    };
    if detectors.is_empty() {
        return End::Disabled("GuardDuty has no detector here.".to_owned());
    }
    for detector in detectors {
        if let Some(end) = findings(reader, &detector).await {
            return end;
        }
    }
    End::Complete
}

/// One client an account; the region is said with each call, so that hundreds of regions cost no memory.
fn here(reader: &Reader) -> Builder {
    Config::builder().region(Region::new(reader.place.region.to_string()))
}

async fn detectors(reader: &Reader) -> Result<Vec<String>, CallError> {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let listed = {
            let _turn = reader.turn().await;
            let capture = Capture::default();
            let call = reader.session.guardduty().list_detectors().set_next_token(token);
            let call = call
                .customize()
                .config_override(here(reader))
                .interceptor(capture.clone());
            let failed = call.send().await.err().map(|e| CallError::from_sdk(DETECTORS, &e));
            page(&capture, failed, DETECTORS, |body| listed_detectors(body))?
        };
        found.extend(listed.ids);
        let next = pages.next(listed.next_token.as_deref());
        token = next.map_err(|circle| CallError::malformed(DETECTORS, circle.to_string()))?;
        if token.is_none() {
            return Ok(found);
        }
    }
}

/// Every finding of a detector; `Some` where it ended early.
async fn findings(reader: &mut Reader, detector: &str) -> Option<End> {
    let (mut pages, mut token) = (Pages::default(), None);
    loop {
        let number = pages.number();
        let listed = match Box::pin(list(reader, detector, token)).await {
            Ok(listed) => listed,
            Err(error) => return Some(reader.stopped(number, &error)),
        };
        if !listed.ids.is_empty() {
            Box::pin(get_all(reader, detector, number, &listed.ids)).await;
        }
        match pages.next(listed.next_token.as_deref()) {
            Ok(None) => return None,
            Ok(next) => token = next,
            Err(circle) => {
                let error = CallError::malformed(LIST, circle.to_string());
                return Some(reader.stopped(number, &error));
            }
        }
    }
}

async fn list(reader: &Reader, detector: &str, token: Option<String>) -> Result<Ids, CallError> {
    let by_severity = SortCriteria::builder()
        .attribute_name("severity")
        .order_by(OrderBy::Desc)
        .build();
    let criteria = reader.since.map(|since| {
        let updated = Condition::builder()
            .greater_than_or_equal(since.as_millisecond())
            .build();
        FindingCriteria::builder().criterion("updatedAt", updated).build()
    });
    let _turn = reader.turn().await;
    let capture = Capture::default();
    let answer = reader
        .session
        .guardduty()
        .list_findings()
        .detector_id(detector)
        .sort_criteria(by_severity)
        .set_finding_criteria(criteria)
        .max_results(PAGE)
        .set_next_token(token)
        .customize()
        .config_override(here(reader))
        .interceptor(capture.clone())
        .send()
        .await;
    let failed = answer.err().map(|e| CallError::from_sdk(LIST, &e));
    page(&capture, failed, LIST, |body| listed_ids(body))
}

/// The findings of a page of ids. Those that are missing are asked for once more, then named as a gap.
async fn get_all(reader: &mut Reader, detector: &str, number: usize, ids: &[String]) {
    let mut wanted: Vec<String> = ids.to_vec();
    for _ in 0..2 {
        let found = match get(reader, detector, &wanted).await {
            Ok(found) => found,
            Err(error) => {
                let lost = Untrusted::new(wanted.join(", "));
                reader.gap(GET, number, format!("{error} (not read: {lost})"));
                return;
            }
        };
        let got: HashSet<&str> = found.iter().map(|f| f.finding.id.raw()).collect();
        wanted.retain(|id| !got.contains(id.as_str()));
        drop(got);
        reader.found(found).await;
        if wanted.is_empty() {
            return;
        }
    }
    let lost = Untrusted::new(wanted.join(", "));
    reader.gap(
        GET,
        number,
        format!("listed, but not given when asked for by id: {lost}"),
    );
}

async fn get(reader: &Reader, detector: &str, ids: &[String]) -> Result<Vec<Seen>, CallError> {
    let _turn = reader.turn().await;
    let capture = Capture::default();
    let answer = reader
        .session
        .guardduty()
        .get_findings()
        .detector_id(detector)
        .set_finding_ids(Some(ids.to_vec()))
        .customize()
        .config_override(here(reader))
        .interceptor(capture.clone())
        .send()
        .await;
    let failed = answer.err().map(|e| CallError::from_sdk(GET, &e));
    page(&capture, failed, GET, |body| {
        let page = guardduty_page(body)?;
        let raws = page.findings.iter().map(|raw| body.slice_ref(raw));
        Ok(raws
            .map(|raw| Seen::read(raw, |raw| parse(raw, &reader.place)))
            .collect())
    })
}

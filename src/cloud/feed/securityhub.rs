//! Security Hub: one call, sorted by severity, page by page.
//!
//! Owns: the call. Must never: take a hub that is not enabled for one without findings.

use aws_sdk_securityhub::config::{Config, Region};
use aws_sdk_securityhub::types::{AwsSecurityFindingFilters, DateFilter, SortCriterion, SortOrder};
use jiff::SignedDuration;

use super::source::{End, Reader, page};
use crate::cloud::capture::Capture;
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::findings::Seen;
use crate::findings::asff::parse;
use crate::findings::page::securityhub_page;

const CALL: &str = "securityhub:GetFindings";
/// The most that a page holds (API reference).
const PAGE: i32 = 100;
/// The code where Security Hub is not enabled.
const NOT_ENABLED: &str = "InvalidAccessException";
/// A date range needs an end; findings may be dated by a clock that is ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(48);

/// Reads every finding, or those updated since, the most severe first.
pub(super) async fn read(reader: &mut Reader) -> End {
    let (mut pages, mut token) = (Pages::default(), None);
    loop {
        let number = pages.number();
        let (findings, next) = match Box::pin(get(reader, token)).await {
            Ok(found) => found,
            Err(error) if error.code.as_deref() == Some(NOT_ENABLED) => {
                return End::Disabled(format!("Security Hub is not enabled here: {}", error.message));
            }
            Err(error) => return reader.stopped(number, &error),
        };
        reader.found(findings).await;
        match pages.next(next.as_deref()) {
            Ok(None) => return End::Complete,
            Ok(next) => token = next,
            Err(circle) => return reader.stopped(number, &CallError::malformed(CALL, circle.to_string())),
        }
    }
}

async fn get(reader: &Reader, token: Option<String>) -> Result<(Vec<Seen>, Option<String>), CallError> {
    let by_severity = SortCriterion::builder()
        .field("SeverityNormalized")
        .sort_order(SortOrder::Descending)
        .build();
    let filters = reader.since.map(|since| {
        let until = reader.started.checked_add(AHEAD).unwrap_or(reader.started);
        let range = DateFilter::builder()
            .start(format!("{since:.3}"))
            .end(format!("{until:.3}"))
            .build();
        AwsSecurityFindingFilters::builder().updated_at(range).build()
    });
    let _turn = reader.turn().await;
    let capture = Capture::default();
    let answer = reader
        .session
        .securityhub()
        .get_findings()
        .set_filters(filters)
        .sort_criteria(by_severity)
        .max_results(PAGE)
        .set_next_token(token)
        .customize()
        .config_override(Config::builder().region(Region::new(reader.place.region.to_string())))
        .interceptor(capture.clone())
        .send()
        .await;
    let failed = answer.err().map(|e| CallError::from_sdk(CALL, &e));
    page(&capture, failed, CALL, |body| {
        let page = securityhub_page(body)?;
        let raws = page.findings.iter().map(|raw| body.slice_ref(raw));
        let seen = raws.map(|raw| Seen::read(raw, |raw| parse(raw, &reader.place)));
        Ok((seen.collect(), page.next_token.clone()))
    })
}

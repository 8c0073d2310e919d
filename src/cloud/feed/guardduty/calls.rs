//! GuardDuty's four calls, each one page.
//!
//! Owns: how they are sent and what is read of the answer. No answer is tried again by the SDK: the limits decide that.

use aws_sdk_guardduty::config::retry::RetryConfig;
use aws_sdk_guardduty::config::{Builder, Config, Region};
use aws_sdk_guardduty::types::{DetectorStatus, FindingCriteria, OrderBy, SortCriteria};

use crate::cloud::capture::Capture;
use crate::cloud::errors::CallError;
use crate::cloud::feed::source::{Reader, Sent, page};
use crate::cloud::limits::{LEAST, Rank, Turn};
use crate::cloud::pages::Pages;
use crate::findings::Seen;
use crate::findings::guardduty::parse;
use crate::findings::page::{Ids, guardduty_page, listed_detectors, listed_ids};
use crate::findings::version::Told;

const DETECTORS: &str = "guardduty:ListDetectors";
const DETECTOR: &str = "guardduty:GetDetector";
pub(super) const LIST: &str = "guardduty:ListFindings";
pub(super) const GET: &str = "guardduty:GetFindings";
/// The most that `ListFindings` lists and `GetFindings` takes (API reference).
pub(super) const PAGE: i32 = 50;

/// Which ids are asked for, and in what order.
#[derive(Clone, Debug, Default)]
pub(super) struct Question {
    pub criteria: Option<FindingCriteria>,
    pub by: By,
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum By {
    #[default]
    Worst,
    Newest,
}

impl By {
    fn criteria(self) -> SortCriteria {
        let attribute = match self {
            Self::Worst => "severity",
            Self::Newest => "updatedAt",
        };
        let sort = SortCriteria::builder().attribute_name(attribute);
        sort.order_by(OrderBy::Desc).build()
    }
}

/// One client an account; the region is said with each call, so that hundreds of regions cost no memory.
fn here(reader: &Reader) -> Builder {
    Config::builder()
        .region(Region::new(reader.place.region.to_string()))
        .retry_config(RetryConfig::disabled())
}

pub(super) async fn detectors(reader: &Reader) -> Result<Vec<String>, CallError> {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let send = || -> Sent<'_, Ids> {
            let capture = Capture::default();
            let client = reader.session.guardduty();
            let call = client.list_detectors().set_next_token(token.clone()).customize();
            let call = call.config_override(here(reader)).interceptor(capture.clone());
            let sent = Box::pin(call.send());
            Box::pin(async move {
                let failed = sent.await.err().map(|e| CallError::from_sdk(DETECTORS, &e));
                page(&capture, failed, DETECTORS, |body| listed_detectors(body))
            })
        };
        let (listed, _) = reader.ask(DETECTORS, Rank::LEAD, LEAST, send).await?;
        found.extend(listed.ids);
        let next = pages.next(listed.next_token.as_deref());
        token = next.map_err(|circle| CallError::malformed(DETECTORS, circle.to_string()))?;
        if token.is_none() {
            return Ok(found);
        }
    }
}

/// What a detector says of itself. One that was suspended still lists what it found.
pub(super) async fn status(reader: &Reader, detector: &str, rank: Rank) -> Result<DetectorStatus, CallError> {
    let send = || -> Sent<'_, DetectorStatus> {
        let call = reader.session.guardduty().get_detector().detector_id(detector);
        let call = call.customize().config_override(here(reader));
        Box::pin(async move {
            let answer = call.send().await.map_err(|e| CallError::from_sdk(DETECTOR, &e))?;
            let none = || CallError::malformed(DETECTOR, "the answer has no status");
            answer.status.ok_or_else(none)
        })
    };
    let (status, _) = reader.ask(DETECTOR, rank, LEAST, send).await?;
    Ok(status)
}

pub(super) async fn list(
    reader: &Reader,
    detector: &str,
    question: &Question,
    token: Option<&str>,
    rank: Rank,
) -> Result<Ids, CallError> {
    let send = || -> Sent<'_, Ids> {
        let capture = Capture::default();
        let client = reader.session.guardduty();
        let call = client
            .list_findings()
            .detector_id(detector)
            .sort_criteria(question.by.criteria())
            .set_finding_criteria(question.criteria.clone())
            .max_results(PAGE)
            .set_next_token(token.map(str::to_owned))
            .customize()
            .config_override(here(reader))
            .interceptor(capture.clone());
        let sent = Box::pin(call.send());
        Box::pin(async move {
            let failed = sent.await.err().map(|e| CallError::from_sdk(LIST, &e));
            page(&capture, failed, LIST, |body| listed_ids(body))
        })
    };
    let (listed, _) = reader.ask(LIST, rank, LEAST, send).await?;
    Ok(listed)
}

pub(super) async fn get(
    reader: &Reader,
    detector: &str,
    ids: &[String],
    rank: Rank,
) -> Result<(Vec<Seen>, Turn), CallError> {
    let send = || -> Sent<'_, Vec<Seen>> {
        let (capture, asked) = (Capture::default(), Told::read(reader.cloud.now()));
        let client = reader.session.guardduty();
        let call = client
            .get_findings()
            .detector_id(detector)
            .set_finding_ids(Some(ids.to_vec()))
            .customize()
            .config_override(here(reader))
            .interceptor(capture.clone());
        let sent = Box::pin(call.send());
        Box::pin(async move {
            let failed = sent.await.err().map(|e| CallError::from_sdk(GET, &e));
            page(&capture, failed, GET, |body| {
                let page = guardduty_page(body)?;
                let raws = page.findings.iter().map(|raw| body.slice_ref(raw));
                Ok(raws
                    .map(|raw| Seen::read(raw, |raw| parse(raw, &reader.place)).told(asked))
                    .collect())
            })
        })
    };
    let weight = &reader.cloud.limits.guardduty;
    let (found, turn) = reader.ask(GET, rank, weight.units(ids.len()), send).await?;
    weight.learn(found.len(), found.iter().map(|seen| seen.raw.len()).sum());
    Ok((found, turn))
}

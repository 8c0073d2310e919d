//! Security Hub: the note and the workflow status of findings, by id.
//!
//! Read from the body, as the feed does: the SDK's own parser gives up where any field of a real finding has another type.

use crate::action::SecurityHubQuery;
use aws_sdk_securityhub::config::{Config, Region as SdkRegion};
use aws_sdk_securityhub::types::{AwsSecurityFindingFilters, StringFilter, StringFilterComparison};
use serde::Deserialize;

use super::{Found, circle, failure};
use crate::action::{Answer, HubFinding, HubId, HubNote, ReadFailure, ReadFailureKind, Workflow};
use crate::cloud::capture::Capture;
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::domain::Region;
use crate::findings::page::securityhub_page;

const CALL: &str = "securityhub:GetFindings";
/// The values that one filter takes (API reference, `AwsSecurityFindingFilters`: up to 20 for each attribute).
const FILTER_VALUES: usize = 20;
/// The most that a page holds (API reference).
const PAGE: i32 = 100;

/// The fields that plans use.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    id: String,
    product_arn: String,
    workflow: Option<WrittenWorkflow>,
    note: Option<WrittenNote>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WrittenWorkflow {
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WrittenNote {
    text: String,
    #[serde(default)]
    updated_by: String,
}

pub(super) async fn ask(session: &Session, region: &Region, query: &SecurityHubQuery) -> Found {
    match query {
        SecurityHubQuery::HubFindings { ids } => findings(session, region, ids).await,
    }
}

/// `GetFindings` by `Id`. What Security Hub does not have is not in the answer; the action says what that means.
async fn findings(session: &Session, region: &Region, ids: &[String]) -> Found {
    let (mut found, mut request_id) = (Vec::new(), None);
    for some in ids.chunks(FILTER_VALUES) {
        let (mut pages, mut token) = (Pages::default(), None);
        loop {
            let page = Box::pin(page(session, region, some, token)).await?;
            found.extend(page.findings);
            request_id = page.request_id;
            token = pages.next(page.next.as_deref()).map_err(circle(CALL))?;
            if token.is_none() {
                break;
            }
        }
    }
    // In one order, so that two readings of the same are equal.
    found.sort();
    found.dedup();
    Ok((Answer::HubFindings(found), request_id))
}

struct Page {
    findings: Vec<HubFinding>,
    next: Option<String>,
    request_id: Option<String>,
}

async fn page(session: &Session, region: &Region, ids: &[String], token: Option<String>) -> Result<Page, ReadFailure> {
    let mut filters = AwsSecurityFindingFilters::builder();
    for id in ids {
        let equals = StringFilter::builder()
            .value(id)
            .comparison(StringFilterComparison::Equals)
            .build();
        filters = filters.id(equals);
    }
    let capture = Capture::default();
    let answer = session
        .securityhub()
        .get_findings()
        .filters(filters.build())
        .max_results(PAGE)
        .set_next_token(token)
        .customize()
        .config_override(Config::builder().region(SdkRegion::new(region.to_string())))
        .interceptor(capture.clone())
        .send()
        .await;
    let captured = capture.take();
    let body = match (captured.body, answer) {
        (Some(body), _) if (200..300).contains(&captured.status) => body,
        (_, Err(error)) => return Err(CallError::from_sdk(CALL, &error).into()),
        (_, Ok(_)) => return Err(malformed("the answer's body did not arrive")),
    };
    let page = securityhub_page(&body).map_err(|bad| malformed(&bad.to_string()))?;
    let findings: Result<Vec<HubFinding>, ReadFailure> = page.findings.iter().map(|raw| finding(raw)).collect();
    Ok(Page {
        findings: findings?,
        next: page.next_token,
        request_id: captured.request_id,
    })
}

fn finding(raw: &[u8]) -> Result<HubFinding, ReadFailure> {
    let written: Written = serde_json::from_slice(raw).map_err(|e| malformed(&e.to_string()))?;
    let status = written.workflow.and_then(|w| w.status);
    let workflow = match status.as_deref() {
        // "NEW: the initial state of a finding" (API reference, `Workflow`).
        None => Workflow::New,
        Some(status) => {
            Workflow::from_aws(status).ok_or_else(|| malformed(&format!("a finding's workflow status is {status}")))?
        }
    };
    let (id, product_arn) = (written.id, written.product_arn);
    let note = written.note.map(|note| HubNote {
        text: note.text,
        by: note.updated_by,
    });
    Ok(HubFinding {
        id: HubId { id, product_arn },
        workflow,
        note,
    })
}

fn malformed(why: &str) -> ReadFailure {
    failure(ReadFailureKind::Malformed, format!("{CALL}: {why}"))
}

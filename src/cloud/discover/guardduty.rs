//! What GuardDuty says of members and administrators, in one account and region.
//!
//! Owns: the calls. Must never: take a page that was cut for a list without members.

use aws_sdk_guardduty::config::{Builder, Config};

use super::administrators::{Answer, Member};
use super::listing::{self, Page};
use crate::cloud::errors::CallError;
use crate::cloud::session::Session;
use crate::domain::{AccountId, Region};

const DETECTORS: &str = "guardduty:ListDetectors";
const MEMBERS: &str = "guardduty:ListMembers";
const ADMINISTRATOR: &str = "guardduty:GetAdministratorAccount";
/// The most members on a page (API reference, `ListMembers`).
const PAGE: i32 = 50;

fn here(region: &Region) -> Builder {
    Config::builder().region(aws_config::Region::new(region.to_string()))
}

/// The members that are associated with the detector.
pub(super) async fn members(session: &Session, region: &Region) -> Result<Answer<Vec<Member>>, CallError> {
    let Some(detector) = detector(session, region).await? else {
        return Ok(Answer::Off);
    };
    let page = |token| {
        let call = session.guardduty().list_members().detector_id(&detector);
        let call = call.max_results(PAGE).set_next_token(token).customize();
        let call = call.config_override(here(region));
        async move {
            let answer = call.send().await.map_err(|e| CallError::from_sdk(MEMBERS, &e))?;
            Ok(Page {
                items: answer.members,
                next: answer.next_token,
            })
        }
    };
    let mut members = Vec::new();
    for member in Box::pin(listing::whole(MEMBERS, page)).await? {
        let id = member.account_id().unwrap_or_default().parse();
        // A member without a detector is enabled in name alone.
        if member.detector_id().unwrap_or_default().is_empty() {
            continue;
        }
        members.push(Member {
            id: id.map_err(|bad| CallError::malformed(MEMBERS, format!("{bad}")))?,
            status: member.relationship_status().unwrap_or_default().to_owned(),
        });
    }
    Ok(Answer::Is(members))
}

/// The account that the caller's own detector is administered by.
pub(super) async fn administrator(session: &Session, region: &Region) -> Result<Answer<Option<AccountId>>, CallError> {
    let Some(detector) = detector(session, region).await? else {
        return Ok(Answer::Off);
    };
    let call = session.guardduty().get_administrator_account().detector_id(detector);
    let call = call.customize().config_override(here(region));
    let answer = call.send().await.map_err(|e| CallError::from_sdk(ADMINISTRATOR, &e))?;
    let id = answer.administrator().and_then(|a| a.account_id());
    let id = id.filter(|id| !id.is_empty()).map(str::parse).transpose();
    id.map(Answer::Is)
        .map_err(|bad: crate::domain::BadAccountId| CallError::malformed(ADMINISTRATOR, bad.to_string()))
}

/// An account has at most one detector in a region (API reference, `CreateDetector`).
async fn detector(session: &Session, region: &Region) -> Result<Option<String>, CallError> {
    let page = |token| {
        let call = session.guardduty().list_detectors().set_next_token(token);
        let call = call.customize().config_override(here(region));
        async move {
            let answer = call.send().await.map_err(|e| CallError::from_sdk(DETECTORS, &e))?;
            Ok(Page {
                items: answer.detector_ids,
                next: answer.next_token,
            })
        }
    };
    let all = Box::pin(listing::whole(DETECTORS, page)).await?;
    Ok(all.into_iter().next())
}

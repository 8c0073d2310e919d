//! Reads what EventBridge sends: findings of GuardDuty and Security Hub, and everything else as an operational incident.
//!
//! Owns: the envelope (EventBridge User Guide, "Events") and what SNS wraps around it. Must never: lose a finding that is in an
//! event, or take for an event what is none. A finding keeps the source that made it, so that it merges with what the API gives.

mod about;
mod brief;
mod kinds;

use std::borrow::Cow;

use bytes::Bytes;

pub use brief::Brief;

use super::reader::{Doubts, Object, unquote};
use super::version::Told;
use super::{Finding, Place, Seen, Source, asff, guardduty, unread};
use crate::domain::{AccountId, Region, Severity, Untrusted};

/// SNS may be subscribed to SNS's own message, but nobody means more than this.
const MAX_WRAPS: usize = 3;

/// The text is no event; why, in plain words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAnEvent(pub String);

/// The findings in a message: usually one, several where Security Hub sends them together. `at` stands in where an event does not
/// say its account and region.
pub fn read(body: &Bytes, at: &Place) -> Result<Vec<Seen>, NotAnEvent> {
    unwrap(body, at, 0)
}

/// Whether an object's fields are those of an event or of a message that SNS wrapped around one.
pub(super) fn is_one(root: &Object<'_>) -> bool {
    let has = |key| root.part(key).is_some();
    has("detail-type") && has("detail") || is_wrapped(root)
}

fn is_wrapped(root: &Object<'_>) -> bool {
    root.part("Type") == Some("\"Notification\"") && root.part("Message").is_some_and(|text| text.starts_with('"'))
}

fn unwrap(body: &Bytes, at: &Place, wraps: usize) -> Result<Vec<Seen>, NotAnEvent> {
    let doubts = Doubts::default();
    let whole = text_of(body);
    let text = std::str::from_utf8(&whole).unwrap_or_default();
    let root = Object::root(text, &doubts).map_err(NotAnEvent)?;
    if is_wrapped(&root) {
        let inner = unquote(root.part("Message").unwrap_or_default());
        if wraps == MAX_WRAPS {
            return Err(NotAnEvent("it is wrapped by SNS too often".to_owned()));
        }
        return unwrap(&Bytes::from(inner), at, wraps + 1)
            .map_err(|NotAnEvent(why)| NotAnEvent(format!("SNS wrapped something that is no event: {why}")));
    }
    if root.part("Type") == Some("\"SubscriptionConfirmation\"") {
        let why = "SNS asks to confirm that the queue is subscribed: open the SubscribeURL in it; until then the topic sends nothing";
        return Err(NotAnEvent(why.to_owned()));
    }
    if !is_one(&root) {
        return Err(NotAnEvent(format!(
            "it has no detail-type and no detail; {}",
            fields(&root)
        )));
    }
    let source = root.text("source").unwrap_or_default();
    let here = Place {
        account: root.text("account").and_then(|t| t.parse().ok()).unwrap_or(at.account),
        region: root
            .text("region")
            .and_then(|t| t.parse().ok())
            .unwrap_or_else(|| at.region.clone()),
    };
    // What is updated without moving its time of update is told apart by it.
    let sent = Told::by_event(root.time("time"));
    match (source.as_str(), root.text("detail-type").unwrap_or_default().as_str()) {
        ("aws.guardduty", "GuardDuty Finding") => {
            let detail = root.part("detail").unwrap_or_default();
            if !detail.starts_with('{') {
                return Err(NotAnEvent("its detail is not an object".to_owned()));
            }
            Ok(vec![
                Seen::read(part_of(&whole, detail), |raw| guardduty::parse(raw, &here)).told(sent),
            ])
        }
        ("aws.securityhub", "Security Hub Findings - Imported" | "Security Hub Findings - Custom Action") => {
            let findings = root.object("detail").parts("findings");
            if findings.is_empty() {
                return Err(NotAnEvent("it names no findings".to_owned()));
            }
            let seen = |raw: &str| Seen::read(part_of(&whole, raw), |raw| asff::parse(raw, &here)).told(sent);
            Ok(findings.into_iter().map(seen).collect())
        }
        _ => Ok(vec![Seen::read(whole.clone(), |raw| parse(raw, &here))]),
    }
}

/// What is there instead, for whoever has to find out what was sent.
pub(super) fn fields(root: &Object<'_>) -> String {
    let names: Vec<String> = root.names().take(6).map(|name| Untrusted::new(name).shown()).collect();
    if names.is_empty() {
        "it has no fields".to_owned()
    } else {
        format!("its fields are {}", names.join(", "))
    }
}

/// The bytes as text: what is not UTF-8 is replaced, and a byte order mark is left out.
pub(super) fn text_of(body: &Bytes) -> Bytes {
    let body = body
        .strip_prefix(b"\xef\xbb\xbf")
        .map_or_else(|| body.clone(), |rest| body.slice_ref(rest));
    match String::from_utf8_lossy(&body) {
        Cow::Borrowed(_) => body,
        Cow::Owned(text) => Bytes::from(text),
    }
}

/// A part of a text as bytes that share its memory.
pub(super) fn part_of(whole: &Bytes, part: &str) -> Bytes {
    whole.slice_ref(part.as_bytes())
}

/// Reads an event that is no finding of another source.
#[must_use]
pub fn parse(raw: &[u8], at: &Place) -> Finding {
    unread::or_read(raw, at, Source::EventBridge, incident)
}

fn incident(root: &Object<'_>, raw: &[u8], at: &Place) -> Finding {
    let account: AccountId = root.needed("account").and_then(|t| t.parse().ok()).unwrap_or_else(|| {
        root.invalid_if_there("account");
        at.account
    });
    let region: Region = root.needed("region").and_then(|t| t.parse().ok()).unwrap_or_else(|| {
        root.invalid_if_there("region");
        at.region.clone()
    });
    let (affected, impacted) = kinds::affected(root);
    let (account, region) = (affected.unwrap_or(account), impacted.unwrap_or(region));
    let told = kinds::told(root, account, &region);
    let time = root.time("time");
    if time.is_none() {
        root.missing("time");
    }
    let id = told.id.or_else(|| root.id("id")).unwrap_or_else(|| unread::id_of(raw));
    Finding {
        id: Untrusted::new(id),
        arn: None,
        source: Source::EventBridge,
        product: root
            .untrusted("source")
            .unwrap_or_else(|| Source::EventBridge.name().into()),
        product_arn: None,
        account,
        region,
        kind: Untrusted::new(told.kind),
        severity: Severity::from_score(told.score),
        title: Untrusted::new(told.title),
        description: Untrusted::new(told.description),
        resource: told.resource,
        others: told.others,
        principal: told.principal,
        first_seen: time,
        updated_at: time,
        is_dated: time.is_some(),
        told: Told::by_event(time),
        worsened: None,
        archived: told.over,
        count: 1,
        control: None,
        workflow: None,
        compliance: None,
        twin_of: None,
        pages: told.pages,
        signals: Vec::new(),
        doubts: Vec::new(),
        digest: unread::digest(raw),
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod whose_tests;

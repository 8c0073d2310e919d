//! What CloudTrail's event history is asked, by query.

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::RequestId as _;
use aws_sdk_cloudtrail::operation::lookup_events::LookupEventsOutput;
use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};

use super::convert::{must, time};
use super::{Found, circle, missing_attribute};
use crate::action::{Answer, CloudTrailQuery, LookupKey, ReadFailure, Trail, TrailEvent};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::domain::{Region, Untrusted};

const LOOKUP: &str = "cloudtrail:LookupEvents";
/// As many as AWS gives in one page (CloudTrail API reference, `LookupEvents`).
const PAGE: i32 = 50;
/// So many pages are searched for reads of secrets; at two a second it is ten seconds.
const SECRET_PAGES: usize = 20;

pub(super) async fn ask(session: &Session, region: &Region, query: &CloudTrailQuery) -> Found {
    let client = Client::new(&session.at(region));
    match query {
        CloudTrailQuery::Events { by, value } => {
            let page = page(&client, *by, value, None).await?;
            let events: Result<Vec<TrailEvent>, ReadFailure> = page.events().iter().map(convert).collect();
            let more = page.next_token().is_some_and(|token| !token.is_empty());
            let trail = Trail { events: events?, more };
            Ok((Answer::Trail(trail), page.request_id().map(str::to_owned)))
        }
        CloudTrailQuery::SecretReads { by, value } => secret_reads(&client, *by, value).await,
    }
}

/// One page, the newest first.
async fn page(
    client: &Client,
    by: LookupKey,
    value: &str,
    token: Option<String>,
) -> Result<LookupEventsOutput, ReadFailure> {
    let attribute = LookupAttribute::builder()
        .attribute_key(LookupAttributeKey::from(by.as_str()))
        .attribute_value(value)
        .build()
        .map_err(|_| missing_attribute(LOOKUP))?;
    let sent = client
        .lookup_events()
        .lookup_attributes(attribute)
        .max_results(PAGE)
        .set_next_token(token)
        .send()
        .await;
    Ok(sent.map_err(|e| CallError::from_sdk(LOOKUP, &e))?)
}

/// The newest reads of secrets' values. `BatchGetSecretValue` is not looked for: each secret of a batch has an event of its own
/// (Secrets Manager API reference, `BatchGetSecretValue`).
async fn secret_reads(client: &Client, by: LookupKey, value: &str) -> Found {
    let (mut events, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let answer = page(client, by, value, token).await?;
        for event in answer.events() {
            let read = event.event_name() == Some("GetSecretValue")
                && event.event_source() == Some("secretsmanager.amazonaws.com");
            if !read {
                continue;
            }
            let mut event_read = convert(event)?;
            let named = document(event).pointer("/requestParameters/secretId").cloned();
            if let Some(name) = named.as_ref().and_then(serde_json::Value::as_str) {
                event_read.resources = vec![Untrusted::new(name)];
            }
            if event_read.error_code.is_none() {
                events.push(event_read);
            }
        }
        let last = pages.number() >= SECRET_PAGES;
        token = pages.next(answer.next_token()).map_err(circle(LOOKUP))?;
        if token.is_none() || last {
            let more = token.is_some();
            return Ok((
                Answer::Trail(Trail { events, more }),
                answer.request_id().map(str::to_owned),
            ));
        }
    }
}

/// The event's own JSON, which a caller may have filled; nothing where it cannot be read.
fn document(event: &Event) -> serde_json::Value {
    let raw = event.cloud_trail_event();
    raw.and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default()
}

fn convert(event: &Event) -> Result<TrailEvent, ReadFailure> {
    let text = |t: Option<&str>| Untrusted::new(t.unwrap_or_default());
    // The rest stands in the event's own JSON; what is not there is left empty.
    let json = document(event);
    let field = |pointer: &str| {
        json.pointer(pointer)
            .and_then(serde_json::Value::as_str)
            .map(str::to_owned)
    };
    Ok(TrailEvent {
        id: must(LOOKUP, "EventId", event.event_id())?,
        at: time(event.event_time()),
        name: text(event.event_name()),
        source: text(event.event_source()),
        user: text(event.username()),
        access_key: event.access_key_id().filter(|id| !id.is_empty()).map(str::to_owned),
        read_only: event.read_only().and_then(|word| word.parse().ok()),
        source_ip: Untrusted::new(field("/sourceIPAddress").unwrap_or_default()),
        error_code: field("/errorCode"),
        principal: field("/userIdentity/arn"),
        resources: event.resources().iter().map(|r| text(r.resource_name())).collect(),
    })
}

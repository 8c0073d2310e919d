//! What CloudTrail's event history is asked, by query.

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::RequestId as _;
use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};

use super::convert::{must, time};
use super::{Found, missing_attribute};
use crate::action::{Answer, CloudTrailQuery, ReadFailure, Trail, TrailEvent};
use crate::cloud::errors::CallError;
use crate::cloud::session::Session;
use crate::domain::{Region, Untrusted};

const LOOKUP: &str = "cloudtrail:LookupEvents";
/// As many as AWS gives in one page (CloudTrail API reference, `LookupEvents`).
const PAGE: i32 = 50;

pub(super) async fn ask(session: &Session, region: &Region, query: &CloudTrailQuery) -> Found {
    let client = Client::new(&session.at(region));
    match query {
        CloudTrailQuery::Events { by, value } => {
            let attribute = LookupAttribute::builder()
                .attribute_key(LookupAttributeKey::from(by.as_str()))
                .attribute_value(value)
                .build()
                .map_err(|_| missing_attribute(LOOKUP))?;
            let page = client
                .lookup_events()
                .lookup_attributes(attribute)
                .max_results(PAGE)
                .send()
                .await
                .map_err(|e| CallError::from_sdk(LOOKUP, &e))?;
            let events: Result<Vec<TrailEvent>, ReadFailure> = page.events().iter().map(convert).collect();
            let more = page.next_token().is_some_and(|token| !token.is_empty());
            let trail = Trail { events: events?, more };
            Ok((Answer::Trail(trail), page.request_id().map(str::to_owned)))
        }
    }
}

fn convert(event: &Event) -> Result<TrailEvent, ReadFailure> {
    let text = |t: Option<&str>| Untrusted::new(t.unwrap_or_default());
    // The rest stands in the event's own JSON, which a caller may have filled; what is not there is left empty.
    let json: serde_json::Value = event
        .cloud_trail_event()
        .and_then(|raw| serde_json::from_str(raw).ok())
        .unwrap_or_default();
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

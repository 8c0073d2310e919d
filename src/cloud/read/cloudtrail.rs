//! What CloudTrail's event history is asked, by query.

use std::collections::HashSet;

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::RequestId as _;
use aws_sdk_cloudtrail::operation::lookup_events::LookupEventsOutput;
use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use tokio::task::JoinSet;

use super::convert::{must, time};
use super::{Found, circle, missing_attribute};
use crate::action::{Answer, CloudTrailQuery, LookupKey, ReadFailure, Trail, TrailEvent};
use crate::cloud::connect::Cloud;
use crate::cloud::discover::known_regions as known;
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::{OwnRoles, Session, global_region};
use crate::domain::{Region, Untrusted};

const LOOKUP: &str = "cloudtrail:LookupEvents";
/// As many as AWS gives in one page (CloudTrail API reference, `LookupEvents`).
const PAGE: i32 = 50;
/// Where quell's own events fill a page, so many pages are followed until there are so many others.
const OWN_PAGES: usize = 4;
const ENOUGH: usize = 10;
/// So many pages are searched for reads of secrets; at two a second it is ten seconds.
const SECRET_PAGES: usize = 20;

pub(super) async fn ask(cloud: &Cloud, session: &Session, region: &Region, query: &CloudTrailQuery) -> Found {
    let client = Client::new(&session.at(region));
    match query {
        CloudTrailQuery::Events { by, value } if query.is_everywhere() => {
            everywhere(session, regions(cloud, region), *by, value).await
        }
        CloudTrailQuery::Events { by, value } => {
            let (trail, request_id) = events(&client, &session.own_roles(), *by, value).await?;
            Ok((Answer::Trail(trail), request_id))
        }
        CloudTrailQuery::SecretReads { by, value } => secret_reads(&client, *by, value).await,
        CloudTrailQuery::FailedRotations => failed_rotations(&client).await,
    }
}

/// The plan's region, the one of the global services, and those that quell looks at.
fn regions(cloud: &Cloud, region: &Region) -> Vec<Region> {
    let mut all = vec![region.clone(), global_region(cloud.identity())];
    all.extend(known(cloud));
    let mut seen = HashSet::new();
    all.retain(|region| seen.insert(region.clone()));
    all
}

/// The newest events of each region side by side, as one history. AWS counts how often it is asked for each region apart.
async fn everywhere(session: &Session, regions: Vec<Region>, by: LookupKey, value: &str) -> Found {
    let mut asked = JoinSet::new();
    for (number, region) in regions.into_iter().enumerate() {
        let (client, own, value) = (Client::new(&session.at(&region)), session.own_roles(), value.to_owned());
        asked.spawn(async move { (number, region, events(&client, &own, by, &value).await) });
    }
    let mut answers = asked.join_all().await;
    answers.sort_by_key(|(number, ..)| *number);
    let mut trail = Trail::default();
    let (mut first_id, mut first_failure) = (None, None);
    for (_, region, answer) in answers {
        match answer {
            Ok((one, request_id)) => {
                first_id = first_id.or(request_id);
                trail.events.extend(one.events);
                trail.more |= one.more;
                trail.own += one.own;
                trail.regions.push(region);
            }
            Err(failure) => {
                trail.unread.push((region, failure.message.clone()));
                first_failure = first_failure.or(Some(failure));
            }
        }
    }
    match first_failure {
        Some(failure) if trail.regions.is_empty() => Err(failure),
        _ => {
            trail.events.sort_by_key(|event| std::cmp::Reverse(event.at));
            Ok((Answer::Trail(trail), first_id))
        }
    }
}

/// The newest events of one region without those of quell's own sessions, which would else push the others off the page.
async fn events(
    client: &Client,
    own: &OwnRoles,
    by: LookupKey,
    value: &str,
) -> Result<(Trail, Option<String>), ReadFailure> {
    let (mut trail, mut pages, mut token) = (Trail::default(), Pages::default(), None);
    loop {
        let answer = page(client, by, value, token).await?;
        for event in answer.events() {
            let event = convert(event)?;
            if own.is_session(event.principal.as_deref()) {
                trail.own += 1;
            } else {
                trail.events.push(event);
            }
        }
        let enough = trail.own == 0 || trail.events.len() >= ENOUGH || pages.number() >= OWN_PAGES;
        token = pages.next(answer.next_token()).map_err(circle(LOOKUP))?;
        if token.is_none() || enough {
            trail.more = token.is_some();
            return Ok((trail, answer.request_id().map(str::to_owned)));
        }
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
                Answer::Trail(Trail {
                    events,
                    more,
                    ..Trail::default()
                }),
                answer.request_id().map(str::to_owned),
            ));
        }
    }
}

/// The newest rotations that failed, by the secrets' ARNs.
async fn failed_rotations(client: &Client) -> Found {
    let answer = page(client, LookupKey::EventName, "RotationFailed", None).await?;
    let mut trail = Trail {
        more: answer.next_token().is_some_and(|token| !token.is_empty()),
        ..Trail::default()
    };
    for event in answer.events() {
        let mut failed = convert(event)?;
        let named = document(event).pointer("/additionalEventData/SecretId").cloned();
        let named = named.as_ref().and_then(serde_json::Value::as_str);
        failed.resources = named.map(Untrusted::new).into_iter().collect();
        trail.events.push(failed);
    }
    Ok((Answer::Trail(trail), answer.request_id().map(str::to_owned)))
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
        error: field("/errorMessage").map(Untrusted::new),
        principal: field("/userIdentity/arn"),
        resources: event.resources().iter().map(|r| text(r.resource_name())).collect(),
    })
}

//! What each kind of event means: how bad it is and what to call it.
//!
//! Owns: the table, with the AWS page that each row rests on. An event that is not in it is shown by its detail-type, as medium.
//!
//! # An application's own events
//!
//! An application puts events on the bus with any `source` that does not begin with `aws.` and any `detail-type`. Of `detail`,
//! these fields are read, all of them optional:
//!
//! | field | what it is |
//! |---|---|
//! | `severity` | 0 to 10 on GuardDuty's scale, or `critical`, `high`, `medium`, `low`, `informational` |
//! | `title`, `description` | one line, and more |
//! | `resource` | an ARN, or any name; `resources` is a list of them |
//! | `id` | names the incident: a later event of the same `id` is an update of it |
//! | `status` | `resolved` puts it out of the way |

use std::num::NonZeroU16;

use super::about;
use crate::domain::{AccountId, Principal, Region, Resource, ResourceKind, SeverityLabel};
use crate::findings::pages;
use crate::findings::reader::Object;

/// The score of what is not in the table: medium.
const UNKNOWN: f64 = 4.0;

/// What an event says.
pub struct Told {
    /// What merges later events with this one, where it is not the event's own id.
    pub id: Option<String>,
    pub kind: String,
    pub score: f64,
    pub title: String,
    pub description: String,
    pub resource: Resource,
    pub others: Vec<Resource>,
    pub principal: Principal,
    pub over: bool,
    /// How many pages an event of AWS Health has.
    pub pages: Option<NonZeroU16>,
}

/// Reads an event's detail by its source and detail-type.
pub fn told(root: &Object<'_>, account: AccountId, region: &Region) -> Told {
    let source = root.needed("source").unwrap_or_default();
    let kind = root.needed("detail-type").unwrap_or_else(|| "Unknown".to_owned());
    let detail = root.object("detail");
    let mut told = Told {
        id: None,
        title: kind.clone(),
        kind,
        score: UNKNOWN,
        description: String::new(),
        resource: Resource::new(ResourceKind::Account, account.as_str()),
        others: Vec::new(),
        principal: Principal::default(),
        over: false,
        pages: None,
    };
    let mut about = root.texts("resources");
    let mut named: Vec<Resource> = Vec::new();
    match (source.as_str(), told.kind.as_str()) {
        // What CloudTrail saw has one shape, whichever service it was.
        (_, "AWS API Call via CloudTrail" | "AWS Service Event via CloudTrail") => {
            trail(&mut told, &detail);
            named = about::called(&detail);
        }
        ("aws.rds" | "aws.docdb" | "aws.neptune", _) => {
            database(&mut told, &detail);
            if about.is_empty() {
                named.extend(about::database(&detail));
            }
        }
        ("aws.acm", _) => certificate(&mut told, &detail, &about),
        ("aws.kms", "KMS CMK Deletion" | "KMS Imported Key Material Expiration") => told.score = 8.0,
        ("aws.health", _) => health(&mut told, &detail, &mut about),
        (own, _) if !own.starts_with("aws.") => application(&mut told, own, &detail, &mut about),
        _ => {}
    }
    named.extend(about.into_iter().map(|id| Resource::new(ResourceKind::Other, id)));
    let mut resources: Vec<Resource> = Vec::new();
    for named in named.iter().filter(|named| !named.id.is_empty()) {
        let resource = about::resource(named, account, region);
        if !resources.contains(&resource) {
            resources.push(resource);
        }
    }
    if !resources.is_empty() {
        told.resource = resources.remove(0);
        told.others = resources;
    }
    told
}

/// RDS and `DocumentDB`, which uses RDS's events (RDS User Guide, "Amazon RDS event categories and event messages"; `DocumentDB`
/// Developer Guide, "Event categories and messages").
fn database(told: &mut Told, detail: &Object<'_>) {
    let categories = detail.texts("EventCategories");
    let has = |word: &str| categories.iter().any(|c| c.eq_ignore_ascii_case(word));
    told.score = if has("failure") {
        8.0
    } else if has("failover") || has("low storage") {
        7.0
    } else if has("availability") || has("deletion") || has("security") {
        5.0
    } else {
        3.0
    };
    let name = detail.text("SourceIdentifier").unwrap_or_default();
    let message = detail.text("Message").unwrap_or_default();
    if has("failover") {
        told.title = format!("Database failover: {name}");
    } else if !message.is_empty() {
        told.title = format!("{name}: {message}");
    }
    told.description = message;
}

/// ACM sends the approach once a day, so it is one incident for each certificate (ACM User Guide, "Amazon EventBridge support
/// for ACM").
fn certificate(told: &mut Told, detail: &Object<'_>, about: &[String]) {
    let name = detail.text("CommonName").unwrap_or_default();
    match told.kind.as_str() {
        "ACM Certificate Approaching Expiration" => {
            let days = detail.number("DaysToExpiry");
            told.score = match days {
                Some(days) if days <= 7.0 => 8.0,
                Some(days) if days <= 14.0 => 7.0,
                Some(_) => 5.0,
                None => 7.0,
            };
            told.title = match days {
                Some(days) => format!("Certificate {name} expires in {days} days"),
                None => format!("Certificate {name} is about to expire"),
            };
        }
        "ACM Certificate Expired" => {
            told.score = 8.0;
            told.title = format!("Certificate {name} has expired");
        }
        "ACM Certificate Renewal Action Required" => {
            told.score = 7.0;
            told.title = format!("Certificate {name} cannot be renewed without action");
        }
        // That a certificate is available or was revoked on purpose is no incident.
        _ => told.score = 2.0,
    }
    told.id = about.first().map(|arn| format!("certificate {arn}"));
}

/// One incident for each event of AWS Health, which sends updates of it (AWS Health User Guide, "AWS Health events Amazon
/// EventBridge schema").
fn health(told: &mut Told, detail: &Object<'_>, about: &mut Vec<String>) {
    told.score = match detail.text("eventTypeCategory").as_deref() {
        Some("issue" | "investigation") => 7.0,
        Some("scheduledChange") => 4.0,
        Some("accountNotification") => 3.0,
        _ => UNKNOWN,
    };
    let service = detail.text("service").unwrap_or_default();
    let code = detail.text("eventTypeCode").unwrap_or_default();
    told.title = format!("AWS Health, {service}: {code}");
    let described = detail.objects("eventDescription");
    told.description = described
        .first()
        .and_then(|d| d.text("latestDescription"))
        .unwrap_or_default();
    told.over = detail.text("statusCode").as_deref() == Some("closed");
    // A long event comes in several messages of one ARN. Each is an incident of its own from the second on, for one row would hold
    // the things of one page alone (AWS Health User Guide, "Viewing paginated lists").
    let page = detail.loose("page").and_then(|page| page.trim().parse::<u32>().ok());
    let page = page.filter(|page| *page > 1);
    told.id = detail.text("eventArn").map(|arn| pages::id(&arn, page.unwrap_or(1)));
    told.pages = detail.loose("totalPages").and_then(|pages| pages.trim().parse().ok());
    if let Some(page) = page {
        told.title = format!("{} (page {page})", told.title);
    }
    let affected = detail.objects("affectedEntities");
    about.extend(affected.iter().filter_map(|entity| entity.text("entityValue")));
}

/// Whose an event of AWS Health is, and where. Its envelope names the account that it was sent to, which is the administrator's in the
/// view of an organisation, and the region that it was delivered to, which may be a second one for safety; the ARN of an event is
/// shared by all accounts that it is about (AWS Health User Guide, "AWS Health events Amazon EventBridge schema").
pub fn affected(root: &Object<'_>) -> (Option<AccountId>, Option<Region>) {
    if root.text("source").as_deref() != Some("aws.health") {
        return (None, None);
    }
    let detail = root.object("detail");
    (
        detail.text("affectedAccount").and_then(|text| text.parse().ok()),
        // What is about no region in particular says "global", which is none.
        detail.text("eventRegion").and_then(|text| text.parse().ok()),
    )
}

/// What CloudTrail saw somebody or a service do (CloudTrail User Guide, "CloudTrail record contents").
fn trail(told: &mut Told, detail: &Object<'_>) {
    let name = detail.needed("eventName").unwrap_or_default();
    let refused = detail.text("errorCode");
    let asked = detail.object("requestParameters");
    told.kind.clone_from(&name);
    match name.as_str() {
        // KMS Developer Guide, "Deleting AWS KMS keys": after the waiting period everything under the key is lost.
        "ScheduleKeyDeletion" => {
            let key = asked.text("keyId").unwrap_or_default();
            let days = asked.loose("pendingWindowInDays");
            told.score = 8.0;
            told.title = match days {
                Some(days) => format!("KMS key {key} is to be deleted in {days} days"),
                None => format!("KMS key {key} is to be deleted"),
            };
        }
        "DisableKey" => {
            let key = asked.text("keyId").unwrap_or_default();
            told.score = 7.0;
            told.title = format!("KMS key {key} was disabled");
        }
        // Secrets Manager User Guide, "Logging AWS Secrets Manager events with AWS CloudTrail".
        "RotationFailed" | "RotationAbandoned" => {
            let more = detail.object("additionalEventData");
            let secret = more.text("SecretId").unwrap_or_default();
            told.score = if name == "RotationFailed" { 7.0 } else { 5.0 };
            let name = secret.rsplit_once(":secret:").map_or(secret.as_str(), |(_, name)| name);
            told.title = format!("Rotation of secret {name} failed");
        }
        _ => {
            let service = detail.text("eventSource").unwrap_or_default();
            told.title = format!("{name} by {service}");
        }
    }
    if let Some(code) = refused {
        // It was tried and not done.
        told.score = told.score.min(5.0);
        told.title = format!("{} (refused: {code})", told.title);
    }
    told.description = detail.text("errorMessage").unwrap_or_default();
    let who = detail.object("userIdentity");
    told.principal.access_key = who.untrusted("accessKeyId");
    told.principal.name = who.untrusted("userName").or_else(|| {
        who.object("sessionContext")
            .object("sessionIssuer")
            .untrusted("userName")
    });
    told.principal.kind = who.untrusted("type");
    told.principal.remote_ip = detail.untrusted("sourceIPAddress");
}

fn application(told: &mut Told, own: &str, detail: &Object<'_>, about: &mut Vec<String>) {
    if let Some(said) = detail.loose("severity") {
        let word = SeverityLabel::from_word(said.trim()).map(|label| label.floor().score());
        let score = word.or_else(|| said.trim().parse::<f64>().ok().filter(|n| (0.0..=10.0).contains(n)));
        if score.is_none() {
            detail.invalid("severity");
        }
        told.score = score.unwrap_or(UNKNOWN);
    }
    if let Some(title) = detail.text("title") {
        told.title = title;
    }
    told.description = detail.text("description").unwrap_or_default();
    told.id = detail.id("id").map(|id| format!("{own} {id}"));
    told.over = detail
        .text("status")
        .is_some_and(|s| s.eq_ignore_ascii_case("resolved"));
    let mut named: Vec<String> = detail.text("resource").into_iter().collect();
    named.extend(detail.texts("resources"));
    named.append(about);
    *about = named;
}

//! What CloudTrail recorded of a resource and of a principal: `LookupEvents`, which knows the last 90 days of management events.
//!
//! Owns: the pace at which it is asked. Must never: call a gap what only its own haste brought about.

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::lookup_events::LookupEventsOutput;
use aws_sdk_cloudtrail::operation::lookup_events::builders::LookupEventsFluentBuilder;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};

use super::{Asked, Copied, Kit};
use crate::action::LookupKey;
use crate::cloud::errors::{CallError, ErrorKind};
use crate::cloud::limits::Tries;
use crate::cloud::pages::Pages;
use crate::domain::{Region, ResourceKind};

const LOOKUP: &str = "cloudtrail:LookupEvents";
/// Events a page, the most that `LookupEvents` gives.
const PAGE: i32 = 50;
/// The most pages of one question: 2,000 events. At the two requests a second that AWS allows it is twenty seconds.
pub(super) const MOST_PAGES: usize = 40;

/// How often a question is tried in all, where AWS throttles it: others may use up the allowance.
const TRIES: u32 = 3;

/// Every event of the resource, and of whoever acts under its name. One question after the other; the subjects of an incident draw
/// from one bucket for each account and region, as they share one small allowance there.
pub(super) async fn events(kit: &Kit<'_>, kind: ResourceKind, id: &str) {
    let keys: &[LookupKey] = match kind {
        // An instance's role acts under the instance's id as its session's name.
        ResourceKind::Instance | ResourceKind::User => &[LookupKey::ResourceName, LookupKey::Username],
        ResourceKind::AccessKey => &[LookupKey::AccessKeyId, LookupKey::ResourceName],
        // A session of Identity Center is named after the user.
        ResourceKind::IdentityUser => &[LookupKey::Username],
        ResourceKind::Role
        | ResourceKind::Bucket
        | ResourceKind::Function
        | ResourceKind::Database
        | ResourceKind::Cluster
        | ResourceKind::Account
        | ResourceKind::Topic
        | ResourceKind::Secret
        | ResourceKind::Key
        | ResourceKind::Address
        | ResourceKind::Finding
        | ResourceKind::Other => &[LookupKey::ResourceName],
    };
    // IAM's and STS's events are kept in the partition's own region.
    let mut regions = vec![kit.region];
    if *kit.region != kit.global {
        regions.push(&kit.global);
    }
    for region in regions {
        for key in keys {
            lookup(kit, region, *key, id).await;
        }
    }
}

async fn lookup(kit: &Kit<'_>, region: &Region, key: LookupKey, value: &str) {
    let of = format!("{}={value}", key.as_str());
    let asked = Asked {
        call: LOOKUP,
        of: &of,
        region,
    };
    let attribute = LookupAttribute::builder()
        .attribute_key(LookupAttributeKey::from(key.as_str()))
        .attribute_value(value)
        .build();
    let Ok(attribute) = attribute else {
        return kit.gap(asked, "the question is not whole");
    };
    let client = Client::new(&kit.session.at(region));
    let (mut pages, mut token) = (Pages::default(), None);
    loop {
        let request = client
            .lookup_events()
            .lookup_attributes(attribute.clone())
            .max_results(PAGE)
            .set_next_token(token);
        let Some(page) = ask(kit, asked, &request).await else {
            return;
        };
        let number = pages.number();
        token = match pages.next(page.next_token()) {
            Ok(Some(_)) if number >= MOST_PAGES => {
                let why = format!("there are more than {number} pages of events; the older ones are not collected");
                return kit.gap(asked, why);
            }
            Ok(Some(next)) => Some(next),
            Ok(None) => return,
            Err(circle) => return kit.gap(asked, circle.to_string()),
        };
    }
}

/// Sends one request when there is leave for it, and again after a pause where AWS throttles it all the same.
async fn ask(kit: &Kit<'_>, asked: Asked<'_>, request: &LookupEventsFluentBuilder) -> Option<LookupEventsOutput> {
    let mut tries = Tries::new(TRIES);
    loop {
        let turn = kit.cloud.limits.urgent(kit.account, asked.region, LOOKUP).await;
        let copied = Copied::default();
        let sent = request.clone().customize().interceptor(copied.clone()).send().await;
        let error = sent.as_ref().err().map(|e| CallError::from_sdk(LOOKUP, e));
        let throttled = error.as_ref().is_some_and(|error| error.kind == ErrorKind::Throttled);
        if throttled {
            turn.throttled();
            if let Some(pause) = tries.pause(ErrorKind::Throttled) {
                drop(turn);
                tokio::time::sleep(pause).await;
                continue;
            }
        } else {
            turn.taken();
        }
        kit.keep(asked, &copied, error, &[]);
        return sent.ok();
    }
}

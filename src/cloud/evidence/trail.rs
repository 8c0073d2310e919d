//! What CloudTrail recorded of a resource and of a principal: `LookupEvents`, which knows the last 90 days of management events.

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};

use super::{Asked, Kit, take};
use crate::action::LookupKey;
use crate::cloud::pages::Pages;
use crate::domain::{Region, ResourceKind};

const LOOKUP: &str = "cloudtrail:LookupEvents";
/// Events a page, the most that `LookupEvents` gives.
const PAGE: i32 = 50;
/// The most pages of one question: 2,000 events. At the two requests a second that AWS allows it is twenty seconds.
pub(super) const MOST_PAGES: usize = 40;

/// Every event of the resource, and of whoever acts under its name. One question after the other, for they share one small
/// allowance.
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
        let Some(page) = take!(kit, asked, request) else { return };
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

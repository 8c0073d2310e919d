//! What AWS WAF is asked, by query: what is regional.

use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::operation::RequestId as _;
use aws_sdk_wafv2::types::Scope;

use super::convert::missing;
use super::{Found, circle};
use crate::action::{Answer, IpSet, IpSetName, WafQuery};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::domain::{Region, Untrusted};

const LIST: &str = "wafv2:ListIPSets";
const GET: &str = "wafv2:GetIPSet";
/// As many as AWS gives in one page (WAF API reference, `ListIPSets`).
const PAGE: i32 = 100;

pub(super) async fn ask(session: &Session, region: &Region, query: &WafQuery) -> Found {
    let client = &Client::new(&session.at(region));
    match query {
        WafQuery::IpSets {} => list(client).await,
        WafQuery::IpSet { id, name } => get(client, id, name).await,
    }
}

async fn list(client: &Client) -> Found {
    let (mut found, mut pages, mut marker) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .list_ip_sets()
            .scope(Scope::Regional)
            .limit(PAGE)
            .set_next_marker(marker)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(LIST, &e))?;
        for set in page.ip_sets() {
            let text = |what: &str, text: Option<&str>| text.map(str::to_owned).ok_or_else(|| missing(LIST, what));
            found.push(IpSetName {
                id: text("Id", set.id())?,
                name: Untrusted::new(text("Name", set.name())?),
                arn: text("ARN", set.arn())?,
            });
        }
        // Where the last page is a full one, AWS gives a marker all the same and an empty page after it.
        let next = page.next_marker().filter(|_| !page.ip_sets().is_empty());
        marker = pages.next(next).map_err(circle(LIST))?;
        if marker.is_none() {
            found.sort_by(|a, b| a.id.cmp(&b.id));
            return Ok((Answer::IpSets(found), page.request_id().map(str::to_owned)));
        }
    }
}

async fn get(client: &Client, id: &str, name: &str) -> Found {
    let answer = client
        .get_ip_set()
        .scope(Scope::Regional)
        .id(id)
        .name(name)
        .send()
        .await
        .map_err(|e| CallError::from_sdk(GET, &e))?;
    let set = answer.ip_set().ok_or_else(|| missing(GET, "IPSet"))?;
    let mut addresses = set.addresses().to_vec();
    addresses.sort();
    let found = IpSet {
        id: set.id().to_owned(),
        name: Untrusted::new(set.name()),
        arn: set.arn().to_owned(),
        description: Untrusted::new(set.description().unwrap_or_default()),
        version: set.ip_address_version().as_str().to_owned(),
        addresses,
        lock_token: answer.lock_token().ok_or_else(|| missing(GET, "LockToken"))?.to_owned(),
    };
    Ok((Answer::IpSet(found), answer.request_id().map(str::to_owned)))
}

//! Changes through AWS WAF, of what is regional.

use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::operation::RequestId as _;
use aws_sdk_wafv2::types::{Scope, Tag};

use super::classify::{Sent, done, error, refused};
use crate::action::{Made, WafCall};
use crate::cloud::session::ResponderSession;
use crate::domain::{Arn, Untrusted};

pub(super) async fn send(session: &ResponderSession, call: &WafCall, _made: &Made) -> Sent {
    let client = Client::new(&session.here());
    match call {
        WafCall::UpdateIpSet {
            set,
            addresses,
            description,
            lock_token,
            ..
        } => {
            let Some((name, id)) = name_and_id(set) else {
                return refused(Untrusted::new(format!("{set} is not a regional IP set")));
            };
            let answer = client
                .update_ip_set()
                .scope(Scope::Regional)
                .name(name)
                .id(id)
                .set_description(description.clone())
                .set_addresses(Some(addresses.clone()))
                .lock_token(lock_token)
                .send()
                .await
                .map_err(error("wafv2:UpdateIPSet", &[]))?;
            Ok(done(answer.request_id()))
        }
        WafCall::TagIpSet { set, tags } => {
            let mut list = Vec::with_capacity(tags.len());
            for (key, value) in tags {
                match Tag::builder().key(key).value(value).build() {
                    Ok(tag) => list.push(tag),
                    Err(bad) => return refused(Untrusted::new(bad.to_string())),
                }
            }
            let call = client.tag_resource().resource_arn(set.as_str()).set_tags(Some(list));
            let answer = call.send().await.map_err(error("wafv2:TagResource", &[]))?;
            Ok(done(answer.request_id()))
        }
        WafCall::UntagIpSet { set, keys } => {
            let call = client.untag_resource().resource_arn(set.as_str());
            let answer = call.set_tag_keys(Some(keys.clone())).send().await;
            let answer = answer.map_err(error("wafv2:UntagResource", &[]))?;
            Ok(done(answer.request_id()))
        }
    }
}

/// `regional/ipset/NAME/ID`
fn name_and_id(set: &Arn) -> Option<(&str, &str)> {
    let rest = set.resource().strip_prefix("regional/ipset/")?;
    rest.split_once('/')
        .filter(|(name, id)| !name.is_empty() && !id.is_empty())
}

//! AWS WAF of the range (API version 2019-07-29): IP sets of the scope `REGIONAL`.
//!
//! Owns: the sets, their tags and their lock tokens. Must never: take a change that names an older lock token.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Operation, Protocol, Service, reads, writes};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// IP sets of one account in one region, by id.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub ip_sets: BTreeMap<String, IpSet>,
}

/// A list of addresses.
#[derive(Clone, Debug)]
pub struct IpSet {
    pub id: String,
    pub name: String,
    pub arn: String,
    pub description: String,
    /// `IPV4` or `IPV6`.
    pub version: String,
    pub addresses: Vec<String>,
    pub lock_token: String,
    pub tags: BTreeMap<String, String>,
}

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "wafv2",
    protocol: Protocol::Json11 {
        target: "AWSWAF_20190729",
    },
    global: false,
    operations: OPERATIONS,
    handle,
};

const OPERATIONS: &[Operation] = &[
    reads("GetIPSet"),
    reads("ListIPSets"),
    reads("ListTagsForResource"),
    writes("TagResource"),
    writes("UntagResource"),
    writes("UpdateIPSet"),
];

/// Sets on one page at most (API reference, `ListIPSets`).
const PAGE: usize = 100;
/// Addresses in one set (WAF guide, "AWS WAF quotas").
const MAX_ADDRESSES: usize = 10_000;

fn handle(world: &mut World, call: &Call) -> Answer {
    match call.operation {
        "GetIPSet" => get(world, call),
        "ListIPSets" => list(world, call),
        "ListTagsForResource" => tags(world, call),
        "TagResource" => tag(world, call),
        "UntagResource" => untag(world, call),
        "UpdateIPSet" => update(world, call),
        _ => Err(ApiError::new(400, "UnknownOperationException", "")),
    }
}

/// The ARN that the call touches.
pub(in crate::range) fn resource(world: &World, call: &Call) -> String {
    if let Some(arn) = call.text("ResourceARN") {
        return arn.to_owned();
    }
    let place = world
        .accounts
        .get(&call.caller.account)
        .and_then(|a| a.regions.get(call.region));
    let set = place
        .zip(call.text("Id"))
        .and_then(|(place, id)| place.waf.ip_sets.get(id));
    set.map_or_else(|| "*".to_owned(), |set| set.arn.clone())
}

fn list(world: &mut World, call: &Call) -> Answer {
    regional(call)?;
    let size = call
        .number("Limit")
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(PAGE)
        .clamp(1, PAGE);
    let after = call.text("NextMarker").unwrap_or_default();
    let sets = &world.here(call)?.waf.ip_sets;
    let page: Vec<&IpSet> = sets.values().filter(|set| set.id.as_str() > after).take(size).collect();
    let items: Vec<Value> = page
        .iter()
        .map(|set| {
            json!({
                "Id": set.id, "Name": set.name, "ARN": set.arn, "Description": set.description,
                "LockToken": set.lock_token,
            })
        })
        .collect();
    let mut answer = json!({"IPSets": items});
    // A full page has a marker, whether more comes or not.
    if let Some(last) = page.last().filter(|_| page.len() == size) {
        answer["NextMarker"] = json!(last.id);
    }
    Ok(answer)
}

fn get(world: &mut World, call: &Call) -> Answer {
    let set = set(world, call)?;
    Ok(json!({
        "LockToken": set.lock_token,
        "IPSet": {
            "Id": set.id, "Name": set.name, "ARN": set.arn, "Description": set.description,
            "IPAddressVersion": set.version, "Addresses": set.addresses,
        },
    }))
}

fn update(world: &mut World, call: &Call) -> Answer {
    let next = world.new_uuid();
    let set = set(world, call)?;
    if call.text("LockToken") != Some(set.lock_token.as_str()) {
        return Err(ApiError::new(
            400,
            "WAFOptimisticLockException",
            "AWS WAF couldn’t save your changes because someone changed the resource after you started to edit it. Reapply your changes.",
        ));
    }
    let addresses = call.texts("Addresses");
    if let Some(bad) = addresses.iter().find(|address| !fits(address, &set.version)) {
        return Err(ApiError::new(
            400,
            "WAFInvalidParameterException",
            format!(
                "Error reason: The parameter contains formatting that is not valid., field: IP_ADDRESS, parameter: {bad}"
            ),
        ));
    }
    if addresses.len() > MAX_ADDRESSES {
        return Err(ApiError::new(
            400,
            "WAFLimitsExceededException",
            "AWS WAF couldn’t perform the operation because you exceeded your resource limit.",
        ));
    }
    set.addresses = addresses.into_iter().map(spelt).collect();
    call.text("Description")
        .unwrap_or_default()
        .clone_into(&mut set.description);
    set.lock_token.clone_from(&next);
    Ok(json!({"NextLockToken": next}))
}

/// A CIDR as WAF keeps it: of IPv6 every digit is written.
fn spelt(cidr: &str) -> String {
    let parts = cidr.split_once('/').map(|(address, bits)| (address.parse(), bits));
    match parts {
        Some((Ok(std::net::IpAddr::V6(six)), bits)) => {
            let groups: Vec<String> = six.segments().iter().map(|group| format!("{group:04x}")).collect();
            format!("{}/{bits}", groups.join(":"))
        }
        _ => cidr.to_owned(),
    }
}

/// A CIDR of the set's family, but for the whole of it, which WAF does not take.
fn fits(cidr: &str, version: &str) -> bool {
    let Some((address, bits)) = cidr.split_once('/') else {
        return false;
    };
    let bits: u8 = bits.parse().unwrap_or(0);
    match address.parse() {
        Ok(std::net::IpAddr::V4(_)) => version == "IPV4" && (1..=32).contains(&bits),
        Ok(std::net::IpAddr::V6(_)) => version == "IPV6" && (1..=128).contains(&bits),
        Err(_) => false,
    }
}

fn tags(world: &mut World, call: &Call) -> Answer {
    let set = by_arn(world, call)?;
    let list: Vec<Value> = set.tags.iter().map(|(k, v)| json!({"Key": k, "Value": v})).collect();
    Ok(json!({"TagInfoForResource": {"ResourceARN": set.arn, "TagList": list}}))
}

fn tag(world: &mut World, call: &Call) -> Answer {
    let set = by_arn(world, call)?;
    for tag in call.params["Tags"].as_array().into_iter().flatten() {
        let text = |key: &str| tag[key].as_str().unwrap_or_default().to_owned();
        set.tags.insert(text("Key"), text("Value"));
    }
    Ok(json!({}))
}

fn untag(world: &mut World, call: &Call) -> Answer {
    let keys = call.texts("TagKeys");
    let set = by_arn(world, call)?;
    set.tags.retain(|key, _| !keys.contains(&key.as_str()));
    Ok(json!({}))
}

/// The scope `CLOUDFRONT` is in one region alone, and the range has no web ACL there.
fn regional(call: &Call) -> Result<(), ApiError> {
    match call.text("Scope") {
        Some("REGIONAL") => Ok(()),
        _ => Err(ApiError::new(
            400,
            "WAFInvalidParameterException",
            "Error reason: The scope is not valid., field: SCOPE_VALUE",
        )),
    }
}

fn set<'w>(world: &'w mut World, call: &Call) -> Result<&'w mut IpSet, ApiError> {
    regional(call)?;
    let (id, name) = (
        call.text("Id").unwrap_or_default(),
        call.text("Name").unwrap_or_default(),
    );
    let found = world.here(call)?.waf.ip_sets.get_mut(id);
    found.filter(|set| set.name == name).ok_or_else(nowhere)
}

fn by_arn<'w>(world: &'w mut World, call: &Call) -> Result<&'w mut IpSet, ApiError> {
    let arn = call.text("ResourceARN").unwrap_or_default();
    let sets = &mut world.here(call)?.waf.ip_sets;
    sets.values_mut().find(|set| set.arn == arn).ok_or_else(nowhere)
}

fn nowhere() -> ApiError {
    ApiError::new(
        400,
        "WAFNonexistentItemException",
        "AWS WAF couldn’t perform the operation because your resource doesn’t exist.",
    )
}

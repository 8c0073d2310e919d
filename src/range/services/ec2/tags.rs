//! Tags: `CreateTags`, `DeleteTags`, `DescribeTags`, and the tags that come with a creation.
//!
//! Limits are AWS's: 50 tags a resource, 128 characters a key, 256 a value, no key that begins with `aws:`.

use serde_json::{Value, json};

use super::model::Tags;
use super::{Place, done, errors, listing, params};
use crate::range::call::{Answer, ApiError};

const MAX_TAGS: usize = 50;

pub fn create(place: &mut Place<'_>) -> Answer {
    let resources = resources(place)?;
    let tags = read(params::items(place.params, "Tag"))?;
    if tags.is_empty() {
        return Err(errors::missing("Tags"));
    }
    for id in &resources {
        let current = place.store.tags_mut(id).ok_or_else(|| errors::no_such_resource(id))?;
        check_count(current, &tags)?;
    }
    params::stop_if_dry_run(place.params)?;
    for id in &resources {
        if let Some(current) = place.store.tags_mut(id) {
            current.extend(tags.clone());
        }
    }
    Ok(done())
}

pub fn delete(place: &mut Place<'_>) -> Answer {
    let resources = resources(place)?;
    for id in &resources {
        place.store.tags_mut(id).ok_or_else(|| errors::no_such_resource(id))?;
    }
    params::stop_if_dry_run(place.params)?;
    let tags = params::items(place.params, "Tag");
    for id in &resources {
        let Some(current) = place.store.tags_mut(id) else {
            continue;
        };
        if tags.is_empty() {
            // Without tags AWS removes all that users made.
            current.retain(|key, _| key.starts_with("aws:"));
        }
        for tag in tags {
            let key = params::required(tag, "Key")?;
            // With a value, AWS removes the tag only if it has that value, and says nothing if not.
            let same = params::text(tag, "Value").is_none_or(|value| current.get(key).is_some_and(|v| v == value));
            if same {
                current.remove(key);
            }
        }
    }
    Ok(done())
}

pub fn describe(place: &mut Place<'_>) -> Answer {
    params::stop_if_dry_run(place.params)?;
    let page = params::Page::read(place.params)?;
    let filters = params::filters(place.params)?;
    let store = &*place.store;
    let tagged = (store.instances.iter().map(|(id, r)| (id, "instance", &r.tags)))
        .chain(
            store
                .interfaces
                .iter()
                .map(|(id, r)| (id, "network-interface", &r.tags)),
        )
        .chain(store.groups.iter().map(|(id, r)| (id, "security-group", &r.tags)))
        .chain(store.volumes.iter().map(|(id, r)| (id, "volume", &r.tags)))
        .chain(store.snapshots.iter().map(|(id, r)| (id, "snapshot", &r.tags)))
        .chain(store.vpcs.iter().map(|(id, r)| (id, "vpc", &r.tags)))
        .chain(store.subnets.iter().map(|(id, r)| (id, "subnet", &r.tags)))
        .chain(store.route_tables.iter().map(|(id, r)| (id, "route-table", &r.tags)))
        .chain(store.acls.iter().map(|(id, r)| (id, "network-acl", &r.tags)))
        .chain(store.endpoints.iter().map(|(id, r)| (id, "vpc-endpoint", &r.tags)))
        .chain(store.addresses.iter().map(|(id, r)| (id, "elastic-ip", &r.tags)));
    let mut found = Vec::new();
    for (id, kind, tags) in tagged {
        for (key, value) in tags {
            let accepted = params::accepts(&filters, |name| match name {
                "resource-id" => Some(vec![id.clone()]),
                "resource-type" => Some(vec![kind.to_owned()]),
                "key" => Some(vec![key.clone()]),
                "value" => Some(vec![value.clone()]),
                other => params::tag_values(tags, other),
            })?;
            if accepted {
                let item = json!({"resourceId": id, "resourceType": kind, "key": key, "value": value});
                found.push((format!("{id}\u{0}{key}"), item));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let (items, token) = page.cut(found, |(order, _)| order);
    Ok(listing(
        "tagSet",
        items.into_iter().map(|(_, item)| item).collect(),
        token.as_deref(),
    ))
}

/// The tags that `TagSpecification` gives for one resource type.
pub fn specified(params: &Value, resource_type: &str) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    for specification in params::items(params, "TagSpecification") {
        let kind = params::required(specification, "ResourceType")?;
        if kind != resource_type {
            return Err(errors::client(
                "InvalidParameterValue",
                format!("'{kind}' is not a valid taggable resource type for this operation."),
            ));
        }
        tags.extend(read(params::items(specification, "Tag"))?);
    }
    check_count(&Tags::new(), &tags)?;
    Ok(tags)
}

/// Tags as an answer has them.
pub fn show(tags: &Tags) -> Value {
    tags.iter()
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect()
}

fn resources(place: &Place<'_>) -> Result<Vec<String>, ApiError> {
    let ids = params::list(place.params, "ResourceId");
    if ids.is_empty() {
        return Err(errors::missing("resourceIdSet"));
    }
    Ok(ids.into_iter().map(str::to_owned).collect())
}

fn read(items: &[Value]) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    for item in items {
        let key = params::required(item, "Key")?;
        let value = params::text(item, "Value").unwrap_or_default();
        let refuse = |message: &str| Err(errors::client("InvalidParameterValue", message));
        if key.to_ascii_lowercase().starts_with("aws:") {
            return refuse("Tag keys starting with 'aws:' are reserved for internal use");
        }
        if key.chars().count() > 128 {
            return refuse("Tag key exceeds the maximum length of 128 characters");
        }
        if value.chars().count() > 256 {
            return refuse("Tag value exceeds the maximum length of 256 characters");
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(errors::client(
                "InvalidParameterValue",
                format!("Duplicate tag key '{key}' specified."),
            ));
        }
    }
    Ok(tags)
}

/// Tags of AWS's own do not count towards the limit.
fn check_count(current: &Tags, added: &Tags) -> Result<(), ApiError> {
    let new = added.keys().filter(|key| !current.contains_key(*key)).count();
    let own = current.keys().filter(|key| !key.starts_with("aws:")).count();
    if own + new > MAX_TAGS {
        return Err(errors::client(
            "TagLimitExceeded",
            "The maximum number of Tags for a resource has been reached.",
        ));
    }
    Ok(())
}

//! Snapshots that are handed on: `CopySnapshot`, `ModifySnapshotAttribute`, `DescribeSnapshotAttribute`, `LockSnapshot`, `UnlockSnapshot`,
//! `DescribeLockedSnapshots`.
//!
//! Owns: AWS's rules for who may be given what. Must never: share what is under AWS's own key, or make a lock in compliance mode
//! weaker.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::model::{Snapshot, Store};
use super::{Place, SnapshotLock, done, errors, listing, params, storage, tags};
use crate::domain::{AccountId, Time};
use crate::range::call::{Answer, ApiError};
use crate::range::services::wildcard::wildcard;

/// The volume id of a copy, which means nothing (API reference, `CopySnapshot`).
const NO_VOLUME: &str = "vol-ffffffff";

/// A copy within the region. Its key is looked at only after the call was taken, so a bad one makes a copy that fails.
pub fn copy(place: &mut Place<'_>) -> Answer {
    let params = place.params;
    let id = params::required(params, "SourceSnapshotId")?;
    let region = params::required(params, "SourceRegion")?;
    if region != place.region {
        return Err(errors::client(
            "InvalidParameterValue",
            "The range copies within one region only",
        ));
    }
    let source = find(place.store, id)?;
    if storage::state(source, place.now) != "completed" {
        return Err(errors::client(
            "IncorrectState",
            format!("Snapshot '{id}' is not 'completed'."),
        ));
    }
    let key = params::text(params, "KmsKeyId");
    let encrypted = params::boolean(params, "Encrypted")?.unwrap_or(source.encrypted);
    if key.is_some() && !encrypted {
        return Err(errors::client(
            "InvalidParameterDependency",
            "The parameter KmsKeyId requires the parameter Encrypted to be set.",
        ));
    }
    let tags = tags::specified(params, "snapshot")?;
    params::stop_if_dry_run(params)?;
    let known = key.is_none_or(|key| place.keys.iter().any(|(arn, _)| arn == key));
    let copy = Snapshot {
        id: (place.new_id)("snap"),
        volume: NO_VOLUME.to_owned(),
        size: source.size,
        encrypted,
        kms_key: key.map(str::to_owned),
        description: params::text(params, "Description").unwrap_or_default().to_owned(),
        started: place.now,
        fault: (!known).then(|| "Given key ID is not accessible".to_owned()),
        shared: BTreeSet::new(),
        lock: None,
        tags,
    };
    let answer = json!({"snapshotId": copy.id, "tagSet": tags::show(&copy.tags)});
    place.store.snapshots.insert(copy.id.clone(), copy);
    Ok(answer)
}

/// `createVolumePermission`, as the two lists of the older form or as one structure.
pub fn modify_attribute(place: &mut Place<'_>) -> Answer {
    let params = place.params;
    let id = params::required(params, "SnapshotId")?.to_owned();
    let snapshot = find(place.store, &id)?;
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    match params::text(params, "OperationType") {
        Some("add") => add = permissions(params),
        Some("remove") => remove = permissions(params),
        Some(other) => return Err(errors::invalid(other, "OperationType")),
        None => {}
    }
    let structure = params.get("CreateVolumePermission").unwrap_or(&Value::Null);
    for (name, list) in [("Add", &mut add), ("Remove", &mut remove)] {
        for item in params::items(structure, name) {
            list.extend(params::text(item, "UserId").or_else(|| params::text(item, "Group")));
        }
    }
    if add.is_empty() == remove.is_empty() {
        return Err(errors::client(
            "InvalidParameterCombination",
            "Exactly one of add and remove must be given.",
        ));
    }
    if let Some(group) = add.iter().chain(&remove).find(|who| who.parse::<AccountId>().is_err()) {
        return Err(match *group {
            // No tool of the range needs a public snapshot, and AWS can switch them off for a region.
            "all" if snapshot.encrypted => {
                errors::client("OperationNotPermitted", "Encrypted snapshots cannot be made public")
            }
            "all" => errors::client(
                "OperationNotPermitted",
                "Block public access is enabled for snapshots in this Region",
            ),
            other => errors::client("InvalidUserID.Malformed", format!("Invalid user id: \"{other}\"")),
        });
    }
    let managed = match &snapshot.kms_key {
        Some(key) => place.keys.iter().any(|(arn, aws)| arn == key && *aws),
        None => snapshot.encrypted,
    };
    if managed && !add.is_empty() {
        return Err(errors::client(
            "OperationNotPermitted",
            "Encrypted snapshots with EBS default key cannot be shared",
        ));
    }
    params::stop_if_dry_run(params)?;
    if let Some(snapshot) = place.store.snapshots.get_mut(&id) {
        snapshot.shared.extend(add.into_iter().map(str::to_owned));
        snapshot.shared.retain(|who| !remove.contains(&who.as_str()));
    }
    Ok(done())
}

fn permissions(params: &Value) -> Vec<&str> {
    let accounts = params::list(params, "UserId").into_iter();
    accounts.chain(params::list(params, "UserGroup")).collect()
}

pub fn describe_attribute(place: &mut Place<'_>) -> Answer {
    let id = params::required(place.params, "SnapshotId")?;
    let snapshot = find(place.store, id)?;
    match params::required(place.params, "Attribute")? {
        "createVolumePermission" => {
            let items: Vec<Value> = snapshot.shared.iter().map(|who| json!({"userId": who})).collect();
            Ok(json!({"snapshotId": id, "createVolumePermission": items}))
        }
        "productCodes" => Ok(json!({"snapshotId": id, "productCodes": []})),
        other => Err(errors::invalid(other, "Attribute")),
    }
}

/// Locks, or changes a lock as its mode lets anybody.
pub fn lock(place: &mut Place<'_>) -> Answer {
    let params = place.params;
    let id = params::required(params, "SnapshotId")?.to_owned();
    let now = place.now;
    let new = wanted(params, now)?;
    let snapshot = find(place.store, &id)?;
    if storage::state(snapshot, now) == "error" {
        return Err(errors::client(
            "IncorrectState",
            format!("Snapshot '{id}' is in the state 'error'."),
        ));
    }
    let complete = snapshot.completes();
    if let Some(held) = &snapshot.lock
        && held.state(complete, now) == "compliance"
    {
        let weaker = !new.compliance || new.cool_off.is_some() || new.ends(complete) < held.ends(complete);
        if weaker {
            return Err(errors::client(
                "OperationNotPermitted",
                format!("Snapshot '{id}' is locked in compliance mode; its lock can only be extended."),
            ));
        }
    }
    params::stop_if_dry_run(params)?;
    let answer = show(&id, &new, complete, now);
    if let Some(snapshot) = place.store.snapshots.get_mut(&id) {
        snapshot.lock = Some(new);
    }
    Ok(answer)
}

/// The lock that the request asks for.
fn wanted(params: &Value, now: Time) -> Result<SnapshotLock, ApiError> {
    let compliance = match params::required(params, "LockMode")? {
        "compliance" => true,
        "governance" => false,
        other => return Err(errors::invalid(other, "LockMode")),
    };
    let days = params::number(params, "LockDuration")?;
    let until: Option<Time> = params::text(params, "ExpirationDate")
        .map(|text| text.parse().map_err(|_| errors::invalid(text, "ExpirationDate")))
        .transpose()?;
    let days = match (days, until) {
        (Some(days @ 1..=36_500), None) => i64::from(days),
        (Some(days), None) => return Err(errors::invalid(&days.to_string(), "LockDuration")),
        (None, Some(until)) if until > now => (until.as_second() - now.as_second()) / 86_400,
        _ => {
            return Err(errors::client(
                "InvalidParameterCombination",
                "Exactly one of LockDuration and an ExpirationDate in the future must be given.",
            ));
        }
    };
    let cool_off = match params::number(params, "CoolOffPeriod")? {
        None => None,
        Some(hours @ 1..=72) if compliance => {
            let end = Time::from_second(now.as_second() + i64::from(hours) * 3600);
            Some((i64::from(hours), end.unwrap_or(now)))
        }
        Some(hours) => return Err(errors::invalid(&hours.to_string(), "CoolOffPeriod")),
    };
    Ok(SnapshotLock {
        compliance,
        days,
        since: now,
        cool_off,
        until,
    })
}

pub fn unlock(place: &mut Place<'_>) -> Answer {
    let id = params::required(place.params, "SnapshotId")?.to_owned();
    let snapshot = find(place.store, &id)?;
    let state = snapshot.lock.as_ref().map(|l| l.state(snapshot.completes(), place.now));
    match state {
        None | Some("expired") => {
            return Err(errors::client(
                "IncorrectState",
                format!("Snapshot '{id}' is not locked."),
            ));
        }
        Some("compliance") => {
            return Err(errors::client(
                "OperationNotPermitted",
                format!("Snapshot '{id}' is locked in compliance mode and can't be unlocked."),
            ));
        }
        Some(_) => {}
    }
    params::stop_if_dry_run(place.params)?;
    if let Some(snapshot) = place.store.snapshots.get_mut(&id) {
        snapshot.lock = None;
    }
    Ok(json!({"snapshotId": id}))
}

/// Those that are locked, by id and by `lock-state`.
pub fn describe_locks(place: &mut Place<'_>) -> Answer {
    params::stop_if_dry_run(place.params)?;
    let ids = params::list(place.params, "SnapshotId");
    for id in &ids {
        find(place.store, id)?;
    }
    let page = params::Page::read(place.params)?;
    let filters = params::filters(place.params)?;
    let mut found = Vec::new();
    for snapshot in place.store.snapshots.values() {
        let Some(lock) = &snapshot.lock else { continue };
        let state = lock.state(snapshot.completes(), place.now);
        let mut fits = ids.is_empty() || ids.contains(&snapshot.id.as_str());
        for filter in &filters {
            if filter.name != "lock-state" {
                let text = format!("The filter '{}' is invalid", filter.name);
                return Err(errors::client("InvalidParameterValue", text));
            }
            fits &= filter.values.iter().any(|value| wildcard(value, state));
        }
        if fits {
            let mut item = show(&snapshot.id, lock, snapshot.completes(), place.now);
            item["ownerId"] = place.account.into();
            found.push((snapshot.id.clone(), item));
        }
    }
    let (items, token) = page.cut(found, |(id, _)| id);
    let items = items.into_iter().map(|(_, item)| item).collect();
    Ok(listing("snapshotSet", items, token.as_deref()))
}

fn show(id: &str, lock: &SnapshotLock, complete: Time, now: Time) -> Value {
    let mut item = json!({
        "snapshotId": id, "lockState": lock.state(complete, now), "lockDuration": lock.days, "lockCreatedOn": lock.since.to_string(),
    });
    if now >= complete {
        item["lockDurationStartTime"] = lock.starts(complete).to_string().into();
        item["lockExpiresOn"] = lock.ends(complete).to_string().into();
    }
    if let Some((hours, end)) = lock.cool_off {
        item["coolOffPeriod"] = hours.into();
        item["coolOffPeriodExpiresOn"] = end.to_string().into();
    }
    item
}

fn find<'s>(store: &'s Store, id: &str) -> Result<&'s Snapshot, ApiError> {
    store.snapshots.get(id).ok_or_else(|| errors::no_such("snap", id))
}

//! What KMS tells about keys: `DescribeKey`, policies, aliases, tags.

use serde_json::{Value, json};

use super::{Key, State, Store, arn, find, not_pending};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::services::paging::{hex, unhex};

/// `Limit` where none is given; aliases, keys and tags have 50 or 100, and clients must not care.
const PAGE: usize = 50;

pub fn describe(store: &mut Store, call: &Call) -> Answer {
    let key = find(store, call, true)?;
    let mut metadata = json!({
        "AWSAccountId": call.caller.account,
        "KeyId": key.id,
        "Arn": arn(call, &key.id),
        "CreationDate": key.created.as_second(),
        "Enabled": key.state == State::Enabled,
        "Description": key.description,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": key.state.as_str(),
        "Origin": "AWS_KMS",
        "KeyManager": if key.aws_managed { "AWS" } else { "CUSTOMER" },
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": key.multi_region.is_some(),
    });
    if let Some(multi) = &key.multi_region {
        let there = |region: &crate::domain::Region| {
            let arn = format!("arn:aws:kms:{region}:{}:key/{}", call.caller.account, key.id);
            json!({"Arn": arn, "Region": region})
        };
        metadata["MultiRegionConfiguration"] = json!({
            "MultiRegionKeyType": if multi.primary == *call.region { "PRIMARY" } else { "REPLICA" },
            "PrimaryKey": there(&multi.primary),
            "ReplicaKeys": multi.replicas.iter().map(there).collect::<Vec<_>>(),
        });
    }
    if key.state == State::PendingDeletion {
        // The range deletes nothing; the date only says that there is one (30 days by default).
        metadata["DeletionDate"] = (call.now.as_second() + 30 * 86_400).into();
    }
    Ok(json!({ "KeyMetadata": metadata }))
}

pub fn policy(store: &mut Store, call: &Call) -> Answer {
    let name = call.text("PolicyName").unwrap_or("default").to_owned();
    let key = find(store, call, false)?;
    if name != "default" {
        return Err(ApiError::new(400, "NotFoundException", "No such policy exists"));
    }
    not_pending(key, call)?;
    Ok(json!({"Policy": key.policy, "PolicyName": "default"}))
}

pub fn policies(store: &mut Store, call: &Call) -> Answer {
    not_pending(find(store, call, false)?, call)?;
    Ok(json!({"PolicyNames": ["default"], "Truncated": false}))
}

pub fn aliases(store: &mut Store, call: &Call) -> Answer {
    let only = match call.text("KeyId") {
        Some(_) => Some(find(store, call, false)?.id.clone()),
        None => None,
    };
    let items = store
        .aliases
        .iter()
        .filter(|(_, key)| only.as_ref().is_none_or(|only| *key == only))
        .map(|(name, key)| {
            let alias = format!("arn:aws:kms:{}:{}:{name}", call.region, call.caller.account);
            let created = store.keys.get(key).map(|key| key.created.as_second());
            let item = json!({
                "AliasName": name, "AliasArn": alias, "TargetKeyId": key, "CreationDate": created, "LastUpdatedDate": created,
            });
            (name.clone(), item)
        });
    page("Aliases", items.collect(), call)
}

pub fn keys(store: &mut Store, call: &Call) -> Answer {
    let item = |key: &Key| (key.id.clone(), json!({"KeyId": key.id, "KeyArn": arn(call, &key.id)}));
    page("Keys", store.keys.values().map(item).collect(), call)
}

pub fn tags(store: &mut Store, call: &Call) -> Answer {
    let key = find(store, call, false)?;
    let items = key.tags.iter();
    let items = items.map(|(name, value)| (name.clone(), json!({"TagKey": name, "TagValue": value})));
    page("Tags", items.collect(), call)
}

/// One page of a listing in order of its names. The marker is the last name that was given.
pub fn page(list: &str, items: Vec<(String, Value)>, call: &Call) -> Answer {
    let invalid = || ApiError::new(400, "InvalidMarkerException", "The marker is not valid.");
    let size = match call.number("Limit") {
        None => PAGE,
        Some(given) => usize::try_from(given)
            .ok()
            .filter(|n| (1..=1000).contains(n))
            .ok_or_else(|| ApiError::new(400, "ValidationException", "Limit must be between 1 and 1000"))?,
    };
    let after = match call.text("Marker") {
        None => None,
        Some(marker) => {
            let name = unhex(marker).and_then(|bytes| String::from_utf8(bytes).ok());
            Some(name.ok_or_else(invalid)?)
        }
    };
    let mut rest = items
        .into_iter()
        .filter(|(name, _)| after.as_ref().is_none_or(|after| name > after));
    let shown: Vec<(String, Value)> = rest.by_ref().take(size).collect();
    let more = rest.next().is_some();
    let mut answer = json!({ "Truncated": more });
    if let Some((last, _)) = shown.last().filter(|_| more) {
        answer["NextMarker"] = hex(last.as_bytes()).into();
    }
    answer[list] = shown.into_iter().map(|(_, item)| item).collect();
    Ok(answer)
}

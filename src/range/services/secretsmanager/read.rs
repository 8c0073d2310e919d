//! What Secrets Manager tells: a secret's state, its value, and the list of secrets.

use serde_json::{Map, Value, json};

use super::{CURRENT, Secret, Store, arn, find, not_deleted};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::services::paging::{hex, unhex};

pub fn describe(store: &mut Store, call: &Call) -> Answer {
    let secret = find(store, call)?;
    let mut shown = show(secret, call);
    shown["VersionIdsToStages"] = stages(secret);
    Ok(shown)
}

pub fn value(store: &mut Store, call: &Call) -> Answer {
    let secret = find(store, call)?;
    not_deleted(secret)?;
    let stage = call.text("VersionStage").unwrap_or(CURRENT);
    let found = match call.text("VersionId") {
        Some(id) => secret.versions.get_key_value(id),
        None => secret
            .versions
            .iter()
            .find(|(_, version)| version.stages.contains(stage)),
    };
    let Some((id, version)) = found else {
        let text = format!("Secrets Manager can't find the specified secret value for staging label: {stage}");
        return Err(ApiError::new(400, "ResourceNotFoundException", text));
    };
    let answer = json!({
        "ARN": arn(call, secret), "Name": secret.name, "VersionId": id, "SecretString": version.value,
        "VersionStages": version.stages, "CreatedDate": version.created.as_second(),
    });
    secret.last_accessed = Some(call.now);
    Ok(answer)
}

pub fn list(store: &mut Store, call: &Call) -> Answer {
    let invalid = || ApiError::new(400, "InvalidNextTokenException", "The NextToken value is invalid.");
    let size = match call.number("MaxResults") {
        None => 100,
        Some(given) => usize::try_from(given)
            .ok()
            .filter(|n| (1..=100).contains(n))
            .ok_or_else(|| ApiError::new(400, "InvalidParameterException", "MaxResults must be from 1 to 100."))?,
    };
    let after = match call.text("NextToken") {
        None => None,
        Some(token) => {
            let name = unhex(token).and_then(|bytes| String::from_utf8(bytes).ok());
            Some(name.ok_or_else(invalid)?)
        }
    };
    let planned = call.params["IncludePlannedDeletion"] == true;
    let mut rest = store
        .secrets
        .values()
        .filter(|s| planned || s.deleted.is_none())
        .filter(|s| after.as_ref().is_none_or(|after| s.name > *after));
    let page: Vec<&Secret> = rest.by_ref().take(size).collect();
    let more = rest.next().is_some();
    let shown: Vec<Value> = page
        .iter()
        .map(|secret| {
            let mut shown = show(secret, call);
            shown["SecretVersionsToStages"] = stages(secret);
            shown
        })
        .collect();
    let mut answer = json!({ "SecretList": shown });
    if let Some(last) = page.last().filter(|_| more) {
        answer["NextToken"] = hex(last.name.as_bytes()).into();
    }
    Ok(answer)
}

fn stages(secret: &Secret) -> Value {
    let stages = secret.versions.iter().filter(|(_, version)| !version.stages.is_empty());
    stages
        .map(|(id, version)| (id.clone(), json!(version.stages)))
        .collect::<Map<_, _>>()
        .into()
}

fn show(secret: &Secret, call: &Call) -> Value {
    let mut shown = json!({
        "ARN": arn(call, secret),
        "Name": secret.name,
        "Description": secret.description,
        "CreatedDate": secret.created.as_second(),
        "Tags": secret.tags.iter().map(|(k, v)| json!({"Key": k, "Value": v})).collect::<Vec<_>>(),
    });
    if let Some(function) = &secret.rotation {
        shown["RotationEnabled"] = true.into();
        shown["RotationLambdaARN"] = function.as_str().into();
        shown["RotationRules"] = json!({"AutomaticallyAfterDays": 30});
    }
    if let Some(owner) = &secret.owner {
        shown["OwningService"] = owner.as_str().into();
        shown["RotationEnabled"] = true.into();
    }
    if let Some(key) = &secret.kms_key {
        shown["KmsKeyId"] = key.as_str().into();
    }
    for (name, time) in [
        ("LastRotatedDate", secret.last_rotated),
        ("LastAccessedDate", secret.last_accessed),
        ("DeletedDate", secret.deleted),
    ] {
        if let Some(time) = time {
            shown[name] = time.as_second().into();
        }
    }
    shown
}

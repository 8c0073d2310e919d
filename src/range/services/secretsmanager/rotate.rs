//! Rotation: a new version is made, tested by its function, and becomes the current one.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{CURRENT, PENDING, PREVIOUS, Secret, Store, Version, arn, find, not_deleted};
use crate::domain::Time;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::services::cloudtrail::{Event, Who};

/// How long the four steps of a rotation function take.
pub const TIME: SignedDuration = SignedDuration::from_secs(45);

/// Begins a rotation. `fresh` is the new version's id where the caller gives none.
pub fn rotate(store: &mut Store, call: &Call, fresh: String) -> Answer {
    let invalid = |text: &str| ApiError::new(400, "InvalidRequestException", text);
    let token = match call.text("ClientRequestToken") {
        None => fresh,
        Some(token) if (32..=64).contains(&token.len()) => token.to_owned(),
        Some(_) => {
            let text = "ClientRequestToken must be between 32 and 64 characters long.";
            return Err(ApiError::new(400, "InvalidParameterException", text));
        }
    };
    let secret = find(store, call)?;
    not_deleted(secret)?;
    if let Some(function) = call.text("RotationLambdaARN") {
        secret.rotation = Some(function.to_owned());
    }
    if secret.rotation.is_none() && secret.owner.is_none() {
        return Err(invalid(
            "No Lambda rotation function ARN is associated with this secret.",
        ));
    }
    // The same request again is the same rotation.
    if !secret.versions.contains_key(&token) {
        if secret.rotating.is_some() {
            return Err(invalid(
                "A previous rotation isn't complete. That rotation will be reattempted.",
            ));
        }
        begin(secret, &token, call.now);
    }
    Ok(json!({"ARN": arn(call, secret), "Name": secret.name, "VersionId": token}))
}

/// Makes the new version, which is in use after a while.
pub fn begin(secret: &mut Secret, version: &str, now: Time) {
    let new = Version {
        value: format!("rotated-{version}"),
        created: now,
        stages: [PENDING.to_owned()].into(),
    };
    secret.versions.insert(version.to_owned(), new);
    secret.rotating = Some((version.to_owned(), now + TIME));
}

pub fn cancel(store: &mut Store, call: &Call) -> Answer {
    let secret = find(store, call)?;
    not_deleted(secret)?;
    secret.rotation = None;
    secret.rotating = None;
    Ok(json!({"ARN": arn(call, secret), "Name": secret.name}))
}

/// Ends the rotations whose time has come; the names of those that failed then, and when.
pub fn settle(store: &mut Store, now: Time) -> Vec<(String, Time)> {
    let mut failed = Vec::new();
    for secret in store.secrets.values_mut() {
        let Some((version, done)) = secret.rotating.clone() else {
            continue;
        };
        if now < done {
            continue;
        }
        if secret.broken {
            secret.rotating = Some((version, Time::MAX));
            failed.push((secret.name.clone(), done));
        } else {
            secret.rotating = None;
            finish(secret, &version, done);
        }
    }
    failed
}

fn finish(secret: &mut Secret, version: &str, done: Time) {
    for (id, other) in &mut secret.versions {
        let was = other.stages.remove(CURRENT);
        other.stages.remove(PREVIOUS);
        if id == version {
            other.stages = [CURRENT.to_owned()].into();
        } else if was {
            other.stages.insert(PREVIOUS.to_owned());
        }
    }
    secret.last_rotated = Some(done);
}

/// What CloudTrail has of a rotation that failed (Secrets Manager User Guide, "Logging AWS Secrets Manager events with AWS
/// CloudTrail"): an event of the service's own. The label `AWSPENDING` stays where it is (API reference, `RotateSecret`).
pub fn failure(call: &Call, secret: &Secret, at: Time, id: String) -> Event {
    let service = "secretsmanager.amazonaws.com";
    Event {
        request_id: id.clone(),
        id,
        time: at,
        name: "RotationFailed".to_owned(),
        source: service.to_owned(),
        who: Who::default(),
        read_only: false,
        source_ip: service.to_owned(),
        user_agent: service.to_owned(),
        error: None,
        params: Value::Null,
        resources: Vec::new(),
        by_service: Some(json!({
            "errorMessage": "The rotation function ended with an error.",
            "additionalEventData": {"SecretId": arn(call, secret), "LambdaArn": secret.rotation},
        })),
    }
}

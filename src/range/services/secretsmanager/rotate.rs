//! Rotation: a new version is made, tested by its function, and becomes the current one.

use jiff::SignedDuration;
use serde_json::json;

use super::{CURRENT, PENDING, PREVIOUS, Secret, Store, Version, arn, find, not_deleted};
use crate::domain::Time;
use crate::range::call::{Answer, ApiError, Call};

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

/// Ends a rotation whose time has come.
pub fn settle(secret: &mut Secret, now: Time) {
    let Some((_, done)) = &secret.rotating else { return };
    if secret.broken || now < *done {
        return;
    }
    let Some((version, done)) = secret.rotating.take() else {
        return;
    };
    for (id, other) in &mut secret.versions {
        let was = other.stages.remove(CURRENT);
        other.stages.remove(PREVIOUS);
        if *id == version {
            other.stages = [CURRENT.to_owned()].into();
        } else if was {
            other.stages.insert(PREVIOUS.to_owned());
        }
    }
    secret.last_rotated = Some(done);
}

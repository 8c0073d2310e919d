//! Secrets Manager of the range: secrets, their versions, and rotation that takes a while.
//!
//! Owns: the store of one account and region and the operations on it. Must never: log a value (the history hides it), or call a
//! rotation done before its time.

mod read;
mod rotate;

pub use rotate::{TIME, begin};

use std::collections::{BTreeMap, BTreeSet};

use super::{Operation, Protocol, Service, reads, writes};
use crate::domain::Time;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// Secrets of one account in one region, by name.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub secrets: BTreeMap<String, Secret>,
}

/// One secret.
#[derive(Clone, Debug)]
pub struct Secret {
    pub name: String,
    /// The six characters that AWS puts behind the name in the ARN.
    pub suffix: String,
    pub description: String,
    /// The key's ARN, where it is not `aws/secretsmanager`.
    pub kms_key: Option<String>,
    /// The rotation function's ARN, where rotation is configured.
    pub rotation: Option<String>,
    /// The service of AWS that made it and rotates it without a function.
    pub owner: Option<String>,
    pub created: Time,
    pub last_rotated: Option<Time>,
    pub last_accessed: Option<Time>,
    pub deleted: Option<Time>,
    /// Values and staging labels, by version id.
    pub versions: BTreeMap<String, Version>,
    /// A rotation that is under way: the new version, and when it is done. One whose function failed stays under way; Secrets
    /// Manager tries it again later, which is never in the range.
    pub rotating: Option<(String, Time)>,
    /// Whether the rotation function fails, so that a rotation never ends.
    pub broken: bool,
    pub tags: BTreeMap<String, String>,
}

/// One version of a secret.
#[derive(Clone, Debug)]
pub struct Version {
    pub value: String,
    pub created: Time,
    /// `AWSCURRENT`, `AWSPREVIOUS`, `AWSPENDING`.
    pub stages: BTreeSet<String>,
}

/// The version of a new secret.
pub fn first(id: &str, created: Time) -> Version {
    Version {
        value: format!("made-{id}"),
        created,
        stages: [CURRENT.to_owned()].into(),
    }
}

const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";
const PENDING: &str = "AWSPENDING";

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "secretsmanager",
    protocol: Protocol::Json11 {
        target: "secretsmanager",
    },
    global: false,
    operations: OPERATIONS,
    handle,
};

const OPERATIONS: &[Operation] = &[
    reads("DescribeSecret"),
    reads("GetSecretValue"),
    reads("ListSecrets"),
    writes("CancelRotateSecret"),
    writes("RotateSecret"),
];

fn handle(world: &mut World, call: &Call) -> Answer {
    let fresh = world.new_uuid();
    let failed = rotate::settle(&mut world.here(call)?.secretsmanager, call.now);
    for (name, at) in failed {
        let id = world.new_uuid();
        let place = world.here(call)?;
        if let Some(secret) = place.secretsmanager.secrets.get(&name) {
            place.cloudtrail.history.push(rotate::failure(call, secret, at, id));
        }
    }
    let store = &mut world.here(call)?.secretsmanager;
    match call.operation {
        "DescribeSecret" => read::describe(store, call),
        "GetSecretValue" => read::value(store, call),
        "ListSecrets" => read::list(store, call),
        "CancelRotateSecret" => rotate::cancel(store, call),
        "RotateSecret" => rotate::rotate(store, call, fresh),
        other => Err(ApiError::new(400, "UnknownOperationException", other)),
    }
}

/// The ARN that the call is about, as IAM checks permission on it.
pub(in crate::range) fn resource(world: &World, call: &Call) -> String {
    let Some(given) = call.text("SecretId") else {
        return "*".to_owned();
    };
    let account = world.accounts.get(&call.caller.account);
    let store = account
        .and_then(|a| a.regions.get(call.region))
        .map(|r| &r.secretsmanager);
    let name = store.and_then(|s| name_of(s, call, given));
    match name.and_then(|name| store?.secrets.get(&name)) {
        Some(secret) => arn(call, secret),
        None if given.starts_with("arn:") => given.to_owned(),
        None => format!(
            "arn:aws:secretsmanager:{}:{}:secret:{given}",
            call.region, call.caller.account
        ),
    }
}

fn arn(call: &Call, secret: &Secret) -> String {
    format!(
        "arn:aws:secretsmanager:{}:{}:secret:{}-{}",
        call.region, call.caller.account, secret.name, secret.suffix
    )
}

/// The name of the secret that this text names: its name, its ARN, or its ARN without the last six characters.
fn name_of(store: &Store, call: &Call, given: &str) -> Option<String> {
    if store.secrets.contains_key(given) {
        return Some(given.to_owned());
    }
    let own = format!("arn:aws:secretsmanager:{}:{}:secret:", call.region, call.caller.account);
    let local = given.strip_prefix(&own)?;
    let mut all = store.secrets.values();
    let fits = |s: &&Secret| local == s.name || local.strip_prefix(&s.name) == Some(&format!("-{}", s.suffix));
    all.find(fits).map(|s| s.name.clone())
}

fn find<'s>(store: &'s mut Store, call: &Call) -> Result<&'s mut Secret, ApiError> {
    let name = name_of(store, call, call.text("SecretId").unwrap_or_default());
    name.and_then(|name| store.secrets.get_mut(&name)).ok_or_else(|| {
        ApiError::new(
            400,
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret.",
        )
    })
}

fn not_deleted(secret: &Secret) -> Result<(), ApiError> {
    if secret.deleted.is_some() {
        return Err(ApiError::new(
            400,
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
        ));
    }
    Ok(())
}

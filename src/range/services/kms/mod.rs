//! KMS of the range: keys with their state, policy, aliases and grants.
//!
//! Owns: the store of one account and region and the operations on it. Must never: encrypt anything, or let AWS's own keys be
//! changed. Key policies are kept and given back; they are not evaluated, so identity policies alone decide.

mod grants;
mod read;
mod write;

use std::collections::BTreeMap;

use super::{Operation, Protocol, Service, reads, writes};
use crate::domain::{AccountId, Region, Time};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// Keys of one account in one region.
#[derive(Clone, Debug, Default)]
pub struct Store {
    /// By id.
    pub keys: BTreeMap<String, Key>,
    /// The id of the key that an alias leads to, by the alias's name: `alias/payments`.
    pub aliases: BTreeMap<String, String>,
}

/// One key.
#[derive(Clone, Debug)]
pub struct Key {
    /// A UUID, or `mrk-` and 32 hex digits.
    pub id: String,
    pub created: Time,
    pub description: String,
    pub state: State,
    /// Whether AWS manages it (`aws/ebs`, `aws/rds`), so that nobody else can change it.
    pub aws_managed: bool,
    /// The primary key's region and those of its replicas, where it is a multi-Region key.
    pub multi_region: Option<MultiRegion>,
    pub policy: String,
    /// By id.
    pub grants: BTreeMap<String, Grant>,
    pub tags: BTreeMap<String, String>,
}

/// `KeyState`, as far as the range goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Enabled,
    Disabled,
    PendingDeletion,
}

/// Where the related keys of a multi-Region key are.
#[derive(Clone, Debug)]
pub struct MultiRegion {
    pub primary: Region,
    pub replicas: Vec<Region>,
}

/// One grant.
#[derive(Clone, Debug)]
pub struct Grant {
    /// 64 hex digits.
    pub id: String,
    pub name: Option<String>,
    pub created: Time,
    pub grantee: String,
    pub retiring: Option<String>,
    pub operations: Vec<String>,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion => "PendingDeletion",
        }
    }
}

/// The policy that a new key has (KMS Developer Guide, "Default key policy"): the account's identity policies decide.
pub fn default_policy(account: AccountId) -> String {
    let root = format!("arn:aws:iam::{account}:root");
    serde_json::json!({
        "Version": "2012-10-17", "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*",
        }],
    })
    .to_string()
}

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "kms",
    protocol: Protocol::Json11 { target: "TrentService" },
    global: false,
    operations: OPERATIONS,
    handle,
};

const OPERATIONS: &[Operation] = &[
    reads("DescribeKey"),
    reads("GetKeyPolicy"),
    reads("ListAliases"),
    reads("ListGrants"),
    reads("ListKeyPolicies"),
    reads("ListKeys"),
    reads("ListResourceTags"),
    writes("CreateGrant"),
    writes("DisableKey"),
    writes("EnableKey"),
    writes("PutKeyPolicy"),
    writes("RevokeGrant"),
];

fn handle(world: &mut World, call: &Call) -> Answer {
    match call.operation {
        "CreateGrant" => return grants::create(world, call),
        "RevokeGrant" => return grants::revoke(world, call),
        _ => {}
    }
    let store = &mut world.here(call)?.kms;
    match call.operation {
        "DescribeKey" => read::describe(store, call),
        "GetKeyPolicy" => read::policy(store, call),
        "ListAliases" => read::aliases(store, call),
        "ListGrants" => grants::list(store, call),
        "ListKeyPolicies" => read::policies(store, call),
        "ListKeys" => read::keys(store, call),
        "ListResourceTags" => read::tags(store, call),
        "DisableKey" => write::switch(store, call, State::Disabled),
        "EnableKey" => write::switch(store, call, State::Enabled),
        "PutKeyPolicy" => write::put_policy(store, call),
        other => Err(ApiError::new(400, "UnknownOperationException", other)),
    }
}

/// The ARN that the call is about, as IAM checks permission on it; with whatever stands for the id where there is no such key.
pub(in crate::range) fn resource(world: &World, call: &Call) -> String {
    let Some(given) = call.text("KeyId") else {
        return "*".to_owned();
    };
    if !given.contains("alias/") && given.starts_with("arn:") {
        return given.to_owned();
    }
    let account = world.accounts.get(&call.caller.account);
    let store = account.and_then(|a| a.regions.get(call.region)).map(|r| &r.kms);
    let name = given.rsplit_once(":alias/").map(|(_, name)| format!("alias/{name}"));
    let name = name.as_deref().unwrap_or(given);
    let id = store.and_then(|s| s.aliases.get(name)).map_or(given, String::as_str);
    arn(call, id)
}

/// The caller's keys that something can be encrypted with, by ARN, and whether AWS manages each.
pub(in crate::range) fn usable(world: &World, call: &Call) -> Vec<(String, bool)> {
    let account = world.accounts.get(&call.caller.account);
    let store = account.and_then(|a| a.regions.get(call.region)).map(|r| &r.kms);
    let keys = store.into_iter().flat_map(|s| s.keys.values());
    let enabled = keys.filter(|key| key.state == State::Enabled);
    enabled.map(|key| (arn(call, &key.id), key.aws_managed)).collect()
}

/// The ARN of a key of the caller's.
fn arn(call: &Call, id: &str) -> String {
    format!("arn:aws:kms:{}:{}:key/{id}", call.region, call.caller.account)
}

/// The key that the call names. An alias is followed where the operation takes one.
fn find<'s>(store: &'s mut Store, call: &Call, by_alias: bool) -> Result<&'s mut Key, ApiError> {
    let given = call.text("KeyId").unwrap_or_default();
    let own = format!("arn:aws:kms:{}:{}:", call.region, call.caller.account);
    let local = match given.strip_prefix("arn:") {
        None => given,
        Some(_) => match given.strip_prefix(&own) {
            Some(rest) => rest.strip_prefix("key/").unwrap_or(rest),
            None if given.starts_with("arn:aws:kms:") => return Err(no_key(given)),
            None => {
                let text = format!("Invalid arn {given}");
                return Err(ApiError::new(400, "InvalidArnException", text));
            }
        },
    };
    let id = match local.strip_prefix("alias/") {
        None => local.to_owned(),
        Some(_) if !by_alias => {
            return Err(ApiError::new(
                400,
                "NotFoundException",
                format!("Invalid keyId {given}"),
            ));
        }
        Some(_) => store.aliases.get(local).cloned().ok_or_else(|| {
            let text = format!("Alias {own}{local} is not found.");
            ApiError::new(400, "NotFoundException", text)
        })?,
    };
    store.keys.get_mut(&id).ok_or_else(|| no_key(&arn(call, &id)))
}

fn no_key(arn: &str) -> ApiError {
    ApiError::new(400, "NotFoundException", format!("Key '{arn}' does not exist"))
}

/// What only keys that are not about to be deleted take part in.
fn not_pending(key: &Key, call: &Call) -> Result<(), ApiError> {
    if key.state == State::PendingDeletion {
        let text = format!("{} is pending deletion.", arn(call, &key.id));
        return Err(ApiError::new(400, "KMSInvalidStateException", text));
    }
    Ok(())
}

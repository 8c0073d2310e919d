//! IAM: users, keys, roles and policies, as far as a responder looks at and changes them.
//!
//! Owns: the account's identities and IAM's own answers. Must never: evaluate a policy (that is `policy`).

mod page;
mod policies;
mod read;
mod simulate;
mod store;
mod write;

pub use store::{AccessKey, Grants, Group, InstanceProfile, LastUsed, Login, ManagedPolicy, Role, Store, User};

use jiff::SignedDuration;
use policies::Of;

use super::{Operation, Protocol, Service, reads, writes};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "iam",
    protocol: Protocol::Query {
        xmlns: "https://iam.amazonaws.com/doc/2010-05-08/",
    },
    global: true,
    operations: OPERATIONS,
    handle,
};

const OPERATIONS: &[Operation] = &[
    writes("AddUserToGroup"),
    writes("AttachRolePolicy"),
    writes("AttachUserPolicy"),
    writes("DeleteLoginProfile"),
    writes("DeleteRolePolicy"),
    writes("DeleteUserPolicy"),
    writes("DetachRolePolicy"),
    writes("DetachUserPolicy"),
    reads("GetAccessKeyLastUsed"),
    reads("GetGroupPolicy"),
    reads("GetInstanceProfile"),
    reads("GetLoginProfile"),
    reads("GetPolicy"),
    reads("GetPolicyVersion"),
    reads("GetRole"),
    reads("GetRolePolicy"),
    reads("GetUser"),
    reads("GetUserPolicy"),
    reads("ListAccessKeys"),
    reads("ListAttachedGroupPolicies"),
    reads("ListAttachedRolePolicies"),
    reads("ListAttachedUserPolicies"),
    reads("ListGroupPolicies"),
    reads("ListGroupsForUser"),
    reads("ListInstanceProfilesForRole"),
    reads("ListRolePolicies"),
    reads("ListUserPolicies"),
    reads("ListUsers"),
    writes("PutRolePolicy"),
    writes("PutUserPolicy"),
    writes("RemoveUserFromGroup"),
    reads("SimulatePrincipalPolicy"),
    writes("UpdateAccessKey"),
    writes("UpdateAssumeRolePolicy"),
];

fn handle(world: &mut World, call: &Call) -> Answer {
    let delay = SignedDuration::try_from(world.iam_delay).unwrap_or(SignedDuration::ZERO);
    let spread = call.now.checked_add(delay).unwrap_or(call.now);
    if call.operation == "SimulatePrincipalPolicy" {
        return simulate::simulate(world, call);
    }
    let iam = &mut world.own(call)?.iam;
    match call.operation {
        "AddUserToGroup" => write::add_user_to_group(iam, call),
        "AttachRolePolicy" => policies::attach(iam, Of::Role, call, spread),
        "AttachUserPolicy" => policies::attach(iam, Of::User, call, spread),
        "DeleteLoginProfile" => write::delete_login_profile(iam, call),
        "DeleteRolePolicy" => policies::delete(iam, Of::Role, call, spread),
        "DeleteUserPolicy" => policies::delete(iam, Of::User, call, spread),
        "DetachRolePolicy" => policies::detach(iam, Of::Role, call, spread),
        "DetachUserPolicy" => policies::detach(iam, Of::User, call, spread),
        "PutRolePolicy" => policies::put(iam, Of::Role, call, spread),
        "PutUserPolicy" => policies::put(iam, Of::User, call, spread),
        "RemoveUserFromGroup" => write::remove_user_from_group(iam, call),
        "UpdateAccessKey" => write::update_access_key(iam, call),
        "UpdateAssumeRolePolicy" => policies::trust(iam, call),
        _ => read::handle(iam, call),
    }
}

/// The ARN that the call is about, as IAM checks permission on it.
pub(in crate::range) fn resource(world: &World, call: &Call) -> String {
    let Some(account) = world.accounts.get(&call.caller.account) else {
        return "*".to_owned();
    };
    let iam = &account.iam;
    // What does not exist has the ARN that it would have at the root path, so that a refusal does not tell.
    let named = |kind: &str, key: &str, path: &dyn Fn(&str) -> Option<String>| {
        let name = call.text(key)?;
        Some(iam.arn(kind, &path(name).unwrap_or_else(|| "/".to_owned()), name))
    };
    let found = match call.operation {
        "ListUsers" => Some(iam.arn("user", "/", "*")),
        "GetPolicy" | "GetPolicyVersion" => call.text("PolicyArn").map(str::to_owned),
        "GetInstanceProfile" => named("instance-profile", "InstanceProfileName", &|n| {
            iam.instance_profiles.get(n).map(|p| p.path.clone())
        }),
        "SimulatePrincipalPolicy" => call.text("PolicySourceArn").map(str::to_owned),
        "AddUserToGroup"
        | "GetGroupPolicy"
        | "ListAttachedGroupPolicies"
        | "ListGroupPolicies"
        | "RemoveUserFromGroup" => named("group", "GroupName", &|_| None),
        "AttachRolePolicy"
        | "DeleteRolePolicy"
        | "DetachRolePolicy"
        | "GetRole"
        | "GetRolePolicy"
        | "ListAttachedRolePolicies"
        | "ListInstanceProfilesForRole"
        | "ListRolePolicies"
        | "PutRolePolicy"
        | "UpdateAssumeRolePolicy" => named("role", "RoleName", &|n| iam.roles.get(n).map(|r| r.path.clone())),
        "GetAccessKeyLastUsed" => iam
            .key(call.text("AccessKeyId").unwrap_or_default())
            .map(|(user, _)| iam.arn("user", &user.path, &user.name)),
        _ => named("user", "UserName", &|n| iam.users.get(n).map(|u| u.path.clone()))
            .or_else(|| read::own_user(iam, call).map(|u| iam.arn("user", &u.path, &u.name))),
    };
    found.unwrap_or_else(|| "*".to_owned())
}

/// `NoSuchEntity` in IAM's sentence.
fn missing(kind: &str, name: &str) -> ApiError {
    ApiError::new(
        404,
        "NoSuchEntity",
        format!("The {kind} with name {name} cannot be found."),
    )
}

fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new(400, "ValidationError", text)
}

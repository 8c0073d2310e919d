//! IAM Identity Center: who may enter which account, as `sso-admin` and the identity store tell it.
//!
//! Owns: one instance of the organisation, its users, groups, memberships and assignments. Must never: answer in another region than
//! its home, or anybody but the management account and the account that it is delegated to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Protocol, Service, reads, writes};
use crate::domain::{AccountId, Region};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// The registry's entry of the instance's side.
pub const SERVICE: Service = Service {
    name: "sso",
    protocol: Protocol::Json11 {
        target: "SWBExternalService",
    },
    global: false,
    operations: &[
        writes("CreateAccountAssignment"),
        writes("DeleteAccountAssignment"),
        reads("DescribePermissionSet"),
        reads("ListAccountAssignmentsForPrincipal"),
        reads("ListInstances"),
    ],
    handle,
};

/// The registry's entry of the identity store.
pub const STORE: Service = Service {
    name: "identitystore",
    protocol: Protocol::Json11 {
        target: "AWSIdentityStore",
    },
    global: false,
    operations: &[
        writes("CreateGroupMembership"),
        writes("DeleteGroupMembership"),
        reads("DescribeGroup"),
        reads("DescribeUser"),
        reads("GetUserId"),
        reads("ListGroupMembershipsForMember"),
    ],
    handle,
};

/// The service that a delegated administrator of Identity Center administers.
const PRINCIPAL: &str = "sso.amazonaws.com";

/// An instance with its identity store.
#[derive(Clone, Debug)]
pub struct Store {
    pub home: Region,
    /// `arn:aws:sso:::instance/ssoins-…`
    pub instance: String,
    /// `d-…`
    pub store: String,
    /// By id.
    pub users: BTreeMap<String, User>,
    /// Names by id.
    pub groups: BTreeMap<String, String>,
    /// Group and user by the membership's id.
    pub memberships: BTreeMap<String, (String, String)>,
    pub assignments: BTreeSet<Assignment>,
    /// Names by ARN.
    pub permission_sets: BTreeMap<String, String>,
}

/// A user of the identity store.
#[derive(Clone, Debug)]
pub struct User {
    pub name: String,
    /// The identity provider that made it, where one did.
    pub issuer: Option<String>,
    pub disabled: bool,
}

/// An account and permission set that a user or group has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assignment {
    pub account: AccountId,
    pub permission_set: String,
    /// The id of a user or group.
    pub principal: String,
}

/// What a call that changes something touches, as ARNs (Service Authorization Reference).
pub fn resources(call: &Call) -> Vec<String> {
    let named = |name: &str| call.text(name).map(str::to_owned);
    let entry = |kind: &str, name: &str| call.text(name).map(|id| format!("arn:aws:identitystore:::{kind}/{id}"));
    let store = call
        .text("IdentityStoreId")
        .map(|id| format!("arn:aws:identitystore::{}:identitystore/{id}", call.caller.account));
    let resources: Vec<Option<String>> = match call.operation {
        "CreateAccountAssignment" | "DeleteAccountAssignment" => vec![
            named("InstanceArn"),
            named("PermissionSetArn"),
            call.text("TargetId").map(|id| format!("arn:aws:sso:::account/{id}")),
        ],
        "CreateGroupMembership" => vec![store, entry("group", "GroupId")],
        "DeleteGroupMembership" => vec![store, entry("membership", "MembershipId")],
        _ => Vec::new(),
    };
    let resources: Vec<String> = resources.into_iter().flatten().collect();
    if resources.is_empty() {
        vec!["*".to_owned()]
    } else {
        resources
    }
}

fn handle(world: &mut World, call: &Call) -> Answer {
    let own = call.caller.account;
    let delegated = world
        .organization
        .administrators(PRINCIPAL)
        .any(|account| account == own);
    let management = world.management;
    let membership = world.new_uuid();
    let center = world.identity_center.as_mut().filter(|c| c.home == *call.region);
    let center = center.filter(|_| own == management || delegated);
    if call.operation == "ListInstances" {
        let one = center.map(|c| {
            json!({ "InstanceArn": c.instance, "IdentityStoreId": c.store, "OwnerAccountId": management, "Status": "ACTIVE" })
        });
        return Ok(json!({ "Instances": one.into_iter().collect::<Vec<_>>() }));
    }
    let Some(center) = center else {
        return Err(ApiError::new(
            400,
            "AccessDeniedException",
            "You do not have sufficient access to perform this action.",
        ));
    };
    let asked = [("InstanceArn", &center.instance), ("IdentityStoreId", &center.store)];
    if asked
        .iter()
        .any(|(name, own)| call.text(name).is_some_and(|given| given != own.as_str()))
    {
        return Err(not_found("The instance or identity store is not found."));
    }
    match call.operation {
        "ListAccountAssignmentsForPrincipal" => Ok(assignments(center, call)),
        "CreateAccountAssignment" | "DeleteAccountAssignment" => assign(center, call, &membership),
        "DescribePermissionSet" => permission_set(center, call),
        "DescribeGroup" => group(center, call),
        "DescribeUser" => user(center, call),
        "GetUserId" => user_id(center, call),
        "ListGroupMembershipsForMember" => memberships(center, call),
        "CreateGroupMembership" => join(center, call, &membership),
        _ => leave(center, call),
    }
}

/// A user's own, and those of the groups that it is in.
fn assignments(center: &Store, call: &Call) -> Value {
    let principal = call.text("PrincipalId").unwrap_or_default();
    let groups: BTreeSet<&str> = center
        .memberships
        .values()
        .filter(|(_, user)| user == principal)
        .map(|(group, _)| group.as_str())
        .collect();
    let list: Vec<Value> = center
        .assignments
        .iter()
        .filter(|a| a.principal == principal || groups.contains(a.principal.as_str()))
        .map(|a| {
            let kind = if center.groups.contains_key(&a.principal) { "GROUP" } else { "USER" };
            json!({
                "AccountId": a.account, "PermissionSetArn": a.permission_set, "PrincipalId": a.principal, "PrincipalType": kind,
            })
        })
        .collect();
    json!({ "AccountAssignments": list })
}

fn assign(center: &mut Store, call: &Call, request: &str) -> Answer {
    let account = call.text("TargetId").and_then(|id| id.parse().ok());
    let account = account.ok_or_else(|| ApiError::new(400, "ValidationException", "TargetId is not an account."))?;
    let assignment = Assignment {
        account,
        permission_set: call.text("PermissionSetArn").unwrap_or_default().to_owned(),
        principal: call.text("PrincipalId").unwrap_or_default().to_owned(),
    };
    let status = json!({
        "Status": "IN_PROGRESS", "RequestId": request, "TargetId": assignment.account, "TargetType": "AWS_ACCOUNT",
        "PermissionSetArn": assignment.permission_set, "PrincipalType": call.text("PrincipalType"),
        "PrincipalId": assignment.principal,
    });
    if call.operation == "CreateAccountAssignment" {
        center.assignments.insert(assignment);
        return Ok(json!({ "AccountAssignmentCreationStatus": status }));
    }
    if !center.assignments.remove(&assignment) {
        return Err(not_found("The account assignment is not found."));
    }
    Ok(json!({ "AccountAssignmentDeletionStatus": status }))
}

/// The id of the user of a name. Of the ways in which a user can be named only this one is there; e-mail addresses are not kept.
fn user_id(center: &Store, call: &Call) -> Answer {
    let by = &call.params["AlternateIdentifier"]["UniqueAttribute"];
    if by["AttributePath"].as_str() != Some("userName") {
        let why = "The AttributePath is not supported.";
        return Err(ApiError::new(400, "ValidationException", why));
    }
    let named = |user: &User| by["AttributeValue"].as_str() == Some(user.name.as_str());
    let found = center.users.iter().find(|(_, user)| named(user));
    let (id, _) = found.ok_or_else(|| not_found("USER not found."))?;
    let arn = format!("arn:aws:identitystore:::user/{id}");
    Ok(json!({ "IdentityStoreId": center.store, "UserId": id, "UserArn": arn }))
}

fn user(center: &Store, call: &Call) -> Answer {
    let id = call.text("UserId").unwrap_or_default();
    let user = center.users.get(id).ok_or_else(|| not_found("USER not found."))?;
    let external: Vec<Value> = user
        .issuer
        .iter()
        .map(|issuer| json!({ "Issuer": issuer, "Id": id }))
        .collect();
    Ok(json!({
        "IdentityStoreId": center.store,
        "UserId": id,
        "UserArn": format!("arn:aws:identitystore:::user/{id}"),
        "Revision": "1",
        "UserName": user.name,
        "ExternalIds": external,
        "UserStatus": if user.disabled { "DISABLED" } else { "ENABLED" },
    }))
}

fn group(center: &Store, call: &Call) -> Answer {
    let id = call.text("GroupId").unwrap_or_default();
    let name = center.groups.get(id).ok_or_else(|| not_found("GROUP not found."))?;
    Ok(json!({ "IdentityStoreId": center.store, "GroupId": id, "DisplayName": name }))
}

fn permission_set(center: &Store, call: &Call) -> Answer {
    let arn = call.text("PermissionSetArn").unwrap_or_default();
    let name = center.permission_sets.get(arn);
    let name = name.ok_or_else(|| not_found("PermissionSet not found."))?;
    Ok(json!({ "PermissionSet": { "PermissionSetArn": arn, "Name": name, "SessionDuration": "PT1H" } }))
}

fn memberships(center: &Store, call: &Call) -> Answer {
    let id = call.params["MemberId"]["UserId"].as_str().unwrap_or_default();
    if !center.users.contains_key(id) {
        return Err(not_found("USER not found."));
    }
    let list: Vec<Value> = center
        .memberships
        .iter()
        .filter(|(_, (_, user))| user == id)
        .map(|(membership, (group, user))| {
            json!({
                "IdentityStoreId": center.store, "MembershipId": membership, "GroupId": group, "MemberId": { "UserId": user },
                "MembershipArn": format!("arn:aws:identitystore:::membership/{membership}"),
            })
        })
        .collect();
    Ok(json!({ "GroupMemberships": list }))
}

fn join(center: &mut Store, call: &Call, membership: &str) -> Answer {
    let user = call.params["MemberId"]["UserId"].as_str().unwrap_or_default();
    let group = call.text("GroupId").unwrap_or_default();
    if !center.users.contains_key(user) || !center.groups.contains_key(group) {
        return Err(not_found("USER or GROUP not found."));
    }
    let both = (group.to_owned(), user.to_owned());
    if center.memberships.values().any(|there| *there == both) {
        return Err(ApiError::new(
            400,
            "ConflictException",
            "Member and Group relationship already exists.",
        ));
    }
    center.memberships.insert(membership.to_owned(), both);
    Ok(json!({ "MembershipId": membership, "IdentityStoreId": center.store }))
}

fn leave(center: &mut Store, call: &Call) -> Answer {
    let id = call.text("MembershipId").unwrap_or_default();
    let left = center.memberships.remove(id);
    left.map(|_| json!({}))
        .ok_or_else(|| not_found("GROUP_MEMBERSHIP not found."))
}

fn not_found(why: &str) -> ApiError {
    ApiError::new(400, "ResourceNotFoundException", why)
}

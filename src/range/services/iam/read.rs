//! What only looks at IAM.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::page::page;
use super::store::{Grants, Group, InstanceProfile, LastUsed, ManagedPolicy, Role, Store, User};
use super::{invalid, missing};
use crate::domain::Time;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::policy::Policy;
use crate::range::signature::encoded;

pub fn handle(iam: &Store, call: &Call) -> Answer {
    match call.operation {
        "GetAccessKeyLastUsed" => last_used(iam, call),
        "GetGroupPolicy" => {
            let group = group(iam, call)?;
            inline(&group.grants, call, "GroupName", &group.name)
        }
        "GetInstanceProfile" => profile(iam, call),
        "GetLoginProfile" => login(user(iam, call)?),
        "GetPolicy" => Ok(json!({ "Policy": shown_policy(policy(iam, call)?, iam) })),
        "GetPolicyVersion" => version(policy(iam, call)?, call),
        "GetRole" => {
            let role = role(iam, call)?;
            let mut shown = shown_role(iam, role);
            shown["RoleLastUsed"] = match &role.last_used {
                Some(used) => json!({ "LastUsedDate": stamp(used.time), "Region": used.region }),
                None => json!({}),
            };
            Ok(json!({ "Role": shown }))
        }
        "GetRolePolicy" => {
            let role = role(iam, call)?;
            inline(&role.grants, call, "RoleName", &role.name)
        }
        "GetUser" => Ok(json!({ "User": shown_user(iam, user(iam, call)?) })),
        "GetUserPolicy" => {
            let user = named_user(iam, call)?;
            inline(&user.grants, call, "UserName", &user.name)
        }
        "ListAccessKeys" => keys(user(iam, call)?, call),
        "ListAttachedGroupPolicies" => attached(&group(iam, call)?.grants, call),
        "ListAttachedRolePolicies" => attached(&role(iam, call)?.grants, call),
        "ListAttachedUserPolicies" => attached(&named_user(iam, call)?.grants, call),
        "ListGroupPolicies" => inline_names(&group(iam, call)?.grants, call),
        "ListGroupsForUser" => groups(iam, named_user(iam, call)?, call),
        "ListInstanceProfilesForRole" => profiles(iam, role(iam, call)?, call),
        "ListRolePolicies" => inline_names(&role(iam, call)?.grants, call),
        "ListUserPolicies" => inline_names(&named_user(iam, call)?.grants, call),
        "ListUsers" => {
            let prefix = call.text("PathPrefix").unwrap_or("/");
            let users = iam.users.values().filter(|u| u.path.starts_with(prefix));
            page(call, "Users", users.map(|u| (u.name.clone(), shown_user(iam, u))))
        }
        other => Err(ApiError::new(
            400,
            "InvalidAction",
            format!("Could not find operation {other}"),
        )),
    }
}

/// The user that the call names, or the caller where it names none.
pub fn user<'a>(iam: &'a Store, call: &Call) -> Result<&'a User, ApiError> {
    match call.text("UserName") {
        Some(_) => named_user(iam, call),
        None => {
            own_user(iam, call).ok_or_else(|| invalid("Must specify userName when calling with non-User credentials"))
        }
    }
}

/// The caller, where it is a user.
pub fn own_user<'a>(iam: &'a Store, call: &Call) -> Option<&'a User> {
    iam.key(&call.caller.access_key).map(|(user, _)| user)
}

fn named_user<'a>(iam: &'a Store, call: &Call) -> Result<&'a User, ApiError> {
    let name = call.text("UserName").unwrap_or_default();
    iam.users.get(name).ok_or_else(|| missing("user", name))
}

fn role<'a>(iam: &'a Store, call: &Call) -> Result<&'a Role, ApiError> {
    let name = call.text("RoleName").unwrap_or_default();
    iam.roles.get(name).ok_or_else(|| missing("role", name))
}

fn group<'a>(iam: &'a Store, call: &Call) -> Result<&'a Group, ApiError> {
    let name = call.text("GroupName").unwrap_or_default();
    iam.groups.get(name).ok_or_else(|| missing("group", name))
}

fn policy<'a>(iam: &'a Store, call: &Call) -> Result<&'a ManagedPolicy, ApiError> {
    let arn = call.text("PolicyArn").unwrap_or_default();
    iam.policies.get(arn).ok_or_else(|| {
        ApiError::new(
            404,
            "NoSuchEntity",
            format!("Policy {arn} does not exist or is not attachable."),
        )
    })
}

/// Seconds resolution, as IAM gives times.
fn stamp(time: Time) -> String {
    format!("{time:.0}")
}

fn document(policy: &Policy) -> String {
    encoded(&policy.text, b"")
}

fn tags(tags: &BTreeMap<String, String>) -> Value {
    if tags.is_empty() {
        return Value::Null;
    }
    tags.iter().map(|(k, v)| json!({ "Key": k, "Value": v })).collect()
}

fn shown_user(iam: &Store, user: &User) -> Value {
    json!({
        "Arn": iam.arn("user", &user.path, &user.name),
        "CreateDate": stamp(user.created),
        "PasswordLastUsed": user.password_last_used.map(stamp),
        "Path": user.path,
        "Tags": tags(&user.tags),
        "UserId": user.id,
        "UserName": user.name,
    })
}

fn shown_role(iam: &Store, role: &Role) -> Value {
    json!({
        "Arn": iam.arn("role", &role.path, &role.name),
        "AssumeRolePolicyDocument": document(&role.trust),
        "CreateDate": stamp(role.created),
        "Description": (!role.description.is_empty()).then_some(&role.description),
        "MaxSessionDuration": role.max_session,
        "Path": role.path,
        "RoleId": role.id,
        "RoleName": role.name,
        "Tags": tags(&role.tags),
    })
}

fn profile(iam: &Store, call: &Call) -> Answer {
    let name = call.text("InstanceProfileName").unwrap_or_default();
    let profile: &InstanceProfile = iam
        .instance_profiles
        .get(name)
        .ok_or_else(|| ApiError::new(404, "NoSuchEntity", format!("Instance Profile {name} cannot be found.")))?;
    Ok(json!({ "InstanceProfile": shown_profile(iam, profile) }))
}

fn profiles(iam: &Store, role: &Role, call: &Call) -> Answer {
    let with = |p: &&InstanceProfile| p.role.as_deref() == Some(role.name.as_str());
    let items = iam.instance_profiles.values().filter(with);
    page(
        call,
        "InstanceProfiles",
        items.map(|p| (p.name.clone(), shown_profile(iam, p))),
    )
}

fn login(user: &User) -> Answer {
    let login = user.login.as_ref().ok_or_else(|| no_login(&user.name))?;
    Ok(json!({ "LoginProfile": {
        "CreateDate": stamp(login.created),
        "PasswordResetRequired": login.reset_required,
        "UserName": user.name,
    } }))
}

/// `NoSuchEntity` for a user without a password.
pub fn no_login(user: &str) -> ApiError {
    let text = format!("Login Profile for User {user} cannot be found.");
    ApiError::new(404, "NoSuchEntity", text)
}

fn shown_profile(iam: &Store, profile: &InstanceProfile) -> Value {
    let roles: Vec<Value> = profile
        .role
        .iter()
        .filter_map(|r| iam.roles.get(r))
        .map(|r| shown_role(iam, r))
        .collect();
    json!({
        "Arn": iam.arn("instance-profile", &profile.path, &profile.name),
        "CreateDate": stamp(profile.created),
        "InstanceProfileId": profile.id,
        "InstanceProfileName": profile.name,
        "Path": profile.path,
        "Roles": roles,
    })
}

fn shown_policy(policy: &ManagedPolicy, iam: &Store) -> Value {
    let attached = |g: &Grants| usize::from(g.attached.contains(&policy.arn));
    let count: usize = iam.users.values().map(|u| attached(&u.grants)).sum::<usize>()
        + iam.groups.values().map(|g| attached(&g.grants)).sum::<usize>()
        + iam.roles.values().map(|r| attached(&r.grants)).sum::<usize>();
    json!({
        "Arn": policy.arn,
        "AttachmentCount": count,
        "CreateDate": stamp(policy.created),
        "DefaultVersionId": policy.default_version,
        "IsAttachable": true,
        "Path": policy.path,
        "PermissionsBoundaryUsageCount": 0,
        "PolicyId": policy.id,
        "PolicyName": policy.name,
        "UpdateDate": stamp(policy.created),
    })
}

fn version(policy: &ManagedPolicy, call: &Call) -> Answer {
    let id = call.text("VersionId").unwrap_or_default();
    let text = policy.versions.get(id).ok_or_else(|| {
        ApiError::new(
            404,
            "NoSuchEntity",
            format!(
                "Policy {} version {id} does not exist or is not attachable.",
                policy.arn
            ),
        )
    })?;
    Ok(json!({ "PolicyVersion": {
        "CreateDate": stamp(policy.created),
        "Document": document(text),
        "IsDefaultVersion": policy.default_version == id,
        "VersionId": id,
    } }))
}

fn keys(user: &User, call: &Call) -> Answer {
    let mut sorted: Vec<_> = user.keys.iter().collect();
    sorted.sort_by(|a, b| a.id.cmp(&b.id));
    let shown = sorted.into_iter().map(|key| {
        let value = json!({
            "AccessKeyId": key.id,
            "CreateDate": stamp(key.created),
            "Status": if key.active { "Active" } else { "Inactive" },
            "UserName": user.name,
        });
        (key.id.clone(), value)
    });
    page(call, "AccessKeyMetadata", shown)
}

/// A key that is not of this account is refused, as one that does not exist is.
fn last_used(iam: &Store, call: &Call) -> Answer {
    let id = call.text("AccessKeyId").unwrap_or_default();
    let (user, key) = iam.key(id).ok_or_else(|| {
        ApiError::new(
            404,
            "NoSuchEntity",
            format!("The Access Key with id {id} cannot be found"),
        )
    })?;
    let last = match &key.last_used {
        Some(LastUsed { time, service, region }) => json!({
            "LastUsedDate": stamp(*time), "Region": region, "ServiceName": service,
        }),
        None => json!({ "Region": "N/A", "ServiceName": "N/A" }),
    };
    Ok(json!({ "AccessKeyLastUsed": last, "UserName": user.name }))
}

fn attached(grants: &Grants, call: &Call) -> Answer {
    let items = grants.attached.iter().map(|arn| {
        let name = arn.rsplit('/').next().unwrap_or_default();
        (arn.clone(), json!({ "PolicyArn": arn, "PolicyName": name }))
    });
    page(call, "AttachedPolicies", items)
}

fn inline_names(grants: &Grants, call: &Call) -> Answer {
    page(call, "PolicyNames", grants.inline.keys().map(|n| (n.clone(), json!(n))))
}

fn inline(grants: &Grants, call: &Call, owner: &str, name: &str) -> Answer {
    let policy = call.text("PolicyName").unwrap_or_default();
    let text = grants.inline.get(policy).ok_or_else(|| {
        missing(
            match owner {
                "UserName" => "user policy",
                "GroupName" => "group policy",
                _ => "role policy",
            },
            policy,
        )
    })?;
    let mut answer = Map::new();
    answer.insert(owner.to_owned(), json!(name));
    answer.insert("PolicyName".to_owned(), json!(policy));
    answer.insert("PolicyDocument".to_owned(), json!(document(text)));
    Ok(Value::Object(answer))
}

fn groups(iam: &Store, user: &User, call: &Call) -> Answer {
    let items = user.groups.iter().filter_map(|n| iam.groups.get(n)).map(|group| {
        let value = json!({
            "Arn": iam.arn("group", "/", &group.name),
            "CreateDate": stamp(group.created),
            "GroupId": group.id,
            "GroupName": group.name,
            "Path": "/",
        });
        (group.name.clone(), value)
    });
    page(call, "Groups", items)
}

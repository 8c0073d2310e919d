//! What a user or role may do, and what IAM's own evaluation says of it.
//!
//! Owns: documents as they are written, decoded from how IAM sends them. Must never: leave out a policy that could not be read.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::RequestId as _;
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, RoleLastUsed};
use tokio::task::JoinSet;

use super::super::convert::{missing, must, time};
use super::super::{Found, circle, failure};
use crate::action::{Answer, IamRole, IamUser, ReadFailure, ReadFailureKind, RoleUse, Simulated, UserGrants};
use crate::cloud::errors::{CallError, ErrorKind};
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::domain::{Arn, PolicyName, RoleName, Untrusted, UserGroupName, UserName};

const USER_POLICY: &str = "iam:GetUserPolicy";
const SIMULATE: &str = "iam:SimulatePrincipalPolicy";
/// What the evaluation is asked about: everyday reads of three services, so that no policy for one of them decides it.
const PROBED: [&str; 3] = ["ec2:DescribeInstances", "iam:ListUsers", "s3:ListAllMyBuckets"];

/// `GetUser`.
pub(super) async fn user(client: &Client, user: &UserName) -> Found {
    const CALL: &str = "iam:GetUser";
    let answer = client
        .get_user()
        .user_name(user.as_str())
        .send()
        .await
        .map_err(|e| CallError::from_sdk(CALL, &e))?;
    let user = answer.user().ok_or_else(|| missing(CALL, "User"))?;
    let found = IamUser {
        arn: must(CALL, "Arn", Some(user.arn()))?,
        id: user.user_id().to_owned(),
    };
    Ok((Answer::IamUser(found), answer.request_id().map(str::to_owned)))
}

/// `ListGroupsForUser`.
pub(super) async fn user_groups(client: &Client, user: &UserName) -> Found {
    let (groups, request_id) = groups(client, user).await?;
    Ok((Answer::UserGroups(groups), request_id))
}

async fn groups(client: &Client, user: &UserName) -> Result<(Vec<UserGroupName>, Option<String>), ReadFailure> {
    const CALL: &str = "iam:ListGroupsForUser";
    let mut groups = Vec::new();
    let request_id = every_page!(CALL, client.list_groups_for_user().user_name(user.as_str()), |page| {
        for group in page.groups() {
            groups.push(must(CALL, "GroupName", Some(group.group_name()))?);
        }
    });
    groups.sort();
    Ok((groups, request_id))
}

/// `ListUserPolicies`, and `GetUserPolicy` of each, side by side.
async fn inline(client: &Client, user: &UserName) -> Result<BTreeMap<PolicyName, String>, ReadFailure> {
    const CALL: &str = "iam:ListUserPolicies";
    let mut names: Vec<PolicyName> = Vec::new();
    every_page!(CALL, client.list_user_policies().user_name(user.as_str()), |page| {
        for name in page.policy_names() {
            names.push(must(CALL, "PolicyName", Some(name))?);
        }
    });
    // A user's inline policies have 2,048 characters together, so there are never many.
    let mut reads = JoinSet::new();
    for name in names {
        let (client, user) = (client.clone(), user.clone());
        reads.spawn(async move {
            let read = user_document(&client, &user, &name).await;
            (name, read)
        });
    }
    let mut all = BTreeMap::new();
    for (name, read) in reads.join_all().await {
        let (document, _) = read?;
        let document = document.ok_or_else(|| {
            let why = format!("{USER_POLICY}: {name} went away while the user's policies were read");
            failure(ReadFailureKind::Unreachable, why)
        })?;
        all.insert(name, document);
    }
    Ok(all)
}

/// How many characters the user's inline policies have, as IAM counts them.
pub(super) async fn inline_size(client: &Client, user: &UserName) -> Found {
    let all = inline(client, user).await?;
    Ok((Answer::InlineSize(size(all.values())), None))
}

/// The same of a role.
pub(super) async fn role_inline_size(client: &Client, role: &RoleName) -> Found {
    const CALL: &str = "iam:ListRolePolicies";
    let mut names: Vec<PolicyName> = Vec::new();
    every_page!(CALL, client.list_role_policies().role_name(role.as_str()), |page| {
        for name in page.policy_names() {
            names.push(must(CALL, "PolicyName", Some(name))?);
        }
    });
    // A role's inline policies have 10,240 characters together, so there are never many.
    let mut reads = JoinSet::new();
    for name in names {
        let (client, role) = (client.clone(), role.clone());
        reads.spawn(async move { role_document(&client, &role, &name).await });
    }
    let mut all = Vec::new();
    for read in reads.join_all().await {
        // One that went away meanwhile takes no room.
        all.extend(read?.0);
    }
    Ok((Answer::InlineSize(size(all.iter())), None))
}

/// Characters as IAM counts them against its limits.
fn size<'d>(documents: impl Iterator<Item = &'d String>) -> usize {
    let characters = documents.flat_map(|document| document.chars());
    characters.filter(|c| !c.is_whitespace()).count()
}

/// Everything that gives the user permissions: three lists that do not need one another.
pub(super) async fn grants(client: &Client, user: &UserName) -> Found {
    let (managed, inline, (groups, request_id)) = tokio::try_join!(
        Box::pin(attached(client, user)),
        Box::pin(inline(client, user)),
        Box::pin(groups(client, user)),
    )?;
    let found = UserGrants {
        managed,
        inline,
        groups,
    };
    Ok((Answer::UserGrants(found), request_id))
}

/// `ListAttachedUserPolicies`.
async fn attached(client: &Client, user: &UserName) -> Result<Vec<Arn>, ReadFailure> {
    const CALL: &str = "iam:ListAttachedUserPolicies";
    let mut managed: Vec<Arn> = Vec::new();
    let call = || client.list_attached_user_policies().user_name(user.as_str());
    every_page!(CALL, call(), |page| {
        for policy in page.attached_policies() {
            managed.push(must(CALL, "PolicyArn", policy.policy_arn())?);
        }
    });
    managed.sort();
    Ok(managed)
}

/// `GetUserPolicy`; nothing where there is no such policy.
pub(super) async fn user_inline(client: &Client, user: &UserName, policy: &PolicyName) -> Found {
    let (document, request_id) = user_document(client, user, policy).await?;
    Ok((Answer::InlinePolicy(document), request_id))
}

async fn user_document(
    client: &Client,
    user: &UserName,
    policy: &PolicyName,
) -> Result<(Option<String>, Option<String>), ReadFailure> {
    let sent = client
        .get_user_policy()
        .user_name(user.as_str())
        .policy_name(policy.as_str())
        .send();
    match sent.await.map_err(|e| CallError::from_sdk(USER_POLICY, &e)) {
        Ok(answer) => {
            let document = decoded(USER_POLICY, answer.policy_document())?;
            Ok((Some(document), answer.request_id().map(str::to_owned)))
        }
        Err(error) if error.kind == ErrorKind::NotFound => Ok((None, error.request_id)),
        Err(error) => Err(error.into()),
    }
}

/// `GetRolePolicy`; nothing where there is no such policy.
pub(super) async fn role_inline(client: &Client, role: &RoleName, policy: &PolicyName) -> Found {
    let (document, request_id) = role_document(client, role, policy).await?;
    Ok((Answer::InlinePolicy(document), request_id))
}

async fn role_document(
    client: &Client,
    role: &RoleName,
    policy: &PolicyName,
) -> Result<(Option<String>, Option<String>), ReadFailure> {
    const CALL: &str = "iam:GetRolePolicy";
    let sent = client
        .get_role_policy()
        .role_name(role.as_str())
        .policy_name(policy.as_str())
        .send();
    match sent.await.map_err(|e| CallError::from_sdk(CALL, &e)) {
        Ok(answer) => {
            let document = decoded(CALL, answer.policy_document())?;
            Ok((Some(document), answer.request_id().map(str::to_owned)))
        }
        Err(error) if error.kind == ErrorKind::NotFound => Ok((None, error.request_id)),
        Err(error) => Err(error.into()),
    }
}

/// `GetLoginProfile`: whether there is one.
pub(super) async fn login(client: &Client, user: &UserName) -> Found {
    const CALL: &str = "iam:GetLoginProfile";
    let sent = client.get_login_profile().user_name(user.as_str()).send();
    match sent.await.map_err(|e| CallError::from_sdk(CALL, &e)) {
        Ok(answer) => Ok((Answer::LoginProfile(true), answer.request_id().map(str::to_owned))),
        Err(error) if error.kind == ErrorKind::NotFound => Ok((Answer::LoginProfile(false), error.request_id)),
        Err(error) => Err(error.into()),
    }
}

const ROLE: &str = "iam:GetRole";

/// `GetRole`, but for when it was used.
pub(super) async fn role(session: &Session, client: &Client, role: &RoleName) -> Found {
    let answer = client
        .get_role()
        .role_name(role.as_str())
        .send()
        .await
        .map_err(|e| CallError::from_sdk(ROLE, &e))?;
    let found = answer.role().ok_or_else(|| missing(ROLE, "Role"))?;
    let trust = found
        .assume_role_policy_document()
        .ok_or_else(|| missing(ROLE, "AssumeRolePolicyDocument"))?;
    let found = IamRole {
        arn: must(ROLE, "Arn", Some(found.arn()))?,
        id: found.role_id().to_owned(),
        path: found.path().to_owned(),
        trust: decoded(ROLE, trust)?,
        ours: session.works_with(found.role_name()),
    };
    Ok((Answer::IamRole(found), answer.request_id().map(str::to_owned)))
}

/// `GetRole`: when it was used.
pub(super) async fn role_use(client: &Client, role: &RoleName) -> Found {
    let answer = client
        .get_role()
        .role_name(role.as_str())
        .send()
        .await
        .map_err(|e| CallError::from_sdk(ROLE, &e))?;
    let last = answer.role().and_then(|r| r.role_last_used());
    let found = RoleUse {
        last_used: time(last.and_then(RoleLastUsed::last_used_date)),
        region: Untrusted::new(last.and_then(RoleLastUsed::region).unwrap_or_default()),
    };
    Ok((Answer::RoleUse(found), answer.request_id().map(str::to_owned)))
}

/// `ListInstanceProfilesForRole`.
pub(super) async fn role_profiles(client: &Client, role: &RoleName) -> Found {
    const CALL: &str = "iam:ListInstanceProfilesForRole";
    let mut names = Vec::new();
    let request_id = every_page!(
        CALL,
        client.list_instance_profiles_for_role().role_name(role.as_str()),
        |page| {
            names.extend(
                page.instance_profiles()
                    .iter()
                    .map(|p| p.instance_profile_name().to_owned()),
            );
        }
    );
    names.sort();
    Ok((Answer::RoleProfiles(names), request_id))
}

/// `SimulatePrincipalPolicy` of a few actions.
pub(super) async fn probe(client: &Client, principal: &Arn, context: &BTreeMap<String, String>) -> Found {
    let entries = context.iter().map(|(key, value)| {
        let kind = match key.as_str() {
            "aws:TokenIssueTime" => ContextKeyTypeEnum::Date,
            _ => ContextKeyTypeEnum::String,
        };
        ContextEntry::builder()
            .context_key_name(key)
            .context_key_values(value)
            .context_key_type(kind)
            .build()
    });
    let entries: Vec<ContextEntry> = entries.collect();
    let asked = client
        .simulate_principal_policy()
        .policy_source_arn(principal.as_str())
        .set_action_names(Some(PROBED.map(str::to_owned).to_vec()))
        .set_context_entries((!entries.is_empty()).then_some(entries));
    let mut found = Vec::new();
    let request_id = every_page!(SIMULATE, asked.clone(), |page| {
        found.extend(page.evaluation_results().iter().map(|result| Simulated {
            action: Untrusted::new(result.eval_action_name()),
            decision: Untrusted::new(result.eval_decision().as_str()),
        }));
    });
    found.sort_by(|a, b| a.action.raw().cmp(b.action.raw()));
    if found.len() < PROBED.len() {
        let why = format!("{SIMULATE}: {} results for {} actions", found.len(), PROBED.len());
        return Err(failure(ReadFailureKind::Malformed, why));
    }
    Ok((Answer::Simulated(found), request_id))
}

/// A document as it was written: IAM sends it percent-encoded (API reference, `GetRolePolicy`: RFC 3986). Other endpoints send it
/// plain, which begins with a brace and never with a percent sign.
fn decoded(call: &'static str, text: &str) -> Result<String, ReadFailure> {
    if !text.starts_with('%') {
        return Ok(text.to_owned());
    }
    let bad = || {
        failure(
            ReadFailureKind::Malformed,
            format!("{call}: the policy document is not whole"),
        )
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(bad());
        };
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| bad())?);
    }
    String::from_utf8(bytes).map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_decoded_to_the_byte() {
        let decode = |text| decoded(USER_POLICY, text).ok();
        assert_eq!(decode("%7B%22a%22%3A%20%22%C3%A4%25%22%7D").unwrap(), "{\"a\": \"ä%\"}");
        assert_eq!(decode("{\"a\": \"100%25\"}").unwrap(), "{\"a\": \"100%25\"}");
        for torn in ["%7", "%7B%zz", "%ff"] {
            assert_eq!(decode(torn), None, "{torn}");
        }
    }
}

//! IAM: keys, policies and instance profiles.

use crate::action::IamQuery;
use crate::cloud::session::Session;
use aws_sdk_iam::Client;
use aws_sdk_iam::operation::RequestId as _;
use aws_sdk_iam::types::{AccessKeyLastUsed, StatusType};

use super::convert::{may, missing, must, time};
use super::{Found, circle, failure};
use crate::action::{AccessKey, AccessKeyUse, Answer, KeyStatus, Policies, ReadFailure, ReadFailureKind};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::domain::{AccessKeyId, ProfileName, RoleName, Untrusted, UserName};

/// What `GetAccessKeyLastUsed` says where there is nothing to say (API reference, `AccessKeyLastUsed`).
const NOT_APPLICABLE: &str = "N/A";

/// Every page of an IAM list: IAM's pages go on by `Marker` while `IsTruncated`.
macro_rules! every_page {
    ($call:expr, $request:expr, |$page:ident| $take:block) => {{
        let (mut pages, mut marker) = (Pages::default(), None);
        loop {
            let $page = $request
                .set_marker(marker)
                .send()
                .await
                .map_err(|e| CallError::from_sdk($call, &e))?;
            $take
            let next = $page.marker().filter(|_| $page.is_truncated());
            if $page.is_truncated() && next.is_none() {
                return Err(missing($call, "marker of the next page"));
            }
            marker = pages.next(next).map_err(circle($call))?;
            if marker.is_none() {
                break $page.request_id().map(str::to_owned);
            }
        }
    }};
}

mod policies;
mod profile;

pub(super) async fn ask(session: &Session, query: &IamQuery) -> Found {
    let client = &session.iam();
    match query {
        IamQuery::InstanceProfile { name } => profile(client, name).await,
        IamQuery::RolePolicies { role } => role_policies(client, role).await,
        IamQuery::AccessKeyUse { key } => key_use(client, key).await,
        IamQuery::AccessKeys { user } => keys(client, user).await,
        IamQuery::UserPolicies { user } => user_policies(client, user).await,
        IamQuery::IamUser { user } => policies::user(client, user).await,
        IamQuery::UserGroups { user } => policies::user_groups(client, user).await,
        IamQuery::UserInlineSize { user } => policies::inline_size(client, user).await,
        IamQuery::RoleInlineSize { role } => policies::role_inline_size(client, role).await,
        IamQuery::UserGrants { user } => policies::grants(client, user).await,
        IamQuery::UserInlinePolicy { user, policy } => policies::user_inline(client, user, policy).await,
        IamQuery::LoginProfile { user } => policies::login(client, user).await,
        IamQuery::IamRole { role } => policies::role(session, client, role).await,
        IamQuery::RoleUse { role } => policies::role_use(client, role).await,
        IamQuery::RoleProfiles { role } => policies::role_profiles(client, role).await,
        IamQuery::RoleInlinePolicy { role, policy } => policies::role_inline(client, role, policy).await,
        IamQuery::ProfileMay {
            profile,
            action,
            resource,
        } => profile::may(client, profile, action, resource).await,
        IamQuery::PolicyProbe { principal, context } => policies::probe(client, principal, context).await,
    }
}

/// `GetInstanceProfile`: its roles.
async fn profile(client: &Client, name: &ProfileName) -> Found {
    const CALL: &str = "iam:GetInstanceProfile";
    let answer = client
        .get_instance_profile()
        .instance_profile_name(name.as_str())
        .send()
        .await
        .map_err(|e| CallError::from_sdk(CALL, &e))?;
    let profile = answer
        .instance_profile()
        .ok_or_else(|| missing(CALL, "InstanceProfile"))?;
    let roles = profile.roles().iter().map(|r| r.role_name().to_owned()).collect();
    Ok((Answer::ProfileRoles(roles), answer.request_id().map(str::to_owned)))
}

/// `ListAttachedRolePolicies` and `ListRolePolicies`, side by side.
async fn role_policies(client: &Client, role: &RoleName) -> Found {
    const ATTACHED: &str = "iam:ListAttachedRolePolicies";
    const INLINE: &str = "iam:ListRolePolicies";
    let managed = async {
        let mut found = Vec::new();
        let call = || client.list_attached_role_policies().role_name(role.as_str());
        every_page!(ATTACHED, call(), |page| {
            for policy in page.attached_policies() {
                found.push(arn(ATTACHED, policy.policy_arn())?);
            }
        });
        Ok(found)
    };
    let inline = async {
        let mut found = Vec::new();
        let call = || client.list_role_policies().role_name(role.as_str());
        let request_id = every_page!(INLINE, call(), |page| {
            found.extend(page.policy_names().iter().cloned());
        });
        Ok((found, request_id))
    };
    both(Box::pin(managed), Box::pin(inline)).await
}

/// `ListAttachedUserPolicies` and `ListUserPolicies`, side by side.
async fn user_policies(client: &Client, user: &UserName) -> Found {
    const ATTACHED: &str = "iam:ListAttachedUserPolicies";
    const INLINE: &str = "iam:ListUserPolicies";
    let managed = async {
        let mut found = Vec::new();
        let call = || client.list_attached_user_policies().user_name(user.as_str());
        every_page!(ATTACHED, call(), |page| {
            for policy in page.attached_policies() {
                found.push(arn(ATTACHED, policy.policy_arn())?);
            }
        });
        Ok(found)
    };
    let inline = async {
        let mut found = Vec::new();
        let call = || client.list_user_policies().user_name(user.as_str());
        let request_id = every_page!(INLINE, call(), |page| {
            found.extend(page.policy_names().iter().cloned());
        });
        Ok((found, request_id))
    };
    both(Box::pin(managed), Box::pin(inline)).await
}

/// Neither list needs the other, so neither waits for the other.
async fn both(
    managed: impl Future<Output = Result<Vec<String>, ReadFailure>>,
    inline: impl Future<Output = Result<(Vec<String>, Option<String>), ReadFailure>>,
) -> Found {
    let (mut managed, (mut inline, request_id)) = tokio::try_join!(managed, inline)?;
    managed.sort();
    inline.sort();
    Ok((Answer::Policies(Policies { managed, inline }), request_id))
}

/// `ListAccessKeys`, in the order of the ids.
async fn keys(client: &Client, user: &UserName) -> Found {
    const CALL: &str = "iam:ListAccessKeys";
    let mut keys = Vec::new();
    let request_id = every_page!(CALL, client.list_access_keys().user_name(user.as_str()), |page| {
        for key in page.access_key_metadata() {
            let status = match key.status().map(StatusType::as_str) {
                Some("Active") => KeyStatus::Active,
                Some("Inactive") => KeyStatus::Inactive,
                other => {
                    let why = format!("{CALL}: a key's status is {}", other.unwrap_or("missing"));
                    return Err(failure(ReadFailureKind::Malformed, why));
                }
            };
            keys.push(AccessKey {
                id: must(CALL, "AccessKeyId", key.access_key_id())?,
                status,
                created_at: time(key.create_date()),
            });
        }
    });
    keys.sort_by(|a, b| a.id.cmp(&b.id));
    Ok((Answer::AccessKeys(keys), request_id))
}

/// `GetAccessKeyLastUsed`.
async fn key_use(client: &Client, key: &AccessKeyId) -> Found {
    const CALL: &str = "iam:GetAccessKeyLastUsed";
    let answer = client
        .get_access_key_last_used()
        .access_key_id(key.as_str())
        .send()
        .await
        .map_err(|e| CallError::from_sdk(CALL, &e))?;
    let last = answer.access_key_last_used();
    let said = |text: Option<&str>| Untrusted::new(text.filter(|t| *t != NOT_APPLICABLE).unwrap_or_default());
    let found = AccessKeyUse {
        user: may(CALL, "UserName", answer.user_name())?,
        last_used: time(last.and_then(|l| l.last_used_date())),
        service: said(last.map(AccessKeyLastUsed::service_name)),
        region: said(last.map(AccessKeyLastUsed::region)),
    };
    Ok((Answer::AccessKeyUse(found), answer.request_id().map(str::to_owned)))
}

fn arn(call: &'static str, arn: Option<&str>) -> Result<String, ReadFailure> {
    arn.map(str::to_owned).ok_or_else(|| missing(call, "PolicyArn"))
}

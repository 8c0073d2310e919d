//! What IAM Identity Center and its identity store are asked, by query.

use aws_sdk_identitystore::operation::RequestId as _;
use aws_sdk_identitystore::types::{AlternateIdentifier, MemberId, UniqueAttribute};
use aws_sdk_ssoadmin::types::PrincipalType;

use super::convert::{missing, must};
use super::{Found, circle, failure};
use crate::action::{Answer, Assignment, IdentityCenter, IdentityUser, Membership, ReadFailureKind, SsoQuery};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::domain::{Arn, IdentityStoreId, Region, StoreEntryId, StoreUserName, Untrusted};

/// Every page of a list: both services' pages go on by `NextToken`.
macro_rules! every_page {
    ($call:expr, $request:expr, |$page:ident| $take:block) => {{
        let (mut pages, mut token) = (Pages::default(), None);
        loop {
            let $page = $request
                .set_next_token(token)
                .send()
                .await
                .map_err(|e| CallError::from_sdk($call, &e))?;
            $take
            token = pages.next($page.next_token()).map_err(circle($call))?;
            if token.is_none() {
                break $page.request_id().map(str::to_owned);
            }
        }
    }};
}

pub(super) async fn ask(session: &Session, region: &Region, query: &SsoQuery) -> Found {
    let config = session.at(region);
    let center = || aws_sdk_ssoadmin::Client::new(&config);
    let entries = || aws_sdk_identitystore::Client::new(&config);
    match query {
        SsoQuery::IdentityCenters {} => centers(&center()).await,
        SsoQuery::IdentityUserId { store, name } => user_id(&entries(), store, name).await,
        SsoQuery::IdentityUser { store, user } => person(&entries(), store, user).await,
        SsoQuery::Memberships { store, user } => memberships(&entries(), store, user).await,
        SsoQuery::Assignments { instance, user } => assignments(&center(), instance, user).await,
        SsoQuery::PermissionSetName {
            instance,
            permission_set,
        } => set_name(&center(), instance, permission_set).await,
        SsoQuery::GroupName { store, group } => group_name(&entries(), store, group).await,
    }
}

async fn centers(client: &aws_sdk_ssoadmin::Client) -> Found {
    const CALL: &str = "sso:ListInstances";
    let mut found = Vec::new();
    let id = every_page!(CALL, client.list_instances(), |page| {
        let list = page.instances.as_ref().ok_or_else(|| missing(CALL, "Instances"))?;
        for center in list {
            found.push(IdentityCenter {
                arn: must(CALL, "InstanceArn", center.instance_arn())?,
                store: must(CALL, "IdentityStoreId", center.identity_store_id())?,
                owner: must(CALL, "OwnerAccountId", center.owner_account_id())?,
            });
        }
    });
    Ok((Answer::IdentityCenters(found), id))
}

async fn user_id(client: &aws_sdk_identitystore::Client, store: &IdentityStoreId, name: &StoreUserName) -> Found {
    const CALL: &str = "identitystore:GetUserId";
    let by_name = UniqueAttribute::builder()
        .attribute_path("userName")
        .attribute_value(aws_smithy_types::Document::String(name.to_string()))
        .build()
        .map_err(|error| failure(ReadFailureKind::Malformed, format!("{CALL}: {error}")))?;
    let request = client.get_user_id().identity_store_id(store.as_str());
    let request = request.alternate_identifier(AlternateIdentifier::UniqueAttribute(by_name));
    let answer = request.send().await.map_err(|e| CallError::from_sdk(CALL, &e))?;
    let id = must(CALL, "UserId", Some(answer.user_id()))?;
    Ok((Answer::IdentityUserId(id), answer.request_id().map(str::to_owned)))
}

async fn person(client: &aws_sdk_identitystore::Client, store: &IdentityStoreId, user: &StoreEntryId) -> Found {
    const CALL: &str = "identitystore:DescribeUser";
    let request = client.describe_user().identity_store_id(store.as_str());
    let answer = request.user_id(user.as_str()).send().await;
    let answer = answer.map_err(|e| CallError::from_sdk(CALL, &e))?;
    let person = IdentityUser {
        name: Untrusted::new(answer.user_name().unwrap_or_default()),
        issuers: answer
            .external_ids()
            .iter()
            .map(|id| Untrusted::new(id.issuer()))
            .collect(),
        status: answer.user_status().map(|status| Untrusted::new(status.as_str())),
    };
    Ok((Answer::IdentityUser(person), answer.request_id().map(str::to_owned)))
}

async fn memberships(client: &aws_sdk_identitystore::Client, store: &IdentityStoreId, user: &StoreEntryId) -> Found {
    const CALL: &str = "identitystore:ListGroupMembershipsForMember";
    let request = || {
        client
            .list_group_memberships_for_member()
            .identity_store_id(store.as_str())
            .member_id(MemberId::UserId(user.to_string()))
    };
    let mut found: Vec<Membership> = Vec::new();
    let id = every_page!(CALL, request(), |page| {
        for membership in page.group_memberships() {
            found.push(Membership {
                group: must(CALL, "GroupId", membership.group_id())?,
                id: must(CALL, "MembershipId", membership.membership_id())?,
            });
        }
    });
    found.sort();
    Ok((Answer::Memberships(found), id))
}

async fn assignments(client: &aws_sdk_ssoadmin::Client, instance: &Arn, user: &StoreEntryId) -> Found {
    const CALL: &str = "sso:ListAccountAssignmentsForPrincipal";
    let request = || {
        client
            .list_account_assignments_for_principal()
            .instance_arn(instance.as_str())
            .principal_id(user.as_str())
            .principal_type(PrincipalType::User)
    };
    let mut found: Vec<Assignment> = Vec::new();
    let id = every_page!(CALL, request(), |page| {
        let list = page.account_assignments.as_ref();
        for assignment in list.ok_or_else(|| missing(CALL, "AccountAssignments"))? {
            let through = match assignment.principal_type() {
                Some(PrincipalType::User) => None,
                Some(PrincipalType::Group) => Some(must(CALL, "PrincipalId", assignment.principal_id())?),
                other => {
                    let why = format!("{CALL}: an assignment's principal is {other:?}");
                    return Err(failure(ReadFailureKind::Malformed, why));
                }
            };
            found.push(Assignment {
                account: must(CALL, "AccountId", assignment.account_id())?,
                permission_set: must(CALL, "PermissionSetArn", assignment.permission_set_arn())?,
                through,
            });
        }
    });
    found.sort();
    Ok((Answer::Assignments(found), id))
}

async fn set_name(client: &aws_sdk_ssoadmin::Client, instance: &Arn, permission_set: &Arn) -> Found {
    const CALL: &str = "sso:DescribePermissionSet";
    let request = client.describe_permission_set().instance_arn(instance.as_str());
    let answer = request.permission_set_arn(permission_set.as_str()).send().await;
    let answer = answer.map_err(|e| CallError::from_sdk(CALL, &e))?;
    let name = answer.permission_set().and_then(|set| set.name());
    let name = name.ok_or_else(|| missing(CALL, "Name"))?;
    Ok((
        Answer::Names(vec![Untrusted::new(name)]),
        answer.request_id().map(str::to_owned),
    ))
}

/// A group without a display name has an empty one.
async fn group_name(client: &aws_sdk_identitystore::Client, store: &IdentityStoreId, group: &StoreEntryId) -> Found {
    const CALL: &str = "identitystore:DescribeGroup";
    let request = client.describe_group().identity_store_id(store.as_str());
    let answer = request.group_id(group.as_str()).send().await;
    let answer = answer.map_err(|e| CallError::from_sdk(CALL, &e))?;
    let name = Untrusted::new(answer.display_name().unwrap_or_default());
    Ok((Answer::Names(vec![name]), answer.request_id().map(str::to_owned)))
}

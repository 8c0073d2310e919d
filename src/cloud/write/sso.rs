//! Changes through IAM Identity Center and its identity store.

use aws_sdk_identitystore::operation::RequestId as _;
use aws_sdk_identitystore::types::MemberId;
use aws_sdk_ssoadmin::types::{AccountAssignmentOperationStatus, PrincipalType, StatusValues, TargetType};

use super::classify::{Done, Sent, done, error};
use crate::action::{Made, Outcome, SsoCall};
use crate::cloud::session::ResponderSession;
use crate::domain::Untrusted;

pub(super) async fn send(session: &ResponderSession, call: &SsoCall, _made: &Made) -> Sent {
    match call {
        SsoCall::DeleteAccountAssignment {
            instance,
            account,
            permission_set,
            user,
        } => {
            let answer = center(session)
                .delete_account_assignment()
                .instance_arn(instance.as_str())
                .target_id(account.as_str())
                .target_type(TargetType::AwsAccount)
                .permission_set_arn(permission_set.as_str())
                .principal_type(PrincipalType::User)
                .principal_id(user.as_str())
                .send()
                .await
                .map_err(error("sso:DeleteAccountAssignment", &[]))?;
            accepted(answer.account_assignment_deletion_status(), answer.request_id())
        }
        SsoCall::CreateAccountAssignment {
            instance,
            account,
            permission_set,
            user,
        } => {
            let answer = center(session)
                .create_account_assignment()
                .instance_arn(instance.as_str())
                .target_id(account.as_str())
                .target_type(TargetType::AwsAccount)
                .permission_set_arn(permission_set.as_str())
                .principal_type(PrincipalType::User)
                .principal_id(user.as_str())
                .send()
                .await
                .map_err(error("sso:CreateAccountAssignment", &[]))?;
            accepted(answer.account_assignment_creation_status(), answer.request_id())
        }
        SsoCall::DeleteGroupMembership { store, membership, .. } => {
            let answer = entries(session)
                .delete_group_membership()
                .identity_store_id(store.as_str())
                .membership_id(membership.as_str())
                .send()
                .await;
            let answer = answer.map_err(error(
                "identitystore:DeleteGroupMembership",
                &["ResourceNotFoundException"],
            ))?;
            Ok(done(answer.request_id()))
        }
        SsoCall::CreateGroupMembership { store, group, user } => {
            let answer = entries(session)
                .create_group_membership()
                .identity_store_id(store.as_str())
                .group_id(group.as_str())
                .member_id(MemberId::UserId(user.to_string()))
                .send()
                .await
                .map_err(error("identitystore:CreateGroupMembership", &[]))?;
            Ok(done(answer.request_id()))
        }
    }
}

fn center(session: &ResponderSession) -> aws_sdk_ssoadmin::Client {
    aws_sdk_ssoadmin::Client::new(&session.here())
}

fn entries(session: &ResponderSession) -> aws_sdk_identitystore::Client {
    aws_sdk_identitystore::Client::new(&session.here())
}

/// An assignment is made or taken away in the background: the answer says that it was accepted, or that it failed at once.
fn accepted(status: Option<&AccountAssignmentOperationStatus>, request_id: Option<&str>) -> Sent {
    match status {
        Some(status) if status.status() == Some(&StatusValues::Failed) => {
            let failed = Outcome::Failed {
                request_id: request_id.map(str::to_owned),
                code: None,
                message: Untrusted::new(status.failure_reason().unwrap_or("the assignment failed")),
            };
            Err(failed.into())
        }
        status => Ok(Done {
            made: status
                .and_then(|s| s.request_id())
                .map(|id| ("assignment".to_owned(), id.to_owned()))
                .into_iter()
                .collect(),
            ..done(request_id)
        }),
    }
}

//! IAM's changes.

use aws_sdk_iam::operation::RequestId as _;
use aws_sdk_iam::types::StatusType;

use super::classify::{Sent, done, error, refused};
use crate::action::{ISSUED_BEFORE, IamCall, KeyStatus, Made, sessions_before};
use crate::cloud::session::ResponderSession;
use crate::domain::Untrusted;

/// What is to be taken away is not there.
const GONE: &[&str] = &["NoSuchEntity"];

/// Sends a request whose answer says no more than that it was done.
macro_rules! send {
    ($permission:literal, $already:expr, $request:expr) => {{
        let answer = $request.send().await.map_err(error($permission, $already))?;
        Ok(done(answer.request_id()))
    }};
}

pub(super) async fn send(session: &ResponderSession, call: &IamCall, _made: &Made) -> Sent {
    let iam = session.iam();
    match call {
        IamCall::UpdateAccessKey { user, key, status } => {
            let status = match status {
                KeyStatus::Active => StatusType::Active,
                KeyStatus::Inactive => StatusType::Inactive,
            };
            let request = iam.update_access_key().user_name(user.as_str());
            send!(
                "iam:UpdateAccessKey",
                &[],
                request.access_key_id(key.as_str()).status(status)
            )
        }
        IamCall::PutUserPolicy { user, policy, document } => {
            let request = iam.put_user_policy().user_name(user.as_str());
            let request = request.policy_name(policy.as_str()).policy_document(document);
            send!("iam:PutUserPolicy", &[], request)
        }
        IamCall::DeleteUserPolicy { user, policy } => {
            let request = iam.delete_user_policy().user_name(user.as_str());
            send!("iam:DeleteUserPolicy", GONE, request.policy_name(policy.as_str()))
        }
        IamCall::AttachUserPolicy { user, policy } => {
            let request = iam.attach_user_policy().user_name(user.as_str());
            send!("iam:AttachUserPolicy", &[], request.policy_arn(policy.as_str()))
        }
        IamCall::DetachUserPolicy { user, policy } => {
            let request = iam.detach_user_policy().user_name(user.as_str());
            send!("iam:DetachUserPolicy", GONE, request.policy_arn(policy.as_str()))
        }
        IamCall::AddUserToGroup { user, group } => {
            let request = iam.add_user_to_group().user_name(user.as_str());
            send!("iam:AddUserToGroup", &[], request.group_name(group.as_str()))
        }
        IamCall::RemoveUserFromGroup { user, group } => {
            let request = iam.remove_user_from_group().user_name(user.as_str());
            send!("iam:RemoveUserFromGroup", GONE, request.group_name(group.as_str()))
        }
        IamCall::DeleteLoginProfile { user } => {
            let request = iam.delete_login_profile().user_name(user.as_str());
            send!("iam:DeleteLoginProfile", GONE, request)
        }
        IamCall::PutRolePolicy { role, policy, document } => {
            let request = iam.put_role_policy().role_name(role.as_str());
            let request = request.policy_name(policy.as_str()).policy_document(document);
            send!("iam:PutRolePolicy", &[], request)
        }
        IamCall::DenyOlderSessions {
            role,
            policy,
            issued_before,
        } => {
            // The journal's intent has it; a call that came another way is not sent.
            let Some(cut) = issued_before else {
                return refused(Untrusted::new("it is not said before when the sessions were issued"));
            };
            let request = iam.put_role_policy().role_name(role.as_str());
            let request = request
                .policy_name(policy.as_str())
                .policy_document(sessions_before(*cut));
            let answer = request.send().await.map_err(error("iam:PutRolePolicy", &[]))?;
            let mut done = done(answer.request_id());
            done.made.insert(ISSUED_BEFORE.to_owned(), cut.to_string());
            Ok(done)
        }
        IamCall::DeleteRolePolicy { role, policy } => {
            let request = iam.delete_role_policy().role_name(role.as_str());
            send!("iam:DeleteRolePolicy", GONE, request.policy_name(policy.as_str()))
        }
        IamCall::UpdateAssumeRolePolicy { role, document } => {
            let request = iam.update_assume_role_policy().role_name(role.as_str());
            send!("iam:UpdateAssumeRolePolicy", &[], request.policy_document(document))
        }
    }
}

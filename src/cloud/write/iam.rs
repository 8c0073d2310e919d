//! IAM's changes.

use crate::action::{IamCall, Made};
use aws_sdk_iam::operation::RequestId as _;
use aws_sdk_iam::types::StatusType;

use super::classify::{Sent, done, error};
use crate::action::KeyStatus;
use crate::cloud::session::ResponderSession;
use crate::domain::{AccessKeyId, UserName};

pub(super) async fn send(session: &ResponderSession, call: &IamCall, _made: &Made) -> Sent {
    match call {
        IamCall::UpdateAccessKey { user, key, status } => update_key(session, user, key, *status).await,
    }
}

async fn update_key(session: &ResponderSession, user: &UserName, key: &AccessKeyId, status: KeyStatus) -> Sent {
    let status = match status {
        KeyStatus::Active => StatusType::Active,
        KeyStatus::Inactive => StatusType::Inactive,
    };
    let answer = session
        .iam()
        .update_access_key()
        .user_name(user.as_str())
        .access_key_id(key.as_str())
        .status(status)
        .send()
        .await
        .map_err(error("iam:UpdateAccessKey", &[]))?;
    Ok(done(answer.request_id()))
}

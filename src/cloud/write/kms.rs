//! Changes through KMS.

use std::collections::BTreeMap;

use aws_sdk_kms::Client;
use aws_sdk_kms::operation::RequestId as _;
use aws_sdk_kms::types::GrantOperation;

use super::classify::{Done, Sent, done, error, unreadable};
use crate::action::{KmsCall, Made};
use crate::cloud::session::ResponderSession;

pub(super) async fn send(session: &ResponderSession, call: &KmsCall, _made: &Made) -> Sent {
    let client = Client::new(&session.here());
    match call {
        KmsCall::DisableKey { key } => {
            let answer = client.disable_key().key_id(key.as_str()).send().await;
            Ok(done(answer.map_err(error("kms:DisableKey", &[]))?.request_id()))
        }
        KmsCall::EnableKey { key } => {
            let answer = client.enable_key().key_id(key.as_str()).send().await;
            Ok(done(answer.map_err(error("kms:EnableKey", &[]))?.request_id()))
        }
        KmsCall::CreateGrant {
            key,
            grantee,
            name,
            operations,
        } => {
            const CALL: &str = "kms:CreateGrant";
            let operations = operations.iter().map(|o| GrantOperation::from(o.as_str())).collect();
            let answer = client
                .create_grant()
                .key_id(key.as_str())
                .grantee_principal(grantee.as_str())
                .name(name)
                .set_operations(Some(operations))
                .send()
                .await
                .map_err(error(CALL, &[]))?;
            // The token that comes with it is a credential of a kind, and is not kept.
            let id = answer.grant_id().filter(|id| !id.is_empty());
            let id = id.ok_or_else(|| unreadable(CALL, "GrantId", answer.request_id()))?;
            let made = BTreeMap::from([("grant".to_owned(), id.to_owned())]);
            Ok(Done {
                made,
                ..done(answer.request_id())
            })
        }
        KmsCall::RevokeGrant { key, grant } => {
            let answer = client.revoke_grant().key_id(key.as_str()).grant_id(grant).send().await;
            Ok(done(answer.map_err(error("kms:RevokeGrant", &[]))?.request_id()))
        }
    }
}

//! Changes through KMS.

use aws_sdk_kms::Client;
use aws_sdk_kms::operation::RequestId as _;

use super::classify::{Sent, done, error};
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
    }
}

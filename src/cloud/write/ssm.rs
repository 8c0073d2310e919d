//! Changes through Systems Manager.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_ssm::Client;
use aws_sdk_ssm::operation::RequestId as _;

use super::classify::{Done, Sent, done, error, unreadable};
use crate::action::{Made, MemoryCapture, SsmCall};
use crate::cloud::session::ResponderSession;

const SEND: &str = "ssm:SendCommand";

pub(super) async fn send(session: &ResponderSession, call: &SsmCall, _made: &Made) -> Sent {
    let client = Client::new(&session.here());
    match call {
        SsmCall::SendCommand { instance, capture } => {
            let parameters = HashMap::from([
                ("commands".to_owned(), capture.script()),
                (
                    "executionTimeout".to_owned(),
                    vec![MemoryCapture::EXECUTION.to_string()],
                ),
            ]);
            let answer = client
                .send_command()
                .document_name(SsmCall::DOCUMENT)
                .instance_ids(instance.as_str())
                .comment(&capture.comment)
                .timeout_seconds(MemoryCapture::DELIVERY)
                .set_parameters(Some(parameters))
                .send()
                .await;
            let answer = answer.map_err(error(SEND, &[]))?;
            let id = answer.command().and_then(|command| command.command_id());
            // Without its id the command is read back by its comment, but that it was sent must not be called a success.
            let id = id.ok_or_else(|| unreadable(SEND, "CommandId", answer.request_id()))?;
            Ok(Done {
                made: BTreeMap::from([("command".to_owned(), id.to_owned())]),
                ..done(answer.request_id())
            })
        }
    }
}

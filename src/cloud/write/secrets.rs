//! Changes through Secrets Manager.

use std::collections::BTreeMap;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::RequestId as _;

use super::classify::{Done, Sent, done, error};
use crate::action::{Made, SecretsCall};
use crate::cloud::session::ResponderSession;

pub(super) async fn send(session: &ResponderSession, call: &SecretsCall, _made: &Made) -> Sent {
    let client = Client::new(&session.here());
    match call {
        SecretsCall::RotateSecret { secret, function: _ } => {
            let answer = client.rotate_secret().secret_id(secret.as_str()).send().await;
            let answer = answer.map_err(error("secretsmanager:RotateSecret", &[]))?;
            let version = answer.version_id().map(|id| ("version".to_owned(), id.to_owned()));
            Ok(Done {
                made: BTreeMap::from_iter(version),
                ..done(answer.request_id())
            })
        }
    }
}

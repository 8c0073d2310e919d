//! Whether the configured queue can be reached.
//!
//! Must never: receive from it. A message that is received is hidden from the console that waits for it.

use super::{Examined, Health};
use crate::cloud::connect::Cloud;
use crate::cloud::errors::ErrorKind;
use crate::cloud::session::SessionError;
use crate::domain::{Arn, Untrusted};

/// Opens the queue's session, which asks for the queue's URL.
pub(super) async fn reached(cloud: &Cloud, arn: &Arn) -> Examined {
    let name = Untrusted::new(arn.as_str());
    match cloud.queue_session(arn).await {
        Ok(_) => Examined::ok(
            "queue",
            format!(
                "{name} is there and the session for it opens. Whether messages may be received and deleted is seen when the console \
                 runs. A queue belongs to one workspace: two that read it would each get a part of its events."
            ),
        ),
        Err(error) => {
            let why = match &error {
                SessionError::NoQueue { error, .. } => error.to_string(),
                other => other.to_string(),
            };
            let advice = advice(&error, arn);
            Examined::new(
                "queue",
                Health::Problem,
                format!("{name} cannot be read: {why}"),
                advice,
            )
        }
    }
}

/// What to do. Where no session was had, what the queue allows has no part in it.
fn advice(error: &SessionError, arn: &Arn) -> String {
    let is_queue = matches!(error, SessionError::NoQueue { .. });
    match error.kind() {
        ErrorKind::Credentials => "Log in again.".to_owned(),
        ErrorKind::Denied if is_queue => {
            "Allow sqs:GetQueueUrl, sqs:ReceiveMessage and sqs:DeleteMessage on it for the reader role of its account."
                .to_owned()
        }
        ErrorKind::NotFound | ErrorKind::Rejected if is_queue => {
            "Make the queue there, or correct the ARN that `queue` names in the configuration.".to_owned()
        }
        ErrorKind::Denied | ErrorKind::NotFound | ErrorKind::Rejected => format!(
            "Check that {} in `queue` is the right account; if it is, deploy the reader role there (`quell setup`) and let it be assumed from here.",
            Untrusted::new(arn.account())
        ),
        _ => "Try again; if it stays, look at the network.".to_owned(),
    }
}

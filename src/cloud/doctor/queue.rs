//! Whether the configured queue can be reached.
//!
//! Must never: receive from it. A message that is received is hidden from the console that waits for it.

use super::{Examined, Health};
use crate::cloud::connect::Cloud;
use crate::cloud::errors::ErrorKind;
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
            let advice = match error.kind() {
                ErrorKind::Denied => {
                    "Allow sqs:GetQueueUrl, sqs:ReceiveMessage and sqs:DeleteMessage on it for the reader role of its account."
                }
                ErrorKind::NotFound | ErrorKind::Rejected => {
                    "Make the queue there, or correct the ARN that `queue` names in the configuration."
                }
                ErrorKind::Credentials => "Log in again.",
                _ => "Try again; if it stays, look at the network.",
            };
            Examined::new(
                "queue",
                Health::Problem,
                format!("{name} cannot be read: {error}"),
                advice,
            )
        }
    }
}

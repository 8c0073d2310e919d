//! The session for quell's own queue: it can receive and delete the messages of that one queue, and nothing else.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;

use super::assume::{self, Role};
use super::{SESSION_PREFIX, SessionError, at, check, right, source_identity};
use crate::cloud::connect::Cloud;
use crate::cloud::errors::{CallError, ErrorKind};
use crate::domain::{Arn, Region};

/// A poll is answered after 20 seconds at the latest; this is how long its answer may take beyond that.
const POLL: Duration = Duration::from_secs(30);

/// A way into one queue.
#[derive(Debug)]
pub struct QueueSession {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl QueueSession {
    pub(in crate::cloud) fn client(&self) -> &aws_sdk_sqs::Client {
        &self.client
    }

    pub(in crate::cloud) fn url(&self) -> &str {
        &self.url
    }
}

/// What the session may do: nothing but with this queue.
fn policy(queue: &Arn) -> String {
    let actions = ["sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:DeleteMessage"];
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": actions, "Resource": queue.as_str()},
            {"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"},
        ]
    })
    .to_string()
}

impl Cloud {
    /// A session for a queue: the reader role of its account, cut down to that queue. In the caller's own account its own credentials
    /// serve where there is no such role, as they do for reading.
    pub(in crate::cloud) async fn queue_session(&self, queue: &Arn) -> Result<QueueSession, SessionError> {
        let shaped = |what: &str| SessionError::Nameless {
            role: queue.to_string(),
            error: CallError::malformed("sqs:GetQueueUrl", format!("the queue's ARN has no {what}")),
        };
        let account = queue.account().parse().map_err(|_| shaped("account"))?;
        let region: Region = queue.region().parse().map_err(|_| shaped("region"))?;
        let door = self.door(&account);
        let mut role = Role {
            arn: self.role_arn(&account, &self.options.reader_role),
            session_name: assume::word(&format!("{SESSION_PREFIX}queue-{}", door.identity.arn.name())),
            policy: policy(queue),
            source_identity: Some(source_identity(&door)),
            external_id: self.options.external_id.clone(),
            seconds: self.options.session_seconds,
        };
        let config = match assume::assume(&door.base, &mut role, false).await {
            Ok(first) => {
                let config = assume::renewed(&door.base, role.clone(), first.credentials);
                match first.identity {
                    Some(identity) => right(identity, &role.arn, &account)?,
                    None => check(&config, &role.arn, &account).await?,
                };
                config
            }
            Err(error) if account == door.identity.account && error.kind == ErrorKind::Denied => door.base,
            Err(error) => return Err(SessionError::NotAssumed { role: role.arn, error }),
        };
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .read_timeout(POLL)
            .operation_attempt_timeout(POLL + Duration::from_secs(5))
            .build();
        let config = at(&config, &region).to_builder().timeout_config(timeouts).build();
        let client = aws_sdk_sqs::Client::new(&config);
        let answer = client
            .get_queue_url()
            .queue_name(queue.resource())
            .queue_owner_aws_account_id(account.as_str())
            .send()
            .await
            .map_err(|e| SessionError::NoQueue {
                queue: queue.clone(),
                error: CallError::from_sdk("sqs:GetQueueUrl", &e),
            })?;
        let url = answer.queue_url.unwrap_or_default();
        Ok(QueueSession { client, url })
    }
}

#[cfg(test)]
mod tests {
    use super::policy;

    #[test]
    fn the_session_can_do_nothing_but_with_the_one_queue() {
        let queue = "arn:aws:sqs:eu-west-1:111122223333:quell-events".parse().unwrap();
        let policy: serde_json::Value = serde_json::from_str(&policy(&queue)).unwrap();
        let statements = policy["Statement"].as_array().unwrap();
        for statement in statements {
            assert!(statement["Resource"] == queue.as_str() || statement["Action"] == "sts:GetCallerIdentity");
        }
        assert_eq!(statements[0]["Action"].as_array().unwrap().len(), 3);
    }
}

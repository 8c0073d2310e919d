//! What may be changed through SNS.

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place};
use crate::domain::{Arn, Untrusted};

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum SnsCall {
    /// Sends a message to a topic's subscribers.
    Publish {
        topic: Arn,
        subject: String,
        message: String,
    },
}

impl Call for SnsCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::Publish { .. } => "sns:Publish",
        }
    }

    fn needs(&self, _place: &Place<'_>) -> Vec<Grant> {
        match self {
            // A topic that is encrypted with a customer key asks its publisher for that key (SNS guide, "Key management").
            Self::Publish { topic, .. } => {
                let via = format!("sns.{}.amazonaws.com", topic.region());
                let key = |action| Grant {
                    action,
                    resource: "*".to_owned(),
                    via: Some(via.clone()),
                };
                vec![
                    Grant::exactly(self.permission(), topic.as_str()),
                    key("kms:Decrypt"),
                    key("kms:GenerateDataKey*"),
                ]
            }
        }
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        match self {
            Self::Publish { .. } => Ok(()),
        }
    }

    fn phrase(&self, _was: &str) -> String {
        match self {
            Self::Publish { topic, subject, .. } => {
                format!("publish \"{}\" to {topic}", Untrusted::new(subject.clone()))
            }
        }
    }
}

//! The queue and the topic of the configuration, by ARN.
//!
//! Owns: what each must look like. Must never: explain one kind of ARN by another.

use serde::{Deserialize, Deserializer};

use crate::domain::{AccountId, Arn, Region};

pub(super) fn queue<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Arn>, D::Error> {
    placed(
        deserializer,
        "sqs",
        "queue is the ARN of an SQS queue, arn:aws:sqs:REGION:ACCOUNT:NAME",
    )
}

pub(super) fn topic<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Arn>, D::Error> {
    placed(
        deserializer,
        "sns",
        "topic is the ARN of an SNS topic, arn:aws:sns:REGION:ACCOUNT:NAME",
    )
}

fn placed<'de, D: Deserializer<'de>>(deserializer: D, service: &str, expected: &str) -> Result<Option<Arn>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let arn = text.parse::<Arn>().ok().filter(|arn| {
        arn.service() == service
            && arn.region().parse::<Region>().is_ok()
            && arn.account().parse::<AccountId>().is_ok()
            && !arn.resource().contains(':')
    });
    if let Some(arn) = arn {
        return Ok(Some(arn));
    }
    let found = if text.starts_with("https://") {
        "this is a URL; AWS's console shows the ARN beside it".to_owned()
    } else {
        format!("this is {:?}", text.chars().take(80).collect::<String>())
    };
    Err(serde::de::Error::custom(format!("{expected}; {found}")))
}

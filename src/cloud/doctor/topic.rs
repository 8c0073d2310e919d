//! Whether what a rule sends would reach somebody.
//!
//! Must never: send anything. That a message may be published is seen when one is.

use std::sync::Arc;

use super::{Examined, Health};
use crate::action::{Answer, ReadFailure, ReadFailureKind, Topic, who_listens};
use crate::cloud::connect::Cloud;
use crate::cloud::read::answers;
use crate::domain::{AccountId, Arn, Region, Untrusted};

/// Of the configuration, what is sent by whom.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    /// `notify.topic`.
    pub topic: Option<Arn>,
    /// The number of the first rule that notifies, where there is one.
    pub rule: Option<usize>,
}

/// Looks at the topic. None where nothing is to be sent.
pub(super) async fn looked_at(cloud: &Arc<Cloud>, notices: &Notices) -> Option<Examined> {
    let Some(arn) = &notices.topic else {
        let rule = notices.rule?;
        return Some(problem(
            format!("Rule {rule} notifies, and there is no topic: nobody is told."),
            "Set notify.topic in the configuration.".to_owned(),
        ));
    };
    let name = Untrusted::new(arn.as_str());
    let place = (arn.account().parse::<AccountId>(), arn.region().parse::<Region>());
    let (Ok(account), Ok(region)) = place else {
        return Some(problem(
            format!("{name} names no account and region."),
            "Give notify.topic as arn:aws:sns:REGION:ACCOUNT:NAME.".to_owned(),
        ));
    };
    let reading = answers(cloud, &account, &region, &[who_listens(arn)]).await.pop()?;
    Some(match reading.result {
        Ok(Answer::Topic(topic)) => heard(&name, topic),
        Ok(_) => problem(
            format!("{name}: AWS answered something else than was asked."),
            "This is a fault in quell; please report it.".to_owned(),
        ),
        Err(failure) => unread(&name, &account, &failure),
    })
}

fn problem(sentence: String, advice: String) -> Examined {
    Examined::new("topic", Health::Problem, sentence, advice)
}

fn heard(name: &Untrusted, topic: Topic) -> Examined {
    let Topic { confirmed, pending } = topic;
    let waiting = match pending {
        0 => String::new(),
        many => format!("; not confirmed yet: {many}"),
    };
    if confirmed == 0 {
        let sentence = format!("{name} is there, and nobody is subscribed{waiting}: what is sent reaches no one.");
        let advice = if pending > 0 {
            "Let those who were asked confirm their subscription."
        } else {
            "Subscribe whoever is to be told."
        };
        return Examined::new("topic", Health::Warning, sentence, advice);
    }
    let sentence = format!(
        "{name} is there; subscriptions: {confirmed}{waiting}. Whether quell may publish is seen when it does."
    );
    Examined::ok("topic", sentence)
}

fn unread(name: &Untrusted, account: &AccountId, failure: &ReadFailure) -> Examined {
    match failure.kind {
        ReadFailureKind::NotFound => problem(
            format!("{name} is not there ({}).", failure.message),
            "Correct notify.topic in the configuration, or make the topic there.".to_owned(),
        ),
        // Publishing is another permission, of another role.
        ReadFailureKind::Denied => Examined::new(
            "topic",
            Health::Warning,
            format!("{name} may not be read: {}", failure.message),
            format!("Allow sns:GetTopicAttributes for the reader role of {account}, or check the topic's account."),
        ),
        ReadFailureKind::Malformed | ReadFailureKind::Unreachable => problem(
            format!("{name} cannot be read: {}", failure.message),
            "Try again; if it stays, look at the network.".to_owned(),
        ),
    }
}

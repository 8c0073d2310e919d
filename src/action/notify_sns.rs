//! `notify-sns`: sends a message about the incident to an SNS topic.

use super::facts::Facts;
use super::mutation::Mutation;
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{Query, SnsQuery};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Done, Step};
use crate::action::SnsCall;
use crate::domain::{Arn, ResourceKind, Untrusted};

/// SNS takes subjects of up to 100 ASCII characters, without line breaks or control characters (SNS API reference, `Publish`).
const MAX_SUBJECT: usize = 100;
/// SNS takes messages of up to 256 KiB (SNS API reference, `Publish`).
const MAX_MESSAGE: usize = 256 * 1024;

#[derive(Debug)]
pub struct NotifySns;

impl Action for NotifySns {
    fn name(&self) -> ActionName {
        ActionName::NotifySns
    }

    fn step(&self) -> Step {
        Step::Notify
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Topic]
    }

    fn summary(&self) -> &'static str {
        "Send a message about the incident to the subscribers of an SNS topic."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let Some(notice) = &request.notice else {
            return Err(Refusal::new(
                RefusalKind::WrongTarget,
                "There is no message to send.",
                "Set notify.topic in the configuration, or choose the step in the console.",
            )
            .into());
        };
        if notice.topic.service() != "sns" || notice.topic.as_str() != request.target.id.raw() {
            return Err(Refusal::new(
                RefusalKind::WrongTarget,
                format!("{} is not the SNS topic of this request.", notice.topic),
                "Give the topic's ARN: arn:aws:sns:REGION:ACCOUNT:NAME.",
            )
            .into());
        }
        if notice.topic.account() != request.account.as_str() || notice.topic.region() != request.region.as_str() {
            return Err(Refusal::new(
                RefusalKind::WrongTarget,
                format!(
                    "{} is not in account {} and {}.",
                    notice.topic, request.account, request.region
                ),
                "Publish with the account and region of the topic.",
            )
            .into());
        }
        if notice.message.len() > MAX_MESSAGE {
            return Err(Refusal::new(
                RefusalKind::WrongTarget,
                format!(
                    "The message has {} bytes; SNS takes {MAX_MESSAGE}.",
                    notice.message.len()
                ),
                "Shorten it and point to the report.",
            )
            .into());
        }
        let mutation = Mutation::Sns(SnsCall::Publish {
            topic: notice.topic.clone(),
            subject: subject(&notice.subject),
            message: notice.message.clone(),
        });
        let mut draft = Draft {
            calls: vec![PlannedCall {
                mutation,
                undo: Undo::Irreversible,
                was: None,
            }],
            warnings: vec![
                "SNS answers that it took the message; whether anyone read it cannot be seen from here.".to_owned(),
            ],
            lost: vec!["A message that was sent cannot be taken back.".to_owned()],
            ..Draft::default()
        };
        listeners(&notice.topic, facts, &mut draft)?;
        Ok(draft)
    }

    fn undo(&self, _request: &Request, done: &Done, _facts: &Facts) -> Result<Draft, Stop> {
        Err(Refusal::new(
            RefusalKind::NothingToUndo,
            format!("Record {} sent a message, which cannot be taken back.", done.seq),
            "Send a correction.",
        )
        .into())
    }
}

/// The question who would get a message. A rule that sends at once answers it itself: it does not look.
#[must_use]
pub fn who_listens(topic: &Arn) -> Query {
    Query::Sns(SnsQuery::Topic { arn: topic.clone() })
}

/// Says who would get the message, as far as SNS tells: a topic without subscribers takes a message like any other. One that is not
/// there is refused; where it cannot be read, it is said, for the session that publishes may know more.
fn listeners(topic: &Arn, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let everyone = format!("Everyone subscribed to {}", Untrusted::new(topic.to_string()));
    let found = match facts.topic(&who_listens(topic)) {
        Ok(found) => found,
        Err(Stop::Refuse(refusal)) if refusal.kind == RefusalKind::Gone => {
            let name = Untrusted::new(topic.name());
            let why = format!("AWS has no SNS topic {name} in {} {}.", topic.account(), topic.region());
            return Err(Refusal::new(refusal.kind, why, "Correct notify.topic.").into());
        }
        Err(Stop::Refuse(refusal)) => {
            let doubt = format!("Whether anybody is subscribed is not known. {}", refusal.why);
            draft.warnings.insert(0, doubt);
            draft.neighbours.push(format!("{everyone}."));
            return Ok(());
        }
        Err(stop) => return Err(stop),
    };
    match found.pending {
        0 => {}
        1 => draft
            .warnings
            .insert(0, "1 subscription is not confirmed yet and gets nothing.".to_owned()),
        many => draft.warnings.insert(
            0,
            format!("{many} subscriptions are not confirmed yet and get nothing."),
        ),
    }
    match found.confirmed {
        0 => draft.warnings.insert(
            0,
            "Nobody is subscribed: SNS takes the message, and it reaches no one. Call them.".to_owned(),
        ),
        1 => draft.neighbours.push(format!("{everyone}: 1 subscription.")),
        many => draft.neighbours.push(format!("{everyone}: {many} subscriptions.")),
    }
    Ok(())
}

/// What SNS accepts as a subject: other characters become `?`, and it is cut at the limit.
fn subject(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' })
        .take(MAX_SUBJECT)
        .collect()
}

//! What must be true afterwards of what Systems Manager holds.

use std::fmt;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::answer::Invocation;
use crate::action::facts::Facts;
use crate::action::mutation::{Made, MemoryCapture};
use crate::action::plan::PLAN_LIFETIME;
use crate::action::query::{Query, S3Query, SsmQuery};
use crate::action::refusal::{RefusalKind, Stop};
use crate::domain::{AccountId, InstanceId, ObjectUrl, Sha256Hex, Time, Untrusted};

/// As long as AWS and the agent give a capture at most, and some minutes for AWS to say so.
const PATIENCE: Duration = Duration::from_mins(140);
/// How long after the last moment in which the plan could be applied a command whose id was lost may stay unlisted: AWS lists one
/// some seconds after it took it, and our last attempt to send it may have come late.
const UNLISTED: SignedDuration = SignedDuration::from_mins(5);
/// By how much this clock and AWS's may differ: by more, and AWS takes no signature of ours.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Characters of an error that fit beside a check. The last ones, for there the reason stands.
const TAIL: usize = 400;

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SsmState {
    /// The command that call number `call` sent ended well and said what it uploaded, and S3 has an object there, of that size, not
    /// from before the plan. That its content is of the SHA-256 which the machine says is not read. Where the call's answer was lost,
    /// the command is known by its comment.
    MemoryCaptured {
        instance: InstanceId,
        call: usize,
        image: ObjectUrl,
        /// Whose bucket it is, where it was named: S3 is asked as that account.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<AccountId>,
        comment: String,
        since: Time,
        /// When it was planned; unknown of captures that were journaled before this was kept.
        #[serde(default)]
        planned: Time,
    },
}

impl SsmState {
    /// The number of the call that sent the command.
    pub(super) fn call(&self) -> usize {
        let Self::MemoryCaptured { call, .. } = self;
        *call
    }

    fn query(&self, made: &Made) -> Query {
        let Self::MemoryCaptured {
            instance, call, since, ..
        } = self;
        let instance = instance.clone();
        Query::Ssm(match made.get(call).and_then(|results| results.get("command")) {
            Some(command) => SsmQuery::CommandInvocation {
                command: command.clone(),
                instance,
            },
            None => SsmQuery::Captures {
                of: instance,
                since: *since,
            },
        })
    }

    /// When AWS must list the command at the latest, if it took it.
    fn listed_by(&self) -> Option<Time> {
        let Self::MemoryCaptured { planned, .. } = self;
        planned.checked_add(PLAN_LIFETIME + UNLISTED).ok()
    }

    /// When AWS was asked for the command.
    fn asked(&self, facts: &Facts, made: &Made) -> Option<Time> {
        facts.get(&self.query(made)).map(|reading| reading.at)
    }

    /// The question whether the image is in its bucket.
    fn object(&self) -> Query {
        let Self::MemoryCaptured { image, owner, .. } = self;
        Query::S3(S3Query::StoredObject {
            object: image.clone(),
            owner: *owner,
        })
    }

    /// Holds what the machine says against what S3 has.
    fn uploaded(&self, said: &Said, facts: &Facts) -> Result<Verdict, Stop> {
        let Self::MemoryCaptured { image, planned, .. } = self;
        let object = match facts.stored_object(&self.object()) {
            Err(Stop::Refuse(refusal)) if refusal.kind != RefusalKind::Gone => {
                return Ok(Verdict::Unreadable(format!(
                    "the machine says so ({said}); the object could not be read: {}",
                    refusal.why
                )));
            }
            // Without its bucket there is no object either.
            Err(Stop::Refuse(_)) => None,
            Err(ask @ Stop::Ask(_)) => return Err(ask),
            Ok(object) => *object,
        };
        let Some(object) = object else {
            return Ok(Verdict::Failed(format!(
                "the machine says that it uploaded {image} ({said}), but S3 has no such object."
            )));
        };
        if object.size != said.size {
            return Ok(Verdict::Failed(format!(
                "{image} has {} bytes in S3, and the machine says {}.",
                object.size, said.size
            )));
        }
        if planned
            .checked_sub(SKEW)
            .is_ok_and(|earliest| object.modified < earliest)
        {
            return Ok(Verdict::Failed(format!(
                "{image} is in S3 since {}, from before this was planned ({planned:.0}): it is another image.",
                object.modified
            )));
        }
        Ok(Verdict::Verified)
    }

    /// The command, where AWS lists it, and whether its id is known for sure.
    fn invocation<'f>(&self, facts: &'f Facts, made: &Made) -> Result<(Option<&'f Invocation>, bool), Stop> {
        let Self::MemoryCaptured { comment, .. } = self;
        let query = self.query(made);
        let known = matches!(query, Query::Ssm(SsmQuery::CommandInvocation { .. }));
        let found = facts.invocations(&query)?;
        let ours = |i: &&Invocation| known || i.comment.raw() == comment;
        Ok((found.iter().find(ours), known))
    }
}

impl State for SsmState {
    fn queries(&self, made: &Made) -> Vec<Query> {
        vec![self.query(made), self.object()]
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            Self::MemoryCaptured { .. } => Some(PATIENCE),
        }
    }

    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop> {
        let (found, known) = self.invocation(facts, made)?;
        let Some(found) = found else {
            if known {
                return Ok(Verdict::Pending("AWS does not list the command yet".to_owned()));
            }
            // The call's answer was lost, and the capture that nobody watches may run for two hours.
            return Ok(match (self.listed_by(), self.asked(facts, made)) {
                (Some(last), Some(asked)) if asked < last => Verdict::Pending(format!(
                    "whether AWS took the command is not known; it does not list it, and may do so until {last:.0}"
                )),
                _ => Verdict::Failed("AWS lists no such command.".to_owned()),
            });
        };
        let command = Untrusted::new(found.command.as_str());
        if found.is_under_way() {
            return Ok(Verdict::Pending(format!("command {command} is {}", found.details)));
        }
        if found.status != "Success" {
            let said = tail(&found.errors);
            let said = if said.is_empty() {
                String::new()
            } else {
                format!(" The machine says: {said}")
            };
            let details = &found.details;
            let left = if was_killed(found) {
                format!(" {}", MemoryCapture::LEFT)
            } else {
                String::new()
            };
            return Ok(Verdict::Failed(format!(
                "command {command} ended as {details}.{left}{said}"
            )));
        }
        match said(&found.output) {
            Some(said) => self.uploaded(&said, facts),
            None => Ok(Verdict::Failed(format!(
                "command {command} ended well, but did not say the SHA-256 of an image."
            ))),
        }
    }

    fn found(&self, facts: &Facts, made: &Made) -> Option<String> {
        let Self::MemoryCaptured { image, .. } = self;
        let (found, _) = self.invocation(facts, made).ok()?;
        let said = said(&found.filter(|f| f.status == "Success")?.output)?;
        let is_there = matches!(self.uploaded(&said, facts), Ok(Verdict::Verified));
        is_there.then(|| format!("{image} is in S3; the machine says that it has {said}"))
    }
}

/// Whether the script may have been ended in the middle: not where no agent ever took it.
fn was_killed(ended: &Invocation) -> bool {
    matches!(ended.status.as_str(), "TimedOut" | "Cancelled") && ended.details.raw() != "DeliveryTimedOut"
}

/// What the script prints at its end.
struct Said {
    size: u64,
    image: Sha256Hex,
    tool: Sha256Hex,
}

/// None unless all three are there and of their shape: the machine that says so is not trusted.
fn said(output: &Untrusted) -> Option<Said> {
    let value = |name: &str| {
        let mut lines = output.raw().lines().rev();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
    };
    Some(Said {
        size: value("image-size")?.parse().ok()?,
        image: value("image-sha256")?.parse().ok()?,
        tool: value("tool-sha256")?.parse().ok()?,
    })
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { size, image, tool } = self;
        write!(f, "{size} bytes, SHA-256 {image}; the tool's is {tool}")
    }
}

fn tail(text: &Untrusted) -> String {
    let text = text.raw().trim();
    let cut = text.char_indices().rev().nth(TAIL).map_or(0, |(at, _)| at);
    Untrusted::new(&text[cut..]).shown()
}

impl fmt::Display for SsmState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MemoryCaptured {
                instance, image, owner, ..
            } => {
                write!(f, "what {instance} says is its memory is in {image}")?;
                owner.map_or(Ok(()), |owner| write!(f, " of account {owner}"))
            }
        }
    }
}

#[cfg(test)]
#[path = "ssm_tests.rs"]
mod tests;

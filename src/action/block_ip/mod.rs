//! `block-ip`: denies an address or a range, in a network ACL or an IP set of AWS WAF.
//!
//! A block that nobody takes back stays for years. So it can be given hours, which stand on the plan and in a tag; quell does not
//! run by itself, so a person has to take it back.

mod acl;
mod cidr;
mod places;
mod special;
mod waf;

use super::facts::Facts;
use super::plan::{Draft, Request};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Choice, Done, Step, Takes};
use crate::domain::ResourceKind;
use cidr::Cidr;
pub(super) use cidr::is_same;

/// A year.
const MOST_HOURS: i64 = 24 * 366;

const CHOICES: &[Choice] = &[
    Choice {
        name: "acl",
        takes: Takes::Text("acl-…"),
        about: "The network ACL to deny it in, both ways: every protocol, for every subnet behind it.",
    },
    Choice {
        name: "ip-set",
        takes: Takes::Text("the id or name of a regional IP set"),
        about: "The IP set of AWS WAF to add it to: web requests alone, where a rule of a web ACL blocks the set.",
    },
    Choice {
        name: "hours",
        takes: Takes::Text("a number of hours"),
        about: "When it should be taken back; it stands on the plan and in a tag. A person has to do it.",
    },
];

#[derive(Debug)]
pub struct BlockIp;

impl Action for BlockIp {
    fn name(&self) -> ActionName {
        ActionName::BlockIp
    }

    fn step(&self) -> Step {
        Step::Isolate
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Address]
    }

    fn choices(&self) -> &'static [Choice] {
        CHOICES
    }

    fn summary(&self) -> &'static str {
        "Deny an address or a range in a network ACL, or add it to an IP set of AWS WAF."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let cidr = target(request)?;
        let until = until(request)?;
        let drafted = match (request.choice("acl"), request.choice("ip-set")) {
            (Some(acl), None) => acl::draft(acl, cidr, &until, facts),
            (None, Some(set)) => waf::draft(request, set, cidr, &until, facts),
            (None, None) => return Err(places::nowhere(request, facts)),
            (Some(_), Some(_)) => {
                return Err(bad_choice(
                    "Both a network ACL and an IP set are chosen.",
                    "Choose one of them, and make another plan for the other.",
                ));
            }
        };
        let own = special::question(cidr).filter(|query| facts.get(query).is_none());
        let mut draft = match drafted {
            Err(Stop::Ask(mut queries)) => {
                queries.extend(own);
                return Err(Stop::Ask(queries));
            }
            drafted => drafted?,
        };
        facts.want(own)?;
        special::refuse_own(cidr, request, facts, &mut draft)?;
        special::warn(cidr, &mut draft);
        draft.warnings.push(match &until {
            Until::Open(_) => "No end is set: it stays until somebody takes it back. Choose hours to set one.".to_owned(),
            Until::At(at, _) => format!(
                "It should be taken back at {at}. quell does not run by itself: a tag says so, and a person has to undo it."
            ),
        });
        draft
            .warnings
            .push("An attacker has more than one address; a block buys time and is no containment.".to_owned());
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        let cidr = target(request)?;
        match request.choice("acl") {
            Some(acl) => acl::undo(acl, cidr, done, facts),
            None => waf::undo(cidr, done, facts),
        }
    }
}

fn bad_choice(why: impl Into<String>, instead: &str) -> Stop {
    Refusal::new(RefusalKind::BadChoice, why, instead).into()
}

/// What is to be blocked: never so much that the network stands still.
fn target(request: &Request) -> Result<Cidr, Stop> {
    if request.target.kind != ResourceKind::Address {
        return Err(Refusal::new(
            RefusalKind::WrongTarget,
            format!(
                "{} is of the kind {}, not an address.",
                request.target,
                request.target.kind.word()
            ),
            "Give an address, such as 203.0.113.7, or a range, such as 203.0.113.0/24.",
        )
        .into());
    }
    let cidr: Cidr = request.target.id.raw().parse().map_err(|bad: cidr::NotCidr| {
        let why = format!("{}: {bad}.", request.target);
        Refusal::new(
            RefusalKind::WrongTarget,
            why,
            "Look at the finding for the remote address.",
        )
    })?;
    let least = if cidr.is_v6() { 16 } else { 8 };
    if cidr.bits() < least {
        return Err(Refusal::new(
            RefusalKind::Unsafe,
            format!("{cidr} is a large part of the internet, or all of it."),
            "To cut everything off, isolate the instance; to block somebody, give their own range.",
        )
        .into());
    }
    special::refuse(cidr)?;
    Ok(cidr)
}

/// When the block should be taken back, with the words for a tag.
enum Until {
    Open(String),
    At(crate::domain::Time, String),
}

impl Until {
    /// What the tag says.
    fn tag(&self) -> &str {
        match self {
            Self::Open(text) | Self::At(_, text) => text,
        }
    }
}

fn until(request: &Request) -> Result<Until, Stop> {
    let Some(text) = request.choice("hours") else {
        return Ok(Until::Open(request.incident.clone()));
    };
    let hours: Option<i64> = text.parse().ok().filter(|hours| (1..=MOST_HOURS).contains(hours));
    let at = hours.and_then(|hours| request.at.checked_add(jiff::SignedDuration::from_hours(hours)).ok());
    match at {
        Some(at) => Ok(Until::At(at, format!("{} until {at}", request.incident))),
        None => Err(bad_choice(
            format!("hours takes a whole number from 1 to {MOST_HOURS}."),
            "Give hours=24 for a day.",
        )),
    }
}

/// The tag for a block: one for each address, so that each says when it ends.
fn tag_key(cidr: Cidr) -> String {
    format!("quell:blocked:{cidr}")
}

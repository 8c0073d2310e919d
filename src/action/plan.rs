//! A plan: every call in order, what was there before, who else is hit, what undo can and cannot restore, and a digest over all of it.

use std::fmt;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ActionName;
use super::choice::Choices;
use super::expectation::Expectation;
use super::facts::Facts;
use super::mutation::Mutation;
use crate::domain::{AccountId, IncidentId, Region, Resource, Time, Untrusted};

/// A plan is good for this long after its facts were read. Then the world has to be read again.
pub const PLAN_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// The version of the plan file's shape.
pub const PLAN_VERSION: u32 = 1;

/// What an action is asked to do. Part of the plan, so that the plan can be made again and compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub action: ActionName,
    pub account: AccountId,
    pub region: Region,
    pub target: Resource,
    /// The incident that this is done for; goes into tags and the session's name.
    pub incident: IncidentId,
    /// Who asks: the caller's ARN.
    pub by: String,
    /// When it was asked; goes into tags and sets the expiry.
    pub at: Time,
    /// For an undo: the journal sequence of the plan that it undoes.
    pub undoes: Option<u64>,
    /// For a notification: where to and what.
    pub notice: Option<Notice>,
    /// Further targets, for an action that takes several of a kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Resource>,
    /// What was chosen about the action, by name.
    #[serde(default, skip_serializing_if = "Choices::is_empty")]
    pub choices: Choices,
}

impl Request {
    /// The partition that it is for, which stands in the ARN of who asks: `aws`, `aws-cn`, `aws-us-gov`. An account has no way into
    /// another partition.
    #[must_use]
    pub fn partition(&self) -> &str {
        let partition = self.by.strip_prefix("arn:").and_then(|rest| rest.split(':').next());
        partition.filter(|p| !p.is_empty()).unwrap_or("aws")
    }
}

/// What a notification says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    pub topic: crate::domain::Arn,
    pub subject: String,
    pub message: String,
}

/// One call of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedCall {
    pub mutation: Mutation,
    pub undo: Undo,
    /// What it replaces, in words that are safe to show: the groups of an interface by id and name.
    pub was: Option<String>,
}

impl PlannedCall {
    /// What it does, in one line, safe to show; with what it replaces where the action said so.
    #[must_use]
    pub fn phrase(&self) -> String {
        let was = Untrusted::new(self.was.as_deref().unwrap_or_default());
        self.mutation.phrase_from(&was.shown())
    }
}

/// What becomes of a call when the plan is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// Put back as it was.
    Reversible,
    /// Left in place: it harms nobody and may be in use elsewhere, or it is evidence.
    Kept,
    /// Cannot be taken back.
    Irreversible,
}

impl Undo {
    /// The word beside a call.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reversible => "reversible",
            Self::Kept => "kept",
            Self::Irreversible => "irreversible",
        }
    }
}

/// What an action works out; `Plan::new` adds where, when and the facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    pub calls: Vec<PlannedCall>,
    /// What the responder should know before confirming: one sentence each, safe to show.
    pub warnings: Vec<String>,
    /// Who else is hit, one line each, safe to show.
    pub neighbours: Vec<String>,
    /// What must be read back afterwards.
    pub expectations: Vec<Expectation>,
    /// What undo cannot restore, one sentence each; empty means that undo is complete.
    pub lost: Vec<String>,
    /// What is open when all of this is done, because AWS has to finish something first: one sentence that says what the next plan
    /// of the same action does. Until then the action does not count as done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
}

/// A plan as it is shown, written to a file, confirmed and journaled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub version: u32,
    pub request: Request,
    pub expires_at: Time,
    pub draft: Draft,
    /// Everything that was read to make the plan: the state before.
    pub before: Facts,
}

/// The SHA-256 of a plan's canonical JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Plan {
    /// A plan for a request.
    #[must_use]
    pub fn new(request: Request, draft: Draft, before: Facts) -> Self {
        Self {
            version: PLAN_VERSION,
            expires_at: expiry(&request, &before),
            request,
            draft,
            before,
        }
    }

    /// When the plan must be made again: as it says itself, but never later than its facts allow. A plan file in which the
    /// expiry was moved is no younger for it.
    #[must_use]
    pub fn good_until(&self) -> Time {
        self.expires_at.min(expiry(&self.request, &self.before))
    }

    /// The digest over the canonical JSON: keys sorted, no spaces.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.canonical()).into())
    }

    /// The JSON that the digest is taken over.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        // `serde_json::Value` keeps its keys in a BTreeMap, so going through it sorts them at every level.
        let value = serde_json::to_value(self).unwrap_or_default();
        value.to_string().into_bytes()
    }

    /// The IAM permissions that applying needs, each once, sorted.
    #[must_use]
    pub fn permissions(&self) -> Vec<&'static str> {
        let mut all: Vec<&str> = self.draft.calls.iter().map(|c| c.mutation.permission()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What is open when all of it is done; nothing for an undo, which ends there.
    #[must_use]
    pub fn then(&self) -> Option<&str> {
        self.draft.then.as_deref().filter(|_| self.request.undoes.is_none())
    }

    /// What the confirmation is typed of: the target's id, or what the action names in its place, such as the account that is let in.
    #[must_use]
    pub fn confirmed_by(&self) -> String {
        self.request.action.action().confirmed_by(&self.request)
    }

    /// What the responder types to confirm on the screen: the last four characters of that.
    #[must_use]
    pub fn typed_confirmation(&self) -> String {
        let id: Vec<char> = self.confirmed_by().chars().collect();
        let tail: String = id[id.len().saturating_sub(4)..].iter().collect();
        // An id that ends in characters which cannot be typed is confirmed by the digest instead.
        if tail.len() == 4 && tail.bytes().all(|b| b.is_ascii_alphanumeric()) {
            tail
        } else {
            self.digest().short()
        }
    }
}

fn expiry(request: &Request, before: &Facts) -> Time {
    let made = before.oldest().unwrap_or(request.at);
    made.checked_add(PLAN_LIFETIME).unwrap_or(made)
}

impl Digest {
    /// The first eight hex digits.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }

    /// From 64 hex digits.
    #[must_use]
    pub fn from_hex(hex: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if hex.len() != 64 || !hex.is_ascii() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hex = String::deserialize(deserializer)?;
        Self::from_hex(&hex).ok_or_else(|| serde::de::Error::custom("a digest is 64 hex digits"))
    }
}

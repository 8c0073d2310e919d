//! What was chosen: for which account, under which key, held for how long.

use super::super::facts::Facts;
use super::super::forensic;
use super::super::plan::{Draft, Request};
use super::super::query::{KmsQuery, Query};
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::super::{Choice, Takes};
use crate::domain::{AccountId, Arn, KeyId, Untrusted};

pub const ACCOUNT: &str = "forensic-account";
pub const KEY: &str = "kms-key";
pub const LOCK_DAYS: &str = "lock-days";
pub const LOCK_COMPLIANCE: &str = "lock-compliance";

/// The longest lock (API reference, `LockSnapshot`).
const LONGEST: i32 = 36_500;

pub const CHOICES: &[Choice] = &[
    Choice {
        name: ACCOUNT,
        takes: Takes::Text("an account's 12 digits"),
        about: "The account that gets to use the snapshots. It must be chosen.",
    },
    Choice {
        name: KEY,
        takes: Takes::Text(
            "the ARN of a customer managed key of the same account and region; of several the one that is",
        ),
        about: "Copy what is not under this key to it. It must be chosen unless every snapshot is under a customer managed key already.",
    },
    Choice {
        name: LOCK_DAYS,
        takes: Takes::Text("1 to 36500 days"),
        about: "Lock what is handed over against deletion for so long, in governance mode: who may unlock it can still end it.",
    },
    Choice {
        name: LOCK_COMPLIANCE,
        takes: Takes::Flag,
        about: "Lock it in compliance mode instead: nobody can end that early, AWS neither. It cannot be undone.",
    },
];

/// A key, by both of its names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub arn: Arn,
    pub id: KeyId,
}

/// How long, and whether anybody may end it early.
#[derive(Clone, Copy, Debug)]
pub struct Lock {
    pub days: i32,
    pub compliance: bool,
}

/// Everything that was chosen.
#[derive(Debug)]
pub struct Wish {
    pub account: AccountId,
    /// The account as KMS names it: any of its principals that its own policies allow.
    pub grantee: Arn,
    pub key: Option<Key>,
    pub lock: Option<Lock>,
}

impl Wish {
    /// What the request chooses, or what is wrong with it.
    pub fn of(request: &Request) -> Result<Self, Stop> {
        let Some(given) = request.choice(ACCOUNT) else {
            return Err(bad(
                "It is not said which account gets the snapshots.".to_owned(),
                "Give it: --with forensic-account=444455556666, or once for all under [forensic] in the configuration.",
            ));
        };
        let account: AccountId = given.parse().map_err(|wrong| {
            bad(
                format!("{ACCOUNT}: {wrong}."),
                "Give the forensic account's twelve digits.",
            )
        })?;
        if account == request.account {
            return Err(bad(
                format!("{account} is the account that the snapshots are in."),
                "Give another: who holds this one could take the evidence away.",
            ));
        }
        let root = format!("arn:{}:iam::{account}:root", request.partition());
        let grantee = root
            .parse()
            .map_err(|wrong| bad(format!("{wrong}."), "Give the forensic account's twelve digits."))?;
        Ok(Self {
            account,
            grantee,
            key: request.choice(KEY).map(|text| key(request, text)).transpose()?,
            lock: lock(request)?,
        })
    }
}

/// What is known of the account: its name where it is of the organisation, or that nobody knows it. Twelve digits are mistyped easily,
/// and what the wrong account copies is gone for good.
pub fn who(account: AccountId, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    match facts.member(&forensic::known(account)) {
        Ok(member) => {
            draft
                .warnings
                .push(format!("Account {account} is {} of your organisation.", member.name));
            if member.state.raw() != "ACTIVE" {
                draft.warnings.push(format!(
                    "Account {account} is {}: nobody can work in it, or soon nobody will.",
                    member.state
                ));
            }
        }
        Err(Stop::Refuse(refusal)) => {
            let why = match refusal.kind {
                RefusalKind::Gone => String::new(),
                _ => format!(" ({})", refusal.why),
            };
            draft.warnings.push(format!(
                "ACCOUNT {account} IS NOT KNOWN TO BE OF YOUR ORGANISATION{why}: compare every digit. What it copies cannot be taken back."
            ));
        }
        Err(ask @ Stop::Ask(_)) => return Err(ask),
    }
    Ok(())
}

impl Key {
    /// Whether it is the ARN of a key, wherever that is.
    fn is_one(arn: &Arn) -> bool {
        let id = arn.resource().strip_prefix("key/");
        arn.service() == "kms" && id.is_some_and(|id| id.parse::<KeyId>().is_ok())
    }

    /// A key of the account and region of the plan.
    pub fn here(arn: &Arn, request: &Request) -> Option<Self> {
        let here = arn.region() == request.region.as_str() && arn.account() == request.account.as_str();
        let id = arn.resource().strip_prefix("key/")?.parse().ok()?;
        (arn.service() == "kms" && here).then(|| Self { arn: arn.clone(), id })
    }

    /// The question what it is.
    pub fn query(&self) -> Query {
        Query::Kms(KmsQuery::KmsKey {
            key: self.id.to_string(),
        })
    }
}

/// Of keys with commas between them the one of the plan's place: an organisation has one in each of its accounts and regions.
fn key(request: &Request, text: &str) -> Result<Key, Stop> {
    let mut fitting = Vec::new();
    for one in text.split([',', ' ']).filter(|one| !one.is_empty()) {
        let Some(arn) = one.parse::<Arn>().ok().filter(Key::is_one) else {
            return Err(bad(
                format!("{KEY}: {} is not the ARN of a key.", Untrusted::new(one)),
                &format!(
                    "Give it like {}. An alias will not do.",
                    request.place().arn("kms", "key/…")
                ),
            ));
        };
        fitting.extend(Key::here(&arn, request));
    }
    match fitting.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(bad(
            format!(
                "{KEY}: {} names no key of account {} in {}.",
                Untrusted::new(text),
                request.account,
                request.region
            ),
            &format!(
                "Give it like {}; or choose none (--with {KEY}=) where every snapshot is under a customer managed key already.",
                request.place().arn("kms", "key/…")
            ),
        )),
        [_, _, ..] => Err(bad(
            format!(
                "{KEY}: several of the keys are of account {} in {}.",
                request.account, request.region
            ),
            "Give one of them.",
        )),
    }
}

fn lock(request: &Request) -> Result<Option<Lock>, Stop> {
    let compliance = request.chose(LOCK_COMPLIANCE);
    let Some(given) = request.choice(LOCK_DAYS) else {
        if compliance {
            return Err(bad(
                format!("{LOCK_COMPLIANCE} is chosen, and not for how long."),
                "Give it: --with lock-days=365. It cannot be made shorter afterwards.",
            ));
        }
        return Ok(None);
    };
    let days = given.parse().ok().filter(|days| (1..=LONGEST).contains(days));
    let days = days.ok_or_else(|| {
        bad(
            format!("{LOCK_DAYS}: {} is not a number of days.", Untrusted::new(given)),
            &format!("Give a whole number from 1 to {LONGEST}."),
        )
    })?;
    Ok(Some(Lock { days, compliance }))
}

fn bad(why: String, instead: &str) -> Stop {
    Refusal::new(RefusalKind::BadChoice, why, instead).into()
}

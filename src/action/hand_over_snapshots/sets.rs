//! What there is of an instance's snapshots: which can be handed over as they are, and of which a copy is missing.

use super::super::answer::{Snapshot, Volume};
use super::super::facts::Facts;
use super::super::plan::Request;
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::vet;
use super::wish::{KEY, Key, Wish};
use crate::domain::{InstanceId, Untrusted};

/// A copy carries the id of what it was made of under this tag.
pub const COPY_OF: &str = "quell:copy-of";

/// The snapshots of one instance for one incident.
pub struct Sets<'a> {
    /// What snapshot-instance took.
    pub taken: Vec<&'a Snapshot>,
    /// Copies of these that quell made.
    copies: Vec<&'a Snapshot>,
    /// Those that came to nothing, which are named and left.
    pub failed: Vec<&'a Snapshot>,
    /// What carries quell's tags and is not what they say, each with why.
    pub passed: Vec<String>,
}

/// What each snapshot that was taken needs.
pub struct Sorted<'a> {
    /// To hand over, each with its key.
    pub ready: Vec<(&'a Snapshot, Key)>,
    /// To copy first.
    pub to_copy: Vec<&'a Snapshot>,
}

impl<'a> Sets<'a> {
    /// Sorts what was found; refuses where there is nothing, or not all of it is complete.
    pub fn of(
        found: &'a [Snapshot],
        attached: &[Volume],
        instance: &InstanceId,
        (wish, request): (&Wish, &Request),
    ) -> Result<Self, Stop> {
        let (failed, good): (Vec<&Snapshot>, Vec<&Snapshot>) = found.iter().partition(|s| s.state == "error");
        let (copies, taken): (Vec<&Snapshot>, Vec<&Snapshot>) =
            good.into_iter().partition(|s| s.tags.contains_key(COPY_OF));
        let mut passed = Vec::new();
        let mut fits = |snapshot: &Snapshot, verdict: Result<(), String>| match verdict {
            Ok(()) => true,
            Err(why) => {
                passed.push(format!("{} {why}", snapshot.id));
                false
            }
        };
        let mut good = taken;
        good.retain(|s| fits(s, vet::taken(s, attached, instance, request)));
        let taken = good;
        let mut good = copies;
        // Without a chosen key no copy is used.
        good.retain(|s| {
            let verdict = wish.key.as_ref().map(|key| vet::copy(s, &taken, key, request));
            verdict.is_some_and(|verdict| fits(s, verdict))
        });
        let copies = good;
        if taken.is_empty() {
            let over = match &passed[..] {
                [] => String::new(),
                passed => format!("; passed over: {}", passed.join("; ")),
            };
            return Err(Refusal::new(
                RefusalKind::Gone,
                format!(
                    "There is no snapshot of {instance} that was taken for incident {} in {}{}.",
                    Untrusted::new(request.incident.as_str()),
                    request.region,
                    over
                ),
                "Take them first, with snapshot-instance for the same incident.",
            )
            .into());
        }
        let all = || taken.iter().chain(&copies);
        if all().any(|s| s.state != "completed") {
            let done = all().filter(|s| s.state == "completed").count();
            let waits = all().filter(|s| s.state != "completed");
            let waits: Vec<String> = waits.map(|s| progress(s)).collect();
            return Err(Refusal::new(
                RefusalKind::WrongTarget,
                format!(
                    "{done} of {} snapshots are complete: {}.",
                    all().count(),
                    waits.join(", ")
                ),
                "Plan it again when all of them are; only what is complete can be copied and used.",
            )
            .into());
        }
        Ok(Self {
            taken,
            copies,
            failed,
            passed,
        })
    }

    /// Every key of this account that something was taken under, where no key was chosen: each must be looked at.
    pub fn keys(&self, wish: &Wish, request: &Request) -> Vec<Key> {
        let mut keys: Vec<Key> = match &wish.key {
            Some(key) => vec![key.clone()],
            None => self.taken.iter().filter_map(|s| own_key(s, request)).collect(),
        };
        keys.sort();
        keys.dedup();
        keys
    }

    /// Which are ready and which are to be copied. Without a chosen key all must be ready, or there is no plan.
    pub fn sort(self, wish: &Wish, request: &Request, facts: &Facts) -> Result<Sorted<'a>, Stop> {
        let (mut ready, mut to_copy) = (Vec::new(), Vec::new());
        for taken in self.taken {
            let Some(key) = &wish.key else {
                ready.push((taken, as_it_is(taken, request, facts)?));
                continue;
            };
            if taken.kms_key.as_ref() == Some(&key.arn) {
                ready.push((taken, key.clone()));
                continue;
            }
            let is_copy = |s: &&&Snapshot| s.tags.get(COPY_OF).is_some_and(|of| of.raw() == taken.id.as_str());
            let copies: Vec<&Snapshot> = self.copies.iter().filter(is_copy).copied().collect();
            match copies[..] {
                [] => to_copy.push(taken),
                [copy] => ready.push((copy, key.clone())),
                [..] => return Err(several(taken, &copies)),
            }
        }
        Ok(Sorted { ready, to_copy })
    }
}

/// Of two that both pass for the copy one may be somebody's.
fn several(taken: &Snapshot, copies: &[&Snapshot]) -> Stop {
    let names: Vec<&str> = copies.iter().map(|copy| copy.id.as_str()).collect();
    Refusal::new(
        RefusalKind::Unsafe,
        format!("{} all pass for the copy of {}.", names.join(" and "), taken.id),
        format!("The journal says which one quell made: take the tag {COPY_OF} off the others, and plan it again."),
    )
    .into()
}

fn own_key(snapshot: &Snapshot, request: &Request) -> Option<Key> {
    Key::here(snapshot.kms_key.as_ref()?, request)
}

/// The key of a snapshot that can be handed over without a copy.
fn as_it_is(snapshot: &Snapshot, request: &Request, facts: &Facts) -> Result<Key, Stop> {
    let why = match own_key(snapshot, request) {
        Some(key) if !facts.kms_key(&key.query())?.aws_managed => return Ok(key),
        Some(_) => "is encrypted with AWS's own key (aws/ebs), and AWS lets nobody share that".to_owned(),
        None => match &snapshot.kms_key {
            Some(other) => format!("is encrypted with {other}, which is not of this account and region"),
            None if snapshot.encrypted => {
                "is encrypted with AWS's own key (aws/ebs), and AWS lets nobody share that".to_owned()
            }
            None => "is not encrypted, and evidence leaves the account under a customer managed key".to_owned(),
        },
    };
    Err(Refusal::new(
        RefusalKind::BadChoice,
        format!("{} {why}.", snapshot.id),
        format!(
            "Choose the key that its copy goes under: --with {KEY}=ARN, a customer managed one of the same region."
        ),
    )
    .into())
}

/// How far one is, in words that are safe to show.
fn progress(snapshot: &Snapshot) -> String {
    let at = Untrusted::new(snapshot.progress.trim_end_matches('%'));
    match snapshot.state.as_str() {
        "pending" if !snapshot.progress.is_empty() => format!("{} is at {at} %", snapshot.id),
        state => format!("{} is {}", snapshot.id, Untrusted::new(state)),
    }
}

//! Which secrets a user, role or key read, by CloudTrail.
//!
//! Must never: skip a secret in silence. What cannot be rotated, looked at or told apart is named as a step by hand.

use std::collections::BTreeMap;

use super::super::answer::{Secret, Trail};
use super::super::facts::{Facts, ReadFailureKind};
use super::super::plan::{Draft, Request};
use super::super::query::{CloudTrailQuery, LookupKey, Query};
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::super::target;
use super::{by_hand, elsewhere, is_gone, plan_one, question};
use crate::domain::{AccessKeyId, Arn, ResourceKind, RoleName, SecretName, Untrusted, UserName};

/// Whose reads are meant, and how CloudTrail is searched for them.
struct Reader {
    by: LookupKey,
    value: String,
    /// Where a role is meant: its name in the ARN of its sessions.
    role: Option<RoleName>,
    /// Where a user is meant: its name in its ARN. A role's session may bear a user's name, and CloudTrail finds both by it.
    user: Option<UserName>,
}

impl Reader {
    fn of(request: &Request) -> Result<Self, Stop> {
        // CloudTrail names a session by the session's own name, so a role's are found among all reads of secrets.
        Ok(match request.target.kind {
            ResourceKind::AccessKey => Self {
                by: LookupKey::AccessKeyId,
                value: target::of_kind::<AccessKeyId>(request, ResourceKind::AccessKey)?.to_string(),
                role: None,
                user: None,
            },
            ResourceKind::User => {
                let user: UserName = target::of_kind(request, ResourceKind::User)?;
                Self {
                    by: LookupKey::Username,
                    value: user.to_string(),
                    role: None,
                    user: Some(user),
                }
            }
            ResourceKind::Role => Self {
                by: LookupKey::EventName,
                value: "GetSecretValue".to_owned(),
                role: Some(target::of_kind::<RoleName>(request, ResourceKind::Role)?),
                user: None,
            },
            _ => {
                return Err(Refusal::new(
                    RefusalKind::WrongTarget,
                    format!("{} is {}.", request.target, target::article(request.target.kind)),
                    "rotate-secret needs a secret, or the user, role or access key that read secrets.",
                )
                .into());
            }
        })
    }

    fn is(&self, principal: Option<&str>) -> bool {
        if let Some(user) = &self.user {
            // An event that does not say who it was is not left out.
            return principal.is_none_or(|arn| {
                arn.parse::<Arn>()
                    .is_ok_and(|arn| arn.resource().starts_with("user/") && arn.name() == user.as_str())
            });
        }
        let Some(role) = &self.role else { return true };
        let marker = format!(":assumed-role/{role}/");
        principal.is_some_and(|arn| arn.contains(&marker))
    }
}

/// A call for every secret that was read and can be rotated; the others as steps by hand.
pub fn all(request: &Request, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let reader = Reader::of(request)?;
    let query = Query::CloudTrail(CloudTrailQuery::SecretReads {
        by: reader.by,
        value: reader.value.clone(),
    });
    let trail = facts.trail(&query)?;
    let (mut names, unclear) = named(trail, &reader);
    let mut manual: Vec<String> = unclear;
    names.retain(|name| {
        let other = elsewhere(name.as_str(), request);
        manual.extend(
            other
                .iter()
                .map(|why| format!("{}: {why}", Untrusted::new(name.as_str()))),
        );
        other.is_none()
    });
    facts.want(names.iter().map(question))?;
    let mut secrets: BTreeMap<&str, &Secret> = BTreeMap::new();
    for name in &names {
        if is_gone(facts, &question(name)) {
            manual.push(format!("{}: it is not there any more", Untrusted::new(name.as_str())));
            continue;
        }
        // A secret whose policy turns the reader away must not keep the others from being rotated.
        let failure = facts
            .get(&question(name))
            .and_then(|reading| reading.result.as_ref().err());
        if let Some(failure) = failure.filter(|failure| failure.kind == ReadFailureKind::Denied) {
            manual.push(format!(
                "{}: it may not be looked at ({})",
                Untrusted::new(name.as_str()),
                failure.message
            ));
            continue;
        }
        let secret = facts.secret(&question(name))?;
        secrets.insert(secret.arn.as_str(), secret);
    }
    let who = format!("{} {}", request.target.kind.word(), request.target);
    for secret in secrets.values() {
        match by_hand(secret) {
            None => plan_one(secret, request, draft),
            Some(why) => manual.push(format!("{}: {why}", secret.name)),
        }
    }
    if draft.calls.is_empty() {
        return Err(nothing(&who, request, trail, &manual).into());
    }
    for step in manual {
        draft.warnings.push(format!("By hand: {step}."));
    }
    draft.warnings.push(format!(
        "Only {} was looked at: secrets of other regions are rotated by plans of their own.",
        request.region
    ));
    if trail.more {
        draft.warnings.push(
            "CloudTrail has more than the newest 1,000 events that were searched: older reads of other secrets may be missing here."
                .to_owned(),
        );
    }
    if request.target.kind == ResourceKind::AccessKey {
        draft.warnings.push(
            "What sessions that came from this key read is not among them: each session has a key of its own in CloudTrail."
                .to_owned(),
        );
    }
    let read = trail
        .events
        .iter()
        .filter(|event| reader.is(event.principal.as_deref()))
        .count();
    let secrets = match secrets.len() {
        1 => "1 secret".to_owned(),
        many => format!("{many} secrets"),
    };
    let times = if read == 1 {
        "once".to_owned()
    } else {
        format!("{read} times")
    };
    draft.neighbours.push(format!(
        "The {who} read {secrets} {times} in the 90 days that CloudTrail remembers."
    ));
    Ok(())
}

/// The secrets that were read, and the reads that do not say which secret in a way that can be asked for.
fn named(trail: &Trail, reader: &Reader) -> (Vec<SecretName>, Vec<String>) {
    let (mut names, mut unclear) = (Vec::new(), Vec::new());
    for event in trail
        .events
        .iter()
        .filter(|event| reader.is(event.principal.as_deref()))
    {
        let found: Vec<Result<SecretName, &Untrusted>> = event
            .resources
            .iter()
            .map(|resource| resource.raw().parse().map_err(|_| resource))
            .collect();
        if found.is_empty() {
            unclear.push(format!("event {} does not name the secret", Untrusted::new(&event.id)));
        }
        for name in found {
            match name {
                Ok(name) if !names.contains(&name) => names.push(name),
                Ok(_) => {}
                Err(text) => unclear.push(format!("{text}: this is not the name of a secret")),
            }
        }
    }
    names.sort();
    unclear.sort();
    unclear.dedup();
    (names, unclear)
}

fn nothing(who: &str, request: &Request, trail: &Trail, manual: &[String]) -> Refusal {
    if manual.is_empty() {
        let more = if trail.more { ", in its newest 1,000 events" } else { "" };
        return Refusal::new(
            RefusalKind::Gone,
            format!(
                "CloudTrail in {} shows no secret that the {who} read in 90 days{more}.",
                request.region
            ),
            "Ask in the other regions too; name a secret itself to rotate it all the same.",
        );
    }
    Refusal::new(
        RefusalKind::WrongTarget,
        format!(
            "No secret that the {who} read can be rotated by a call. {}.",
            manual.join(". ")
        ),
        "Change each where it is used, by hand, and put the new value into the secret.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A role's session may bear the name of a user, and CloudTrail finds both by it.
    #[test]
    fn a_session_with_a_user_s_name_is_not_that_user() {
        let reader = Reader {
            by: LookupKey::Username,
            value: "ann".to_owned(),
            role: None,
            user: Some("ann".parse().unwrap()),
        };
        for (principal, is) in [
            (Some("arn:aws:iam::111122223333:user/ann"), true),
            (Some("arn:aws:iam::111122223333:user/ops/ann"), true),
            (None, true),
            (Some("arn:aws:sts::111122223333:assumed-role/payments-app/ann"), false),
            (Some("arn:aws:iam::111122223333:user/joann"), false),
        ] {
            assert_eq!(reader.is(principal), is, "{principal:?}");
        }
    }
}

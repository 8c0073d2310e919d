//! From the resource that a request names to the id that a call needs.

use super::plan::Request;
use super::refusal::{Refusal, RefusalKind, Stop};
use crate::domain::{Arn, InstanceId, ResourceKind};

/// The instance that the request is about.
pub fn instance(request: &Request) -> Result<InstanceId, Stop> {
    of_kind(request, ResourceKind::Instance)
}

/// The target's id, checked to be of the shape that the kind has.
pub fn of_kind<T>(request: &Request, kind: ResourceKind) -> Result<T, Stop>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    kind_is(request, kind)?;
    parsed(request, kind, request.target.id.raw())
}

/// The name of the IAM user or role that the request is about, which may be given by its ARN, or by that of a role's session. One of
/// another account is refused.
pub fn iam_name<T>(request: &Request, kind: ResourceKind) -> Result<T, Stop>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    kind_is(request, kind)?;
    let raw = request.target.id.raw();
    let Ok(arn) = raw.parse::<Arn>() else {
        return parsed(request, kind, raw);
    };
    let parts: Vec<&str> = arn.resource().split('/').collect();
    let name = match (kind, arn.service(), parts.as_slice()) {
        (ResourceKind::User, "iam", ["user", .., name])
        | (ResourceKind::Role, "iam", ["role", .., name])
        | (ResourceKind::Role, "sts", ["assumed-role", name, _]) => *name,
        _ => return Err(wrong(request, kind, format!("{} names no {}.", request.target, kind.word())).into()),
    };
    if arn.account() != request.account.as_str() {
        let why = format!("{} is not in account {}.", request.target, request.account);
        let instead = "Plan it for the account that its ARN names.";
        return Err(Refusal::new(RefusalKind::WrongTarget, why, instead).into());
    }
    parsed(request, kind, name)
}

fn kind_is(request: &Request, kind: ResourceKind) -> Result<(), Stop> {
    if request.target.kind == kind {
        return Ok(());
    }
    let given = article(request.target.kind);
    let why = format!("{} is {given}, not {}.", request.target, article(kind));
    Err(wrong(request, kind, why).into())
}

fn parsed<T>(request: &Request, kind: ResourceKind, text: &str) -> Result<T, Stop>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    text.parse()
        .map_err(|bad: T::Err| wrong(request, kind, format!("{bad}.")).into())
}

fn wrong(request: &Request, kind: ResourceKind, why: String) -> Refusal {
    let instead = format!("{} needs the id of {}.", request.action, article(kind));
    Refusal::new(RefusalKind::WrongTarget, why, instead)
}

/// The word of a kind with its article: `an instance`.
pub fn article(kind: ResourceKind) -> String {
    let word = kind.word();
    if word.starts_with(['a', 'i', 'I']) {
        format!("an {word}")
    } else {
        format!("a {word}")
    }
}

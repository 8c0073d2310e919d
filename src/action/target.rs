//! From the resource that a request names to the id that a call needs.

use super::plan::Request;
use super::refusal::{Refusal, RefusalKind, Stop};
use crate::domain::{InstanceId, ResourceKind};

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
    let wrong = |why: String| {
        Refusal::new(
            RefusalKind::WrongTarget,
            why,
            format!("{} needs the id of {}.", request.action, article(kind)),
        )
    };
    if request.target.kind != kind {
        let given = article(request.target.kind);
        return Err(wrong(format!("{} is {given}, not {}.", request.target, article(kind))).into());
    }
    request
        .target
        .id
        .raw()
        .parse()
        .map_err(|bad: T::Err| wrong(format!("{bad}.")).into())
}

fn article(kind: ResourceKind) -> String {
    let word = kind.word();
    if word.starts_with(['a', 'i', 'I']) {
        format!("an {word}")
    } else {
        format!("a {word}")
    }
}

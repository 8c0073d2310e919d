//! How what was read of an instance compares with what was expected of it.

use super::Verdict;
use crate::action::answer::{ProfileAssociation, Volume};
use crate::domain::{ProfileName, VolumeId};

pub(super) fn shutdown(found: &str, wanted: &str) -> Verdict {
    if found == wanted {
        Verdict::Verified
    } else {
        Verdict::Failed(format!("it is to {found}."))
    }
}

pub(super) fn volumes(found: &[Volume], wanted: &[VolumeId], on: bool) -> Verdict {
    let wrong: Vec<&str> = wanted
        .iter()
        .filter(|id| !found.iter().any(|v| v.id == **id && v.delete_on_termination == on))
        .map(VolumeId::as_str)
        .collect();
    if wrong.is_empty() {
        Verdict::Verified
    } else {
        Verdict::Failed(format!("not so: {}.", wrong.join(", ")))
    }
}

/// `accepted` is whether AWS took the call. Only then will it come to the state by itself.
pub(super) fn state(found: &str, wanted: &str, accepted: bool) -> Verdict {
    match (wanted, found) {
        (wanted, found) if wanted == found => Verdict::Verified,
        ("stopped", "stopping") | ("running", "pending") => Verdict::Pending(format!("it is {found}")),
        ("stopped", "running") | ("running", "stopped") if accepted => Verdict::Pending(format!("it is {found}")),
        (_, found) => Verdict::Failed(format!("it is {found}.")),
    }
}

pub(super) fn profile(found: &[ProfileAssociation], wanted: Option<&ProfileName>) -> Verdict {
    let standing: Vec<&ProfileAssociation> = found.iter().filter(|a| a.state != "disassociated").collect();
    let has = |name: &ProfileName| standing.iter().any(|a| a.state == "associated" && a.profile == *name);
    let moving = standing.iter().find(|a| a.state != "associated");
    match (wanted, standing.first(), moving) {
        (None, None, _) => Verdict::Verified,
        (Some(name), _, None) if has(name) && standing.len() == 1 => Verdict::Verified,
        (_, _, Some(moving)) => Verdict::Pending(format!("{} is {}", moving.profile, moving.state)),
        (_, Some(other), None) => Verdict::Failed(format!("it has {}.", other.profile)),
        (Some(_), None, None) => Verdict::Failed("it has none.".to_owned()),
    }
}

//! Whether what a plan is about is the identity by which the responder works.
//!
//! Owns: how the caller's own user is known again. Must never: let a plan lock out whoever would have to go on with it.

use super::answer::Trail;
use super::plan::Request;
use super::refusal::{Refusal, RefusalKind, Stop};
use crate::domain::{Arn, UserName};

/// Whether an IAM user of the plan's account is the one who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oneself {
    /// It is, and by what that is known.
    Yes(String),
    /// It may be, and why.
    Perhaps(String),
    No,
}

/// The caller's ARN says it of a user, and of a session of a role only by its name: `RoleSessionName` and the source identity are the
/// user's name where an organisation demands that (IAM guide, `sts:RoleSessionName`). CloudTrail's history of the user knows which
/// sessions it began, where `trail` could be read.
pub fn is_user(request: &Request, user: &UserName, trail: Option<&Trail>) -> Oneself {
    let Ok(by) = request.by.parse::<Arn>() else {
        return Oneself::No;
    };
    let here = by.account() == request.account.as_str();
    let parts: Vec<&str> = by.resource().split('/').collect();
    match parts.as_slice() {
        ["user", .., name] if here && *name == user.as_str() => Oneself::Yes("you signed in as this user".to_owned()),
        ["assumed-role", role, session] => {
            let begun = trail.is_some_and(|trail| {
                let events = trail.events.iter().filter(|event| event.error_code.is_none());
                let mut named = events.flat_map(|event| &event.resources);
                named.any(|resource| resource.raw() == request.by)
            });
            match (begun, *session == user.as_str()) {
                (true, _) => Oneself::Yes(format!("it began your session {session} of role {role}")),
                (false, true) if here => Oneself::Yes(format!("your session of role {role} has its name")),
                (false, true) => Oneself::Perhaps(format!(
                    "your session of role {role} of account {} has its name",
                    by.account()
                )),
                (false, false) => Oneself::No,
            }
        }
        _ => Oneself::No,
    }
}

/// Refuses what would lock the responder out; warns where it may.
pub fn refuse_user(
    request: &Request,
    user: &UserName,
    trail: Option<&Trail>,
    warnings: &mut Vec<String>,
) -> Result<(), Stop> {
    match is_user(request, user, trail) {
        Oneself::No => Ok(()),
        Oneself::Perhaps(why) => {
            warnings.push(format!(
                "User {user} may be you ({why}): then you could not do anything afterwards, undo neither."
            ));
            Ok(())
        }
        Oneself::Yes(why) => Err(Refusal::new(
            RefusalKind::Unsafe,
            format!("User {user} is you ({why}): you could not do anything afterwards, undo neither."),
            "Let somebody else do it, or sign in with other credentials.",
        )
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::answer::TrailEvent;
    use crate::action::{ActionName, Choices};
    use crate::domain::{Resource, ResourceKind, Time, Untrusted};

    fn request(by: &str) -> Request {
        Request {
            action: ActionName::ContainUser,
            account: "111122223333".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            target: Resource::new(ResourceKind::User, "oncall-1"),
            incident: "q".to_owned(),
            by: by.to_owned(),
            at: Time::UNIX_EPOCH,
            undoes: None,
            notice: None,
            others: Vec::new(),
            choices: Choices::new(),
        }
    }

    fn began(session: &str, error: Option<&str>) -> Trail {
        let event = TrailEvent {
            name: Untrusted::new("AssumeRole"),
            source: Untrusted::new("sts.amazonaws.com"),
            user: Untrusted::new("oncall-1"),
            error_code: error.map(str::to_owned),
            resources: vec![Untrusted::new(session)],
            ..TrailEvent::default()
        };
        Trail {
            events: vec![event],
            ..Trail::default()
        }
    }

    #[test]
    fn the_caller_is_known_by_name_by_session_and_by_what_it_began() {
        let (yes, perhaps, no) = ("yes", "perhaps", "no");
        let session = "arn:aws:sts::111122223333:assumed-role/admin/s-7";
        for (by, trail, own) in [
            ("arn:aws:iam::111122223333:user/oncall-1", None, yes),
            ("arn:aws:iam::111122223333:user/team/oncall-1", None, yes),
            ("arn:aws:iam::111122223333:user/oncall-2", None, no),
            ("arn:aws:iam::444455556666:user/oncall-1", None, no),
            ("arn:aws:sts::111122223333:assumed-role/admin/oncall-1", None, yes),
            ("arn:aws:sts::444455556666:assumed-role/admin/oncall-1", None, perhaps),
            (session, None, no),
            (session, Some(began(session, None)), yes),
            (session, Some(began(session, Some("AccessDenied"))), no),
            (
                session,
                Some(began("arn:aws:sts::111122223333:assumed-role/admin/s-8", None)),
                no,
            ),
            ("", None, no),
        ] {
            let said = match is_user(&request(by), &"oncall-1".parse().unwrap(), trail.as_ref()) {
                Oneself::Yes(_) => yes,
                Oneself::Perhaps(_) => perhaps,
                Oneself::No => no,
            };
            assert_eq!(said, own, "{by} {trail:?}");
        }
    }
}

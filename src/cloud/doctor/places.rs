//! Account by account: whose role can be assumed, and which sources can be read.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::Health;
use super::group::Fault;
use crate::cloud::connect::Cloud;
use crate::cloud::errors::{ErrorKind, NOT_ENABLED};
use crate::cloud::session::{Session, SessionError};
use crate::domain::AccountId;
use crate::findings::{Coverage, CoverageState};

/// Opens each account's reader, side by side; gives the accounts whose readers could not be opened.
pub(super) async fn roles(cloud: &Arc<Cloud>, ids: BTreeSet<AccountId>) -> (BTreeSet<AccountId>, Vec<Fault>) {
    let mut tasks = JoinSet::new();
    for id in ids {
        let cloud = Arc::clone(cloud);
        tasks.spawn(async move {
            let session = cloud.session(&id).await;
            (id, session)
        });
    }
    let mut found = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        found.extend(ended);
    }
    found.sort_by_key(|(id, _)| *id);
    let external_id = cloud.options.external_id.is_some();
    let rows = found
        .iter()
        .map(|(id, session)| role(*id, session, external_id))
        .collect();
    let unopened = found
        .into_iter()
        .filter(|(_, s)| s.is_err())
        .map(|(id, _)| id)
        .collect();
    (unopened, rows)
}

fn role(id: AccountId, session: &Result<Arc<Session>, SessionError>, external_id: bool) -> Fault {
    let (health, sentence, advice) = match session {
        Ok(session) if session.is_own_credentials() => (
            Health::Warning,
            "read with your own credentials: only the program, not the credentials, keeps it from writing".to_owned(),
            "Make the reader role there, with a trust policy that names you.".to_owned(),
        ),
        Ok(session) => {
            // The resource is assumed-role/ROLE/SESSION.
            let name = session.identity().arn.resource().split('/').nth(1).unwrap_or_default();
            (Health::Ok, format!("read by the role {name}"), String::new())
        }
        Err(error) => (
            Health::Problem,
            format!("cannot be read: {error}"),
            unassumed(error, external_id),
        ),
    };
    Fault {
        what: "role",
        health,
        sentence,
        advice,
        place: Some((id, None)),
    }
}

/// What to do about a role. STS answers a missing role and an unwilling one with the same words.
fn unassumed(error: &SessionError, external_id: bool) -> String {
    match error.kind() {
        ErrorKind::Denied if external_id => "Make the reader role there; its trust policy must name you and ask for the external_id of your configuration; and you must be allowed sts:AssumeRole on it.",
        ErrorKind::Denied => "Make the reader role there; its trust policy must name you, and you must be allowed sts:AssumeRole on it. If the policy asks for an external id, set external_id in the configuration.",
        ErrorKind::Credentials => "Log in again.",
        ErrorKind::Throttled => "Wait a moment and try again.",
        ErrorKind::NotFound
        | ErrorKind::Rejected
        | ErrorKind::Malformed
        | ErrorKind::Server
        | ErrorKind::NoAnswer
        | ErrorKind::NotSent => "Try again; if it stays, look at the role's name and session_seconds there, and at the network.",
    }
    .to_owned()
}

/// A source's row. What was read completely is told, too: it is what the others are measured by.
pub(super) fn source(row: &Coverage) -> Fault {
    let name = row.source.name();
    let through = row.via.map_or_else(String::new, |via| format!(" through {via}"));
    let why = row.error.clone().unwrap_or_default();
    let (health, sentence, advice) = match row.state {
        CoverageState::Complete => (Health::Ok, format!("{name} is read completely{through}"), String::new()),
        CoverageState::Disabled => (
            Health::Warning,
            format!("{name} is not enabled"),
            format!("Enable {name} there if its findings are wanted."),
        ),
        CoverageState::Refused => (
            Health::Problem,
            format!("{name} refuses{through}: {why}"),
            format!(
                "Allow {} for the reader role; a service control policy may be in the way.",
                call(&why).unwrap_or("the call")
            ),
        ),
        CoverageState::Reading | CoverageState::Partial | CoverageState::Stale => (
            Health::Problem,
            format!("{name} is not read completely{through}: {why}"),
            if why.contains(NOT_ENABLED) {
                "Enable the region in that account if its findings are wanted, or correct --region or regions in the configuration.".to_owned()
            } else {
                "Try again; if it stays, look at the call that is named.".to_owned()
            },
        ),
    };
    Fault {
        what: "source",
        health,
        sentence,
        advice,
        place: Some((row.account, Some(row.region.clone()))),
    }
}

/// A place that the pinned way leaves out. No call failed there, so there is none to allow.
pub(super) fn without(row: &Coverage) -> Fault {
    let why = row.error.clone().unwrap_or_default();
    Fault {
        what: "source",
        health: Health::Problem,
        sentence: format!("{} is not read: {why}", row.source.name()),
        advice: "Make the account a member of an administrator that can be read (pinned or delegated), or change way under [discovery] so that it is read by its own role.".to_owned(),
        place: Some((row.account, Some(row.region.clone()))),
    }
}

/// The call that a sentence names, as IAM writes it: `guardduty:ListFindings`.
fn call(sentence: &str) -> Option<&str> {
    let words = sentence.split(|c: char| !(c.is_ascii_alphanumeric() || c == ':' || c == '-'));
    words.into_iter().find(|word| {
        word.split_once(':').is_some_and(|(service, operation)| {
            service.starts_with(|c: char| c.is_ascii_lowercase())
                && operation.starts_with(|c: char| c.is_ascii_uppercase())
                && operation.chars().all(|c| c.is_ascii_alphanumeric())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::call;

    #[test]
    fn the_refused_call_is_found() {
        let why = "In 333333333333 eu-west-1, guardduty:ListFindings, page 1: guardduty:ListFindings was refused";
        assert_eq!(call(why), Some("guardduty:ListFindings"));
        assert_eq!(call("arn:aws:iam::333333333333:role/x is not allowed: In"), None);
    }
}

//! What `quell doctor` finds: identity, accounts and roles, regions, sources, the endpoint, the clock.
//!
//! Owns: the questions and the advice. Must never: change anything, or stop at the first problem.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::task::JoinSet;

use super::capture::Capture;
use super::clock::signing_now;
use super::config::ConnectOptions;
use super::connect::{Cloud, ConnectError};
use super::discover::discover;
use super::feed;
use super::session::{Session, SessionError};
use crate::domain::{AccountId, Region};
use crate::findings::{Coverage, CoverageState};

/// How good or bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    Ok,
    /// It works, but not as well as it could.
    Warning,
    /// Something cannot be seen or done.
    Problem,
}

/// One thing that was looked at. Safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// What was looked at, in a word or two.
    pub what: &'static str,
    pub health: Health,
    /// What is so.
    pub sentence: String,
    /// What to do about it; empty where nothing needs doing.
    pub advice: String,
}

impl Examined {
    fn new(what: &'static str, health: Health, sentence: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            what,
            health,
            sentence: sentence.into(),
            advice: advice.into(),
        }
    }

    fn ok(what: &'static str, sentence: impl Into<String>) -> Self {
        Self::new(what, Health::Ok, sentence, "")
    }
}

/// Looks at everything that can be looked at without changing anything.
pub async fn examine(options: &ConnectOptions) -> Vec<Examined> {
    let cloud = match Cloud::connect(options.clone()).await {
        Ok(cloud) => cloud,
        Err(error) => return vec![unconnected(&error)],
    };
    let identity = cloud.identity();
    let mut all = vec![Examined::ok(
        "identity",
        format!("You are {} in account {}.", identity.arn, identity.account),
    )];
    if let Some(endpoint) = cloud.endpoint() {
        all.push(Examined::new(
            "endpoint",
            Health::Warning,
            format!("Calls go to {endpoint}, which is not AWS's own endpoint."),
            "Unset AWS_ENDPOINT_URL or leave out --endpoint-url to speak to AWS.",
        ));
    }
    all.push(clock(&cloud).await);
    let regions: Vec<&str> = cloud.regions().iter().map(Region::as_str).collect();
    all.push(Examined::ok("regions", format!("Looking at {}.", regions.join(", "))));

    let discovery = discover(&cloud).await;
    let health = if discovery.may_miss {
        Health::Warning
    } else {
        Health::Ok
    };
    let advice = if discovery.may_miss {
        "Allow organizations:ListAccounts for the reader role, use the organisation's delegated administrator, or name the accounts."
    } else {
        ""
    };
    all.push(Examined::new("accounts", health, discovery.how, advice));

    let ids: Vec<AccountId> = discovery.accounts.into_iter().map(|a| a.id).collect();
    let (readable, roles) = roles(&cloud, ids).await;
    all.extend(roles);
    // An account whose role cannot be assumed is named once, not again for each of its sources.
    let coverage = feed::read_once(Arc::clone(&cloud)).await.coverage;
    let told = coverage.iter().filter(|row| readable.contains(&row.account));
    all.extend(told.map(source));
    all
}

fn unconnected(error: &ConnectError) -> Examined {
    // The error's own sentences point to this command.
    let (sentence, advice) = match error {
        ConnectError::NoCredentials { looked_for } => (
            format!("No AWS credentials were found. Looked for {looked_for}."),
            "Log in with `aws sso login` or `aws configure`, or name a profile with --profile. `quell drill` needs no credentials.",
        ),
        ConnectError::Credentials { why } => (
            format!("The AWS credentials could not be loaded: {why}."),
            "Log in again, or look at the profile in ~/.aws/config.",
        ),
        ConnectError::NoRegion => (
            "No AWS region is set.".to_owned(),
            "Give --region, or set AWS_REGION or a region in the profile.",
        ),
        ConnectError::Identity(error) => (
            format!("AWS did not say who the caller is: {error}."),
            "Check the credentials, the network and the machine's clock.",
        ),
    };
    Examined::new("identity", Health::Problem, sentence, advice)
}

/// Opens each account's reader, side by side; gives the accounts that can be read.
async fn roles(cloud: &Arc<Cloud>, ids: Vec<AccountId>) -> (Vec<AccountId>, Vec<Examined>) {
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
    found.sort_by_key(|a| a.0);
    let rows = found.iter().map(|(id, session)| role(id, session)).collect();
    let readable = found.into_iter().filter(|(_, s)| s.is_ok()).map(|(id, _)| id).collect();
    (readable, rows)
}

fn role(id: &AccountId, session: &Result<Arc<Session>, SessionError>) -> Examined {
    match session {
        Ok(session) if session.is_own_credentials() => Examined::new(
            "role",
            Health::Warning,
            format!(
                "{id} is read with your own credentials: only the program, not the credentials, keeps it from writing."
            ),
            "Make the reader role there; `quell setup` prints it.",
        ),
        Ok(session) => Examined::ok("role", format!("{id} is read as {}.", session.identity().arn)),
        Err(error) => Examined::new(
            "role",
            Health::Problem,
            format!("{id} cannot be read: {error}."),
            "Make the reader role there, or let its trust policy name you; `quell setup` prints it.",
        ),
    }
}

fn source(row: &Coverage) -> Examined {
    let name = row.source.name();
    let place = format!("{} {}", row.account, row.region);
    let why = row.error.clone().unwrap_or_default();
    match row.state {
        CoverageState::Complete => Examined::ok("source", format!("{name} in {place} is read completely.")),
        CoverageState::Disabled => Examined::new(
            "source",
            Health::Warning,
            format!("{name} in {place} is not enabled."),
            format!("Enable {name} there if its findings are wanted."),
        ),
        CoverageState::Refused => Examined::new(
            "source",
            Health::Problem,
            format!("{name} in {place} refuses: {why}"),
            "Allow the call for the reader role; a service control policy may be in the way.",
        ),
        CoverageState::Reading | CoverageState::Partial | CoverageState::Stale => Examined::new(
            "source",
            Health::Problem,
            format!("{name} in {place} is not read completely: {why}"),
            "Try again; if it stays, look at the call that is named.",
        ),
    }
}

/// A clock that is more than five minutes off makes AWS refuse signatures (`SigV4`).
const FAR_OFF: i64 = 300;
/// From here on it is worth saying.
const OFF: i64 = 60;

async fn clock(cloud: &Cloud) -> Examined {
    let capture = Capture::default();
    let ours = seconds(signing_now());
    let call = aws_sdk_sts::Client::new(&cloud.base).get_caller_identity().customize();
    // Whether the call goes well was settled when connecting; here only the answer's date counts.
    let _ = call.interceptor(capture.clone()).send().await;
    let Some(date) = capture.take().date else {
        return Examined::ok("clock", "The answers carry no date, so the clock was not compared.");
    };
    clock_off_by(seconds(date).saturating_sub(ours))
}

fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}

fn clock_off_by(seconds: i64) -> Examined {
    let way = if seconds > 0 { "behind" } else { "ahead of" };
    let off = seconds.abs();
    let health = match off {
        0..OFF => return Examined::ok("clock", format!("The clock is within {OFF} seconds of AWS's.")),
        OFF..FAR_OFF => Health::Warning,
        _ => Health::Problem,
    };
    Examined::new(
        "clock",
        health,
        format!("The clock is {off} seconds {way} AWS's; from {FAR_OFF} seconds on AWS refuses requests."),
        "Set the clock, or let it be set by NTP.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::testing::{options, range};
    use crate::range::fault::{Fault, Kind};

    fn of<'e>(all: &'e [Examined], what: &str) -> Vec<&'e Examined> {
        all.iter().filter(|e| e.what == what).collect()
    }

    #[tokio::test]
    async fn everything_is_looked_at_and_what_is_missing_is_named() {
        let (range, login) = range();
        let all = examine(&options(&range, &login)).await;
        assert!(of(&all, "identity")[0].sentence.contains("user/oncall-1"), "{all:?}");
        assert_eq!(of(&all, "role").len(), 4);
        assert!(of(&all, "role").iter().all(|e| e.health == Health::Ok));
        let off: Vec<_> = of(&all, "source")
            .into_iter()
            .filter(|e| e.health != Health::Ok)
            .collect();
        assert_eq!(off.len(), 2);
        assert!(
            off.iter()
                .all(|e| e.sentence.contains("444444444444 us-east-1 is not enabled")),
            "{off:?}"
        );
    }

    #[tokio::test]
    async fn a_role_that_is_missing_does_not_stop_the_rest() {
        let (range, login) = range();
        range.fail(Fault {
            operation: Some("ListAccounts".to_owned()),
            kind: Kind::Error(crate::range::call::ApiError::new(400, "AccessDeniedException", "no")),
            ..Fault::default()
        });
        let options = ConnectOptions {
            reader_role: "no-such-role".to_owned(),
            ..options(&range, &login)
        };
        let all = examine(&options).await;
        assert_eq!(of(&all, "accounts")[0].health, Health::Warning);
        assert!(of(&all, "role")[0].sentence.contains("your own credentials"), "{all:?}");
        assert!(!of(&all, "source").is_empty());
    }

    #[test]
    fn a_way_in_that_is_missing_does_not_point_back_here() {
        let call = crate::cloud::errors::CallError::malformed("sts:GetCallerIdentity", "no");
        for error in [
            ConnectError::NoCredentials {
                looked_for: "AWS_ACCESS_KEY_ID".to_owned(),
            },
            ConnectError::Credentials {
                why: crate::domain::Untrusted::new("no"),
            },
            ConnectError::NoRegion,
            ConnectError::Identity(call),
        ] {
            let said = unconnected(&error);
            assert!(!said.sentence.contains("doctor"), "{}", said.sentence);
            assert!(!said.advice.is_empty(), "{}", said.sentence);
            // What the error itself says first is what is said here too.
            let start = said.sentence.split(['.', ':']).next().unwrap_or_default();
            assert!(error.to_string().starts_with(start), "{error}");
        }
    }

    #[test]
    fn the_clock_is_judged_by_what_aws_allows() {
        for (seconds, health) in [
            (0, Health::Ok),
            (-59, Health::Ok),
            (60, Health::Warning),
            (-301, Health::Problem),
        ] {
            assert_eq!(clock_off_by(seconds).health, health, "{seconds}");
        }
        assert!(clock_off_by(400).sentence.contains("400 seconds behind"));
    }
}

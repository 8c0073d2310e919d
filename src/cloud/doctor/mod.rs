//! What `quell doctor` finds: identity, endpoint, clock, regions, the way to the findings, roles, sources, the queue, the topic.
//!
//! Owns: the questions and the advice. Must never: change anything, stop at the first problem, or print one fault of two hundred
//! accounts two hundred times.

mod clock;
mod group;
mod places;
mod queue;
#[cfg(test)]
mod tests;
mod topic;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::mpsc;

use super::config::ConnectOptions;
use super::connect::{Cloud, ConnectError};
use super::discover::{Remark, explore};
use super::feed;
use super::route::Found;
use crate::domain::{AccountId, Region, Untrusted};
use crate::findings::{Coverage, Source};
use group::Fault;
pub use topic::Notices;

/// Founds that wait to be looked at.
const WAITING: usize = 64;

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
pub async fn examine(options: &ConnectOptions, notices: &Notices) -> Vec<Examined> {
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
    all.push(clock::compare(&cloud).await);

    let met = met(&cloud).await;
    // What may be missing is a gap, for a script too: `quell findings` exits 3 for it.
    let health = if met.may_miss { Health::Problem } else { Health::Ok };
    let advice = if met.may_miss {
        "See below what was refused; or pin the way under [discovery] in the configuration, or name --account and --region."
    } else {
        ""
    };
    all.push(Examined::new("way", health, met.how, advice));

    let mut faults: Vec<Fault> = met.remarks.into_iter().map(Fault::from).collect();
    let (unopened, roles) = places::roles(&cloud, met.readers).await;
    faults.extend(roles);
    let read = feed::read_once(Arc::clone(&cloud)).await;
    // Reading looks for the way anew and may find another one, which is what `quell findings` would have gone.
    if read.may_miss && !met.may_miss {
        let sentence = format!("When the findings were read, the way was another: {}", read.how);
        let advice = "Try again; if it stays, pin the way under [discovery] in the configuration, or name --account and --region.";
        all.push(Examined::new("way", Health::Problem, sentence, advice));
    }
    // An account whose role cannot be assumed is named once, not again for each of its sources. One whose role was not tried, because
    // only the second look led to it, is told by its rows.
    let told = read.coverage.iter();
    let told = told.filter(|row| !unopened.contains(&row.via.unwrap_or(row.account)));
    let told = told.filter(|row| !met.without.contains_key(&place(row)));
    faults.extend(told.map(places::source));
    // These were never asked, so no session and no call can have failed.
    faults.extend(met.without.values().map(places::without));
    all.extend(group::grouped(faults, &met.names));
    if let Some(arn) = &options.queue {
        all.push(queue::reached(&cloud, arn).await);
    }
    all.extend(topic::looked_at(&cloud, notices).await);
    all
}

/// What discovery tells, gathered.
#[derive(Debug, Default)]
struct Met {
    how: String,
    may_miss: bool,
    /// The accounts whose sessions read.
    readers: BTreeSet<AccountId>,
    names: BTreeMap<AccountId, Untrusted>,
    /// The places that no route leads to.
    without: BTreeMap<Spot, Coverage>,
    remarks: Vec<Remark>,
}

type Spot = (AccountId, Region, Source);

fn place(row: &Coverage) -> Spot {
    (row.account, row.region.clone(), row.source)
}

async fn met(cloud: &Arc<Cloud>) -> Met {
    let (tx, mut rx) = mpsc::channel(WAITING);
    let exploring = tokio::spawn(explore(Arc::clone(cloud), tx));
    let mut met = Met::default();
    while let Some(found) = rx.recv().await {
        match found {
            Found::Accounts(accounts) => met.names.extend(accounts.into_iter().map(|a| (a.id, a.name))),
            Found::Route { route, .. } => {
                met.readers.insert(route.via);
            }
            Found::NoRoute(row) => {
                met.without.insert(place(&row), row);
            }
            // The feed gives these places their rows.
            Found::Covers { .. } => {}
            Found::Way { how, may_miss } => (met.how, met.may_miss) = (how, may_miss),
        }
    }
    if let Ok(remarks) = exploring.await {
        met.remarks = remarks;
    } else {
        met.may_miss = true;
        "quell's discovery failed, please report it.".clone_into(&mut met.how);
    }
    met
}

fn unconnected(error: &ConnectError) -> Examined {
    // The error's own sentences point to this command.
    let advice = match error {
        ConnectError::NoCredentials { .. } => {
            "Log in with `aws sso login` or `aws configure`, or name a profile with --profile. `quell drill` needs no credentials."
        }
        ConnectError::Credentials { .. } => "Log in again, or look at the profile in ~/.aws/config.",
        ConnectError::Bundle(_) => {
            "Name a file of certificates in the PEM format, or take the setting out: then those of the system are trusted."
        }
        ConnectError::NoRegion => "Give --region, or set AWS_REGION or a region in the profile.",
        ConnectError::Identity(_) => "Check the credentials, the network and the machine's clock.",
    };
    Examined::new("identity", Health::Problem, error.plain(), advice)
}

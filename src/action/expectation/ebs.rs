//! What must be true afterwards of snapshots that are evidence.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{EvidenceOf, State, Verdict};
use crate::action::answer::SnapshotLock;
use crate::action::facts::Facts;
use crate::action::mutation::Made;
use crate::action::query::{EbsQuery, Ec2Query, Query};
use crate::action::refusal::Stop;
use crate::domain::{AccountId, Arn, SnapshotId, Time, Untrusted};

/// Under this name a copy stands among what its call made.
pub const COPY: &str = "copy";

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum EbsState {
    /// The copy that the call made is complete, and encrypted with this key.
    Copied {
        call: usize,
        source: SnapshotId,
        key: Arn,
        /// How the copy is known where the call's answer, which names it, was lost. Plans of before have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<EvidenceOf>,
    },
    /// The account may make volumes of the snapshot, or may not.
    SharedWith {
        snapshot: SnapshotId,
        account: AccountId,
        shared: bool,
    },
    /// The snapshot is locked, until then at least; in plans of before there was no such time, for so many days.
    Locked {
        snapshot: SnapshotId,
        days: i32,
        compliance: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Time>,
    },
}

impl EbsState {
    fn query(&self, made: &Made) -> Option<Query> {
        match self {
            Self::Copied { call, of, .. } => {
                let named = named(*call, made).map(|id| Query::Ec2(Ec2Query::Snapshots { ids: vec![id] }));
                named.or_else(|| of.as_ref().map(EvidenceOf::query))
            }
            Self::SharedWith { snapshot, .. } => {
                let id = snapshot.clone();
                Some(Query::Ebs(EbsQuery::SnapshotShares { id }))
            }
            Self::Locked { snapshot, .. } => {
                let ids = vec![snapshot.clone()];
                Some(Query::Ebs(EbsQuery::SnapshotLocks { ids }))
            }
        }
    }
}

impl State for EbsState {
    fn queries(&self, made: &Made) -> Vec<Query> {
        self.query(made).into_iter().collect()
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            // A large snapshot may take a day.
            Self::Copied { .. } | Self::SharedWith { .. } | Self::Locked { .. } => None,
        }
    }

    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop> {
        let Some(query) = self.query(made) else {
            return Ok(Verdict::Failed("AWS did not say which copy it made.".to_owned()));
        };
        Ok(match self {
            Self::Copied { call, source, key, of } => {
                let found = facts.snapshots(&query)?;
                let copy = match (named(*call, made), of) {
                    (None, Some(of)) => of.copy_of(source, found),
                    _ => found.first(),
                };
                let Some(copy) = copy else {
                    return Ok(Verdict::Failed("The copy does not exist.".to_owned()));
                };
                match copy.state.as_str() {
                    "completed" if copy.kms_key.as_ref() == Some(key) => Verdict::Verified,
                    "completed" => Verdict::Failed(format!("{} is not encrypted with {key}.", copy.id)),
                    "error" => {
                        let why = copy.state_message.as_ref().map_or_else(String::new, Untrusted::shown);
                        Verdict::Failed(format!("{} is in the state error: {why}", copy.id))
                    }
                    _ => Verdict::Pending(format!("{} {}", copy.id, Untrusted::new(copy.progress.as_str()))),
                }
            }
            Self::SharedWith { account, shared, .. } => {
                if facts.snapshot_shares(&query)?.accounts.contains(account) == *shared {
                    Verdict::Verified
                } else {
                    let word = if *shared { "not shared" } else { "still shared" };
                    Verdict::Failed(format!("it is {word} with {account}."))
                }
            }
            Self::Locked {
                days,
                compliance,
                until,
                ..
            } => {
                let found = facts.snapshot_locks(&query)?.iter().find(|lock| lock.holds());
                let long = |lock: &SnapshotLock| match until {
                    Some(until) => lock.holds_until(*until),
                    None => lock.days >= Some(*days),
                };
                let mode = if *compliance { "compliance" } else { "governance" };
                match found {
                    None => Verdict::Failed("it is not locked.".to_owned()),
                    Some(lock) if lock.state == mode && long(lock) => Verdict::Verified,
                    Some(lock) => Verdict::Failed(format!("its lock is {}.", lock.shown())),
                }
            }
        })
    }

    fn found(&self, facts: &Facts, made: &Made) -> Option<String> {
        let Self::Copied {
            call,
            source,
            of: Some(of),
            ..
        } = self
        else {
            return None;
        };
        // Where AWS named it, it stands beside the call.
        if named(*call, made).is_some() {
            return None;
        }
        let copy = of.copy_of(source, facts.snapshots(&of.query()).ok()?)?;
        Some(format!("found by its tags: {}", copy.id))
    }
}

/// The copy that the call says it made.
fn named(call: usize, made: &Made) -> Option<SnapshotId> {
    made.get(&call)?.get(COPY)?.parse().ok()
}

impl fmt::Display for EbsState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Copied { source, key, .. } => write!(f, "the copy of {source} is complete, under {key}"),
            Self::SharedWith {
                snapshot,
                account,
                shared,
            } => {
                let word = if *shared { "is" } else { "is not" };
                write!(f, "{snapshot} {word} shared with {account}")
            }
            Self::Locked {
                snapshot,
                days,
                compliance,
                until,
            } => {
                let mode = if *compliance { "compliance" } else { "governance" };
                match until {
                    Some(until) => write!(f, "{snapshot} is locked until {until} at least ({mode})"),
                    None => write!(f, "{snapshot} is locked for {days} days ({mode})"),
                }
            }
        }
    }
}

//! The snapshot that comes before the isolation: whether there is one, and the plan that takes it.
//!
//! Owns: what counts as this incident's snapshot. Must never: let the groups be changed in the plan that takes it. RDS changes only
//! databases that are `available`, and one is `backing-up` while its snapshot is made (RDS User Guide, "Viewing Amazon RDS DB instance
//! status"; `InvalidDBInstanceState` and `InvalidDBClusterStateFault` of the API reference), so such a plan would stop half way.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::super::answer::DatabaseSnapshot;
use super::super::expectation::Expectation;
use super::super::facts::Facts;
use super::super::mutation::Mutation;
use super::super::plan::{Draft, PlannedCall, Request, Undo};
use super::super::query::{Query, RdsQuery};
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::target::{Found, named};
use crate::action::{RdsCall, RdsState};
use crate::domain::{DatabaseId, Untrusted};

pub const SNAPSHOT: &str = "snapshot";
/// What is chosen where there shall be none.
pub const NONE: &str = "none";

/// Evidence that is older is gone on from with a warning.
const OLD: SignedDuration = SignedDuration::from_hours(1);

/// The snapshots of this incident.
#[derive(Clone, Copy, Debug)]
pub enum Evidence<'f> {
    /// None is asked for.
    NotWanted,
    /// It has yet to be taken.
    Missing,
    /// It is being made.
    Underway(&'f DatabaseSnapshot),
    /// It is there.
    Ready(&'f DatabaseSnapshot),
}

/// What is asked about snapshots, beside what is asked about the database itself.
pub fn questions(request: &Request) -> Result<Vec<Query>, Stop> {
    if request.choice(SNAPSHOT) == Some(NONE) {
        return Ok(Vec::new());
    }
    let (id, is_cluster) = named(request)?;
    let kinds = [false, true].into_iter();
    let kinds = kinds.filter(|of_cluster| is_cluster.is_none_or(|is| is == *of_cluster));
    Ok(kinds.map(|of_cluster| question(request, &id, of_cluster)).collect())
}

fn question(request: &Request, of: &DatabaseId, of_cluster: bool) -> Query {
    Query::Rds(RdsQuery::DatabaseEvidence {
        of: of.clone(),
        of_cluster,
        incident: request.incident.clone(),
    })
}

/// What there is of this incident's snapshots: the newest counts, and one that failed is none.
pub fn evidence<'f>(request: &Request, found: &Found<'_>, facts: &'f Facts) -> Result<Evidence<'f>, Stop> {
    if request.choice(SNAPSHOT) == Some(NONE) {
        return Ok(Evidence::NotWanted);
    }
    let all = facts.database_snapshots(&question(request, &found.database.id, found.is_cluster))?;
    Ok(newest(all))
}

/// One that is being made and has no time yet is newer than any that has one.
fn newest(all: &[DatabaseSnapshot]) -> Evidence<'_> {
    let of_use = all.iter().filter_map(|snapshot| match snapshot.status.as_str() {
        "available" => Some((false, snapshot)),
        "creating" | "copying" => Some((true, snapshot)),
        _ => None,
    });
    let newest = of_use.max_by_key(|(underway, s)| (*underway && s.created.is_none(), s.created, *underway, &s.id));
    match newest {
        Some((true, underway)) => Evidence::Underway(underway),
        Some((false, ready)) => Evidence::Ready(ready),
        None => Evidence::Missing,
    }
}

/// Refuses while this incident's snapshot is being made.
pub fn wait_for(underway: &DatabaseSnapshot, found: &Found<'_>) -> Stop {
    Refusal::new(
        RefusalKind::WrongTarget,
        format!(
            "Snapshot {} of {} is at {}%: RDS changes nothing of a database while its snapshot is made.",
            Untrusted::new(&underway.id),
            found.database.id,
            underway.progress
        ),
        "Plan it again when the snapshot is available: that plan changes the groups.",
    )
    .into()
}

/// The snapshot's identifier: the incident, the database and the second; letters, digits and single hyphens.
fn snapshot_id(request: &Request, of: &DatabaseId) -> Option<DatabaseId> {
    let raw = format!("quell-{}-{of}-{}", request.incident, request.at.as_second()).to_ascii_lowercase();
    let words: Vec<&str> = raw
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-").parse().ok()
}

/// The plan that takes it and does nothing else; no plan where the incident's name leaves it without one.
pub fn take(request: &Request, found: &Found<'_>) -> Option<Draft> {
    let id = &found.database.id;
    let name = snapshot_id(request, id)?;
    let tags: BTreeMap<String, String> = [
        ("quell:incident", request.incident.clone()),
        ("quell:database", id.to_string()),
        ("quell:taken-at", request.at.to_string()),
    ]
    .map(|(k, v)| (k.to_owned(), v))
    .into();
    let (snapshot, of_cluster) = (name.clone(), found.is_cluster);
    let mutation = if of_cluster {
        RdsCall::CreateDBClusterSnapshot {
            cluster: id.clone(),
            snapshot,
            tags,
        }
    } else {
        RdsCall::CreateDBSnapshot {
            database: id.clone(),
            snapshot,
            tags,
        }
    };
    let mut draft = Draft::default();
    draft.calls.push(PlannedCall {
        mutation: Mutation::Rds(mutation),
        undo: Undo::Kept,
        was: None,
    });
    draft
        .expectations
        .push(Expectation::Rds(RdsState::DatabaseSnapshotAvailable {
            id: name,
            of_cluster,
        }));
    if found.database.status != "available" {
        draft.warnings.push(format!(
            "It is {}: RDS may refuse the snapshot (InvalidDBInstanceState); then isolate without one: --with {SNAPSHOT}={NONE}.",
            Untrusted::new(&found.database.status)
        ));
    }
    draft.warnings.push(format!(
        "The first of two plans: it takes the snapshot and leaves {} open. RDS refuses a change of groups while a snapshot is made \
         (InvalidDBInstanceState), so plan isolate-database again as soon as it is available: that plan changes the groups. Where \
         that cannot wait, isolate without evidence: --with {SNAPSHOT}={NONE}.",
        found.database.id
    ));
    draft.then = Some("when the snapshot is available, plan it again: that plan changes the groups".to_owned());
    draft
        .lost
        .push("The snapshot stays: it is evidence, and quell never deletes it.".to_owned());
    Some(draft)
}

/// Says which snapshot the isolation goes on from, and of when it is.
pub fn goes_on_from(ready: &DatabaseSnapshot, request: &Request, draft: &mut Draft) {
    let id = Untrusted::new(&ready.id);
    let taken = ready.created.map_or_else(
        || "at a time that RDS does not say".to_owned(),
        |at| {
            let minutes = request.at.duration_since(at).as_mins().max(0);
            let age = if minutes < 120 {
                format!("{minutes} minutes")
            } else {
                format!("{} hours", minutes / 60)
            };
            format!("{at:.0}, {age} before this plan")
        },
    );
    draft.neighbours.push(format!(
        "The evidence is there: snapshot {id} of this incident, taken {taken}, is available, and stays."
    ));
    if ready.created.is_none_or(|at| request.at.duration_since(at) > OLD) {
        draft.warnings.push(format!(
            "Snapshot {id} was taken {taken}: what was done to the database since is not in it. Where that matters, take another by \
             hand with the tag quell:incident={} and plan again; the newest counts.",
            request.incident
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(id: &str, status: &str, created: Option<&str>) -> DatabaseSnapshot {
        DatabaseSnapshot {
            id: id.to_owned(),
            status: status.to_owned(),
            progress: 0,
            created: created.map(|at| at.parse().unwrap()),
        }
    }

    #[test]
    fn the_newest_snapshot_counts_and_one_that_failed_is_none() {
        let (early, late) = (Some("2026-03-01T10:00:00Z"), Some("2026-03-01T11:00:00Z"));
        let ready = |id, at| snapshot(id, "available", at);
        let underway = |id, at| snapshot(id, "creating", at);
        let failed = snapshot("failed", "failed", late);
        for (all, word, id) in [
            (vec![ready("a", early), ready("b", late)], "ready", "b"),
            (vec![ready("b", late), ready("a", early)], "ready", "b"),
            (vec![ready("a", early), underway("b", late)], "underway", "b"),
            (vec![underway("a", early), ready("b", late)], "ready", "b"),
            (vec![ready("a", late), underway("b", None)], "underway", "b"),
            (vec![ready("a", None), ready("b", early)], "ready", "b"),
            (vec![failed.clone(), ready("a", early)], "ready", "a"),
            (vec![failed.clone()], "missing", ""),
        ] {
            let (found, which) = match newest(&all) {
                Evidence::Ready(ready) => ("ready", ready.id.as_str()),
                Evidence::Underway(underway) => ("underway", underway.id.as_str()),
                Evidence::Missing => ("missing", ""),
                Evidence::NotWanted => ("not wanted", ""),
            };
            assert_eq!((found, which), (word, id), "{all:?}");
        }
    }
}

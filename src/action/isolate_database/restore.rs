//! Undoing an isolation: the groups and the public addresses that were recorded are put back.
//!
//! What somebody changed since is shown and never overwritten silently. The snapshot stays, and a new password stays new.

use super::super::Done;
use super::super::expectation::Expectation;
use super::super::facts::Facts;
use super::super::mutation::{Mutation, Ref};
use super::super::plan::{Draft, PlannedCall, Request, Undo};
use super::super::query::{Ec2Query, Query};
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::list;
use super::target::{Found, find};
use crate::action::{RdsCall, RdsState};

/// The calls that put back what `done` changed.
pub fn draft(request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
    let changed = |change: &Mutation| {
        matches!(
            change,
            Mutation::Rds(
                RdsCall::ModifyDBInstance { groups: Some(_), .. }
                    | RdsCall::ModifyDBInstance { public: Some(_), .. }
                    | RdsCall::ModifyDBCluster { groups: Some(_), .. }
            )
        )
    };
    if !done.changes().any(changed) {
        return Err(Refusal::new(
            RefusalKind::NothingToUndo,
            format!(
                "Record {} changed no database's groups or address: a snapshot, a group or a password that it made stays.",
                done.seq
            ),
            "Give the sequence number of the plan that changed the groups.",
        )
        .into());
    }
    let before = find(request, &done.plan.before).map_err(|stop| match stop {
        Stop::Ask(_) => Refusal::new(
            RefusalKind::NothingToUndo,
            format!("Record {} does not say how the database was before.", done.seq),
            "Put its groups back by hand.",
        )
        .into(),
        refuse @ Stop::Refuse(_) => refuse,
    })?;
    // A recorded group that was deleted since makes this read fail, and the refusal names it.
    let recorded = Query::Ec2(Ec2Query::Groups {
        ids: before.database.groups.clone(),
    });
    let now = match find(request, facts) {
        Err(Stop::Ask(mut queries)) => {
            queries.extend(facts.get(&recorded).is_none().then(|| recorded.clone()));
            return Err(Stop::Ask(queries));
        }
        found => found?,
    };
    facts.groups(&recorded)?;

    let mut draft = Draft::default();
    restore_groups(&before, &now, done, &mut draft)?;
    restore_addresses(&before, &now, done, &mut draft);
    if draft.calls.is_empty() {
        return Err(Refusal::new(
            RefusalKind::NothingToUndo,
            format!("{} is already as it was before.", now.database.id),
            "Nothing needs to be done.",
        )
        .into());
    }
    draft
        .warnings
        .push("The database can be reached again as soon as this is applied.".to_owned());
    let renewed = done.changes().any(|change| {
        matches!(
            change,
            Mutation::Rds(
                RdsCall::ModifyDBInstance { password: Some(_), .. }
                    | RdsCall::ModifyDBCluster { password: Some(_), .. }
            )
        )
    });
    if renewed {
        draft
            .lost
            .push("The master user's old password: Secrets Manager keeps the new one.".to_owned());
    }
    draft
        .neighbours
        .push("The sealed group and the snapshot stay: the one harms nobody, the other is evidence.".to_owned());
    Ok(draft)
}

fn back(call: RdsCall) -> PlannedCall {
    PlannedCall {
        mutation: Mutation::Rds(call),
        undo: Undo::Kept,
        was: None,
    }
}

/// The groups that the plan gave, as far as it came.
fn given(done: &Done) -> Vec<String> {
    let groups = done.changes().filter_map(|change| {
        if let Mutation::Rds(
            RdsCall::ModifyDBInstance {
                groups: Some(groups), ..
            }
            | RdsCall::ModifyDBCluster {
                groups: Some(groups), ..
            },
        ) = change
        {
            Some(groups)
        } else {
            None
        }
    });
    groups
        .flatten()
        .filter_map(|group| group.resolve(&done.made).ok())
        .collect()
}

fn restore_groups(before: &Found<'_>, now: &Found<'_>, done: &Done, draft: &mut Draft) -> Result<(), Stop> {
    let (was, is) = (before.database, now.database);
    if was.groups == is.groups {
        return Ok(());
    }
    let ours = given(done);
    if ours.is_empty() {
        // No call of this record that gives groups took effect: what it has by now is another's doing.
        draft.warnings.push(format!(
            "{} has other groups than before, and record {} did not give it them: they stay.",
            is.id, done.seq
        ));
        return Ok(());
    }
    if !is.groups.iter().all(|group| ours.iter().any(|id| id == group.as_str())) {
        return Err(Refusal::new(
            RefusalKind::Drifted,
            format!(
                "Somebody changed {} since: it has {}, and the isolation gave it {}.",
                is.id,
                list(&is.groups),
                ours.join(", ")
            ),
            format!(
                "It had {} before. Settle this one by hand, so that nobody's change is lost.",
                list(&was.groups)
            ),
        )
        .into());
    }
    let groups: Vec<Ref> = was.groups.iter().map(|g| Ref::Id(g.to_string())).collect();
    draft.calls.push(back(if now.is_cluster {
        RdsCall::ModifyDBCluster {
            cluster: is.id.clone(),
            groups: Some(groups.clone()),
            password: None,
        }
    } else {
        RdsCall::ModifyDBInstance {
            database: is.id.clone(),
            groups: Some(groups.clone()),
            public: (was.public && !is.public).then_some(true),
            password: None,
        }
    }));
    draft.expectations.push(Expectation::Rds(RdsState::DatabaseGroups {
        id: is.id.clone(),
        cluster: now.is_cluster,
        groups,
    }));
    Ok(())
}

/// Gives back the public addresses that the plan took.
fn restore_addresses(before: &Found<'_>, now: &Found<'_>, done: &Done, draft: &mut Draft) {
    for was in before.public() {
        let taken = done.changes().any(|change| {
            matches!(change, Mutation::Rds(RdsCall::ModifyDBInstance { database, public: Some(false), .. }) if *database == was.id)
        });
        let own = std::iter::once(now.database).filter(|_| !now.is_cluster);
        let Some(is) = own.chain(now.members).find(|database| database.id == was.id) else {
            draft.lost.push(format!(
                "{} is no longer there; its public address cannot be given back.",
                was.id
            ));
            continue;
        };
        if !taken || is.public {
            continue;
        }
        let given = draft.calls.iter().any(|call| {
            matches!(&call.mutation, Mutation::Rds(RdsCall::ModifyDBInstance { database, public: Some(true), .. }) if *database == was.id)
        });
        if !given {
            draft.calls.push(back(RdsCall::ModifyDBInstance {
                database: was.id.clone(),
                groups: None,
                public: Some(true),
                password: None,
            }));
        }
        draft.expectations.push(Expectation::Rds(RdsState::DatabasePublic {
            id: was.id.clone(),
            on: true,
        }));
        draft.warnings.push(format!(
            "{} gets a public address again, and another one than before.",
            was.id
        ));
    }
}

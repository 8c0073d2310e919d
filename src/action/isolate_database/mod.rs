//! `isolate-database`: snapshots an RDS instance or Aurora cluster, and then gives it the sealed group and no public address.
//!
//! The snapshot comes first, for evidence, in a plan of its own; when it is available, the next plan changes the groups. RDS takes the
//! whole list of groups at once, so there is no conversion step as for an instance: connections that are tracked may live on, and the
//! plan says what ends them.

mod evidence;
mod password;
mod restore;
mod target;

use std::collections::BTreeSet;

use super::choice::{Choice, Takes};
use super::expectation::Expectation;
use super::facts::Facts;
use super::isolate_instance::groups::{self, ContainmentGroups, Role};
use super::mutation::{Mutation, Ref};
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{Ec2Query, LookupKey, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Done, Step, radius};
use crate::action::{RdsCall, RdsState};
use crate::domain::{GroupId, ResourceKind, VpcId};
use evidence::{Evidence, NONE, SNAPSHOT};
use password::{MASTER_PASSWORD, Password};
use target::{Found, find};

#[derive(Debug)]
pub struct IsolateDatabase;

impl Action for IsolateDatabase {
    fn name(&self) -> ActionName {
        ActionName::IsolateDatabase
    }

    fn step(&self) -> Step {
        Step::Isolate
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Database]
    }

    fn choices(&self) -> &'static [Choice] {
        &[
            Choice {
                name: SNAPSHOT,
                takes: Takes::OneOf(&["first", NONE]),
                about: "Whether a snapshot is taken before anything is changed, by a plan of its own (first, unless none is chosen).",
            },
            password::CHOICE,
            password::PENDING_CHOICE,
        ]
    }

    fn summary(&self) -> &'static str {
        "Snapshot an RDS instance or Aurora cluster, then cut it off: the sealed security group, no public address."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let snapshots = evidence::questions(request)?;
        let found = match find(request, facts) {
            Err(Stop::Ask(mut queries)) => {
                queries.extend(snapshots.into_iter().filter(|query| facts.get(query).is_none()));
                return Err(Stop::Ask(queries));
            }
            found => found?,
        };
        let (groups_before, vpc) = (found.database.groups.clone(), found.vpc()?);
        let rules = Query::Ec2(Ec2Query::Groups {
            ids: groups_before.clone(),
        });
        let mut more = vec![
            rules.clone(),
            Query::Ec2(Ec2Query::ContainmentGroups { vpc: vpc.clone() }),
            Query::Ec2(Ec2Query::Vpc { id: vpc.clone() }),
        ];
        more.extend(password::question(request, found.database)?);
        facts.want(more)?;
        let containment = groups::existing(&BTreeSet::from([vpc.clone()]), &groups::Endpoints::new(), facts)?;
        let evidence = evidence::evidence(request, &found, facts)?;
        let password = password::chosen(request, found.database, facts)?;
        let is_cut_off = is_cut_off(&found, containment.get(&vpc, Role::Sealed));
        refuse(&found, is_cut_off && password.is_none(), evidence)?;
        if let Some(password) = password.filter(|_| is_cut_off) {
            return Ok(password_alone(password, &found));
        }

        let mut draft = Draft::default();
        match evidence {
            Evidence::Missing => match evidence::take(request, &found) {
                Some(draft) => return Ok(draft),
                None => draft.warnings.push(
                    "No snapshot is taken: the incident's name is too long for a snapshot's. Take one by hand first."
                        .to_owned(),
                ),
            },
            Evidence::Ready(snapshot) => evidence::goes_on_from(snapshot, request, &mut draft),
            Evidence::NotWanted | Evidence::Underway(_) => {}
        }
        seal(request, (&found, password), &vpc, containment, facts, &mut draft)?;
        warn(request, &found, &mut draft);
        if let Some(groups) = facts.advisory(facts.groups(&rules), &mut draft.warnings)? {
            let peers: BTreeSet<String> = groups
                .iter()
                .flat_map(|g| &g.ingress)
                .map(|rule| crate::domain::Untrusted::new(&rule.peer).shown())
                .collect();
            if !peers.is_empty() {
                let peers: Vec<String> = peers.into_iter().collect();
                draft
                    .neighbours
                    .push(format!("Cut off from it: whoever comes from {}.", peers.join(", ")));
            }
        }
        let id = &found.database.id;
        radius::lately(
            LookupKey::ResourceName,
            id.as_str(),
            &format!("Managing {id}"),
            facts,
            &mut draft,
        )?;
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        restore::draft(request, done, facts)
    }
}

/// Whether it has the sealed group alone and no public address.
fn is_cut_off(found: &Found<'_>, sealed: Option<&Ref>) -> bool {
    let is_sealed = match (sealed, found.database.groups.as_slice()) {
        (Some(Ref::Id(sealed)), [only]) => only.as_str() == sealed,
        _ => false,
    };
    is_sealed && !found.is_public()
}

/// What is left to do for one that is cut off already, where it is learnt late that the password leaked.
fn password_alone(password: Password<'_>, found: &Found<'_>) -> Draft {
    let (database, call) = (found.database.id.clone(), Some(password.call()));
    let mutation = if found.is_cluster {
        RdsCall::ModifyDBCluster {
            cluster: database,
            groups: None,
            password: call,
        }
    } else {
        RdsCall::ModifyDBInstance {
            database,
            groups: None,
            public: None,
            password: call,
        }
    };
    let mut draft = Draft::default();
    draft.calls.push(PlannedCall {
        mutation: Mutation::Rds(mutation),
        undo: Undo::Irreversible,
        was: None,
    });
    draft.warnings.push(format!(
        "{} has the sealed group alone already, and no public address: only its master password is made anew.",
        found.database.id
    ));
    password::told(password, found, &mut draft);
    draft
}

/// Refuses what is done already, and what RDS would not take.
fn refuse(found: &Found<'_>, is_done: bool, evidence: Evidence<'_>) -> Result<(), Stop> {
    let database = found.database;
    let refuse = |kind, why: String, instead: String| Err(Refusal::new(kind, why, instead).into());
    if let Some(cluster) = &database.cluster {
        return refuse(
            RefusalKind::WrongTarget,
            format!(
                "{} is a member of the cluster {cluster}, which has the groups.",
                database.id
            ),
            format!("Isolate the cluster: isolate-database {cluster}."),
        );
    }
    if is_done {
        return refuse(
            RefusalKind::AlreadyDone,
            format!(
                "{} has the sealed group alone already, and no public address.",
                database.id
            ),
            format!(
                "Verify it from the journal: the record of the plan that did it has its checks. A new master password is made all \
                 the same: --with {MASTER_PASSWORD}=yes."
            ),
        );
    }
    if let Evidence::Underway(snapshot) = evidence {
        return Err(evidence::wait_for(snapshot, found));
    }
    let status = crate::domain::Untrusted::new(&database.status);
    match (database.status.as_str(), evidence) {
        ("available", _) | ("backing-up", Evidence::NotWanted | Evidence::Ready(_)) => Ok(()),
        // It serves on in these, some for days, so whether it takes the change is left to RDS.
        (serving, _) if is_serving(serving) => Ok(()),
        ("backing-up", _) => refuse(
            RefusalKind::WrongTarget,
            format!("{} is backing-up: RDS takes no second snapshot meanwhile.", database.id),
            format!(
                "Plan it again when it is available. Where that cannot wait, try without one, which RDS may refuse too: --with \
                 {SNAPSHOT}={NONE}."
            ),
        ),
        _ => refuse(
            RefusalKind::WrongTarget,
            format!("{} is {status}; RDS changes only databases that serve.", database.id),
            "Wait until it is available. One that is stopped serves nobody; start it only into a sealed group."
                .to_owned(),
        ),
    }
}

/// Whether a database that is not `available` serves all the same (RDS User Guide, "Viewing Amazon RDS DB instance status"). Whoever
/// fills its storage must not be able to keep it from being isolated.
fn is_serving(status: &str) -> bool {
    ["storage-", "configuring-"].iter().any(|kind| status.starts_with(kind))
}

/// The groups' ids.
fn list(groups: &[GroupId]) -> String {
    groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn seal(
    request: &Request,
    (found, password): (&Found<'_>, Option<Password<'_>>),
    vpc: &VpcId,
    mut containment: ContainmentGroups,
    facts: &Facts,
    draft: &mut Draft,
) -> Result<(), Stop> {
    containment.make_missing(
        request,
        (vpc, &[Role::Sealed]),
        (&groups::Endpoints::new(), facts),
        draft,
    )?;
    let Some(group) = containment.get(vpc, Role::Sealed) else {
        return Ok(());
    };
    let (database, groups) = (found.database, vec![group.clone()]);
    let id = database.id.clone();
    let new = password.map(Password::call);
    let mutation = if found.is_cluster {
        RdsCall::ModifyDBCluster {
            cluster: id.clone(),
            groups: Some(groups.clone()),
            password: new,
        }
    } else {
        RdsCall::ModifyDBInstance {
            database: id.clone(),
            groups: Some(groups.clone()),
            public: database.public.then_some(false),
            password: new,
        }
    };
    draft.calls.push(PlannedCall {
        mutation: Mutation::Rds(mutation),
        undo: Undo::Reversible,
        was: Some(list(&database.groups)),
    });
    for member in found.members.iter().filter(|member| member.public) {
        draft.calls.push(PlannedCall {
            mutation: Mutation::Rds(RdsCall::ModifyDBInstance {
                database: member.id.clone(),
                groups: None,
                public: Some(false),
                password: None,
            }),
            undo: Undo::Reversible,
            was: None,
        });
    }
    draft
        .expectations
        .push(Expectation::Ec2(crate::action::Ec2State::Sealed {
            group: group.clone(),
        }));
    draft.expectations.push(Expectation::Rds(RdsState::DatabaseGroups {
        id,
        cluster: found.is_cluster,
        groups,
    }));
    for public in found.public() {
        draft.expectations.push(Expectation::Rds(RdsState::DatabasePublic {
            id: public.id.clone(),
            on: false,
        }));
    }
    if let Some(password) = password {
        password::told(password, found, draft);
    }
    Ok(())
}

fn warn(request: &Request, found: &Found<'_>, draft: &mut Draft) {
    let database = found.database;
    draft.warnings.push(
        "Connections that are open now are tracked and may live on: a reboot of the database ends them, and so does ending the sessions in it (pg_terminate_backend, KILL)."
            .to_owned(),
    );
    if database.status != "available" {
        draft.warnings.push(format!(
            "It is {}: RDS may refuse the change (InvalidDBInstanceState). Then it is as it was, and open; plan it again as soon as it \
             is available.",
            crate::domain::Untrusted::new(&database.status)
        ));
    }
    if database.data_api {
        draft.warnings.push(format!(
            "The Data API of {} answers on: it goes past groups and addresses. Switch it off (rds:DisableHttpEndpoint), or contain who may call it (rds-data:ExecuteStatement).",
            database.id
        ));
    }
    let all = std::iter::once(database).chain(found.members);
    let replicas: BTreeSet<String> = all
        .flat_map(|d| &d.replicas)
        .map(crate::domain::Untrusted::shown)
        .collect();
    if !replicas.is_empty() {
        let replicas: Vec<String> = replicas.into_iter().collect();
        draft.warnings.push(format!(
            "Its read replicas hold the same data and stay open: {}. Isolate each by a plan of its own.",
            replicas.join(", ")
        ));
    }
    if !request.chose(MASTER_PASSWORD) {
        let user = if database.master_user.raw().is_empty() {
            "the master user".to_owned()
        } else {
            format!("the master user {}", database.master_user)
        };
        draft.warnings.push(format!(
            "The password of {user} stays as it is, and so do those of the users inside: --with {MASTER_PASSWORD}=yes has a new one made."
        ));
    }
    if found.is_cluster {
        let members: Vec<&str> = found.members.iter().map(|m| m.id.as_str()).collect();
        draft.neighbours.push(format!(
            "Every instance of the cluster is cut off, readers too: {}.",
            if members.is_empty() {
                "none".to_owned()
            } else {
                members.join(", ")
            }
        ));
    }
    draft.neighbours.push(format!(
        "The groups {} stay as they are for whatever else has them.",
        list(&database.groups)
    ));
}

//! Which database is meant: an instance or an Aurora cluster, by identifier or ARN.

use super::super::answer::Database;
use super::super::facts::{Facts, ReadFailureKind};
use super::super::plan::Request;
use super::super::query::{LookupKey, Query, RdsQuery};
use super::super::radius;
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::super::target::article;
use crate::domain::{Arn, DatabaseId, ResourceKind, Untrusted, VpcId};

/// The database as it is now.
pub struct Found<'f> {
    pub database: &'f Database,
    pub is_cluster: bool,
    /// The instances of a cluster.
    pub members: &'f [Database],
}

impl Found<'_> {
    /// Whatever of it has a public address.
    pub fn public(&self) -> impl Iterator<Item = &Database> {
        let own = Some(self.database).filter(|d| d.public && !self.is_cluster);
        own.into_iter()
            .chain(self.members.iter().filter(|member| member.public))
    }

    pub fn is_public(&self) -> bool {
        self.public().next().is_some()
    }

    /// The network that it is in. A cluster's answer does not say; its members' do.
    pub fn vpc(&self) -> Result<VpcId, Stop> {
        let members = self.members.iter().find_map(|member| member.vpc.clone());
        self.database.vpc.clone().or(members).ok_or_else(|| {
            Refusal::new(
                RefusalKind::WrongTarget,
                format!("RDS does not say which VPC {} is in.", self.database.id),
                "A cluster without instances serves nobody: there is nothing to cut off.",
            )
            .into()
        })
    }
}

/// What the request says: the identifier, and where it is an ARN, whether it is a cluster's.
pub fn named(request: &Request) -> Result<(DatabaseId, Option<bool>), Stop> {
    const EXAMPLE: &str = "isolate-database needs the identifier or ARN of a DB instance or an Aurora cluster.";
    let wrong = |why: String| Stop::from(Refusal::new(RefusalKind::WrongTarget, why, EXAMPLE));
    if request.target.kind != ResourceKind::Database {
        let given = article(request.target.kind);
        return Err(wrong(format!("{} is {given}, not a database.", request.target)));
    }
    let text = request.target.id.raw();
    let (id, cluster) = match text.parse::<Arn>() {
        Err(_) => (text.to_owned(), None),
        Ok(arn) => {
            if arn.service() != "rds"
                || arn.region() != request.region.as_str()
                || arn.account() != request.account.as_str()
            {
                return Err(wrong(format!(
                    "{} is not a database of {} in {}.",
                    request.target, request.account, request.region
                )));
            }
            match arn.resource().split_once(':') {
                Some(("db", id)) => (id.to_owned(), Some(false)),
                Some(("cluster", id)) => (id.to_owned(), Some(true)),
                _ => {
                    return Err(wrong(format!(
                        "{} is neither an instance nor a cluster.",
                        request.target
                    )));
                }
            }
        }
    };
    let id = id
        .to_ascii_lowercase()
        .parse()
        .map_err(|bad| wrong(format!("{bad}.")))?;
    Ok((id, cluster))
}

/// Reads what there is. What only informs is asked for beside it.
pub fn find<'f>(request: &Request, facts: &'f Facts) -> Result<Found<'f>, Stop> {
    let (id, is_cluster) = named(request)?;
    let instance = Query::Rds(RdsQuery::Database { id: id.clone() });
    let cluster = Query::Rds(RdsQuery::DatabaseCluster { id: id.clone() });
    let members = Query::Rds(RdsQuery::ClusterMembers { of: id.clone() });
    let mut first = vec![radius::question(LookupKey::ResourceName, id.as_str())];
    if is_cluster != Some(true) {
        first.push(instance.clone());
    }
    if is_cluster != Some(false) {
        first.extend([cluster.clone(), members.clone()]);
    }
    facts.want(first)?;
    let is_there = |query: &Query| {
        let failure = facts.get(query).and_then(|reading| reading.result.as_ref().err());
        failure.is_none_or(|failure| failure.kind != ReadFailureKind::NotFound)
    };
    let as_cluster = match is_cluster {
        Some(said) => said,
        None => match (is_there(&instance), is_there(&cluster)) {
            (true, true) => {
                return Err(Refusal::new(
                    RefusalKind::WrongTarget,
                    format!("{id} is the name of an instance and of a cluster."),
                    "Give the ARN of the one that is meant.",
                )
                .into());
            }
            (false, true) => true,
            (true, false) => false,
            (false, false) => {
                return Err(Refusal::new(
                    RefusalKind::Gone,
                    format!(
                        "AWS knows no DB instance and no cluster {} in {} {}.",
                        Untrusted::new(id.as_str()),
                        request.account,
                        request.region
                    ),
                    "Check the account and region, or whether it was deleted since the finding.",
                )
                .into());
            }
        },
    };
    Ok(if as_cluster {
        Found {
            database: facts.database(&cluster)?,
            is_cluster: true,
            members: facts.databases(&members)?,
        }
    } else {
        Found {
            database: facts.database(&instance)?,
            is_cluster: false,
            members: &[],
        }
    })
}

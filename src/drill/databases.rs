//! Databases and secrets of a scenario.

use std::collections::BTreeMap;

use super::build::Builder;
use super::error::Fault;
use super::schema::{self, Name};
use crate::domain::{AccountId, Region};
use crate::range::services::rds::{self, Cluster, Instance, Master, Network};
use crate::range::services::secretsmanager::{Secret, Version};

impl Builder<'_> {
    /// RDS instances, and Aurora clusters with theirs.
    pub fn add_databases(&mut self) -> Result<(), Fault> {
        for spec in &self.file.database {
            let vpc_name = spec.vpc.as_ref().as_str();
            let home = self.vpcs.get(vpc_name).cloned();
            let home = home.ok_or_else(|| Fault::at(&spec.vpc, format!("no [[vpc]] is called {vpc_name:?}")))?;
            let mut groups = Vec::new();
            for group in &spec.groups {
                let found = self.groups.get(&(vpc_name, group.as_ref().as_str()));
                groups.push(found.cloned().ok_or_else(|| {
                    Fault::at(
                        group,
                        format!("no [[group]] of {vpc_name} is called {:?}", group.as_ref()),
                    )
                })?);
            }
            groups.sort();
            let kms_key = self.key_of(home.account, &home.region, spec.key.as_ref())?;
            let name = spec.name.as_ref().clone();
            let created = self.ago(spec.created);
            let status = if spec.stopped { "stopped" } else { "available" };
            let master = Master {
                user: "postgres".to_owned(),
                managed: spec.managed_password,
                rotated: 0,
                renewed: None,
            };
            let network = Network { groups, changed: None };
            let Some(regional) = self.regional(&home.account, &home.region) else {
                continue;
            };
            let clustered = spec.members > 0;
            if spec.managed_password {
                rds::keep_master_secret(&mut regional.secretsmanager, &name, clustered, created);
            }
            let usual = if clustered { "aurora-postgresql" } else { "postgres" };
            let engine = spec.engine.as_deref().unwrap_or(usual);
            if clustered {
                let cluster = Cluster {
                    id: name.clone(),
                    engine: engine.to_owned(),
                    status: status.to_owned(),
                    created,
                    vpc: home.id.clone(),
                    network: network.clone(),
                    kms_key: kms_key.clone(),
                    data_api: false,
                    master: master.clone(),
                    pending: BTreeMap::new(),
                    tags: spec.tags.clone(),
                };
                regional.rds.clusters.insert(name.clone(), cluster);
            }
            for number in 1..=spec.members.max(1) {
                let id = if clustered {
                    format!("{name}-{number}")
                } else {
                    name.clone()
                };
                let instance = Instance {
                    id: id.clone(),
                    engine: engine.to_owned(),
                    class: "db.m6g.large".to_owned(),
                    status: status.to_owned(),
                    created,
                    vpc: home.id.clone(),
                    network: if clustered { Network::default() } else { network.clone() },
                    public: spec.public,
                    kms_key: kms_key.clone(),
                    cluster: clustered.then(|| name.clone()),
                    replicas: Vec::new(),
                    writer: number == 1,
                    master: master.clone(),
                    pending: BTreeMap::new(),
                    tags: spec.tags.clone(),
                };
                regional.rds.instances.insert(id, instance);
            }
        }
        Ok(())
    }

    /// Secrets, each with a current version, and with one before it where it was rotated.
    pub fn add_secrets(&mut self) -> Result<(), Fault> {
        for spec in &self.file.secret {
            let account = *self.file.account_id(&spec.account)?;
            let region = self.file.region(&spec.region)?.clone();
            let kms_key = self.key_of(account, &region, spec.key.as_ref())?;
            let secret = self.secret(spec, account, &region, kms_key);
            if let Some(regional) = self.regional(&account, &region) {
                regional.secretsmanager.secrets.insert(secret.name.clone(), secret);
            }
        }
        Ok(())
    }

    fn secret(&self, spec: &schema::Secret, account: AccountId, region: &Region, kms_key: Option<String>) -> Secret {
        let name = spec.name.as_ref().clone();
        let unique = format!("secret/{account}/{region}/{name}");
        let created = self.ago(spec.created);
        let version = |number: u8, stage: &str| {
            let version = Version {
                value: self.ids.hex("secret", &format!("{unique}/{number}"), 32),
                created,
                stages: [stage.to_owned()].into(),
            };
            (self.ids.uuid(&format!("{unique}/{number}")), version)
        };
        let mut versions = vec![version(1, "AWSCURRENT")];
        if spec.rotated.is_some() {
            versions.push(version(0, "AWSPREVIOUS"));
        }
        Secret {
            suffix: (spec.suffix.clone()).unwrap_or_else(|| self.ids.hex("suffix", &unique, 6)),
            name,
            description: spec.description.clone(),
            kms_key,
            rotation: spec
                .rotation
                .as_ref()
                .map(|function| format!("arn:aws:lambda:{region}:{account}:function:{function}")),
            owner: None,
            created,
            last_rotated: spec.rotated.map(|age| self.ago(age)),
            last_accessed: None,
            deleted: None,
            versions: versions.into_iter().collect(),
            rotating: None,
            broken: spec.broken,
            tags: spec.tags.clone(),
        }
    }

    fn key_of(&self, account: AccountId, region: &Region, name: Option<&Name>) -> Result<Option<String>, Fault> {
        name.map(|name| self.key_arn(account, region, name)).transpose()
    }
}

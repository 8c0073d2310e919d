//! Keys of a scenario, and who holds grants on them.

use super::build::{Builder, Home};
use super::error::Fault;
use super::ids::Ids;
use super::schema::{self, Name};
use crate::domain::{AccountId, Region};
use crate::range::services::kms::{Grant, Key, MultiRegion, State, default_policy};

impl schema::KmsKey {
    /// Its id: as the scenario says, or from the seed alone.
    pub fn id(&self, ids: Ids, account: AccountId, region: &Region) -> String {
        let unique = format!("key/{account}/{region}/{}", self.name.as_ref());
        match &self.id {
            Some(id) => id.clone(),
            None if self.replicas.is_empty() => ids.uuid(&unique),
            None => format!("mrk-{}", ids.hex("key", &unique, 32)),
        }
    }
}

impl Builder<'_> {
    /// Keys, each with the alias of its name.
    pub fn add_keys(&mut self) -> Result<(), Fault> {
        for spec in &self.file.key {
            let account = *self.file.account_id(&spec.account)?;
            let region = self.file.region(&spec.region)?.clone();
            let created = self.ago(spec.created);
            let name = spec.name.as_ref();
            let mut grants = std::collections::BTreeMap::new();
            for (number, holder) in spec.grants.iter().enumerate() {
                let id = self
                    .ids
                    .hex("grant", &format!("{account}/{region}/{name}/{number}"), 64);
                let role = self.world.accounts[&account].iam.roles.get(holder.as_ref());
                let role = role.ok_or_else(|| {
                    Fault::at(
                        holder,
                        format!("no role of that account is called {:?}", holder.as_ref()),
                    )
                })?;
                let grant = Grant {
                    id: id.clone(),
                    name: None,
                    created,
                    grantee: format!("arn:aws:iam::{account}:role{}{}", role.path, role.name),
                    retiring: None,
                    operations: ["Decrypt", "GenerateDataKey"].map(str::to_owned).into(),
                };
                grants.insert(id, grant);
            }
            let mut replicas = Vec::new();
            for replica in &spec.replicas {
                replicas.push(self.file.region(replica)?.clone());
            }
            let id = spec.id(self.ids, account, &region);
            let key = Key {
                id: id.clone(),
                created,
                description: spec.description.clone(),
                state: if spec.disabled { State::Disabled } else { State::Enabled },
                aws_managed: name.starts_with("aws/"),
                multi_region: (!replicas.is_empty()).then(|| MultiRegion {
                    primary: region.clone(),
                    replicas: replicas.clone(),
                }),
                policy: default_policy(account),
                grants,
                tags: spec.tags.clone(),
            };
            for place in replicas.iter().chain([&region]) {
                let grants = if *place == region {
                    key.grants.clone()
                } else {
                    std::collections::BTreeMap::new()
                };
                let key = Key { grants, ..key.clone() };
                if let Some(moment) = spec.deletion_at {
                    let (id, place) = (id.clone(), place.clone());
                    self.world.inject_at(self.start + moment.0, move |world| {
                        let store = world.regional(&account, &place).ok();
                        if let Some(key) = store.and_then(|regional| regional.kms.keys.get_mut(&id)) {
                            key.state = State::PendingDeletion;
                        }
                    });
                }
                if let Some(regional) = self.regional(&account, place) {
                    regional.kms.aliases.insert(format!("alias/{name}"), id.clone());
                    regional.kms.keys.insert(id.clone(), key);
                }
            }
        }
        Ok(())
    }

    /// The ARN of a key of an account and region, by its name.
    pub fn key_arn(&self, account: AccountId, region: &Region, name: &Name) -> Result<String, Fault> {
        let regional = self.world.accounts.get(&account).and_then(|a| a.regions.get(region));
        let alias = format!("alias/{}", name.as_ref());
        let id = regional.and_then(|r| r.kms.aliases.get(&alias));
        id.map(|id| format!("arn:aws:kms:{region}:{account}:key/{id}"))
            .ok_or_else(|| {
                Fault::at(
                    name,
                    format!("no [[key]] of that account and region is called {:?}", name.as_ref()),
                )
            })
    }

    /// The keys that the volumes are encrypted with, one for each.
    pub fn volume_keys(&self, volumes: &[schema::Volume], vpc: &Home) -> Result<Vec<Option<String>>, Fault> {
        let keys = volumes.iter().map(|volume| {
            let key = volume.key.as_ref();
            key.map(|key| self.key_arn(vpc.account, &vpc.region, key)).transpose()
        });
        keys.collect()
    }
}

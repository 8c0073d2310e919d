//! `resource` of a finding, read from the world as it stands: real ids, groups and addresses.

use serde_json::{Value, json};

use super::super::build::{Builder, Home};
use super::super::error::Fault;
use super::super::schema::Finding;
use super::super::values::Target;
use super::actions::seconds;
use super::services;
use crate::range::policy::Policy;
use crate::range::services::ec2::Store;
use crate::range::services::ec2::model::{Instance, Interface};
use crate::range::services::s3::{Block, Bucket};
use crate::range::world::Account;

/// The word for it, its JSON, and the acting key with its user.
type Resource = (String, Value, Option<(String, String)>);

impl Builder<'_> {
    /// What the finding is about. `copy` chooses among instances of one name.
    pub fn resource(&self, spec: &Finding, home: &Home, copy: usize) -> Result<Resource, Fault> {
        let account = self.world.accounts.get(&home.account);
        let fault = |message: String| Fault::at(&spec.resource, message);
        let account = account.ok_or_else(|| fault("the account was not made".to_owned()))?;
        match spec.resource.as_ref() {
            Target::Instance(name) => {
                let found = self.instances.get(name.as_str());
                let placed = found
                    .and_then(|all| all.get(copy))
                    .ok_or_else(|| fault(format!("no instance number {} is called {name:?}", copy + 1)))?;
                if placed.account != home.account || placed.region != home.region {
                    return Err(fault(format!(
                        "instance {name:?} is in {} {}",
                        placed.account, placed.region
                    )));
                }
                let store = account.regions.get(&home.region).map(|r| &r.ec2);
                let instance = store.and_then(|store| Some((store, store.instances.get(&placed.id)?)));
                let (store, instance) = instance.ok_or_else(|| fault(format!("instance {name:?} was not made")))?;
                let details = instance_details(store, instance);
                Ok((
                    placed.id.clone(),
                    json!({"resourceType": "Instance", "instanceDetails": details}),
                    None,
                ))
            }
            Target::Key(_) | Target::Role(_) | Target::Person(_) => self.identity(spec, home, account),
            Target::Bucket(name) => {
                let found = self.world.s3.buckets.get(name).filter(|b| b.owner == home.account);
                let found = found.ok_or_else(|| fault(format!("no bucket of that account is called {name:?}")))?;
                Ok((name.clone(), self.bucket(found), None))
            }
            Target::Function(name) => {
                let found = account
                    .regions
                    .get(&home.region)
                    .and_then(|r| r.lambda.functions.get(name));
                let found =
                    found.ok_or_else(|| fault(format!("no function of that account and region is called {name:?}")))?;
                Ok((name.clone(), services::function(home, found), None))
            }
            Target::Database(name) => {
                let found = account
                    .regions
                    .get(&home.region)
                    .and_then(|r| r.rds.instances.get(name));
                let found =
                    found.ok_or_else(|| fault(format!("no database of that account and region is called {name:?}")))?;
                Ok((
                    name.clone(),
                    services::database(home, found, spec.user.as_deref()),
                    None,
                ))
            }
            Target::Cluster(name) => {
                let vpcs = account.regions.get(&home.region).map(|r| r.ec2.vpcs.keys());
                let vpc = vpcs.and_then(|mut all| all.next());
                let vpc = vpc.ok_or_else(|| fault("that account has no network in that region".to_owned()))?;
                let since = self.start - jiff::SignedDuration::from_hours(24 * 200);
                Ok((
                    name.clone(),
                    services::cluster(home, name, vpc, since, spec.user.as_deref()),
                    None,
                ))
            }
            Target::Account => {
                let details = json!({
                    "accessKeyId": "", "principalId": home.account.as_str(), "userName": "Root", "userType": "Root",
                });
                Ok((
                    "Root".to_owned(),
                    json!({"resourceType": "AccessKey", "accessKeyDetails": details}),
                    None,
                ))
            }
        }
    }

    /// The key or session that acted.
    fn identity(&self, spec: &Finding, home: &Home, account: &Account) -> Result<Resource, Fault> {
        let fault = |message: String| Fault::at(&spec.resource, message);
        match spec.resource.as_ref() {
            Target::Key(name) => {
                let user = account.iam.users.get(name);
                let key = user.and_then(|user| Some((user, user.keys.first()?)));
                let (user, key) =
                    key.ok_or_else(|| fault(format!("no user of that account with a key is called {name:?}")))?;
                let details = json!({
                    "accessKeyId": key.id, "principalId": user.id, "userName": name, "userType": "IAMUser",
                });
                let resource = json!({"resourceType": "AccessKey", "accessKeyDetails": details});
                Ok((name.clone(), resource, Some((key.id.clone(), name.clone()))))
            }
            Target::Role(name) => {
                let role = account.iam.roles.get(name);
                let role = role.ok_or_else(|| fault(format!("no role of that account is called {name:?}")))?;
                // The session is named for the instance that carries the role, as IMDS does.
                let arn = account.iam.arn("instance-profile", "/", name);
                let ec2 = account.regions.get(&home.region).map(|r| &r.ec2);
                let carrier = ec2.and_then(|ec2| {
                    let carries = |i: &&Instance| i.profile.as_ref().is_some_and(|(profile, _)| *profile == arn);
                    ec2.instances.values().find(carries)
                });
                let session = carrier.map_or("session", |instance| instance.id.as_str());
                let key = self.ids.unique("ASIA", &format!("{}/{name}/{session}", home.account));
                let details = json!({
                    "accessKeyId": key, "principalId": format!("{}:{session}", role.id), "userName": name,
                    "userType": "AssumedRole",
                });
                let mut resource = json!({"resourceType": "AccessKey", "accessKeyDetails": details});
                if let (Some(ec2), Some(instance)) = (ec2, carrier) {
                    resource["instanceDetails"] = instance_details(ec2, instance);
                }
                Ok((name.clone(), resource, Some((key, name.clone()))))
            }
            Target::Person(name) => {
                let role = self.person(home.account, name);
                let role = role.ok_or_else(|| {
                    fault(format!(
                        "no user of Identity Center who may enter that account is called {name:?}"
                    ))
                })?;
                // The session is named for the person.
                let key = self
                    .ids
                    .unique("ASIA", &format!("{}/{}/{name}", home.account, role.name));
                let details = json!({
                    "accessKeyId": key, "principalId": format!("{}:{name}", role.id), "userName": role.name,
                    "userType": "AssumedRole",
                });
                let resource = json!({"resourceType": "AccessKey", "accessKeyDetails": details});
                Ok((role.name.clone(), resource, Some((key, role.name.clone()))))
            }
            _ => Err(fault("expected a key, a role or a person".to_owned())),
        }
    }

    /// A bucket and who can read it, as it stands in the world.
    fn bucket(&self, bucket: &Bucket) -> Value {
        let block = bucket.block.unwrap_or_default();
        let blocked = |block: Block| {
            json!({
                "ignorePublicAcls": block.ignore_acls, "restrictPublicBuckets": block.restrict,
                "blockPublicAcls": block.public_acls, "blockPublicPolicy": block.public_policy,
            })
        };
        let by_policy = bucket.policy.as_ref().is_some_and(Policy::is_public) && !block.restrict;
        let by_acl = bucket.public_acl && !block.ignore_acls;
        let public = by_policy || by_acl;
        json!({"resourceType": "S3Bucket", "s3BucketDetails": [{
            "arn": format!("arn:aws:s3:::{}", bucket.name), "name": bucket.name, "type": "Destination",
            "createdAt": seconds(bucket.created),
            "owner": {"id": self.ids.hex("canonical", bucket.owner.as_str(), 64)},
            "tags": [],
            "defaultServerSideEncryption": {"encryptionType": "SSEAlgorithm"},
            "publicAccess": {
                "effectivePermission": if public { "PUBLIC" } else { "NOT_PUBLIC" },
                "permissionConfiguration": {
                    "bucketLevelPermissions": {
                        "accessControlList": {"allowsPublicReadAccess": by_acl, "allowsPublicWriteAccess": false},
                        "bucketPolicy": {"allowsPublicReadAccess": by_policy, "allowsPublicWriteAccess": false},
                        "blockPublicAccess": blocked(block),
                    },
                    "accountLevelPermissions": {"blockPublicAccess": blocked(Block::default())},
                },
            },
        }]})
    }
}

fn instance_details(store: &Store, instance: &Instance) -> Value {
    let enis: Vec<Value> = store
        .interfaces_of(&instance.id)
        .into_iter()
        .map(|eni| interface(store, eni))
        .collect();
    let tags: Vec<Value> = instance
        .tags
        .iter()
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect();
    let mut details = json!({
        "instanceId": instance.id,
        "instanceType": instance.kind,
        "instanceState": instance.state.parts().1,
        "launchTime": instance.launched.to_string(),
        "availabilityZone": instance.zone,
        "imageId": instance.image,
        "imageDescription": "Amazon Linux 2023 AMI",
        "productCodes": [],
        "tags": tags,
        "networkInterfaces": enis,
    });
    if let Some((arn, id)) = &instance.profile {
        details["iamInstanceProfile"] = json!({"arn": arn, "id": id});
    }
    details
}

fn interface(store: &Store, eni: &Interface) -> Value {
    let groups: Vec<Value> = eni
        .groups
        .iter()
        .map(|id| json!({"groupId": id, "groupName": store.groups.get(id).map_or("", |g| g.name.as_str())}))
        .collect();
    let name = format!("ip-{}.ec2.internal", eni.private_ip.replace('.', "-"));
    let mut item = json!({
        "networkInterfaceId": eni.id,
        "privateIpAddress": eni.private_ip,
        "privateDnsName": name,
        "privateIpAddresses": [{"privateIpAddress": eni.private_ip, "privateDnsName": name}],
        "ipv6Addresses": eni.ipv6,
        "publicDnsName": "",
        "securityGroups": groups,
        "subnetId": eni.subnet,
        "vpcId": eni.vpc,
    });
    let public = store.address_of(&eni.id).map(|a| a.public_ip.clone());
    if let Some(public) = public.or_else(|| eni.public_ip.clone()) {
        item["publicIp"] = public.into();
    }
    item
}

//! VPCs, subnets, groups and instances of a scenario.

use super::build::{Builder, Home};
use super::error::Fault;
use super::schema::{self, Name};
use super::traffic::instance_tags;
use super::values::RuleText;
use crate::range::services::ec2::model::{
    Address, Attachment, Group, Instance, Interface, Peer, RouteTable, Rule, Spot, State, Subnet, Volume,
    VolumeAttachment, Vpc,
};
use crate::range::services::ec2::{Store, default_egress};

/// Instances of one `[[instance]]`; the addresses of one subnet end there too.
const MAX_COUNT: u16 = 200;

impl<'a> Builder<'a> {
    /// VPCs with their subnets, route tables and groups.
    pub fn add_networks(&mut self) -> Result<(), Fault> {
        for vpc in &self.file.vpc {
            self.add_vpc(vpc)?;
        }
        // Ids first, so that rules may name groups that stand further down.
        for group in &self.file.group {
            let vpc = group.vpc.as_ref().as_str();
            self.home(&group.vpc)?;
            let id = self.ids.ec2("sg", &format!("{vpc}/{}", group.name.as_ref()));
            if self.groups.insert((vpc, group.name.as_ref()), id).is_some() {
                return Err(Fault::at(&group.name, "a group of this name is already in the VPC"));
            }
        }
        for group in &self.file.group {
            self.add_group(group)?;
        }
        Ok(())
    }

    pub fn home(&self, vpc: &Name) -> Result<Home, Fault> {
        self.vpcs
            .get(vpc.as_ref().as_str())
            .cloned()
            .ok_or_else(|| Fault::at(vpc, format!("no VPC is called {:?}", vpc.as_ref())))
    }

    fn store(&mut self, home: &Home) -> &mut Store {
        // A home is only made for an account and region that passed the checks, so nothing is created here.
        let account = self.world.accounts.get_mut(&home.account);
        let regional = account.map(|a| a.regions.entry(home.region.clone()).or_default());
        &mut regional
            .expect("a VPC's account was looked up when the VPC was made")
            .ec2
    }

    fn add_vpc(&mut self, spec: &'a schema::Vpc) -> Result<(), Fault> {
        let name = spec.name.as_ref().as_str();
        let ids = self.ids;
        let home = Home {
            account: *self.file.account_id(&spec.account)?,
            region: self.file.region(&spec.region)?.clone(),
            id: ids.ec2("vpc", name),
        };
        if self.vpcs.insert(name, home.clone()).is_some() {
            return Err(Fault::at(&spec.name, "a VPC of this name is already there"));
        }
        let block = |subnet: usize| {
            format!(
                "2600:1f14:{:x}:{:02x}{subnet:02x}::",
                0x0a00 + u16::from(spec.net),
                spec.net
            )
        };
        let tags = |name: &str| [("Name".to_owned(), name.to_owned())].into();
        let vpc = Vpc {
            id: home.id.clone(),
            cidr: format!("10.{}.0.0/16", spec.net),
            ipv6_cidr: spec.ipv6.then(|| format!("{}/56", block(0))),
            tags: tags(name),
        };
        let mut tables = [("public", true), ("private", false)].map(|(kind, main)| RouteTable {
            id: ids.ec2("rtb", &format!("{name}/{kind}")),
            vpc: home.id.clone(),
            main,
            subnets: Vec::new(),
            routes: vec![(vpc.cidr.clone(), "local".to_owned())],
            tags: tags(&format!("{name}-{kind}")),
        });
        tables[0].routes.push(("0.0.0.0/0".to_owned(), ids.ec2("igw", name)));
        if spec.ipv6 {
            tables[0].routes.push(("::/0".to_owned(), ids.ec2("igw", name)));
            tables[1].routes.push(("::/0".to_owned(), ids.ec2("eigw", name)));
        }
        if spec.nat {
            tables[1]
                .routes
                .push(("0.0.0.0/0".to_owned(), format!("nat-0{}", ids.hex("nat", name, 16))));
        }
        let mut subnets = Vec::new();
        for (at, subnet) in spec.subnet.iter().enumerate() {
            let id = ids.ec2("subnet", &format!("{name}/{}", subnet.name.as_ref()));
            if self.subnets.insert((name, subnet.name.as_ref()), id.clone()).is_some() {
                return Err(Fault::at(&subnet.name, "a subnet of this name is already in the VPC"));
            }
            tables[usize::from(!subnet.public)].subnets.push(id.clone());
            subnets.push(id.clone());
            let subnet = Subnet {
                id: id.clone(),
                vpc: home.id.clone(),
                zone: format!("{}{}", home.region, subnet.zone),
                cidr: format!("10.{}.{at}.0/24", spec.net),
                ipv6_cidr: spec.ipv6.then(|| format!("{}/64", block(at))),
                public: subnet.public,
                tags: tags(subnet.name.as_ref()),
            };
            self.store(&home).subnets.insert(id, subnet);
        }
        let acl = self.default_acl(name, &home, spec.ipv6, &subnets);
        let store = self.store(&home);
        store.acls.insert(acl.id.clone(), acl);
        for table in tables {
            store.route_tables.insert(table.id.clone(), table);
        }
        store.vpcs.insert(vpc.id.clone(), vpc);
        Ok(())
    }

    fn add_group(&mut self, spec: &'a schema::Group) -> Result<(), Fault> {
        let home = self.home(&spec.vpc)?;
        let vpc = spec.vpc.as_ref().as_str();
        let name = spec.name.as_ref().as_str();
        let id = self.ids.ec2("sg", &format!("{vpc}/{name}"));
        let ids = self.ids;
        let mut number = 0;
        let mut new_id = |prefix: &str| {
            number += 1;
            ids.ec2(prefix, &format!("{id}/{number}"))
        };
        let mut rules = Vec::new();
        for text in &spec.ingress {
            rules.push(self.rule(vpc, text, false, new_id("sgr"))?);
        }
        for text in spec.egress.iter().flatten() {
            rules.push(self.rule(vpc, text, true, new_id("sgr"))?);
        }
        let store = self.store(&home);
        if spec.egress.is_none()
            && let Some(vpc) = store.vpcs.get(&home.id)
        {
            rules.extend(default_egress(vpc, &mut new_id));
        }
        let group = Group {
            id: id.clone(),
            name: name.to_owned(),
            description: spec.description.clone(),
            vpc: home.id.clone(),
            rules,
            tags: spec.tags.clone(),
        };
        store.groups.insert(id, group);
        Ok(())
    }

    fn rule(&self, vpc: &str, text: &toml::Spanned<RuleText>, egress: bool, id: String) -> Result<Rule, Fault> {
        let rule = text.as_ref();
        let peer = match &rule.peer {
            Peer::Group(name) => {
                let id = self.groups.get(&(vpc, name.as_str()));
                Peer::Group(
                    id.cloned()
                        .ok_or_else(|| Fault::at(text, format!("no group of VPC {vpc:?} is called {name:?}")))?,
                )
            }
            other => other.clone(),
        };
        Ok(Rule {
            id,
            egress,
            protocol: rule.protocol.clone(),
            ports: rule.ports,
            peer,
            description: None,
        })
    }

    /// Instances with their interfaces and volumes.
    pub fn add_instances(&mut self) -> Result<(), Fault> {
        for spec in &self.file.instance {
            let count = *spec.count.as_ref();
            if !(1..=MAX_COUNT).contains(&count) {
                return Err(Fault::at(
                    &spec.count,
                    format!("expected a count from 1 to {MAX_COUNT}"),
                ));
            }
            let mut made = Vec::new();
            for number in 1..=count {
                made.push(self.add_instance(spec, number)?);
            }
            if self.instances.insert(spec.name.as_ref(), made).is_some() {
                return Err(Fault::at(&spec.name, "an instance of this name is already there"));
            }
        }
        Ok(())
    }

    fn add_instance(&mut self, spec: &'a schema::Instance, number: u16) -> Result<Home, Fault> {
        let vpc = self.home(&spec.vpc)?;
        let base = spec.name.as_ref();
        let unique = format!("{}/{base}/{number}", spec.vpc.as_ref());
        let id = self.ids.ec2("i", &unique);
        let launched = self.ago(spec.launched);
        let mut enis = vec![self.interface(spec, &unique, 0, (&spec.subnet, &spec.groups, ""))?];
        for (at, eni) in spec.eni.iter().enumerate() {
            enis.push(self.interface(spec, &unique, at + 1, (&eni.subnet, &eni.groups, &eni.description))?);
        }
        if let (Some(address), true) = (enis.first_mut(), spec.public && !spec.elastic_ip) {
            address.public_ip = Some(self.ids.public_ip(&unique));
            address.auto_public = true;
        }
        let elastic = spec.elastic_ip.then(|| Address {
            allocation: self.ids.ec2("eipalloc", &unique),
            public_ip: self.ids.public_ip(&unique),
            association: enis
                .first()
                .map(|eni| (self.ids.ec2("eipassoc", &unique), eni.id.clone())),
            tags: [("Name".to_owned(), base.clone())].into(),
        });
        let tags = instance_tags(spec, number);
        let default_volume = [schema::Volume {
            device: "/dev/xvda".to_owned(),
            size: 8,
            encrypted: false,
            key: None,
            keep: false,
            tags: std::collections::BTreeMap::new(),
        }];
        let volumes = if spec.volume.is_empty() {
            &default_volume[..]
        } else {
            &spec.volume[..]
        };
        let instance = Instance {
            id: id.clone(),
            reservation: format!("r-0{}", self.ids.hex("r", base, 16)),
            image: spec.image.clone(),
            kind: spec.kind.clone(),
            key_name: spec.key_name.clone(),
            launched,
            state: if spec.stopped { State::Stopped } else { State::Running },
            zone: enis[0].zone.clone(),
            vpc: vpc.id.clone(),
            subnet: enis[0].subnet.clone(),
            profile: self.profile(spec, &vpc)?,
            profile_association: spec.profile.is_some().then(|| self.ids.ec2("iip-assoc", &unique)),
            spot: spec.spot.then_some(Spot::OneTime),
            termination_protected: false,
            stop_protected: false,
            shutdown_behavior: if spec.ends_on_shutdown { "terminate" } else { "stop" }.to_owned(),
            root_device: volumes[0].device.clone(),
            tags,
        };
        let keys = self.volume_keys(volumes, &vpc)?;
        let volumes: Vec<Volume> = volumes
            .iter()
            .zip(keys)
            .map(|(volume, kms_key)| Volume {
                id: self.ids.ec2("vol", &format!("{unique}{}", volume.device)),
                size: volume.size,
                kind: "gp3".to_owned(),
                zone: instance.zone.clone(),
                encrypted: volume.encrypted || kms_key.is_some(),
                kms_key,
                created: launched,
                attachment: Some(VolumeAttachment {
                    instance: id.clone(),
                    device: volume.device.clone(),
                    delete_on_termination: !volume.keep,
                    since: launched,
                }),
                tags: volume.tags.clone(),
            })
            .collect();
        let store = self.store(&vpc);
        store.instances.insert(id.clone(), instance);
        store.interfaces.extend(enis.into_iter().map(|mut eni| {
            if let Some(attachment) = &mut eni.attachment {
                attachment.instance.clone_from(&id);
            }
            (eni.id.clone(), eni)
        }));
        store
            .volumes
            .extend(volumes.into_iter().map(|volume| (volume.id.clone(), volume)));
        store
            .addresses
            .extend(elastic.map(|address| (address.allocation.clone(), address)));
        Ok(Home { id, ..vpc })
    }

    fn interface(
        &mut self,
        spec: &'a schema::Instance,
        unique: &str,
        index: usize,
        (subnet, groups, description): (&'a Name, &'a [Name], &str),
    ) -> Result<Interface, Fault> {
        let vpc_name = spec.vpc.as_ref().as_str();
        let vpc = self.home(&spec.vpc)?;
        let subnet_id = self
            .subnets
            .get(&(vpc_name, subnet.as_ref().as_str()))
            .cloned()
            .ok_or_else(|| {
                Fault::at(
                    subnet,
                    format!("no subnet of VPC {vpc_name:?} is called {:?}", subnet.as_ref()),
                )
            })?;
        let mut group_ids = Vec::new();
        for group in groups {
            let id = self.groups.get(&(vpc_name, group.as_ref().as_str()));
            group_ids.push(id.cloned().ok_or_else(|| {
                Fault::at(
                    group,
                    format!("no group of VPC {vpc_name:?} is called {:?}", group.as_ref()),
                )
            })?);
        }
        let ids = self.ids;
        let launched = self.ago(spec.launched);
        let store = self.store(&vpc);
        // Interfaces of the instance at hand are stored after all of them are made, so its own earlier ones are added here.
        let taken = store.interfaces.values().filter(|eni| eni.subnet == subnet_id).count() + index;
        let host = taken + 10;
        if host > 250 {
            return Err(Fault::at(
                subnet,
                "the subnet has no free address left; expected at most 240 interfaces",
            ));
        }
        let found = store.subnets.get(&subnet_id).cloned();
        let found = found.ok_or_else(|| Fault::at(subnet, "the subnet was not made"))?;
        let name = format!("{unique}/{index}");
        Ok(Interface {
            id: ids.ec2("eni", &name),
            vpc: vpc.id,
            subnet: subnet_id,
            zone: found.zone,
            description: description.to_owned(),
            mac: ids.mac(&name),
            private_ip: found.cidr.replace(".0/24", &format!(".{host}")),
            ipv6: found
                .ipv6_cidr
                .iter()
                .map(|cidr| cidr.replace("/64", &format!("{host:x}")))
                .collect(),
            public_ip: None,
            auto_public: false,
            groups: group_ids,
            attachment: Some(Attachment {
                id: ids.ec2("eni-attach", &name),
                instance: String::new(),
                device_index: u32::try_from(index).unwrap_or(u32::MAX),
                delete_on_termination: index == 0,
                since: launched,
            }),
            tags: crate::range::services::ec2::model::Tags::new(),
        })
    }

    fn profile(&self, spec: &schema::Instance, home: &Home) -> Result<Option<(String, String)>, Fault> {
        let Some(name) = &spec.profile else { return Ok(None) };
        let iam = self.world.accounts.get(&home.account).map(|a| &a.iam);
        let found = iam.and_then(|iam| Some((iam, iam.instance_profiles.get(name.as_ref())?)));
        let (iam, profile) = found.ok_or_else(|| {
            Fault::at(
                name,
                format!(
                    "no role of that account with trust = \"ec2.amazonaws.com\" is called {:?}",
                    name.as_ref()
                ),
            )
        })?;
        Ok(Some((
            iam.arn("instance-profile", &profile.path, &profile.name),
            profile.id.clone(),
        )))
    }
}

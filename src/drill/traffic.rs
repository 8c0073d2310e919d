//! How traffic comes to a scenario's instances and goes from them: network ACLs, endpoints, target groups, Auto Scaling, IP sets.

use std::collections::BTreeMap;

use super::build::{Builder, Home};
use super::error::Fault;
use super::schema::{self, Name};
use crate::range::services::ec2::model::{AclEntry, Endpoint, NetworkAcl};
use crate::range::services::{autoscaling, elb, waf};
use crate::range::world::Regional;

impl<'a> Builder<'a> {
    /// What stands around the instances, once they are there.
    pub fn add_traffic(&mut self) -> Result<(), Fault> {
        for endpoint in &self.file.endpoint {
            self.add_endpoint(endpoint)?;
        }
        let mut targets = BTreeMap::new();
        for group in &self.file.target_group {
            let arn = self.add_target_group(group)?;
            targets.insert(group.name.as_ref().as_str(), arn);
        }
        for group in &self.file.scaling_group {
            self.add_scaling_group(group, &targets)?;
        }
        for set in &self.file.ip_set {
            self.add_ip_set(set)?;
        }
        Ok(())
    }

    /// The network ACL that every VPC begins with: everything, both ways (VPC guide, "Default network ACL").
    pub fn default_acl(&self, vpc: &str, home: &Home, ipv6: bool, subnets: &[String]) -> NetworkAcl {
        let mut entries = BTreeMap::new();
        for egress in [false, true] {
            for (number, cidr) in [(100, "0.0.0.0/0"), (101, "::/0")]
                .into_iter()
                .take(1 + usize::from(ipv6))
            {
                let entry = AclEntry {
                    allow: true,
                    protocol: "-1".to_owned(),
                    cidr: cidr.to_owned(),
                    ports: None,
                };
                entries.insert((egress, number), entry);
            }
        }
        let association = |subnet: &String| (self.ids.ec2("aclassoc", subnet), subnet.clone());
        NetworkAcl {
            id: self.ids.ec2("acl", vpc),
            vpc: home.id.clone(),
            is_default: true,
            associations: subnets.iter().map(association).collect(),
            entries,
            tags: BTreeMap::new(),
        }
    }

    fn place(&mut self, home: &Home) -> Result<&mut Regional, Fault> {
        self.regional(&home.account, &home.region).ok_or_else(|| Fault {
            span: 0..0,
            message: format!("{} is not in a region of this scenario", home.id),
        })
    }

    fn add_endpoint(&mut self, spec: &'a schema::Endpoint) -> Result<(), Fault> {
        let home = self.home(&spec.vpc)?;
        let vpc = spec.vpc.as_ref().as_str();
        let mut groups = Vec::new();
        for group in &spec.groups {
            let id = self.groups.get(&(vpc, group.as_ref().as_str()));
            let unknown = || Fault::at(group, format!("no group of VPC {vpc:?} is called {:?}", group.as_ref()));
            groups.push(id.cloned().ok_or_else(unknown)?);
        }
        let subnets = self
            .subnets
            .iter()
            .filter(|((of, _), _)| *of == vpc)
            .map(|(_, id)| id.clone());
        let endpoint = Endpoint {
            id: self.ids.ec2("vpce", &format!("{vpc}/{}", spec.service.as_ref())),
            vpc: home.id.clone(),
            kind: "Interface".to_owned(),
            service: format!("com.amazonaws.{}.{}", home.region, spec.service.as_ref()),
            groups,
            subnets: subnets.collect(),
            tags: BTreeMap::new(),
        };
        self.place(&home)?.ec2.endpoints.insert(endpoint.id.clone(), endpoint);
        Ok(())
    }

    /// Where the instances of these names are.
    fn named(&self, names: &'a [Name]) -> Result<Vec<Home>, Fault> {
        let mut found = Vec::new();
        for name in names {
            let homes = self.instances.get(name.as_ref().as_str());
            let unknown = || Fault::at(name, format!("no instance is called {:?}", name.as_ref()));
            found.extend(homes.ok_or_else(unknown)?.iter().cloned());
        }
        Ok(found)
    }

    fn add_target_group(&mut self, spec: &'a schema::TargetGroup) -> Result<String, Fault> {
        let home = self.home(&spec.vpc)?;
        let name = spec.name.as_ref();
        let balancer = match spec.protocol.as_ref().as_str() {
            "HTTP" | "HTTPS" => "app",
            "TCP" | "TLS" | "UDP" | "TCP_UDP" => "net",
            _ => {
                return Err(Fault::at(
                    &spec.protocol,
                    "expected HTTP, HTTPS, TCP, TLS, UDP or TCP_UDP",
                ));
            }
        };
        let own = format!("arn:aws:elasticloadbalancing:{}:{}", home.region, home.account);
        let arn = format!("{own}:targetgroup/{name}/{}", self.ids.hex("targetgroup", name, 16));
        let load_balancer = format!(
            "{own}:loadbalancer/{balancer}/{name}/{}",
            self.ids.hex("balancer", name, 16)
        );
        let members = self.named(&spec.instances)?;
        let place = self.place(&home)?;
        let target = |home: Home| {
            let address = || {
                place
                    .ec2
                    .interfaces_of(&home.id)
                    .first()
                    .map(|eni| eni.private_ip.clone())
            };
            let id = if spec.by_address { address() } else { None };
            ((id.unwrap_or(home.id), i64::from(spec.port)), elb::Target::default())
        };
        let group = elb::TargetGroup {
            arn: arn.clone(),
            name: name.clone(),
            vpc: home.id.clone(),
            kind: if spec.by_address { "ip" } else { "instance" }.to_owned(),
            protocol: spec.protocol.as_ref().clone(),
            port: i64::from(spec.port),
            load_balancers: vec![load_balancer],
            targets: members.into_iter().map(target).collect(),
        };
        place.elb.groups.insert(arn.clone(), group);
        Ok(arn)
    }

    fn add_scaling_group(
        &mut self,
        spec: &'a schema::ScalingGroup,
        known: &BTreeMap<&str, String>,
    ) -> Result<(), Fault> {
        let name = spec.name.as_ref();
        let members = self.named(&spec.instances)?;
        let Some(home) = members.first().cloned() else {
            return Err(Fault::at(&spec.name, "expected at least one instance in the group"));
        };
        let mut target_groups = Vec::new();
        for group in &spec.target_groups {
            let arn = known.get(group.as_ref().as_str());
            let unknown = || Fault::at(group, format!("no target group is called {:?}", group.as_ref()));
            target_groups.push(arn.cloned().ok_or_else(unknown)?);
        }
        let desired = i64::try_from(members.len()).unwrap_or(i64::MAX);
        if !(i64::from(spec.min)..=i64::from(*spec.max.as_ref())).contains(&desired) {
            return Err(Fault::at(
                &spec.max,
                format!("expected {desired} instances to lie between min and max"),
            ));
        }
        let id = self.ids.hex("asg", name, 32);
        let place = self.place(&home)?;
        let mut zones = Vec::new();
        for member in &members {
            if let Some(instance) = place.ec2.instances.get_mut(&member.id) {
                zones.push(instance.zone.clone());
                instance
                    .tags
                    .insert("aws:autoscaling:groupName".to_owned(), name.clone());
            }
        }
        zones.sort();
        zones.dedup();
        let group = autoscaling::Group {
            name: name.clone(),
            id: format!(
                "{}-{}-{}-{}-{}",
                &id[..8],
                &id[8..12],
                &id[12..16],
                &id[16..20],
                &id[20..]
            ),
            min: i64::from(spec.min),
            max: i64::from(*spec.max.as_ref()),
            desired,
            health_check: if target_groups.is_empty() { "EC2" } else { "ELB" }.to_owned(),
            target_groups,
            zones,
            members: members.into_iter().map(|m| (m.id, "InService".to_owned())).collect(),
        };
        place.autoscaling.groups.insert(name.clone(), group);
        Ok(())
    }

    fn add_ip_set(&mut self, spec: &'a schema::IpSet) -> Result<(), Fault> {
        let account = *self.file.account_id(&spec.account)?;
        let region = self.file.region(&spec.region)?.clone();
        let name = spec.name.as_ref();
        let hex = |kind: &str| {
            let id = self.ids.hex(kind, name, 32);
            format!(
                "{}-{}-{}-{}-{}",
                &id[..8],
                &id[8..12],
                &id[12..16],
                &id[16..20],
                &id[20..]
            )
        };
        let (id, lock_token) = (hex("ipset"), hex("lock"));
        let set = waf::IpSet {
            arn: format!("arn:aws:wafv2:{region}:{account}:regional/ipset/{name}/{id}"),
            id: id.clone(),
            name: name.clone(),
            description: spec.description.clone(),
            version: if spec.ipv6 { "IPV6" } else { "IPV4" }.to_owned(),
            addresses: spec.addresses.clone(),
            lock_token,
            tags: BTreeMap::new(),
        };
        let home = Home {
            account,
            region,
            id: id.clone(),
        };
        self.place(&home)?.waf.ip_sets.insert(id, set);
        Ok(())
    }
}

/// The tags that are written, and the name with a number behind it where there are several.
pub(super) fn instance_tags(spec: &schema::Instance, number: u16) -> BTreeMap<String, String> {
    let base = spec.name.as_ref();
    let name = if *spec.count.as_ref() > 1 {
        format!("{base}-{number:03}")
    } else {
        base.clone()
    };
    let mut tags = spec.tags.clone();
    tags.entry("Name".to_owned()).or_insert(name);
    tags
}

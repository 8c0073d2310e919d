//! `isolate-instance`: cuts an EC2 instance off the network, interface by interface, and keeps it as evidence.
//!
//! Each interface takes two steps: first a *conversion* group that allows everything both ways on IPv4 and IPv6, so that tracked
//! flows become untracked; then the *sealed* group that allows nothing. A single swap would leave tracked connections
//! open for up to five days (EC2 guide, "Security group connection tracking").

mod acl;
mod addresses;
mod autoscaling;
pub(super) mod groups;
mod keep;
mod protect;
mod restore;
mod ssm;
mod swap;
mod targets;
mod warnings;

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{Address, Instance, Interface, ScalingMember, TargetGroup, Volume};
use super::facts::Facts;
use super::plan::{Draft, Request};
use super::query::{LookupKey, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Choice, Done, Step, Takes, radius, target};
use crate::action::{AutoScalingQuery, Ec2Query, ElbQuery, NetworkQuery};
use crate::domain::{InstanceId, ResourceKind, SubnetId, VpcId};
use groups::Role;

const CHOICES: &[Choice] = &[
    Choice {
        name: "asg",
        takes: Takes::OneOf(&["standby", "detach"]),
        about: "How it leaves its Auto Scaling group: standby, which is the default, or detached.",
    },
    Choice {
        name: "release-eip",
        takes: Takes::Flag,
        about: "Take its Elastic IPs off. The account keeps them, and undo puts them back.",
    },
    Choice {
        name: "subnet-acl",
        takes: Takes::Flag,
        about: "Put a network ACL that denies everything before its subnets: open connections are cut at once, and all neighbours with them.",
    },
    Choice {
        name: "keep-ssm",
        takes: Takes::Flag,
        about: "Leave HTTPS open to the VPC's endpoints for Systems Manager, and to nothing else, while memory is captured.",
    },
];

#[derive(Debug)]
pub struct IsolateInstance;

impl Action for IsolateInstance {
    fn name(&self) -> ActionName {
        ActionName::IsolateInstance
    }

    fn step(&self) -> Step {
        Step::Isolate
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Instance]
    }

    fn choices(&self) -> &'static [Choice] {
        CHOICES
    }

    fn summary(&self) -> &'static str {
        "Cut an EC2 instance off the network, interface by interface, in two steps; tag it, protect it, and take it out of Auto Scaling and load balancing."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let id = target::instance(request)?;
        let seen = Seen::read(&id, facts)?;
        // Everything else hangs on what was just read, and on nothing more: it is read side by side.
        let vpcs = seen.vpcs();
        let around = (groups::queries(&vpcs))
            .chain(warnings::queries(&seen))
            .chain(autoscaling::queries(&seen))
            .chain(targets::queries(&seen))
            .chain(acl::queries(request, &seen))
            .chain(ssm::queries(request, &seen));
        facts.want(around.collect::<BTreeSet<Query>>())?;

        let endpoints = ssm::endpoints(request, &seen, facts)?;
        let role = if endpoints.is_empty() { Role::Sealed } else { Role::Ssm };
        let containment = groups::existing(&vpcs, &endpoints, facts)?;
        let sealed = seen.interfaces.iter().all(|i| containment.has(i, role));
        if sealed && !Self::has_more(request, &seen, facts)? {
            return Err(Refusal::new(
                RefusalKind::AlreadyDone,
                format!("Every interface of {id} already has the {} group alone.", role.word()),
                "Verify it from the journal, or undo the isolation first.",
            )
            .into());
        }

        let mut draft = Draft {
            warnings: seen.doubts.clone(),
            ..Draft::default()
        };
        warnings::add(request, &seen, facts, &mut draft)?;
        warnings::half_done(&seen, facts, &mut draft)?;
        ssm::capturing(request, &seen, facts, &mut draft)?;
        ssm::warn(&endpoints, &mut draft);
        radius::lately(LookupKey::ResourceName, id.as_str(), id.as_str(), facts, &mut draft)?;
        protect::add(request, &seen, &mut draft);
        autoscaling::add(request, &seen, facts, &mut draft)?;
        targets::add(&seen, facts, &mut draft)?;
        swap::add(request, &seen, (containment, role), (&endpoints, facts), &mut draft)?;
        addresses::add(request, &seen, &mut draft);
        if request.chose("subnet-acl") {
            acl::add(request, &seen, facts, &mut draft)?;
        }
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        restore::draft(request, done, facts)
    }
}

impl IsolateInstance {
    /// Whether a choice asks for more than the groups, and it is not there yet.
    fn has_more(request: &Request, seen: &Seen<'_>, facts: &Facts) -> Result<bool, Stop> {
        let addresses = request.chose("release-eip") && !seen.addresses.is_empty();
        let acl = request.chose("subnet-acl") && !acl::is_done(seen, facts)?;
        Ok(addresses || acl)
    }
}

/// What every part of the plan looks at.
struct Seen<'f> {
    id: InstanceId,
    instance: &'f Instance,
    interfaces: &'f [Interface],
    volumes: &'f [Volume],
    addresses: &'f [Address],
    protected: bool,
    /// `stop` or `terminate`.
    shutdown: &'f str,
    /// The Auto Scaling group that has it; none where that could not be read.
    members: Option<&'f [ScalingMember]>,
    /// Every target group of the region; none where they could not be read.
    target_groups: Option<&'f [TargetGroup]>,
    /// What could not be read, and does not stop an isolation.
    doubts: Vec<String>,
}

impl<'f> Seen<'f> {
    fn read(id: &InstanceId, facts: &'f Facts) -> Result<Self, Stop> {
        let of = || id.clone();
        let (instance, interfaces, protection, shutdown, volumes, addresses) = (
            Query::Ec2(Ec2Query::Instance { id: of() }),
            Query::Ec2(Ec2Query::Interfaces { of: of() }),
            Query::Ec2(Ec2Query::TerminationProtection { id: of() }),
            Query::Ec2(Ec2Query::ShutdownBehavior { id: of() }),
            Query::Ec2(Ec2Query::Volumes { of: of() }),
            Query::Network(NetworkQuery::Addresses { of: of() }),
        );
        let members = Query::AutoScaling(AutoScalingQuery::ScalingMember { id: of() });
        let groups = Query::Elb(ElbQuery::TargetGroups {});
        let needed = [&instance, &interfaces, &protection, &shutdown, &volumes, &addresses];
        let all = needed.into_iter().chain([&members, &groups]).cloned();
        facts.want(all.chain([radius::question(LookupKey::ResourceName, id.as_str())]))?;
        let instance = facts.instance(&instance)?;
        let interfaces = facts.interfaces(&interfaces)?;
        if matches!(instance.state.as_str(), "terminated" | "shutting-down") || interfaces.is_empty() {
            return Err(Refusal::new(
                RefusalKind::Gone,
                format!(
                    "{id} is {} and has {} network interfaces.",
                    instance.state,
                    interfaces.len()
                ),
                "There is nothing left to isolate; look at its snapshots and at CloudTrail.",
            )
            .into());
        }
        let mut doubts = Vec::new();
        Ok(Self {
            id: of(),
            instance,
            interfaces,
            volumes: facts.volumes(&volumes)?,
            addresses: facts.addresses(&addresses)?,
            protected: *facts.protection(&protection)?,
            shutdown: facts.shutdown_behavior(&shutdown)?,
            members: facts
                .advisory(facts.scaling_members(&members), &mut doubts)?
                .map(Vec::as_slice),
            target_groups: facts
                .advisory(facts.target_groups(&groups), &mut doubts)?
                .map(Vec::as_slice),
            doubts,
        })
    }

    /// The VPCs that the interfaces are in: one, unless interfaces of several VPCs are attached.
    fn vpcs(&self) -> BTreeSet<VpcId> {
        self.interfaces.iter().map(|i| i.vpc.clone()).collect()
    }

    /// The subnets that the interfaces are in, each with its VPC.
    fn subnets(&self) -> BTreeMap<SubnetId, VpcId> {
        let both = |i: &Interface| Some((i.subnet.clone()?, i.vpc.clone()));
        self.interfaces.iter().filter_map(both).collect()
    }

    /// The instance as its Auto Scaling group sees it, where one has it.
    fn member(&self) -> Option<&'f ScalingMember> {
        self.members.and_then(<[ScalingMember]>::first)
    }

    fn is_spot(&self) -> bool {
        self.instance.lifecycle.as_deref() == Some("spot")
    }
}

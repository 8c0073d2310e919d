//! EC2's changes.

use crate::action::Ec2Call;
use std::collections::BTreeMap;

use aws_sdk_ec2::operation::RequestId as _;
use aws_sdk_ec2::types::{
    AttributeBooleanValue, InstanceSpecification, IpPermission, IpRange, Ipv6Range, ResourceType, Tag, TagSpecification,
};

use super::classify::{Done, Sent, done, error, not_made, refused, unreadable};
use super::instance;
use crate::action::{Direction, Made, Ref};
use crate::cloud::session::ResponderSession;
use crate::domain::{InstanceId, InterfaceId, Untrusted, VpcId};

/// The rule is there already, which is what the call wanted (EC2 API reference, "Error codes").
const DUPLICATE: &[&str] = &["InvalidPermission.Duplicate"];
/// The rule is gone already.
const GONE: &[&str] = &["InvalidPermission.NotFound"];

pub(super) async fn send(session: &ResponderSession, call: &Ec2Call, made: &Made) -> Sent {
    match call {
        Ec2Call::CreateTags { resource, tags } => create_tags(session, resource, tags, made).await,
        Ec2Call::DeleteTags { resource, keys } => delete_tags(session, resource, keys, made).await,
        Ec2Call::SetTerminationProtection { instance, on } => protect(session, instance, *on).await,
        Ec2Call::CreateSecurityGroup {
            vpc,
            name,
            description,
            tags,
        } => create_group(session, vpc, name, description, tags).await,
        Ec2Call::AuthorizeSecurityGroup {
            group,
            direction,
            cidrs,
        } => authorize(session, group, *direction, cidrs, made).await,
        Ec2Call::RevokeSecurityGroupEgress { group, cidr } => revoke_egress(session, group, cidr, made).await,
        Ec2Call::SetInterfaceGroups { interface, groups } => {
            set_interface_groups(session, interface, groups, made).await
        }
        Ec2Call::SetShutdownBehavior { instance, behavior } => {
            instance::shutdown_behavior(session, instance, behavior).await
        }
        Ec2Call::SetDeleteOnTermination { instance, volumes, on } => {
            instance::delete_on_termination(session, instance, volumes, *on).await
        }
        Ec2Call::StopInstances { instance } => instance::stop(session, instance).await,
        Ec2Call::StartInstances { instance } => instance::start(session, instance).await,
        Ec2Call::AssociateIamInstanceProfile { instance, profile, .. } => {
            instance::give_profile(session, instance, profile).await
        }
        Ec2Call::ReplaceIamInstanceProfileAssociation {
            association, profile, ..
        } => instance::replace_profile(session, association, profile).await,
        Ec2Call::DisassociateIamInstanceProfile { association, .. } => {
            instance::take_profile(session, association).await
        }
        Ec2Call::CreateSnapshots {
            instance,
            description,
            tags,
        } => create_snapshots(session, instance, description, tags).await,
    }
}

fn tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

pub(super) fn tagged(kind: ResourceType, of: &BTreeMap<String, String>) -> Option<Vec<TagSpecification>> {
    let specification = TagSpecification::builder().resource_type(kind).set_tags(Some(tags(of)));
    // AWS refuses a specification without tags.
    (!of.is_empty()).then(|| vec![specification.build()])
}

async fn create_tags(session: &ResponderSession, resource: &Ref, of: &BTreeMap<String, String>, made: &Made) -> Sent {
    let id = resource.resolve(made).map_err(|e| not_made(&e))?;
    let answer = session
        .ec2()
        .create_tags()
        .set_dry_run(session.dry_run())
        .resources(id)
        .set_tags(Some(tags(of)))
        .send()
        .await;
    let answer = answer.map_err(error("ec2:CreateTags", &[]))?;
    Ok(done(answer.request_id()))
}

async fn delete_tags(session: &ResponderSession, resource: &Ref, keys: &[String], made: &Made) -> Sent {
    let id = resource.resolve(made).map_err(|e| not_made(&e))?;
    // Without tags the call would take away every tag there is.
    if keys.is_empty() {
        return refused(Untrusted::new("no tag is named, and none would mean all of them"));
    }
    let keys = keys.iter().map(|key| Tag::builder().key(key).build()).collect();
    let answer = session
        .ec2()
        .delete_tags()
        .set_dry_run(session.dry_run())
        .resources(id)
        .set_tags(Some(keys))
        .send()
        .await;
    let answer = answer.map_err(error("ec2:DeleteTags", &[]))?;
    Ok(done(answer.request_id()))
}

async fn protect(session: &ResponderSession, instance: &InstanceId, on: bool) -> Sent {
    let answer = session
        .ec2()
        .modify_instance_attribute()
        .set_dry_run(session.dry_run())
        .instance_id(instance.as_str())
        .disable_api_termination(AttributeBooleanValue::builder().value(on).build())
        .send()
        .await
        .map_err(error("ec2:ModifyInstanceAttribute", &[]))?;
    Ok(done(answer.request_id()))
}

async fn create_group(
    session: &ResponderSession,
    vpc: &VpcId,
    name: &str,
    description: &str,
    of: &BTreeMap<String, String>,
) -> Sent {
    const CALL: &str = "ec2:CreateSecurityGroup";
    let answer = session
        .ec2()
        .create_security_group()
        .set_dry_run(session.dry_run())
        .vpc_id(vpc.as_str())
        .group_name(name)
        .description(description)
        .set_tag_specifications(tagged(ResourceType::SecurityGroup, of))
        .send()
        .await
        .map_err(error(CALL, &[]))?;
    let id = answer.group_id().filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| unreadable(CALL, "groupId", answer.request_id()))?;
    let made = BTreeMap::from([("group".to_owned(), id.to_owned())]);
    Ok(Done {
        made,
        ..done(answer.request_id())
    })
}

/// All protocols and ports, from or to these CIDRs.
fn everything(cidrs: &[String]) -> IpPermission {
    let (six, four): (Vec<&String>, Vec<&String>) = cidrs.iter().partition(|cidr| cidr.contains(':'));
    let four: Vec<IpRange> = four
        .into_iter()
        .map(|c| IpRange::builder().cidr_ip(c).build())
        .collect();
    let six: Vec<Ipv6Range> = six
        .into_iter()
        .map(|c| Ipv6Range::builder().cidr_ipv6(c).build())
        .collect();
    IpPermission::builder()
        .ip_protocol("-1")
        .set_ip_ranges((!four.is_empty()).then_some(four))
        .set_ipv6_ranges((!six.is_empty()).then_some(six))
        .build()
}

async fn authorize(
    session: &ResponderSession,
    group: &Ref,
    direction: Direction,
    cidrs: &[String],
    made: &Made,
) -> Sent {
    let group = group.resolve(made).map_err(|e| not_made(&e))?;
    // A call with several rules is refused as a duplicate when only one of them is there, and then adds none of them.
    let already = if cidrs.len() == 1 { DUPLICATE } else { &[] };
    let rules = everything(cidrs);
    match direction {
        Direction::Ingress => {
            let call = session.ec2().authorize_security_group_ingress().group_id(group);
            let call = call.set_dry_run(session.dry_run());
            let answer = call.ip_permissions(rules).send().await;
            let answer = answer.map_err(error("ec2:AuthorizeSecurityGroupIngress", already))?;
            Ok(done(answer.request_id()))
        }
        Direction::Egress => {
            let call = session.ec2().authorize_security_group_egress().group_id(group);
            let call = call.set_dry_run(session.dry_run());
            let answer = call.ip_permissions(rules).send().await;
            let answer = answer.map_err(error("ec2:AuthorizeSecurityGroupEgress", already))?;
            Ok(done(answer.request_id()))
        }
    }
}

async fn revoke_egress(session: &ResponderSession, group: &Ref, cidr: &String, made: &Made) -> Sent {
    const CALL: &str = "ec2:RevokeSecurityGroupEgress";
    let group = group.resolve(made).map_err(|e| not_made(&e))?;
    let answer = session
        .ec2()
        .revoke_security_group_egress()
        .set_dry_run(session.dry_run())
        .group_id(group)
        .ip_permissions(everything(std::slice::from_ref(cidr)))
        .send()
        .await
        .map_err(error(CALL, GONE))?;
    Ok(done(answer.request_id()))
}

async fn set_interface_groups(
    session: &ResponderSession,
    interface: &InterfaceId,
    groups: &[Ref],
    made: &Made,
) -> Sent {
    let mut ids = Vec::with_capacity(groups.len());
    for group in groups {
        ids.push(group.resolve(made).map_err(|e| not_made(&e))?);
    }
    let answer = session
        .ec2()
        .modify_network_interface_attribute()
        .set_dry_run(session.dry_run())
        .network_interface_id(interface.as_str())
        .set_groups(Some(ids))
        .send()
        .await
        .map_err(error("ec2:ModifyNetworkInterfaceAttribute", &[]))?;
    Ok(done(answer.request_id()))
}

async fn create_snapshots(
    session: &ResponderSession,
    instance: &InstanceId,
    description: &str,
    of: &BTreeMap<String, String>,
) -> Sent {
    const CALL: &str = "ec2:CreateSnapshots";
    let every_volume = InstanceSpecification::builder()
        .instance_id(instance.as_str())
        .exclude_boot_volume(false);
    let answer = session
        .ec2()
        .create_snapshots()
        .set_dry_run(session.dry_run())
        .instance_specification(every_volume.build())
        .description(description)
        .set_tag_specifications(tagged(ResourceType::Snapshot, of))
        .send()
        .await
        .map_err(error(CALL, &[]))?;
    let mut made = BTreeMap::new();
    for snapshot in answer.snapshots() {
        match (snapshot.volume_id(), snapshot.snapshot_id()) {
            (Some(volume), Some(id)) => made.insert(volume.to_owned(), id.to_owned()),
            _ => return Err(unreadable(CALL, "snapshotId for each volume", answer.request_id())),
        };
    }
    if made.is_empty() {
        return Err(unreadable(CALL, "snapshotSet", answer.request_id()));
    }
    Ok(Done {
        made,
        ..done(answer.request_id())
    })
}

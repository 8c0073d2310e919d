//! EC2's changes to an instance itself: its attributes, its profile, whether it runs.

use std::collections::BTreeMap;

use aws_sdk_ec2::operation::RequestId as _;
use aws_sdk_ec2::types::{
    AttributeValue, EbsInstanceBlockDeviceSpecification, IamInstanceProfileSpecification,
    InstanceBlockDeviceMappingSpecification,
};

use super::classify::{Sent, done, error, refused};
use crate::cloud::session::ResponderSession;
use crate::domain::{InstanceId, ProfileAssociationId, ProfileName, Untrusted, VolumeId};

const MODIFY: &str = "ec2:ModifyInstanceAttribute";

pub(super) async fn shutdown_behavior(session: &ResponderSession, instance: &InstanceId, behavior: &str) -> Sent {
    let answer = session
        .ec2()
        .modify_instance_attribute()
        .set_dry_run(session.dry_run())
        .instance_id(instance.as_str())
        .instance_initiated_shutdown_behavior(AttributeValue::builder().value(behavior).build())
        .send()
        .await
        .map_err(error(MODIFY, &[]))?;
    Ok(done(answer.request_id()))
}

pub(super) async fn delete_on_termination(
    session: &ResponderSession,
    instance: &InstanceId,
    volumes: &BTreeMap<String, VolumeId>,
    on: bool,
) -> Sent {
    if volumes.is_empty() {
        return refused(Untrusted::new("no volume is named"));
    }
    let mappings = volumes.iter().map(|(device, id)| {
        let ebs = EbsInstanceBlockDeviceSpecification::builder()
            .volume_id(id.as_str())
            .delete_on_termination(on);
        InstanceBlockDeviceMappingSpecification::builder()
            .device_name(device)
            .ebs(ebs.build())
            .build()
    });
    let answer = session
        .ec2()
        .modify_instance_attribute()
        .set_dry_run(session.dry_run())
        .instance_id(instance.as_str())
        .set_block_device_mappings(Some(mappings.collect()))
        .send()
        .await
        .map_err(error(MODIFY, &[]))?;
    Ok(done(answer.request_id()))
}

pub(super) async fn stop(session: &ResponderSession, instance: &InstanceId) -> Sent {
    let answer = session
        .ec2()
        .stop_instances()
        .set_dry_run(session.dry_run())
        .instance_ids(instance.as_str())
        .send()
        .await;
    let answer = answer.map_err(error("ec2:StopInstances", &[]))?;
    Ok(done(answer.request_id()))
}

pub(super) async fn start(session: &ResponderSession, instance: &InstanceId) -> Sent {
    let answer = session
        .ec2()
        .start_instances()
        .set_dry_run(session.dry_run())
        .instance_ids(instance.as_str())
        .send()
        .await;
    let answer = answer.map_err(error("ec2:StartInstances", &[]))?;
    Ok(done(answer.request_id()))
}

/// A profile's name is enough: it is one of a kind in an account.
fn named(profile: &ProfileName) -> IamInstanceProfileSpecification {
    IamInstanceProfileSpecification::builder()
        .name(profile.as_str())
        .build()
}

pub(super) async fn give_profile(session: &ResponderSession, instance: &InstanceId, profile: &ProfileName) -> Sent {
    let answer = session
        .ec2()
        .associate_iam_instance_profile()
        .instance_id(instance.as_str())
        .iam_instance_profile(named(profile))
        .send()
        .await
        .map_err(error("ec2:AssociateIamInstanceProfile", &[]))?;
    Ok(done(answer.request_id()))
}

pub(super) async fn replace_profile(
    session: &ResponderSession,
    association: &ProfileAssociationId,
    profile: &ProfileName,
) -> Sent {
    let answer = session
        .ec2()
        .replace_iam_instance_profile_association()
        .association_id(association.as_str())
        .iam_instance_profile(named(profile))
        .send()
        .await
        .map_err(error("ec2:ReplaceIamInstanceProfileAssociation", &[]))?;
    Ok(done(answer.request_id()))
}

pub(super) async fn take_profile(session: &ResponderSession, association: &ProfileAssociationId) -> Sent {
    let answer = session
        .ec2()
        .disassociate_iam_instance_profile()
        .association_id(association.as_str())
        .send()
        .await
        .map_err(error("ec2:DisassociateIamInstanceProfile", &[]))?;
    Ok(done(answer.request_id()))
}

//! EC2 instances.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::RequestId as _;
use aws_sdk_ec2::types::{AttributeBooleanValue, Filter, InstanceAttributeName, Reservation};

use super::convert::{may, missing, must, tags, time};
use super::{Found, circle, only};
use crate::action::{Answer, Instance, InstanceType, ProfileAssociation, ReadFailure};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::domain::{Arn, InstanceId, ProfileName};

const DESCRIBE: &str = "ec2:DescribeInstances";
const ATTRIBUTE: &str = "ec2:DescribeInstanceAttribute";
const SPOT: &str = "ec2:DescribeSpotInstanceRequests";
const TYPES: &str = "ec2:DescribeInstanceTypes";
const PROFILES: &str = "ec2:DescribeIamInstanceProfileAssociations";

/// `DescribeInstances` for one id.
pub(super) async fn instance(client: &Client, id: &InstanceId) -> Found {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_instances()
            .instance_ids(id.as_str())
            .set_next_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(DESCRIBE, &e))?;
        for instance in page.reservations().iter().flat_map(Reservation::instances) {
            found.push(convert(instance)?);
        }
        token = pages.next(page.next_token()).map_err(circle(DESCRIBE))?;
        if token.is_none() {
            let one = only(DESCRIBE, id.as_str(), found)?;
            if one.id != *id {
                return Err(missing(DESCRIBE, id.as_str()));
            }
            return Ok((Answer::Instance(Box::new(one)), page.request_id().map(str::to_owned)));
        }
    }
}

/// `DescribeInstanceAttribute` of `disableApiTermination`.
pub(super) async fn protection(client: &Client, id: &InstanceId) -> Found {
    let answer = client
        .describe_instance_attribute()
        .instance_id(id.as_str())
        .attribute(InstanceAttributeName::DisableApiTermination)
        .send()
        .await
        .map_err(|e| CallError::from_sdk(ATTRIBUTE, &e))?;
    let on = answer.disable_api_termination().and_then(AttributeBooleanValue::value);
    let on = on.ok_or_else(|| missing(ATTRIBUTE, "disableApiTermination"))?;
    Ok((
        Answer::TerminationProtection(on),
        answer.request_id().map(str::to_owned),
    ))
}

/// `DescribeInstanceAttribute` of `disableApiStop`.
pub(super) async fn stop_protection(client: &Client, id: &InstanceId) -> Found {
    let answer = client
        .describe_instance_attribute()
        .instance_id(id.as_str())
        .attribute(InstanceAttributeName::DisableApiStop)
        .send()
        .await
        .map_err(|e| CallError::from_sdk(ATTRIBUTE, &e))?;
    let on = answer.disable_api_stop().and_then(AttributeBooleanValue::value);
    let on = on.ok_or_else(|| missing(ATTRIBUTE, "disableApiStop"))?;
    Ok((Answer::StopProtection(on), answer.request_id().map(str::to_owned)))
}

/// `DescribeInstanceAttribute` of `instanceInitiatedShutdownBehavior`.
pub(super) async fn shutdown_behavior(client: &Client, id: &InstanceId) -> Found {
    let answer = client
        .describe_instance_attribute()
        .instance_id(id.as_str())
        .attribute(InstanceAttributeName::InstanceInitiatedShutdownBehavior)
        .send()
        .await
        .map_err(|e| CallError::from_sdk(ATTRIBUTE, &e))?;
    let behavior = answer.instance_initiated_shutdown_behavior().and_then(|a| a.value());
    let behavior = behavior.ok_or_else(|| missing(ATTRIBUTE, "instanceInitiatedShutdownBehavior"))?;
    Ok((
        Answer::ShutdownBehavior(behavior.to_owned()),
        answer.request_id().map(str::to_owned),
    ))
}

/// `DescribeInstanceTypes` for one name.
pub(super) async fn instance_type(client: &Client, name: &str) -> Found {
    let page = client
        .describe_instance_types()
        .instance_types(name.into())
        .send()
        .await
        .map_err(|e| CallError::from_sdk(TYPES, &e))?;
    let one = only(TYPES, name, page.instance_types().to_vec())?;
    let instance_store = one.instance_storage_supported();
    let instance_store = instance_store.ok_or_else(|| missing(TYPES, "instanceStorageSupported"))?;
    Ok((
        Answer::InstanceType(InstanceType { instance_store }),
        page.request_id().map(str::to_owned),
    ))
}

/// `DescribeIamInstanceProfileAssociations` by instance.
pub(super) async fn profile_associations(client: &Client, of: &InstanceId) -> Found {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_iam_instance_profile_associations()
            .filters(Filter::builder().name("instance-id").values(of.as_str()).build())
            .set_next_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(PROFILES, &e))?;
        for association in page.iam_instance_profile_associations() {
            let profile = profile(association.iam_instance_profile().and_then(|p| p.arn()))?;
            let state = association.state().ok_or_else(|| missing(PROFILES, "state"))?;
            // What was taken away may be listed for a while.
            if state.as_str() != "disassociated" {
                found.push(ProfileAssociation {
                    id: must(PROFILES, "associationId", association.association_id())?,
                    profile: profile.ok_or_else(|| missing(PROFILES, "iamInstanceProfile"))?,
                    state: state.as_str().to_owned(),
                });
            }
        }
        token = pages.next(page.next_token()).map_err(circle(PROFILES))?;
        if token.is_none() {
            found.sort_by(|a, b| a.id.cmp(&b.id));
            return Ok((Answer::ProfileAssociations(found), page.request_id().map(str::to_owned)));
        }
    }
}

/// `DescribeSpotInstanceRequests` by instance.
pub(super) async fn spot_requests(client: &Client, of: &InstanceId) -> Found {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_spot_instance_requests()
            .filters(Filter::builder().name("instance-id").values(of.as_str()).build())
            .set_next_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(SPOT, &e))?;
        for request in page.spot_instance_requests() {
            let kind = request.r#type().ok_or_else(|| missing(SPOT, "type"))?;
            found.push(kind.as_str().to_owned());
        }
        token = pages.next(page.next_token()).map_err(circle(SPOT))?;
        if token.is_none() {
            found.sort();
            return Ok((Answer::SpotRequests(found), page.request_id().map(str::to_owned)));
        }
    }
}

fn convert(from: &aws_sdk_ec2::types::Instance) -> Result<Instance, ReadFailure> {
    let text = |t: Option<&str>| t.filter(|t| !t.is_empty()).map(str::to_owned);
    let state = from.state().and_then(|s| s.name());
    let kind = from.instance_type();
    Ok(Instance {
        id: must(DESCRIBE, "instanceId", from.instance_id())?,
        state: state
            .ok_or_else(|| missing(DESCRIBE, "instanceState"))?
            .as_str()
            .to_owned(),
        instance_type: kind.map(|t| t.as_str().to_owned()).unwrap_or_default(),
        vpc: may(DESCRIBE, "vpcId", from.vpc_id())?,
        subnet: may(DESCRIBE, "subnetId", from.subnet_id())?,
        zone: text(from.placement().and_then(|p| p.availability_zone())),
        profile: profile(from.iam_instance_profile().and_then(|p| p.arn()))?,
        lifecycle: from.instance_lifecycle().map(|l| l.as_str().to_owned()),
        root_device_type: from.root_device_type().map(|t| t.as_str().to_owned()),
        private_ip: text(from.private_ip_address()),
        public_ip: text(from.public_ip_address()),
        image: text(from.image_id()),
        launched_at: time(from.launch_time()),
        tags: tags(from.tags()),
    })
}

/// EC2 names the profile by its ARN, which may have a path; IAM asks for the name alone.
fn profile(arn: Option<&str>) -> Result<Option<ProfileName>, ReadFailure> {
    let arn: Option<Arn> = may(DESCRIBE, "iamInstanceProfile", arn)?;
    arn.map(|arn| must(DESCRIBE, "iamInstanceProfile", Some(arn.name())))
        .transpose()
}

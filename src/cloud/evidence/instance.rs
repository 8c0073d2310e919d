//! What EC2 says of an instance and of the network around it.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, IamInstanceProfile, Instance, InstanceAttributeName, Reservation};

use super::{Asked, Kit, people, take, take_pages};
use crate::domain::Arn;

pub(super) async fn settings(kit: &Kit<'_>, id: &str) {
    let client = &kit.session.ec2(kit.region);
    tokio::join!(
        Box::pin(itself(kit, client, id)),
        Box::pin(output(kit, client, id)),
        Box::pin(attached(kit, client, id)),
    );
}

/// The instance, and then what its description names: its VPC and its profile's roles.
async fn itself(kit: &Kit<'_>, client: &Client, id: &str) {
    let asked = Asked {
        call: "ec2:DescribeInstances",
        of: id,
        region: kit.region,
    };
    let Some(answer) = take!(kit, asked, client.describe_instances().instance_ids(id)) else {
        return;
    };
    let instance = answer.reservations().iter().flat_map(Reservation::instances).next();
    let vpc = instance.and_then(Instance::vpc_id).unwrap_or_default();
    let profile = instance
        .and_then(Instance::iam_instance_profile)
        .and_then(IamInstanceProfile::arn);
    let profile = profile.and_then(|arn| arn.parse::<Arn>().ok());
    let name = profile.as_ref().map(Arn::name).unwrap_or_default();
    tokio::join!(Box::pin(around(kit, client, vpc)), Box::pin(people::profile(kit, name)));
}

/// What the machine printed, and what it was started with. Either may hold secrets.
async fn output(kit: &Kit<'_>, client: &Client, id: &str) {
    let asked = |call| Asked {
        call,
        of: id,
        region: kit.region,
    };
    take!(
        kit,
        asked("ec2:GetConsoleOutput"),
        client.get_console_output().instance_id(id)
    );
    let attribute = client.describe_instance_attribute().instance_id(id);
    let attribute = attribute.attribute(InstanceAttributeName::UserData);
    take!(kit, asked("ec2:DescribeInstanceAttribute"), attribute);
}

/// Its interfaces and volumes.
async fn attached(kit: &Kit<'_>, client: &Client, id: &str) {
    let asked = |call| Asked {
        call,
        of: id,
        region: kit.region,
    };
    let filter = || Filter::builder().name("attachment.instance-id").values(id).build();
    let interfaces = asked("ec2:DescribeNetworkInterfaces");
    take_pages!(
        kit,
        interfaces,
        client.describe_network_interfaces().filters(filter()),
        set_next_token,
        next_token
    );
    let volumes = asked("ec2:DescribeVolumes");
    take_pages!(
        kit,
        volumes,
        client.describe_volumes().filters(filter()),
        set_next_token,
        next_token
    );
}

/// Groups, routes and ACLs of the instance's VPC.
async fn around(kit: &Kit<'_>, client: &Client, vpc: &str) {
    if vpc.is_empty() {
        return;
    }
    let asked = |call| Asked {
        call,
        of: vpc,
        region: kit.region,
    };
    let filter = || Filter::builder().name("vpc-id").values(vpc).build();
    let groups = asked("ec2:DescribeSecurityGroups");
    take_pages!(
        kit,
        groups,
        client.describe_security_groups().filters(filter()),
        set_next_token,
        next_token
    );
    let routes = asked("ec2:DescribeRouteTables");
    take_pages!(
        kit,
        routes,
        client.describe_route_tables().filters(filter()),
        set_next_token,
        next_token
    );
    let acls = asked("ec2:DescribeNetworkAcls");
    take_pages!(
        kit,
        acls,
        client.describe_network_acls().filters(filter()),
        set_next_token,
        next_token
    );
}

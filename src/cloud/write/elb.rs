//! Changes through Elastic Load Balancing.

use aws_sdk_elasticloadbalancingv2::operation::RequestId as _;
use aws_sdk_elasticloadbalancingv2::types::TargetDescription;
use aws_sdk_elasticloadbalancingv2::{Client, config};

use super::Whole;
use super::classify::{Sent, done, error};
use crate::action::{ElbCall, Made, Registered};
use crate::cloud::session::ResponderSession;

pub(super) async fn send(session: &ResponderSession, call: &ElbCall, _made: &Made) -> Sent {
    let client = Client::from_conf(config::Builder::from(&session.here()).interceptor(Whole).build());
    match call {
        ElbCall::DeregisterTargets { group, targets } => {
            let call = client.deregister_targets().target_group_arn(group.as_str());
            let answer = call.set_targets(Some(described(targets))).send().await;
            let answer = answer.map_err(error("elasticloadbalancing:DeregisterTargets", &[]))?;
            Ok(done(answer.request_id()))
        }
        ElbCall::RegisterTargets { group, targets } => {
            let call = client.register_targets().target_group_arn(group.as_str());
            let answer = call.set_targets(Some(described(targets))).send().await;
            let answer = answer.map_err(error("elasticloadbalancing:RegisterTargets", &[]))?;
            Ok(done(answer.request_id()))
        }
    }
}

fn described(targets: &[Registered]) -> Vec<TargetDescription> {
    let describe = |target: &Registered| {
        TargetDescription::builder()
            .id(&target.id)
            .set_port(target.port)
            .set_availability_zone(target.zone.clone())
            .build()
    };
    targets.iter().map(describe).collect()
}

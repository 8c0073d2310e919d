//! Changes through Auto Scaling.

use aws_sdk_autoscaling::operation::RequestId as _;
use aws_sdk_autoscaling::{Client, config};

use super::Whole;
use super::classify::{Sent, done, error};
use crate::action::{AutoScalingCall, Made};
use crate::cloud::session::ResponderSession;

pub(super) async fn send(session: &ResponderSession, call: &AutoScalingCall, _made: &Made) -> Sent {
    let client = Client::from_conf(config::Builder::from(&session.here()).interceptor(Whole).build());
    match call {
        AutoScalingCall::UpdateAutoScalingGroup { group, min } => {
            let call = client.update_auto_scaling_group().auto_scaling_group_name(group);
            let answer = call.min_size(*min).send().await;
            let answer = answer.map_err(error("autoscaling:UpdateAutoScalingGroup", &[]))?;
            Ok(done(answer.request_id()))
        }
        AutoScalingCall::EnterStandby { group, instance } => {
            let call = client.enter_standby().auto_scaling_group_name(group);
            let call = call
                .instance_ids(instance.as_str())
                .should_decrement_desired_capacity(true);
            let answer = call.send().await.map_err(error("autoscaling:EnterStandby", &[]))?;
            Ok(done(answer.request_id()))
        }
        AutoScalingCall::ExitStandby { group, instance } => {
            let call = client.exit_standby().auto_scaling_group_name(group);
            let answer = call.instance_ids(instance.as_str()).send().await;
            let answer = answer.map_err(error("autoscaling:ExitStandby", &[]))?;
            Ok(done(answer.request_id()))
        }
        AutoScalingCall::DetachInstances { group, instance } => {
            let call = client.detach_instances().auto_scaling_group_name(group);
            let call = call
                .instance_ids(instance.as_str())
                .should_decrement_desired_capacity(true);
            let answer = call.send().await.map_err(error("autoscaling:DetachInstances", &[]))?;
            Ok(done(answer.request_id()))
        }
        AutoScalingCall::AttachInstances { group, instance } => {
            let call = client.attach_instances().auto_scaling_group_name(group);
            let answer = call.instance_ids(instance.as_str()).send().await;
            let answer = answer.map_err(error("autoscaling:AttachInstances", &[]))?;
            Ok(done(answer.request_id()))
        }
    }
}

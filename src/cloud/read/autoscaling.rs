//! What Auto Scaling is asked, by query.

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::config::Builder;
use aws_sdk_autoscaling::operation::RequestId as _;

use super::convert::missing;
use super::{Found, circle, only};
use crate::action::{Answer, AutoScalingQuery, ScalingGroup, ScalingMember};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::cloud::whole::Whole;
use crate::domain::{InstanceId, Region, Untrusted};

const INSTANCES: &str = "autoscaling:DescribeAutoScalingInstances";
const GROUPS: &str = "autoscaling:DescribeAutoScalingGroups";

pub(super) async fn ask(session: &Session, region: &Region, query: &AutoScalingQuery) -> Found {
    let client = &Client::from_conf(Builder::from(&session.at(region)).interceptor(Whole).build());
    match query {
        AutoScalingQuery::ScalingMember { id } => member(client, id).await,
        AutoScalingQuery::ScalingGroup { name } => group(client, name).await,
    }
}

async fn member(client: &Client, id: &InstanceId) -> Found {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_auto_scaling_instances()
            .instance_ids(id.as_str())
            .set_next_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(INSTANCES, &e))?;
        for member in page.auto_scaling_instances() {
            if member.instance_id() != Some(id.as_str()) {
                return Err(missing(INSTANCES, id.as_str()));
            }
            let name = member.auto_scaling_group_name();
            let state = member.lifecycle_state();
            found.push(ScalingMember {
                group: Untrusted::new(name.ok_or_else(|| missing(INSTANCES, "AutoScalingGroupName"))?),
                // This operation writes `IN_SERVICE` where the others write `InService` (Auto Scaling API reference).
                state: spelled(state.ok_or_else(|| missing(INSTANCES, "LifecycleState"))?),
            });
        }
        token = pages.next(page.next_token()).map_err(circle(INSTANCES))?;
        if token.is_none() {
            return Ok((Answer::ScalingMembers(found), page.request_id().map(str::to_owned)));
        }
    }
}

fn spelled(state: &str) -> String {
    if state == "IN_SERVICE" { "InService" } else { state }.to_owned()
}

async fn group(client: &Client, name: &str) -> Found {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_auto_scaling_groups()
            .auto_scaling_group_names(name)
            .set_next_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(GROUPS, &e))?;
        for group in page.auto_scaling_groups() {
            let number = |what: &str, number: Option<i32>| number.ok_or_else(|| missing(GROUPS, what));
            let serving = |i: &&aws_sdk_autoscaling::types::Instance| {
                i.lifecycle_state().is_some_and(|state| state.as_str() == "InService")
            };
            found.push(ScalingGroup {
                name: Untrusted::new(group.auto_scaling_group_name().unwrap_or_default()),
                min: number("MinSize", group.min_size())?,
                max: number("MaxSize", group.max_size())?,
                desired: number("DesiredCapacity", group.desired_capacity())?,
                in_service: group.instances().iter().filter(serving).count(),
                health_check: group.health_check_type().unwrap_or_default().to_owned(),
            });
        }
        token = pages.next(page.next_token()).map_err(circle(GROUPS))?;
        if token.is_none() {
            let shown = Untrusted::new(name).shown();
            let one = only(GROUPS, &format!("Auto Scaling group {shown}"), found)?;
            return Ok((Answer::ScalingGroup(one), page.request_id().map(str::to_owned)));
        }
    }
}

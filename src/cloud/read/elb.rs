//! What Elastic Load Balancing is asked, by query.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::config::Builder;
use aws_sdk_elasticloadbalancingv2::operation::RequestId as _;
use aws_sdk_elasticloadbalancingv2::types::{TargetGroup as SdkGroup, TargetHealthStateEnum as Health};

use super::convert::{may, missing, must};
use super::{Found, circle};
use crate::action::{Answer, ElbQuery, ReadFailure, Registered, TargetGroup};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::cloud::whole::Whole;
use crate::domain::{Arn, Region, Untrusted};

const GROUPS: &str = "elasticloadbalancing:DescribeTargetGroups";
const HEALTH: &str = "elasticloadbalancing:DescribeTargetHealth";

pub(super) async fn ask(session: &Session, region: &Region, query: &ElbQuery) -> Found {
    let client = &Client::from_conf(Builder::from(&session.at(region)).interceptor(Whole).build());
    match query {
        ElbQuery::TargetGroups {} => groups(client).await,
        ElbQuery::Targets { group, ids } => targets(client, group, ids).await,
    }
}

async fn groups(client: &Client) -> Found {
    let (mut found, mut pages, mut marker) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_target_groups()
            .set_marker(marker)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(GROUPS, &e))?;
        for group in page.target_groups() {
            found.push(convert(group)?);
        }
        marker = pages.next(page.next_marker()).map_err(circle(GROUPS))?;
        if marker.is_none() {
            found.sort_by(|a, b| a.arn.as_str().cmp(b.arn.as_str()));
            return Ok((Answer::TargetGroups(found), page.request_id().map(str::to_owned)));
        }
    }
}

fn convert(from: &SdkGroup) -> Result<TargetGroup, ReadFailure> {
    let kind = from.target_type().ok_or_else(|| missing(GROUPS, "TargetType"))?;
    Ok(TargetGroup {
        arn: must(GROUPS, "TargetGroupArn", from.target_group_arn())?,
        name: Untrusted::new(from.target_group_name().unwrap_or_default()),
        vpc: may(GROUPS, "VpcId", from.vpc_id())?,
        target_type: kind.as_str().to_owned(),
        // A group of functions has none.
        protocol: from.protocol().map(|p| p.as_str().to_owned()).unwrap_or_default(),
        load_balancers: from.load_balancer_arns().to_vec(),
    })
}

/// `DescribeTargetHealth` gives every target of a group, in one answer (Elastic Load Balancing API reference).
async fn targets(client: &Client, group: &Arn, ids: &[String]) -> Found {
    let answer = client
        .describe_target_health()
        .target_group_arn(group.as_str())
        .send()
        .await
        .map_err(|e| CallError::from_sdk(HEALTH, &e))?;
    let mut found = Vec::new();
    for description in answer.target_health_descriptions() {
        let target = description.target().ok_or_else(|| missing(HEALTH, "Target"))?;
        let id = target.id().ok_or_else(|| missing(HEALTH, "Target.Id"))?;
        let state = description.target_health().and_then(|health| health.state());
        let state = state.ok_or_else(|| missing(HEALTH, "TargetHealth.State"))?;
        // A target that drains gets no new requests; it was deregistered already.
        if *state == Health::Draining || !ids.iter().any(|wanted| wanted == id) {
            continue;
        }
        found.push(Registered {
            id: id.to_owned(),
            port: target.port(),
            zone: target.availability_zone().map(str::to_owned),
        });
    }
    found.sort();
    Ok((Answer::Targets(found), answer.request_id().map(str::to_owned)))
}

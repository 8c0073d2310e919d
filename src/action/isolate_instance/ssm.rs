//! The one narrow way out that may stay while a memory capture is pending: HTTPS to the VPC's own endpoints for Systems Manager.
//!
//! Must never: open a way to `0.0.0.0/0`. A VPC without these endpoints gets a refusal.

use std::collections::BTreeSet;

use super::super::answer::Endpoint;
use super::super::capture_underway;
use super::super::facts::Facts;
use super::super::plan::{Draft, Request};
use super::super::query::Query;
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::Seen;
use super::groups::Endpoints;
use crate::action::NetworkQuery;
use crate::domain::{GroupId, VpcId};

/// What the agent talks to: `ssm` and `ssmmessages`, older agents `ec2messages`, too (Systems Manager guide, "VPC endpoints").
const NEEDED: [&str; 2] = ["ssm", "ssmmessages"];

fn query(vpc: &VpcId) -> Query {
    Query::Network(NetworkQuery::SsmEndpoints { vpc: vpc.clone() })
}

/// What must be read of the VPCs.
pub fn queries(request: &Request, seen: &Seen<'_>) -> Vec<Query> {
    let mut all = vec![captures(request, seen)];
    if request.chose("keep-ssm") {
        all.extend(seen.vpcs().iter().map(query));
    }
    all
}

/// Captures of memory that quell began; they only inform.
fn captures(request: &Request, seen: &Seen<'_>) -> Query {
    capture_underway::nearby(request, &seen.id)
}

/// Says where memory is still being captured: the isolation would cut its upload off.
pub fn capturing(request: &Request, seen: &Seen<'_>, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    capture_underway::warn(request, &seen.id, "isolate it", facts, draft)
}

/// The endpoints' groups by VPC, where the choice is made; nothing else may be reached.
pub fn endpoints(request: &Request, seen: &Seen<'_>, facts: &Facts) -> Result<Endpoints, Stop> {
    let mut all = Endpoints::new();
    if !request.chose("keep-ssm") {
        return Ok(all);
    }
    if request.chose("subnet-acl") {
        return Err(Refusal::new(
            RefusalKind::BadChoice,
            "keep-ssm leaves a way out that subnet-acl closes.",
            "Choose one of the two: keep-ssm while memory is captured, subnet-acl after it.",
        )
        .into());
    }
    for vpc in seen.vpcs() {
        let usable = |e: &&Endpoint| e.kind == "Interface" && e.state == "available";
        let found: Vec<&Endpoint> = facts.endpoints(&query(&vpc))?.iter().filter(usable).collect();
        let has = |service: &&&str| {
            found
                .iter()
                .any(|e| e.service.raw().rsplit('.').next() == Some(**service))
        };
        let missing: Vec<&str> = NEEDED.iter().filter(|s| !has(s)).copied().collect();
        let groups: BTreeSet<GroupId> = found.iter().flat_map(|e| e.groups.clone()).collect();
        if !missing.is_empty() || groups.is_empty() {
            return Err(Refusal::new(
                RefusalKind::Unsafe,
                format!("{vpc} has no interface endpoint for {}.", missing.join(" and ")),
                "Without it the agent needs the internet, which an isolated instance must not have. Capture memory first, or isolate without keep-ssm.",
            )
            .into());
        }
        all.insert(vpc, groups.into_iter().collect());
    }
    Ok(all)
}

/// What the responder should know about the way that stays.
pub fn warn(endpoints: &Endpoints, draft: &mut Draft) {
    if endpoints.is_empty() {
        return;
    }
    draft.warnings.push(
        "keep-ssm leaves HTTPS open to members of the groups of the SSM endpoints: whoever holds the instance may call Systems Manager, too. Isolate again without it once memory is captured.".to_owned(),
    );
    draft.warnings.push(
        "The endpoints' own groups must let HTTPS in from the VPC's addresses, or from the group that is made here; quell does not change them.".to_owned(),
    );
}

//! The session policy for one plan: its permissions, on its targets.
//!
//! Owns: the policy's text and its size; each call says itself what it needs. Must never: allow an action that the plan
//! does not list.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::action::{Place, Plan, blurred};

/// Characters of a session policy (API reference, `AssumeRole`).
pub(super) const POLICY_LIMIT: usize = 2048;

/// Actions by the resources that they need.
type Grants = BTreeMap<String, BTreeSet<String>>;

/// The policy as JSON. Where naming each target would not fit, targets of a kind become that kind in the account and region, and
/// characters that policies write in four stand for any one: nobody shall keep a plan from being applied by a name.
pub(super) fn of(plan: &Plan, partition: &str) -> String {
    let exact = write(&grants(plan, partition), plan);
    if exact.len() <= POLICY_LIMIT {
        return exact;
    }
    let mut coarse = Grants::new();
    for (action, resources) in grants(plan, partition) {
        let kinds = resources.into_iter().map(|r| blurred(&kind_only(&r))).collect();
        coarse.insert(action, kinds);
    }
    write(&coarse, plan)
}

/// `…:network-interface/eni-1` as `…:network-interface/*`. Plans of EC2 and Identity Center may have many targets; others stay as they
/// are.
fn kind_only(arn: &str) -> String {
    match arn.rsplit_once('/') {
        Some((kind, _)) if [":ec2:", ":sso:", ":identitystore:"].iter().any(|s| arn.contains(s)) => format!("{kind}/*"),
        _ => arn.to_owned(),
    }
}

fn grants(plan: &Plan, partition: &str) -> Grants {
    let place = place(plan, partition);
    let mut grants = Grants::new();
    let needs = plan.draft.calls.iter().flat_map(|call| call.mutation.needs(&place));
    for grant in needs.filter(|grant| grant.via.is_none()) {
        let resources = grants.entry(grant.action.to_owned()).or_default();
        resources.insert(grant.resource);
    }
    grants
}

fn place<'a>(plan: &'a Plan, partition: &'a str) -> Place<'a> {
    Place {
        partition,
        ..plan.request.place()
    }
}

/// One statement for each set of resources, so that actions which share their targets share the text.
fn write(grants: &Grants, plan: &Plan) -> String {
    let mut by_resources: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
    for (action, resources) in grants {
        // What a wildcard covers need not be said again.
        let resources: Vec<&str> = resources
            .iter()
            .map(String::as_str)
            .filter(|r| kind_only(r) == **r || !resources.contains(&kind_only(r)))
            .collect();
        by_resources.entry(resources).or_default().push(action);
    }
    let mut statements: Vec<Value> = by_resources
        .into_iter()
        .map(|(resources, actions)| json!({"Effect": "Allow", "Action": actions, "Resource": resources}))
        .collect();
    statements.extend(on_behalf(plan));
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// What a service of AWS asks for on the caller's behalf, and only through that service.
fn on_behalf(plan: &Plan) -> Vec<Value> {
    let place = plan.request.place();
    let mut by_service: BTreeMap<String, (BTreeSet<&str>, BTreeSet<String>)> = BTreeMap::new();
    for grant in plan.draft.calls.iter().flat_map(|call| call.mutation.needs(&place)) {
        if let Some(via) = grant.via {
            let (actions, resources) = by_service.entry(via).or_default();
            actions.insert(grant.action);
            resources.insert(grant.resource);
        }
    }
    by_service
        .into_iter()
        .map(|(service, (actions, resources))| {
            let resource = if resources.contains("*") {
                json!("*")
            } else {
                json!(resources)
            };
            json!({
                "Effect": "Allow",
                "Action": actions,
                "Resource": resource,
                "Condition": {"StringEquals": {"kms:ViaService": service}},
            })
        })
        .collect()
}

#[cfg(test)]
#[path = "plan_policy_tests.rs"]
mod tests;

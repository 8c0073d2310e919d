//! The session policy for one plan: its permissions, on its targets.
//!
//! Owns: which resources each call touches, by AWS's Service Authorization Reference. Must never: allow an action that the plan
//! does not list.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::action::{Mutation, Plan, Ref};

/// Characters of a session policy (API reference, `AssumeRole`).
pub(super) const POLICY_LIMIT: usize = 2048;

/// Actions by the resources that they need.
type Grants = BTreeMap<String, BTreeSet<String>>;

/// The policy as JSON. Where naming each target would not fit, targets of a kind become that kind in the account and region.
pub(super) fn of(plan: &Plan, partition: &str) -> String {
    let exact = write(&grants(plan, partition), plan);
    if exact.len() <= POLICY_LIMIT {
        return exact;
    }
    let mut coarse = Grants::new();
    for (action, resources) in grants(plan, partition) {
        let kinds = resources.into_iter().map(|r| kind_only(&r)).collect();
        coarse.insert(action, kinds);
    }
    write(&coarse, plan)
}

/// `…:network-interface/eni-1` as `…:network-interface/*`. Only EC2 plans have many targets; others stay as they are.
fn kind_only(arn: &str) -> String {
    match arn.rsplit_once('/') {
        Some((kind, _)) if arn.contains(":ec2:") => format!("{kind}/*"),
        _ => arn.to_owned(),
    }
}

fn grants(plan: &Plan, partition: &str) -> Grants {
    let request = &plan.request;
    let (account, region) = (&request.account, &request.region);
    // A snapshot's ARN has no account in many of AWS's own examples and has one in the reference, so any will do.
    let ec2 = |kind: &str, id: &str| match kind {
        "snapshot" => format!("arn:{partition}:ec2:{region}:*:snapshot/{id}"),
        _ => format!("arn:{partition}:ec2:{region}:{account}:{kind}/{id}"),
    };
    let mut grants = Grants::new();
    for call in &plan.draft.calls {
        let mut allow = |action: &str, resource: String| {
            grants.entry(action.to_owned()).or_default().insert(resource);
        };
        let action = call.mutation.permission();
        match &call.mutation {
            Mutation::CreateTags { resource, .. } | Mutation::DeleteTags { resource, .. } => {
                let (kind, id) = place(resource);
                allow(action, ec2(kind, &id));
            }
            Mutation::SetTerminationProtection { instance, .. } => allow(action, ec2("instance", instance.as_str())),
            Mutation::CreateSecurityGroup { vpc, .. } => {
                allow(action, ec2("vpc", vpc.as_str()));
                allow(action, ec2("security-group", "*"));
                allow("ec2:CreateTags", ec2("security-group", "*"));
            }
            Mutation::AuthorizeSecurityGroup { group, .. } | Mutation::RevokeSecurityGroupEgress { group, .. } => {
                let (_, id) = place(group);
                allow(action, ec2("security-group", &id));
                allow(action, ec2("security-group-rule", "*"));
            }
            Mutation::SetInterfaceGroups { interface, groups } => {
                allow(action, ec2("network-interface", interface.as_str()));
                for group in groups {
                    let (_, id) = place(group);
                    allow(action, ec2("security-group", &id));
                }
            }
            Mutation::CreateSnapshots { instance, .. } => {
                allow(action, ec2("instance", instance.as_str()));
                allow(action, ec2("volume", "*"));
                allow(action, ec2("snapshot", "*"));
                allow("ec2:CreateTags", ec2("snapshot", "*"));
            }
            Mutation::UpdateAccessKey { user, .. } => {
                // A user may have a path, which the plan does not know; the name stays exact.
                allow(action, format!("arn:{partition}:iam::{account}:user/{user}"));
                allow(action, format!("arn:{partition}:iam::{account}:user/*/{user}"));
            }
            Mutation::BatchUpdateFindings { .. } => {
                allow(
                    action,
                    format!("arn:{partition}:securityhub:{region}:{account}:hub/default"),
                );
            }
            Mutation::Publish { topic, .. } => allow(action, topic.to_string()),
        }
    }
    grants
}

/// The kind and id of a tagged or named resource. What the plan itself will make has no id yet.
fn place(resource: &Ref) -> (&'static str, String) {
    match resource {
        Ref::Made { result, .. } if result == "group" => ("security-group", "*".to_owned()),
        Ref::Made { .. } => ("snapshot", "*".to_owned()),
        Ref::Id(id) => {
            let kind = match id.split('-').next().unwrap_or_default() {
                "i" => "instance",
                "sg" => "security-group",
                "eni" => "network-interface",
                "vol" => "volume",
                "snap" => "snapshot",
                _ => "*",
            };
            (kind, id.clone())
        }
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
    statements.extend(topic_keys(plan));
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A topic that is encrypted with a customer key asks its publisher for that key (SNS guide, "Key management").
fn topic_keys(plan: &Plan) -> Vec<Value> {
    let regions: BTreeSet<String> = plan
        .draft
        .calls
        .iter()
        .filter_map(|call| {
            if let Mutation::Publish { topic, .. } = &call.mutation {
                Some(format!("sns.{}.amazonaws.com", topic.region()))
            } else {
                None
            }
        })
        .collect();
    regions
        .into_iter()
        .map(|service| {
            json!({
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": {"StringEquals": {"kms:ViaService": service}},
            })
        })
        .collect()
}

#[cfg(test)]
#[path = "plan_policy_tests.rs"]
mod tests;

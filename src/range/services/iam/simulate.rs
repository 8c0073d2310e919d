//! `SimulatePrincipalPolicy`: what the policies in force would say to a request that nobody makes.
//!
//! Owns: the shape of question and answer. Must never: evaluate by other rules than requests are decided by.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::page::page;
use super::store::Store;
use crate::domain::Arn;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::policy::{Decision, Policy, Request, decide};
use crate::range::services::organizations;
use crate::range::world::World;

/// What the range cannot put into a simulation. It says so in IAM's code for a bad question instead of leaving it out.
const UNKNOWN: [&str; 3] = [
    "PermissionsBoundaryPolicyInputList",
    "PolicyExclusionList",
    "ResourcePolicy",
];

pub fn simulate(world: &World, call: &Call) -> Answer {
    let account = world.accounts.get(&call.caller.account);
    let iam = &account.ok_or_else(|| bad("Invalid account".to_owned()))?.iam;
    if let Some(name) = UNKNOWN.iter().find(|name| call.params.get(**name).is_some()) {
        return Err(bad(format!("Invalid input: {name}")));
    }
    let source = call.text("PolicySourceArn").unwrap_or_default();
    let mut policies = policies(iam, call, source)?;
    let more: Result<Vec<Policy>, ApiError> = call
        .texts("PolicyInputList")
        .into_iter()
        .map(|text| Policy::identity(text).map_err(|e| bad(e.to_string())))
        .collect();
    let more = more?;
    policies.extend(&more);

    let context = context(call, source)?;
    let actions: BTreeSet<&str> = call.texts("ActionNames").into_iter().collect();
    if actions.is_empty() || actions.iter().any(|a| !a.contains(':')) {
        return Err(bad("Invalid ActionName".to_owned()));
    }
    let mut resources = call.texts("ResourceArns");
    if resources.is_empty() {
        resources.push("*");
    }
    let mut results: BTreeMap<String, Value> = BTreeMap::new();
    for (action, resource) in actions.iter().flat_map(|a| resources.iter().map(move |r| (*a, *r))) {
        let request = Request {
            action,
            resource,
            context: &context,
            account: &iam.account,
            arns: &[],
        };
        let organisation = organizations::policies::against(world, &request);
        let decision = match organisation.unwrap_or_else(|| decide(&policies, &[], &request)) {
            Decision::Allow => "allowed",
            Decision::ExplicitDeny | Decision::DeniedByScp | Decision::ResourceDeny => "explicitDeny",
            Decision::NoIdentityAllow | Decision::NoSessionAllow | Decision::NoScpAllow | Decision::NoResourceAllow => {
                "implicitDeny"
            }
        };
        let mut result = json!({"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": decision});
        // Only where the account is in an organisation (IAM API reference, `EvaluationResult`); the range's all are.
        result["OrganizationsDecisionDetail"] = json!({"AllowedByOrganizations": organisation.is_none()});
        results.insert(format!("{action} {resource}"), result);
    }
    page(call, "EvaluationResults", results.into_iter())
}

/// The policies in force of a user or role.
fn policies<'a>(iam: &'a Store, call: &Call, source: &str) -> Result<Vec<&'a Policy>, ApiError> {
    let arn: Arn = source.parse().map_err(|_| {
        bad(format!(
            "Invalid Entity Arn: {source} does not clearly define entity type and name."
        ))
    })?;
    let is = |kind: &str, path: &str, name: &str| iam.arn(kind, path, name) == source;
    let user = iam.users.get(arn.name()).filter(|u| is("user", &u.path, &u.name));
    let role = iam.roles.get(arn.name()).filter(|r| is("role", &r.path, &r.name));
    match (user, role) {
        (Some(user), _) => Ok(iam.user_policies(user, call.now)),
        (_, Some(role)) => Ok(iam.granted(&role.grants, call.now).collect()),
        (None, None) => Err(ApiError::new(
            404,
            "NoSuchEntity",
            format!("The entity {source} cannot be found."),
        )),
    }
}

/// The condition keys that the question names, and those that follow from whom it is about.
fn context(call: &Call, source: &str) -> Result<BTreeMap<String, String>, ApiError> {
    let mut context = BTreeMap::from([
        ("aws:principalarn".to_owned(), source.to_owned()),
        ("aws:currenttime".to_owned(), call.now.to_string()),
    ]);
    let entries = call.params.get("ContextEntries").and_then(Value::as_array);
    for entry in entries.into_iter().flatten() {
        let name = entry.get("ContextKeyName").and_then(Value::as_str);
        let values = entry.get("ContextKeyValues").and_then(Value::as_array);
        let values: Vec<&str> = values.into_iter().flatten().filter_map(Value::as_str).collect();
        let (Some(name), [value]) = (name, values.as_slice()) else {
            return Err(bad(
                "Invalid ContextEntries: each takes one name and one value.".to_owned()
            ));
        };
        context.insert(name.to_ascii_lowercase(), (*value).to_owned());
    }
    Ok(context)
}

fn bad(text: String) -> ApiError {
    ApiError::new(400, "InvalidInput", text)
}

//! Service control policies: the calls that make and attach them, and what they say about a request.
//!
//! Owns: the policies and what has them. Targets are the root and accounts; the range has no ids of organisational units. Must
//! never: bind the management account or a service-linked role, as AWS does not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{invalid, organisation};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::policy::{Decision, Policy, Request, Verdict, effect};
use crate::range::world::World;

/// What AWS attaches to every root, unit and account when service control policies are enabled.
const FULL: &str = "p-FullAWSAccess";
const FULL_TEXT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
/// Policies on one target (Organizations guide, "Quotas").
const MOST: usize = 5;
/// Characters of one policy (Organizations guide, "Quotas").
const LONGEST: usize = 5120;

/// One policy.
#[derive(Clone, Debug)]
pub struct Scp {
    pub name: String,
    pub description: String,
    pub policy: Policy,
}

/// All of them.
#[derive(Clone, Debug)]
pub struct Scps {
    /// Whether the type is enabled in the root.
    pub enabled: bool,
    /// By id.
    pub all: BTreeMap<String, Scp>,
    /// By target; one that is not here has what AWS attaches to every target.
    attached: BTreeMap<String, BTreeSet<String>>,
}

impl Scps {
    /// Those of a target.
    pub fn on(&self, target: &str) -> BTreeSet<String> {
        let usual = || BTreeSet::from([FULL.to_owned()]);
        self.attached.get(target).cloned().unwrap_or_else(usual)
    }

    /// Attaches a policy, whatever the quota.
    pub fn attach(&mut self, policy: &str, target: &str) {
        let mut on = self.on(target);
        on.insert(policy.to_owned());
        self.attached.insert(target.to_owned(), on);
    }

    fn get(&self, id: &str) -> Result<&Scp, ApiError> {
        self.all.get(id).ok_or_else(|| {
            let why = "We can't find a policy with the PolicyId that you specified.";
            ApiError::new(400, "PolicyNotFoundException", why)
        })
    }
}

impl Default for Scps {
    fn default() -> Self {
        let policy = Policy::identity(FULL_TEXT).map(|policy| Scp {
            name: "FullAWSAccess".to_owned(),
            description: "Allows access to every operation".to_owned(),
            policy,
        });
        Self {
            enabled: true,
            all: policy.into_iter().map(|scp| (FULL.to_owned(), scp)).collect(),
            attached: BTreeMap::new(),
        }
    }
}

/// The organisation's one root.
pub fn root(world: &World) -> String {
    format!("r-{}", &world.management.as_str()[..4])
}

/// What the service control policies say against a request; nothing where they let it pass.
pub fn against(world: &World, request: &Request) -> Option<Decision> {
    let scps = &world.organization.scps;
    let linked = request
        .context
        .get("aws:principalarn")
        .is_some_and(|arn| arn.contains(":role/aws-service-role/"));
    if *request.account == world.management || !scps.enabled || linked {
        return None;
    }
    for target in [root(world), request.account.to_string()] {
        // Most targets have what allows everything, and nothing else.
        let Some(on) = scps.attached.get(&target) else {
            continue;
        };
        let policies = on.iter().filter_map(|id| scps.all.get(id)).map(|scp| &scp.policy);
        match effect(policies, request) {
            Verdict::Denied => return Some(Decision::DeniedByScp),
            Verdict::Silent => return Some(Decision::NoScpAllow),
            Verdict::Allowed | Verdict::AllowedToAccount => {}
        }
    }
    None
}

/// The resources of a call that changes policies, as ARNs (Service Authorization Reference, "AWS Organizations").
pub fn resources(world: &World, call: &Call) -> Vec<String> {
    let arn = |rest: String| format!("arn:aws:organizations::{}:{rest}", world.management);
    let organisation = organisation(world);
    let policy = call
        .text("PolicyId")
        .map(|id| arn(format!("policy/{organisation}/service_control_policy/{id}")));
    let target = call.text("TargetId").map(|id| {
        let kind = if id.starts_with("r-") { "root" } else { "account" };
        arn(format!("{kind}/{organisation}/{id}"))
    });
    let resources: Vec<String> = match call.operation {
        "AttachPolicy" | "DetachPolicy" | "DeletePolicy" => target.into_iter().chain(policy).collect(),
        _ => Vec::new(),
    };
    if resources.is_empty() {
        vec!["*".to_owned()]
    } else {
        resources
    }
}

/// Answers the calls about policies.
pub fn handle(world: &mut World, call: &Call) -> Answer {
    match call.operation {
        "ListRoots" => Ok(roots(world)),
        "ListPolicies" => {
            filter(call)?;
            let all = &world.organization.scps.all;
            Ok(json!({ "Policies": all.keys().map(|id| summary(world, id)).collect::<Vec<_>>() }))
        }
        "DescribePolicy" => {
            let id = call.text("PolicyId").unwrap_or_default();
            let text = world.organization.scps.get(id)?.policy.text.clone();
            Ok(json!({ "Policy": { "PolicySummary": summary(world, id), "Content": text } }))
        }
        "ListPoliciesForTarget" => {
            filter(call)?;
            let on = world.organization.scps.on(&target(world, call)?);
            Ok(json!({ "Policies": on.iter().map(|id| summary(world, id)).collect::<Vec<_>>() }))
        }
        "ListTargetsForPolicy" => targets(world, call),
        "CreatePolicy" => create(world, call),
        "AttachPolicy" => attach(world, call),
        "DetachPolicy" => detach(world, call),
        _ => delete(world, call),
    }
}

fn filter(call: &Call) -> Result<(), ApiError> {
    match call.text("Filter") {
        Some("SERVICE_CONTROL_POLICY") => Ok(()),
        _ => Err(invalid("You specified an invalid policy type.")),
    }
}

fn roots(world: &World) -> Value {
    let (id, scps) = (root(world), &world.organization.scps);
    let types = if scps.enabled {
        json!([{ "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" }])
    } else {
        json!([])
    };
    let arn = format!(
        "arn:aws:organizations::{}:root/{}/{id}",
        world.management,
        organisation(world)
    );
    json!({ "Roots": [{ "Id": id, "Arn": arn, "Name": "Root", "PolicyTypes": types }] })
}

fn summary(world: &World, id: &str) -> Value {
    let scp = world.organization.scps.all.get(id);
    let owner = if id == FULL { "aws" } else { world.management.as_str() };
    let organisation = if id == FULL {
        String::new()
    } else {
        format!("{}/", organisation(world))
    };
    json!({
        "Id": id,
        "Arn": format!("arn:aws:organizations::{owner}:policy/{organisation}service_control_policy/{id}"),
        "Name": scp.map(|s| &s.name),
        "Description": scp.map(|s| &s.description),
        "Type": "SERVICE_CONTROL_POLICY",
        "AwsManaged": id == FULL,
    })
}

/// The target that the call names, if the organisation has it.
fn target(world: &World, call: &Call) -> Result<String, ApiError> {
    let id = call.text("TargetId").unwrap_or_default();
    if id == root(world) || world.accounts.keys().any(|a| a.as_str() == id) {
        return Ok(id.to_owned());
    }
    let why = "We can't find a root, OU, account, or policy with the TargetId that you specified.";
    Err(ApiError::new(400, "TargetNotFoundException", why))
}

fn targets(world: &World, call: &Call) -> Answer {
    let scps = &world.organization.scps;
    let id = call.text("PolicyId").unwrap_or_default();
    scps.get(id)?;
    let accounts = world.accounts.keys().map(|a| (a.to_string(), "ACCOUNT"));
    let all = std::iter::once((root(world), "ROOT")).chain(accounts);
    let targets: Vec<Value> = all
        .filter(|(target, _)| scps.on(target).contains(id))
        .map(|(target, kind)| json!({ "TargetId": target, "Name": target, "Type": kind }))
        .collect();
    Ok(json!({ "Targets": targets }))
}

fn create(world: &mut World, call: &Call) -> Answer {
    filter_type(call)?;
    let text = |name| call.text(name).unwrap_or_default();
    let (name, content) = (text("Name"), text("Content"));
    if world.organization.scps.all.values().any(|scp| scp.name == name) {
        let why = "A policy with the same name already exists.";
        return Err(ApiError::new(400, "DuplicatePolicyException", why));
    }
    if content.len() > LONGEST {
        return Err(constraint("You have exceeded the maximum policy size."));
    }
    let policy = Policy::identity(content)
        .map_err(|bad| ApiError::new(400, "MalformedPolicyDocumentException", bad.to_string()))?;
    let id = format!("p-{}", world.new_hex(8));
    let scp = Scp {
        name: name.to_owned(),
        description: text("Description").to_owned(),
        policy,
    };
    world.organization.scps.all.insert(id.clone(), scp);
    Ok(json!({ "Policy": { "PolicySummary": summary(world, &id), "Content": content } }))
}

fn filter_type(call: &Call) -> Result<(), ApiError> {
    match call.text("Type") {
        Some("SERVICE_CONTROL_POLICY") => Ok(()),
        _ => Err(invalid("You specified an invalid policy type.")),
    }
}

fn attach(world: &mut World, call: &Call) -> Answer {
    let target = target(world, call)?;
    let id = call.text("PolicyId").unwrap_or_default();
    let scps = &mut world.organization.scps;
    scps.get(id)?;
    if !scps.enabled {
        let why = "The specified policy type isn't currently enabled in this root.";
        return Err(ApiError::new(400, "PolicyTypeNotEnabledException", why));
    }
    let on = scps.on(&target);
    if on.contains(id) {
        let why = "The selected policy is already attached to the specified target.";
        return Err(ApiError::new(400, "DuplicatePolicyAttachmentException", why));
    }
    if on.len() >= MOST {
        return Err(constraint(
            "You have attached the maximum number of policies to this target.",
        ));
    }
    scps.attach(id, &target);
    Ok(json!({}))
}

fn detach(world: &mut World, call: &Call) -> Answer {
    let target = target(world, call)?;
    let id = call.text("PolicyId").unwrap_or_default();
    let scps = &mut world.organization.scps;
    scps.get(id)?;
    let mut on = scps.on(&target);
    if !on.remove(id) {
        let why = "The policy isn't attached to the specified target in the specified root.";
        return Err(ApiError::new(400, "PolicyNotAttachedException", why));
    }
    if on.is_empty() {
        return Err(constraint(
            "You cannot remove the last policy attached to the specified target.",
        ));
    }
    // A target that has what every target has is no longer special.
    if on == BTreeSet::from([FULL.to_owned()]) {
        scps.attached.remove(&target);
    } else {
        scps.attached.insert(target, on);
    }
    Ok(json!({}))
}

fn delete(world: &mut World, call: &Call) -> Answer {
    let id = call.text("PolicyId").unwrap_or_default();
    let accounts: Vec<String> = world.accounts.keys().map(ToString::to_string).collect();
    let root = root(world);
    let scps = &mut world.organization.scps;
    scps.get(id)?;
    if accounts
        .iter()
        .chain([&root])
        .any(|target| scps.on(target).contains(id))
    {
        let why = "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before \
                   performing this operation.";
        return Err(ApiError::new(400, "PolicyInUseException", why));
    }
    scps.all.remove(id);
    Ok(json!({}))
}

fn constraint(why: &str) -> ApiError {
    ApiError::new(400, "ConstraintViolationException", why)
}

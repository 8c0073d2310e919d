//! Whether a known caller may do what it asks.
//!
//! Owns: gathering a caller's policies and the request's context, and the refusal in the service's words. Must never: look
//! at a role's trust (that is `services::sts`).

use std::collections::BTreeMap;

use super::call::{ApiError, Call, Caller};
use super::policy::{Decision, Policy, Request, decide};
use super::resources;
use super::services::organizations::policies;
use super::services::{Protocol, Service, s3};
use super::world::World;

/// Checks every action and resource that the call needs.
pub fn authorize(world: &World, service: &Service, call: &Call) -> Result<(), ApiError> {
    for need in resources::needs(world, service, call) {
        let mut context = context(world, call);
        context.extend(need.context.iter().map(|(k, v)| ((*k).to_owned(), v.clone())));
        let own = decision(world, call.caller, &need.action, &need.resource, &context);
        let decision = if service.name == "s3" {
            s3::with_bucket_policy(world, call, &need, &mut context, own)
        } else {
            own
        };
        if decision != Decision::Allow {
            return Err(denied(service, call.caller, &need.action, &need.resource, decision));
        }
    }
    Ok(())
}

/// What the organisation's policies and the caller's own say.
pub fn decision(
    world: &World,
    caller: &Caller,
    action: &str,
    resource: &str,
    context: &BTreeMap<String, String>,
) -> Decision {
    let (identity, session) = own_policies(world, caller);
    let request = Request {
        action,
        resource,
        context,
        account: &caller.account,
        arns: &[],
    };
    policies::against(world, &request).unwrap_or_else(|| decide(&identity, session, &request))
}

/// The identity policies, and the session policies, of the caller. A caller who is gone has none.
fn own_policies<'w>(world: &'w World, caller: &Caller) -> (Vec<&'w Policy>, &'w [Policy]) {
    let Some(account) = world.accounts.get(&caller.account) else {
        return (Vec::new(), &[]);
    };
    if let Some(session) = world.sessions.get(&caller.access_key) {
        let role = account.iam.roles.get(&session.role).filter(|r| r.id == session.role_id);
        let own = role
            .map(|r| account.iam.granted(&r.grants, world.now()).collect())
            .unwrap_or_default();
        return (own, &session.policies);
    }
    let own = account
        .iam
        .key(&caller.access_key)
        .map(|(user, _)| account.iam.user_policies(user, world.now()));
    (own.unwrap_or_default(), &[])
}

/// The condition keys that every request has, in lower case (IAM User Guide, "AWS global condition context keys").
pub fn context(world: &World, call: &Call) -> BTreeMap<String, String> {
    let caller = call.caller;
    let mut context: BTreeMap<String, String> = [
        ("aws:userid", caller.user_id.clone()),
        ("aws:principalaccount", caller.account.to_string()),
        ("aws:requestedregion", call.region.to_string()),
        ("aws:currenttime", call.now.to_string()),
        ("aws:securetransport", "true".to_owned()),
    ]
    .into_iter()
    .map(|(k, v)| (k.to_owned(), v))
    .collect();
    let mut put = |key: &str, value: String| context.insert(key.to_owned(), value);
    if let Some(session) = world.sessions.get(&caller.access_key) {
        put("aws:principaltype", "AssumedRole".to_owned());
        put("aws:tokenissuetime", session.issued.to_string());
        if let Some(person) = &session.source_identity {
            put("aws:sourceidentity", person.clone());
        }
    } else {
        put("aws:principaltype", "User".to_owned());
        put(
            "aws:username",
            caller.arn.rsplit('/').next().unwrap_or_default().to_owned(),
        );
    }
    put("aws:principalarn", principal_arn(world, caller));
    context
}

/// The user's ARN, or for a session that of its role.
pub fn principal_arn(world: &World, caller: &Caller) -> String {
    let role = world.sessions.get(&caller.access_key).and_then(|session| {
        let iam = &world.accounts.get(&session.account)?.iam;
        let role = iam.roles.get(&session.role)?;
        Some(iam.arn("role", &role.path, &role.name))
    });
    role.unwrap_or_else(|| caller.arn.clone())
}

/// The refusal in the service's words.
pub fn denied(service: &Service, caller: &Caller, action: &str, resource: &str, decision: Decision) -> ApiError {
    let reason = match decision {
        Decision::ExplicitDeny => "with an explicit deny in an identity-based policy".to_owned(),
        Decision::DeniedByScp => "with an explicit deny in a service control policy".to_owned(),
        Decision::NoScpAllow => format!("because no service control policy allows the {action} action"),
        Decision::NoSessionAllow => format!("because no session policy allows the {action} action"),
        Decision::ResourceDeny => "with an explicit deny in a resource-based policy".to_owned(),
        Decision::NoResourceAllow => format!("because no resource-based policy allows the {action} action"),
        Decision::NoIdentityAllow | Decision::Allow => {
            format!("because no identity-based policy allows the {action} action")
        }
    };
    let sentence = format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} {reason}",
        caller.arn
    );
    match (&service.protocol, service.name) {
        (Protocol::Ec2 { .. }, _) => ApiError::new(
            403,
            "UnauthorizedOperation",
            format!("You are not authorized to perform this operation. {sentence}"),
        ),
        (_, "sns") => ApiError::new(403, "AuthorizationError", sentence),
        (Protocol::Query { .. } | Protocol::RestXml { .. }, _) => ApiError::new(403, "AccessDenied", sentence),
        (Protocol::Json11 { .. }, _) => ApiError::new(400, "AccessDeniedException", sentence),
        (Protocol::Json10 { .. } | Protocol::RestJson { .. }, _) => {
            ApiError::new(403, "AccessDeniedException", sentence)
        }
    }
}

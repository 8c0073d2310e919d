//! What changes the policies of users and roles: inline, attached, and who may assume a role.
//!
//! Owns: IAM's limits and refusals for them. Must never: let a change be in force before it has spread.

use serde_json::json;

use super::store::{Grants, Store};
use super::{invalid, missing};
use crate::domain::Time;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::policy::{BadPolicy, Policy};

/// Characters of all inline policies of one user, and of one role (IAM quotas), white space aside.
const MAX_INLINE: (usize, usize) = (2048, 10_240);
/// Characters of a trust policy (IAM quotas), white space aside.
const MAX_TRUST: usize = 2048;
/// Managed policies that one user or role can have (IAM quotas).
const MAX_ATTACHED: usize = 10;

/// Whose policies they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    User,
    Role,
}

/// `PutUserPolicy`, `PutRolePolicy`. `spread` is when the change is in force everywhere.
pub fn put(iam: &mut Store, of: Of, call: &Call, spread: Time) -> Answer {
    let name = policy_name(call)?;
    let text = call.text("PolicyDocument").unwrap_or_default();
    let policy = Policy::identity(text).map_err(malformed)?;
    let (owner, grants) = grants(iam, of, call)?;
    let others = grants.inline.iter().filter(|(n, _)| **n != name);
    let size: usize = others.map(|(_, p)| p.text.as_str()).chain([text]).map(length).sum();
    let (kind, limit) = match of {
        Of::User => ("user", MAX_INLINE.0),
        Of::Role => ("role", MAX_INLINE.1),
    };
    if size > limit {
        return Err(over(format!(
            "Maximum policy size of {limit} bytes exceeded for {kind} {owner}"
        )));
    }
    grants.keep_until(call.now, spread);
    grants.inline.insert(name, policy);
    Ok(json!({}))
}

/// `DeleteUserPolicy`, `DeleteRolePolicy`.
pub fn delete(iam: &mut Store, of: Of, call: &Call, spread: Time) -> Answer {
    let name = policy_name(call)?;
    let (_, grants) = grants(iam, of, call)?;
    if !grants.inline.contains_key(&name) {
        let kind = match of {
            Of::User => "user policy",
            Of::Role => "role policy",
        };
        return Err(missing(kind, &name));
    }
    grants.keep_until(call.now, spread);
    grants.inline.remove(&name);
    Ok(json!({}))
}

/// `AttachUserPolicy`, `AttachRolePolicy`. To attach what is attached changes nothing.
pub fn attach(iam: &mut Store, of: Of, call: &Call, spread: Time) -> Answer {
    let arn = call.text("PolicyArn").unwrap_or_default();
    let known = iam.policies.contains_key(arn);
    let (_, grants) = grants(iam, of, call)?;
    if !known {
        let text = format!("Policy {arn} does not exist or is not attachable.");
        return Err(ApiError::new(404, "NoSuchEntity", text));
    }
    if !grants.attached.contains(arn) && grants.attached.len() >= MAX_ATTACHED {
        let quota = match of {
            Of::User => "PoliciesPerUser",
            Of::Role => "PoliciesPerRole",
        };
        return Err(over(format!("Cannot exceed quota for {quota}: {MAX_ATTACHED}")));
    }
    grants.keep_until(call.now, spread);
    grants.attached.insert(arn.to_owned());
    Ok(json!({}))
}

/// `DetachUserPolicy`, `DetachRolePolicy`.
pub fn detach(iam: &mut Store, of: Of, call: &Call, spread: Time) -> Answer {
    let arn = call.text("PolicyArn").unwrap_or_default();
    let (_, grants) = grants(iam, of, call)?;
    if !grants.attached.contains(arn) {
        let text = format!("Policy {arn} was not found.");
        return Err(ApiError::new(404, "NoSuchEntity", text));
    }
    grants.keep_until(call.now, spread);
    grants.attached.remove(arn);
    Ok(json!({}))
}

/// `UpdateAssumeRolePolicy`.
pub fn trust(iam: &mut Store, call: &Call) -> Answer {
    let text = call.text("PolicyDocument").unwrap_or_default();
    let policy = Policy::trust(text).map_err(malformed)?;
    let name = call.text("RoleName").unwrap_or_default();
    modifiable(iam, name)?;
    if length(text) > MAX_TRUST {
        return Err(over(format!("Cannot exceed quota for ACLSizePerRole: {MAX_TRUST}")));
    }
    let role = iam.roles.get_mut(name).ok_or_else(|| missing("role", name))?;
    role.trust = policy;
    Ok(json!({}))
}

/// The policies that the call is about, and their owner's name.
fn grants<'a>(iam: &'a mut Store, of: Of, call: &Call) -> Result<(String, &'a mut Grants), ApiError> {
    match of {
        Of::User => {
            let name = call.text("UserName").unwrap_or_default();
            let user = iam.users.get_mut(name).ok_or_else(|| missing("user", name))?;
            Ok((name.to_owned(), &mut user.grants))
        }
        Of::Role => {
            let name = call.text("RoleName").unwrap_or_default();
            modifiable(iam, name)?;
            let role = iam.roles.get_mut(name).ok_or_else(|| missing("role", name))?;
            Ok((name.to_owned(), &mut role.grants))
        }
    }
}

/// A service-linked role belongs to its service, one of IAM Identity Center to Identity Center.
fn modifiable(iam: &Store, name: &str) -> Result<(), ApiError> {
    let role = iam.roles.get(name).ok_or_else(|| missing("role", name))?;
    let protected = ["/aws-service-role/", "/aws-reserved/"];
    if protected.iter().any(|path| role.path.starts_with(path)) {
        return Err(ApiError::new(
            400,
            "UnmodifiableEntity",
            format!(
                "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
            ),
        ));
    }
    Ok(())
}

fn length(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// 1 to 128 characters of `[\w+=,.@-]`.
fn policy_name(call: &Call) -> Result<String, ApiError> {
    let name = call.text("PolicyName").unwrap_or_default();
    let legal = (1..=128).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b));
    if legal {
        Ok(name.to_owned())
    } else {
        Err(invalid("The specified value for policyName is invalid."))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn malformed(bad: BadPolicy) -> ApiError {
    ApiError::new(400, "MalformedPolicyDocument", bad.to_string())
}

fn over(text: String) -> ApiError {
    ApiError::new(409, "LimitExceeded", text)
}

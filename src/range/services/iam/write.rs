//! What changes IAM.

use serde_json::{Value, json};

use super::store::{Store, User};
use super::{invalid, missing, read};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::policy::Policy;

/// Characters of all inline policies of one user (IAM quotas), white space aside.
const MAX_INLINE: usize = 2048;

pub fn update_access_key(iam: &mut Store, call: &Call) -> Answer {
    let id = call.text("AccessKeyId").unwrap_or_default();
    let active = match call.text("Status") {
        Some("Active") => true,
        Some("Inactive") => false,
        other => {
            return Err(invalid(format!(
                "1 validation error detected: Value '{}' at 'status' failed to satisfy constraint: \
                 Member must satisfy enum value set: [Active, Inactive]",
                other.unwrap_or_default()
            )));
        }
    };
    let user = read::user(iam, call)?.name.clone();
    let key = user_mut(iam, &user)?.keys.iter_mut().find(|k| k.id == id);
    let key = key.ok_or_else(|| {
        ApiError::new(
            404,
            "NoSuchEntity",
            format!("The Access Key with id {id} cannot be found"),
        )
    })?;
    key.active = active;
    Ok(json!({}))
}

pub fn put_user_policy(iam: &mut Store, call: &Call) -> Answer {
    let name = policy_name(call)?;
    let text = call.text("PolicyDocument").unwrap_or_default();
    let policy = Policy::identity(text).map_err(|e| ApiError::new(400, "MalformedPolicyDocument", e.to_string()))?;
    let user = user_mut(iam, call.text("UserName").unwrap_or_default())?;
    let others = user
        .grants
        .inline
        .iter()
        .filter(|(n, _)| **n != name)
        .map(|(_, p)| p.text.as_str());
    let size: usize = others.chain([text]).map(length).sum();
    if size > MAX_INLINE {
        return Err(ApiError::new(
            409,
            "LimitExceeded",
            format!(
                "Maximum policy size of {MAX_INLINE} bytes exceeded for user {}",
                user.name
            ),
        ));
    }
    user.grants.inline.insert(name, policy);
    Ok(json!({}))
}

pub fn delete_user_policy(iam: &mut Store, call: &Call) -> Answer {
    let name = policy_name(call)?;
    let user = user_mut(iam, call.text("UserName").unwrap_or_default())?;
    match user.grants.inline.remove(&name) {
        Some(_) => Ok(Value::Object(serde_json::Map::new())),
        None => Err(missing("user policy", &name)),
    }
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

fn user_mut<'a>(iam: &'a mut Store, name: &str) -> Result<&'a mut User, ApiError> {
    iam.users.get_mut(name).ok_or_else(|| missing("user", name))
}

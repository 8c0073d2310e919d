//! What changes users: their keys, passwords and groups.

use serde_json::json;

use super::store::{Store, User};
use super::{invalid, missing, read};
use crate::range::call::{Answer, ApiError, Call};

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

/// A user without a password is refused in the same words as one that is not there.
pub fn delete_login_profile(iam: &mut Store, call: &Call) -> Answer {
    let name = read::user(iam, call)?.name.clone();
    match user_mut(iam, &name)?.login.take() {
        Some(_) => Ok(json!({})),
        None => Err(read::no_login(&name)),
    }
}

pub fn add_user_to_group(iam: &mut Store, call: &Call) -> Answer {
    let group = group(iam, call)?;
    let user = user_mut(iam, call.text("UserName").unwrap_or_default())?;
    user.groups.insert(group);
    Ok(json!({}))
}

pub fn remove_user_from_group(iam: &mut Store, call: &Call) -> Answer {
    let group = group(iam, call)?;
    let user = user_mut(iam, call.text("UserName").unwrap_or_default())?;
    if user.groups.remove(&group) {
        Ok(json!({}))
    } else {
        let text = format!("User {} not in group {group}", user.name);
        Err(ApiError::new(404, "NoSuchEntity", text))
    }
}

fn group(iam: &Store, call: &Call) -> Result<String, ApiError> {
    let name = call.text("GroupName").unwrap_or_default();
    let group = iam.groups.get(name).ok_or_else(|| missing("group", name))?;
    Ok(group.name.clone())
}

fn user_mut<'a>(iam: &'a mut Store, name: &str) -> Result<&'a mut User, ApiError> {
    iam.users.get_mut(name).ok_or_else(|| missing("user", name))
}

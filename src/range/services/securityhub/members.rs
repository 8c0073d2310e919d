//! Security Hub's members and administrators as its API tells of them.
//!
//! Owns: the answers. Must never: decide what anybody sees (that is `aggregate`).

use serde_json::{Value, json};

use super::invalid;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::services::membership::administrator;
use crate::range::world::World;

/// Members on one page (API reference).
const MAX: usize = 50;
/// Administrators on one page (API reference).
const MAX_ADMINS: usize = 10;

pub fn list(world: &World, call: &Call) -> Answer {
    let size = page_size(call, MAX)?;
    let only = match call.text("OnlyAssociated") {
        None | Some("true") => true,
        Some("false") => false,
        Some(_) => return Err(invalid("Invalid parameter 'OnlyAssociated'.")),
    };
    let token = call.text("NextToken").filter(|t| !t.is_empty());
    let own = world.accounts.get(&call.caller.account);
    let Some(regional) = own.and_then(|a| a.regions.get(call.region)) else {
        return Ok(json!({ "Members": [] }));
    };
    let page = regional.securityhub.members.page(only, token, size);
    let (members, next) = page.ok_or_else(|| invalid("Invalid parameter 'NextToken'. The token is not valid."))?;
    let shown: Vec<Value> = members
        .into_iter()
        .map(|(id, member)| {
            json!({
                "AccountId": id,
                "Email": world.accounts.get(&id).map_or("", |a| a.email.as_str()),
                "MasterId": call.caller.account,
                "AdministratorId": call.caller.account,
                "MemberStatus": member.relationship.as_str(),
                "InvitedAt": member.since.to_string(),
                "UpdatedAt": member.since.to_string(),
            })
        })
        .collect();
    let mut answer = json!({ "Members": shown });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

/// Nothing for an account that has no administrator.
pub fn administrator_account(world: &World, call: &Call) -> Value {
    let found = administrator(world, call.caller.account, call.region, |r| &r.securityhub.members);
    found.map_or_else(
        || json!({}),
        |(id, member)| {
            json!({ "Administrator": {
                "AccountId": id,
                "InvitedAt": member.since.to_string(),
                "MemberStatus": member.relationship.as_str(),
            } })
        },
    )
}

/// The delegated administrator; for the management account alone.
pub fn organization_admins(world: &World, call: &Call) -> Answer {
    page_size(call, MAX_ADMINS)?;
    if call.caller.account != world.management {
        return Err(ApiError::new(
            401,
            "InvalidAccessException",
            format!(
                "Account {} is not the organization management account",
                call.caller.account
            ),
        ));
    }
    let list: Vec<Value> = world
        .organization
        .administrators("securityhub.amazonaws.com")
        .map(|id| json!({ "AccountId": id, "Status": "ENABLED" }))
        .collect();
    Ok(json!({ "AdminAccounts": list, "Feature": "SecurityHub" }))
}

fn page_size(call: &Call, max: usize) -> Result<usize, ApiError> {
    if call.params["MaxResults"].is_null() {
        return Ok(max);
    }
    call.number("MaxResults")
        .and_then(|n| usize::try_from(n).ok())
        .filter(|n| (1..=max).contains(n))
        .ok_or_else(|| {
            invalid(format!(
                "Invalid parameter 'MaxResults'. The value must be from 1 to {max}."
            ))
        })
}

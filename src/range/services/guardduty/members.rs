//! GuardDuty across accounts: who administers whom, and what an administrator's detector shows.
//!
//! Owns: the view. A finding stands with the account that made it; an administrator sees it while the membership is enabled
//! and the member's detector is on. Must never: show a member anything of its administrator.

use serde_json::{Value, json};

use super::{Store, bad, stamp};
use crate::domain::{AccountId, Region};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::services::membership::{Member, administrator};
use crate::range::world::World;

/// Members on one page (API reference).
const MAX: usize = 50;

/// The accounts whose findings the account's detector shows: its own first, then those of its members.
pub fn seen_by<'w>(world: &'w World, account: AccountId, region: &Region) -> Vec<(AccountId, &'w Store)> {
    let store = |id: AccountId| Some((id, &world.accounts.get(&id)?.regions.get(region)?.guardduty));
    let Some((_, own)) = store(account) else {
        return Vec::new();
    };
    let mut all = vec![(account, own)];
    let members = own.members.enabled().filter(|id| *id != account).filter_map(store);
    all.extend(members.filter(|(_, store)| store.detector.is_some()));
    all
}

pub fn list(world: &World, call: &Call, store: &Store) -> Answer {
    let size = page_size(call)?;
    let only = match call.text("onlyAssociated").map(str::to_lowercase).as_deref() {
        None | Some("true") => true,
        Some("false") => false,
        Some(_) => return Err(invalid("onlyAssociated")),
    };
    let token = call.text("nextToken").filter(|t| !t.is_empty());
    let page = store.members.page(only, token, size);
    let (members, next) = page.ok_or_else(|| invalid("nextToken"))?;
    let shown: Vec<Value> = members.into_iter().map(|(id, m)| show(world, call, id, m)).collect();
    Ok(json!({ "members": shown, "nextToken": next.unwrap_or_default() }))
}

fn show(world: &World, call: &Call, id: AccountId, member: &Member) -> Value {
    let account = world.accounts.get(&id);
    let detector = account.and_then(|a| a.regions.get(call.region)?.guardduty.detector.as_ref());
    let mut value = json!({
        "accountId": id,
        "masterId": call.caller.account,
        "administratorId": call.caller.account,
        "email": account.map_or("", |a| a.email.as_str()),
        "relationshipStatus": member.relationship.as_str(),
        "invitedAt": stamp(member.since),
        "updatedAt": stamp(member.since),
    });
    if let Some(detector) = detector {
        value["detectorId"] = detector.id.as_str().into();
    }
    value
}

/// Nothing at all for an administrator and for an account that stands alone (API reference, `GetAdministratorAccount`).
/// `key` is the older or the newer word for it.
pub fn administrator_account(world: &World, call: &Call, key: &str) -> Value {
    let found = administrator(world, call.caller.account, call.region, |r| &r.guardduty.members);
    found.map_or_else(
        || json!({}),
        |(id, member)| {
            json!({ key: {
                "accountId": id,
                "relationshipStatus": member.relationship.as_str(),
                "invitedAt": stamp(member.since),
            } })
        },
    )
}

/// The delegated administrator; for the management account alone.
pub fn organization_admins(world: &World, call: &Call) -> Answer {
    if call.caller.account != world.management {
        return Err(bad(
            "The request failed because you must be the organization management account to perform this operation.",
        ));
    }
    page_size(call)?;
    let list: Vec<Value> = world
        .organization
        .administrators("guardduty.amazonaws.com")
        .map(|id| json!({ "adminAccountId": id, "adminStatus": "ENABLED" }))
        .collect();
    Ok(json!({ "adminAccounts": list }))
}

fn page_size(call: &Call) -> Result<usize, ApiError> {
    if call.params["maxResults"].is_null() {
        return Ok(MAX);
    }
    call.number("maxResults")
        .and_then(|n| usize::try_from(n).ok())
        .filter(|n| (1..=MAX).contains(n))
        .ok_or_else(|| invalid("maxResults"))
}

fn invalid(parameter: &str) -> ApiError {
    bad(format!(
        "The request is rejected because the parameter {parameter} has an invalid value."
    ))
}

//! Organizations: who the members are.
//!
//! Owns: the calls by which a console discovers accounts. Must never: answer an ordinary member, as AWS does not.

use serde_json::{Value, json};

use super::{Operation, Protocol, Service, reads};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::{Account, World};

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "organizations",
    protocol: Protocol::Json11 {
        target: "AWSOrganizationsV20161128",
    },
    global: true,
    operations: OPERATIONS,
    handle,
};

const OPERATIONS: &[Operation] = &[
    reads("DescribeAccount"),
    reads("DescribeOrganization"),
    reads("ListAccounts"),
    reads("ListDelegatedAdministrators"),
];

/// Accounts on one page (API reference, `ListAccounts`).
const PAGE: usize = 20;

fn handle(world: &mut World, call: &Call) -> Answer {
    if world.accounts.len() < 2 || !world.accounts.contains_key(&world.management) {
        return Err(ApiError::new(
            400,
            "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.",
        ));
    }
    // Any member may ask what organisation it is in; the rest is for the management account and delegated administrators.
    let privileged = call.caller.account == world.management || call.caller.account == world.security;
    if call.operation != "DescribeOrganization" && !privileged {
        return Err(ApiError::new(
            400,
            "AccessDeniedException",
            "You don't have permissions to access this resource.",
        ));
    }
    match call.operation {
        "DescribeAccount" => describe_account(world, call),
        "DescribeOrganization" => Ok(describe(world)),
        "ListAccounts" => list_accounts(world, call),
        "ListDelegatedAdministrators" => Ok(administrators(world)),
        _ => Err(ApiError::new(400, "UnknownOperationException", "")),
    }
}

/// `o-` and ten characters, the same for the same management account.
fn organisation(world: &World) -> String {
    format!("o-{}", &world.management.as_str()[..10])
}

fn describe(world: &World) -> Value {
    let (id, management) = (organisation(world), &world.management);
    let email = world.accounts.get(management).map(|a| a.email.as_str());
    json!({ "Organization": {
        "Id": id,
        "Arn": format!("arn:aws:organizations::{management}:organization/{id}"),
        "FeatureSet": "ALL",
        "MasterAccountId": management,
        "MasterAccountArn": account_arn(world, management.as_str()),
        "MasterAccountEmail": email,
        "AvailablePolicyTypes": [],
    } })
}

fn account_arn(world: &World, id: &str) -> String {
    format!(
        "arn:aws:organizations::{}:account/{}/{id}",
        world.management,
        organisation(world)
    )
}

fn shown(world: &World, account: &Account) -> Value {
    json!({
        "Id": account.id,
        "Arn": account_arn(world, account.id.as_str()),
        "Email": account.email,
        "Name": account.name,
        "Status": "ACTIVE",
        "State": "ACTIVE",
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": 1_577_836_800.0,
    })
}

fn describe_account(world: &World, call: &Call) -> Answer {
    let id = call.text("AccountId").unwrap_or_default();
    let account = world.accounts.values().find(|a| a.id.as_str() == id);
    let account = account.ok_or_else(|| {
        ApiError::new(
            400,
            "AccountNotFoundException",
            "You specified an account that doesn't exist.",
        )
    })?;
    Ok(json!({ "Account": shown(world, account) }))
}

fn list_accounts(world: &World, call: &Call) -> Answer {
    let size = match call.number("MaxResults") {
        None => PAGE,
        Some(n) => usize::try_from(n)
            .ok()
            .filter(|n| (1..=PAGE).contains(n))
            .ok_or_else(|| invalid("You specified an invalid value for MaxResults."))?,
    };
    // The token is the last account of the page before, behind a letter so that nobody takes it for an account.
    let after = match call.text("NextToken") {
        None => None,
        Some(token) => Some(
            token
                .strip_prefix('a')
                .and_then(|t| t.parse().ok())
                .ok_or_else(|| invalid("You specified an invalid value for NextToken."))?,
        ),
    };
    let mut rest = world
        .accounts
        .values()
        .filter(|a| after.as_ref().is_none_or(|t| a.id > *t));
    let page: Vec<&Account> = rest.by_ref().take(size).collect();
    let more = rest.next().is_some();
    let mut answer = json!({ "Accounts": page.iter().map(|a| shown(world, a)).collect::<Vec<_>>() });
    if let (true, Some(last)) = (more, page.last()) {
        answer["NextToken"] = json!(format!("a{}", last.id));
    }
    Ok(answer)
}

fn administrators(world: &World) -> Value {
    let security = world.accounts.get(&world.security).filter(|a| a.id != world.management);
    let list: Vec<Value> = security
        .map(|account| {
            let mut value = shown(world, account);
            value["DelegationEnabledDate"] = json!(1_577_836_800.0);
            value
        })
        .into_iter()
        .collect();
    json!({ "DelegatedAdministrators": list })
}

fn invalid(text: &str) -> ApiError {
    ApiError::new(400, "InvalidInputException", text)
}

//! Organizations: who the members are, and the policies that bind them.
//!
//! Owns: the calls by which a console discovers accounts, and who may ask. Must never: answer an ordinary member, as AWS does not.

pub mod policies;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Operation, Protocol, Service, reads, writes};
use crate::domain::{AccountId, Time};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::{Account, World};

/// What the organisation has delegated, and how its lists are paged.
#[derive(Clone, Debug)]
pub struct Store {
    /// By service principal.
    delegated: BTreeMap<String, BTreeSet<AccountId>>,
    since: Time,
    pub scps: policies::Scps,
    /// Accounts that were closed, and are suspended until they are gone.
    pub closed: BTreeSet<AccountId>,
    /// From 2 on: every so-many-th page of `ListAccounts` is empty and yet has a token, as AWS warns of. Below: no such page.
    pub empty_pages: usize,
}

impl Store {
    /// What an organisation has whose security account looks after access, but administers nothing else yet.
    pub fn of(security: AccountId, since: Time) -> Self {
        let mut store = Self {
            delegated: BTreeMap::new(),
            since,
            scps: policies::Scps::default(),
            closed: BTreeSet::new(),
            empty_pages: 0,
        };
        store.delegate("access-analyzer.amazonaws.com", security);
        store
    }

    /// Makes an account the delegated administrator of a service, by its principal such as `guardduty.amazonaws.com`.
    pub fn delegate(&mut self, principal: &str, account: AccountId) {
        self.delegated.entry(principal.to_owned()).or_default().insert(account);
    }

    /// The delegated administrators of a service.
    pub fn administrators(&self, principal: &str) -> impl Iterator<Item = AccountId> + '_ {
        self.delegated.get(principal).into_iter().flatten().copied()
    }

    /// The services that an account administers.
    fn services(&self, account: AccountId) -> impl Iterator<Item = &str> + '_ {
        let own = self.delegated.iter().filter(move |(_, all)| all.contains(&account));
        own.map(|(principal, _)| principal.as_str())
    }
}

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
    writes("AttachPolicy"),
    writes("CreatePolicy"),
    writes("DeletePolicy"),
    reads("DescribeAccount"),
    reads("DescribeOrganization"),
    reads("DescribePolicy"),
    writes("DetachPolicy"),
    reads("ListAccounts"),
    reads("ListDelegatedAdministrators"),
    reads("ListDelegatedServicesForAccount"),
    reads("ListPolicies"),
    reads("ListPoliciesForTarget"),
    reads("ListRoots"),
    reads("ListTargetsForPolicy"),
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
    let own = call.caller.account;
    let changes = SERVICE.operation(call.operation).is_some_and(|o| o.mutating);
    let privileged = own == world.management || (!changes && world.organization.services(own).next().is_some());
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
        "ListDelegatedAdministrators" => administrators(world, call),
        "ListDelegatedServicesForAccount" => services(world, call),
        _ => policies::handle(world, call),
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
    let closed = world.organization.closed.contains(&account.id);
    let state = if closed { "SUSPENDED" } else { "ACTIVE" };
    json!({
        "Id": account.id,
        "Arn": account_arn(world, account.id.as_str()),
        "Email": account.email,
        "Name": account.name,
        "Status": state,
        "State": state,
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": 1_577_836_800.0,
    })
}

fn describe_account(world: &World, call: &Call) -> Answer {
    let id = call.text("AccountId").unwrap_or_default();
    let account = world.accounts.values().find(|a| a.id.as_str() == id);
    let account = account.ok_or_else(account_not_found)?;
    Ok(json!({ "Account": shown(world, account) }))
}

fn list_accounts(world: &World, call: &Call) -> Answer {
    let size = page_size(call)?;
    let (number, after) = match call.text("NextToken") {
        None => (1, None),
        Some(token) => read_token(token).ok_or_else(|| invalid("You specified an invalid value for NextToken."))?,
    };
    let mut rest = world
        .accounts
        .values()
        .filter(|a| after.is_none_or(|t| a.id > t))
        .peekable();
    let every = world.organization.empty_pages;
    let size = if every > 1 && number % every == 0 { 0 } else { size };
    let page: Vec<&Account> = rest.by_ref().take(size).collect();
    let mut answer = json!({ "Accounts": page.iter().map(|a| shown(world, a)).collect::<Vec<_>>() });
    if rest.peek().is_some() {
        let last = page.last().map(|a| a.id).or(after);
        answer["NextToken"] = json!(token(number + 1, last));
    }
    Ok(answer)
}

/// The number of the page and the last account of those before, behind a letter so that nobody takes it for an account.
fn token(number: usize, last: Option<AccountId>) -> String {
    last.map_or_else(|| format!("a{number}"), |last| format!("a{number}-{last}"))
}

fn read_token(token: &str) -> Option<(usize, Option<AccountId>)> {
    let token = token.strip_prefix('a')?;
    match token.split_once('-') {
        None => Some((token.parse().ok()?, None)),
        Some((number, last)) => Some((number.parse().ok()?, Some(last.parse().ok()?))),
    }
}

fn page_size(call: &Call) -> Result<usize, ApiError> {
    if call.params["MaxResults"].is_null() {
        return Ok(PAGE);
    }
    call.number("MaxResults")
        .and_then(|n| usize::try_from(n).ok())
        .filter(|n| (1..=PAGE).contains(n))
        .ok_or_else(|| invalid("You specified an invalid value for MaxResults."))
}

/// All of them, or those of one service. They fit on one page: the range has few.
fn administrators(world: &World, call: &Call) -> Answer {
    page_size(call)?;
    let wanted = call.text("ServicePrincipal");
    let delegated = &world.organization.delegated;
    let ids: BTreeSet<AccountId> = delegated
        .iter()
        .filter(|(principal, _)| wanted.is_none_or(|w| w == principal.as_str()))
        .flat_map(|(_, all)| all.iter().copied())
        .filter(|id| *id != world.management)
        .collect();
    let list: Vec<Value> = ids
        .iter()
        .filter_map(|id| world.accounts.get(id))
        .map(|account| {
            let mut value = shown(world, account);
            value["DelegationEnabledDate"] = json!(world.organization.since.as_second());
            value
        })
        .collect();
    Ok(json!({ "DelegatedAdministrators": list }))
}

fn services(world: &World, call: &Call) -> Answer {
    page_size(call)?;
    let id = call.text("AccountId").unwrap_or_default();
    let account = world.accounts.values().find(|a| a.id.as_str() == id);
    let account = account.ok_or_else(account_not_found)?.id;
    let since = world.organization.since.as_second();
    let list: Vec<Value> = world
        .organization
        .services(account)
        .map(|principal| json!({ "ServicePrincipal": principal, "DelegationEnabledDate": since }))
        .collect();
    if list.is_empty() {
        return Err(ApiError::new(
            400,
            "AccountNotRegisteredException",
            "The provided account is not a registered delegated administrator for your organization.",
        ));
    }
    Ok(json!({ "DelegatedServices": list }))
}

fn account_not_found() -> ApiError {
    ApiError::new(
        400,
        "AccountNotFoundException",
        "You specified an account that doesn't exist.",
    )
}

fn invalid(text: &str) -> ApiError {
    ApiError::new(400, "InvalidInputException", text)
}

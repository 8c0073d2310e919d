//! Security Hub of the range.
//!
//! Owns: the hub of one account and region and its findings, kept as ASFF. Must never: answer where it is not enabled.

mod aggregate;
mod filters;
mod members;
mod write;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::events::bus;
use super::kept::Kept;
use super::listing::Place;
use super::membership::Members;
use super::paging::Key;
use super::{Operation, Protocol, Route, Service, reads, route, writes};
use crate::domain::{AccountId, Region, Time};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::chain::Question;
use crate::range::world::World;

pub use aggregate::{Aggregator, LinkingMode};

/// What Security Hub knows in one account and region.
#[derive(Clone, Debug, Default)]
pub struct Store {
    /// When it was enabled; absent where it is not.
    pub enabled: Option<Time>,
    /// By `Id`, in ASFF.
    pub findings: BTreeMap<String, Kept>,
    /// The accounts that this one administers here.
    pub members: Members,
    /// Where this is the home region: what is linked to it.
    pub aggregator: Option<Aggregator>,
}

impl Store {
    /// Adds a finding, or replaces the one with its `Id`. Anything without an `Id` is dropped.
    pub fn put(&mut self, finding: impl Into<Kept>) {
        let finding = finding.into();
        if let Some(id) = finding["Id"].as_str() {
            self.findings.insert(id.to_owned(), finding);
        }
    }
}

/// A finding appears in an account and region, or changes: it is kept, and whoever shows it tells its event bus.
pub fn appear(world: &mut World, account: AccountId, region: &Region, finding: &Value) {
    let Ok(regional) = world.regional(&account, region) else {
        return;
    };
    regional.securityhub.put(finding.clone());
    bus::securityhub_finding(world, account, region, finding);
}

/// Whether the hub of the first account and region shows the findings of the second.
pub fn shows(world: &World, hub: (AccountId, &Region), other: (AccountId, &Region)) -> bool {
    let mut seen = aggregate::seen_by(world, hub.0, hub.1).into_iter();
    seen.any(|hub| (hub.account, hub.region) == other)
}

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "securityhub",
    protocol: Protocol::RestJson {
        routes: ROUTES,
        message: "Message",
    },
    global: false,
    operations: OPERATIONS,
    handle,
};

const ROUTES: &[Route] = &[
    route("GET", "/accounts", "DescribeHub"),
    route("GET", "/administrator", "GetAdministratorAccount"),
    route(
        "GET",
        "/findingAggregator/get/{FindingAggregatorArn+}",
        "GetFindingAggregator",
    ),
    route("GET", "/findingAggregator/list", "ListFindingAggregators"),
    route("GET", "/members", "ListMembers"),
    route("GET", "/organization/admin", "ListOrganizationAdminAccounts"),
    route("POST", "/findings", "GetFindings"),
    route("POST", "/findings/import", "BatchImportFindings"),
    route("PATCH", "/findings/batchupdate", "BatchUpdateFindings"),
];

const OPERATIONS: &[Operation] = &[
    reads("DescribeHub"),
    reads("GetAdministratorAccount"),
    reads("GetFindingAggregator"),
    reads("GetFindings"),
    reads("ListFindingAggregators"),
    reads("ListMembers"),
    reads("ListOrganizationAdminAccounts"),
    writes("BatchImportFindings"),
    writes("BatchUpdateFindings"),
];

/// Findings in one request or page, AWS's limit.
const MAX: usize = 100;

fn handle(world: &mut World, call: &Call) -> Answer {
    let account = call.caller.account;
    if call.operation == "ListOrganizationAdminAccounts" {
        return members::organization_admins(world, call);
    }
    let store = &world.here(call)?.securityhub;
    let Some(enabled) = store.enabled else {
        return Err(ApiError::new(
            401,
            "InvalidAccessException",
            format!("Account {account} is not subscribed to AWS Security Hub"),
        ));
    };
    match call.operation {
        "DescribeHub" => Ok(json!({
            "HubArn": format!("arn:aws:securityhub:{}:{account}:hub/default", call.region),
            "SubscribedAt": enabled.to_string(),
            "AutoEnableControls": true,
            "ControlFindingGenerator": "SECURITY_CONTROL",
        })),
        "GetAdministratorAccount" => Ok(members::administrator_account(world, call)),
        "GetFindingAggregator" => aggregate::get(world, call),
        "GetFindings" => get_findings(world, call),
        "ListFindingAggregators" => Ok(aggregate::list(world, call)),
        "ListMembers" => members::list(world, call),
        "BatchImportFindings" => write::import(world, call),
        "BatchUpdateFindings" => write::update(world, call),
        other => Err(ApiError::new(404, "UnknownOperationException", other)),
    }
}

/// An error in what was asked.
fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidInputException", message)
}

fn get_findings(world: &World, call: &Call) -> Answer {
    let params = call.params;
    let size = match &params["MaxResults"] {
        Value::Null => MAX,
        given => given
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| (1..=MAX).contains(n))
            .ok_or_else(|| invalid("Invalid parameter 'MaxResults'. The value must be from 1 to 100."))?,
    };
    let conditions = filters::read(&params["Filters"], call.now)?;
    let sort = filters::sort(&params["SortCriteria"])?;
    let hubs = aggregate::seen_by(world, call.caller.account, call.region);
    let list = || {
        let mut found: Vec<(Vec<Key>, Place)> = Vec::new();
        for hub in &hubs {
            for (id, finding) in &hub.store.findings {
                if conditions.iter().all(|c| c.accepts(finding)) {
                    let mut key: Vec<Key> = sort.iter().map(|s| s.key(finding)).collect();
                    // Account and region last, so that two findings with one id are two.
                    key.extend([id, hub.account.as_str(), hub.region.as_str()].map(Key::up_text));
                    let (account, region) = (hub.account, hub.region.clone());
                    let id = id.clone();
                    found.push((key, Place { account, region, id }));
                }
            }
        }
        found
    };
    // A range of days counts back from the present, so its listing is another one each time.
    let lasting = !params["Filters"].to_string().contains("DateRange");
    let question = lasting.then(|| Question::asked(SERVICE.name, call));
    let token = params["NextToken"].as_str().filter(|t| !t.is_empty());
    let (places, next) = world
        .listings
        .page(question, token, size, list)
        .ok_or_else(|| invalid("Invalid parameter 'NextToken'. The token is not valid."))?;
    let kept = |place: &Place| {
        let account = world.accounts.get(&place.account)?;
        account.regions.get(&place.region)?.securityhub.findings.get(&place.id)
    };
    call.long
        .set("Findings", places.iter().filter_map(kept).map(Kept::text));
    let mut answer = json!({});
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

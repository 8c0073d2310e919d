//! GuardDuty of the range.
//!
//! Owns: the detector of one account and region and its findings, kept as the JSON that `GetFindings` gives.
//! Must never: list a finding of another detector, or hide an archived one unless the criteria say so.

mod criteria;
mod members;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::events::bus;
use super::kept::Kept;
use super::listing::Place;
use super::membership::{Members, administrator};
use super::paging::Key;
use super::{Operation, Protocol, Route, Service, reads, route, writes};
use crate::domain::{AccountId, Region, Time};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::chain::Question;
use crate::range::world::World;

/// What GuardDuty knows in one account and region.
#[derive(Clone, Debug, Default)]
pub struct Store {
    /// Absent where GuardDuty is not enabled.
    pub detector: Option<Detector>,
    /// By finding id, in `GetFindings`' own form.
    pub findings: BTreeMap<String, Kept>,
    /// The accounts that this one administers here.
    pub members: Members,
}

/// The one detector that an account may have in a region.
#[derive(Clone, Debug)]
pub struct Detector {
    /// 32 hex digits.
    pub id: String,
    pub created: Time,
    /// Whether it finds anything. A detector that was suspended keeps what it found.
    pub enabled: bool,
}

impl Store {
    /// Adds a finding, or replaces the one with its `id`. Anything without an `id` is dropped.
    pub fn put(&mut self, finding: impl Into<Kept>) {
        let finding = finding.into();
        if let Some(id) = finding["id"].as_str() {
            self.findings.insert(id.to_owned(), finding);
        }
    }
}

/// A finding appears in an account and region, or changes: it is kept, and whoever shows it tells its event bus.
pub fn appear(world: &mut World, account: AccountId, region: &Region, finding: &Value) {
    let Ok(regional) = world.regional(&account, region) else {
        return;
    };
    if regional.guardduty.detector.as_ref().is_some_and(|d| !d.enabled) {
        return;
    }
    regional.guardduty.put(finding.clone());
    bus::guardduty_finding(world, account, region, finding);
}

/// Whether an account's detector shows another account's findings, or its own.
pub fn shows(world: &World, account: AccountId, region: &Region, other: AccountId) -> bool {
    let mut seen = members::seen_by(world, account, region).into_iter();
    seen.any(|(id, store)| id == other && store.detector.is_some())
}

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "guardduty",
    protocol: Protocol::RestJson {
        routes: ROUTES,
        message: "message",
    },
    global: false,
    operations: OPERATIONS,
    handle,
};

const ROUTES: &[Route] = &[
    route("GET", "/detector", "ListDetectors"),
    route("GET", "/admin", "ListOrganizationAdminAccounts"),
    route("GET", "/detector/{detectorId}", "GetDetector"),
    route("GET", "/detector/{detectorId}/administrator", "GetAdministratorAccount"),
    route("GET", "/detector/{detectorId}/master", "GetMasterAccount"),
    route("GET", "/detector/{detectorId}/member", "ListMembers"),
    route("POST", "/detector/{detectorId}/findings", "ListFindings"),
    route("POST", "/detector/{detectorId}/findings/get", "GetFindings"),
    route("POST", "/detector/{detectorId}/findings/archive", "ArchiveFindings"),
    route("POST", "/detector/{detectorId}/findings/unarchive", "UnarchiveFindings"),
];

const OPERATIONS: &[Operation] = &[
    reads("GetAdministratorAccount"),
    reads("GetDetector"),
    reads("GetFindings"),
    reads("GetMasterAccount"),
    reads("ListDetectors"),
    reads("ListFindings"),
    reads("ListMembers"),
    reads("ListOrganizationAdminAccounts"),
    writes("ArchiveFindings"),
    writes("UnarchiveFindings"),
];

/// Ids or findings in one request or page, AWS's limit.
const MAX: usize = 50;

fn handle(world: &mut World, call: &Call) -> Answer {
    world.here(call)?;
    let seen = members::seen_by(world, call.caller.account, call.region);
    let Some((_, store)) = seen.first() else {
        return Err(bad(
            "The request is rejected because the account is not known in this Region.",
        ));
    };
    match call.operation {
        "ListDetectors" => {
            let ids: Vec<&str> = store.detector.iter().map(|d| d.id.as_str()).collect();
            return Ok(json!({"detectorIds": ids}));
        }
        "ListOrganizationAdminAccounts" => return members::organization_admins(world, call),
        _ => {}
    }
    let detector = detector(store, call.params)?;
    match call.operation {
        "GetAdministratorAccount" => Ok(members::administrator_account(world, call, "administrator")),
        "GetMasterAccount" => Ok(members::administrator_account(world, call, "master")),
        "ListMembers" => members::list(world, call, store),
        "GetDetector" => Ok(show_detector(detector, call.caller.account.as_str())),
        "ListFindings" => list_findings(world, &seen, call),
        "GetFindings" => get_findings(&seen, call),
        "ArchiveFindings" => archive(world, call, true),
        "UnarchiveFindings" => archive(world, call, false),
        other => Err(ApiError::new(404, "UnknownOperationException", other)),
    }
}

/// An error in the only form that GuardDuty has for what a client does wrong.
fn bad(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "BadRequestException", message)
}

fn detector<'a>(store: &'a Store, params: &Value) -> Result<&'a Detector, ApiError> {
    let wanted = params["detectorId"].as_str().unwrap_or_default();
    store
        .detector
        .as_ref()
        .filter(|d| d.id == wanted)
        .ok_or_else(|| bad("The request is rejected because the input detectorId is not owned by the current account."))
}

fn show_detector(detector: &Detector, account: &str) -> Value {
    let created = detector.created.to_string();
    let enabled = json!({"status": "ENABLED"});
    json!({
        "status": if detector.enabled { "ENABLED" } else { "DISABLED" },
        "createdAt": created,
        "updatedAt": created,
        "findingPublishingFrequency": "FIFTEEN_MINUTES",
        "serviceRole": format!(
            "arn:aws:iam::{account}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
        ),
        "dataSources": {"cloudTrail": enabled, "dnsLogs": enabled, "flowLogs": enabled, "s3Logs": enabled},
        "tags": {},
    })
}

/// The findings of an account and, where it is an administrator, of those that it sees.
type Seen<'w> = [(AccountId, &'w Store)];

fn list_findings(world: &World, seen: &Seen, call: &Call) -> Answer {
    let params = call.params;
    let size = match &params["maxResults"] {
        Value::Null => MAX,
        given => given
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| (1..=MAX).contains(n))
            .ok_or_else(|| bad("The request is rejected because the parameter maxResults has an invalid value."))?,
    };
    let sort = criteria::sort(&params["sortCriteria"])?;
    let criteria = criteria::read(&params["findingCriteria"])?;
    let list = || {
        let mut found: Vec<(Vec<Key>, Place)> = Vec::new();
        for (account, store) in seen {
            for (id, finding) in &store.findings {
                if criteria.iter().all(|c| c.accepts(finding)) {
                    // The account last, so that two findings with one id are two.
                    let key = vec![sort.key(finding), Key::up_text(id), Key::up_text(account.as_str())];
                    let (account, region, id) = (*account, call.region.clone(), id.clone());
                    found.push((key, Place { account, region, id }));
                }
            }
        }
        found
    };
    let token = params["nextToken"].as_str().filter(|t| !t.is_empty());
    let question = Some(Question::asked(SERVICE.name, call));
    let (places, next) = world
        .listings
        .page(question, token, size, list)
        .ok_or_else(|| bad("The request is rejected because the parameter nextToken has an invalid value."))?;
    let ids: Vec<String> = places.into_iter().map(|place| place.id).collect();
    // GuardDuty sends an empty token, not none, on the last page.
    Ok(json!({"findingIds": ids, "nextToken": next.unwrap_or_default()}))
}

/// The ids that a request names, at most 50.
fn ids(params: &Value) -> Result<Vec<&str>, ApiError> {
    let refuse = || bad("The request is rejected because the parameter findingIds has an invalid value.");
    let list = params["findingIds"].as_array().ok_or_else(refuse)?;
    let ids: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
    ids.filter(|ids| ids.len() <= MAX).ok_or_else(refuse)
}

/// Ids that are not known are left out without a word, as AWS does.
fn get_findings(seen: &Seen, call: &Call) -> Answer {
    let params = call.params;
    let mut found: Vec<&Kept> = ids(params)?
        .into_iter()
        .flat_map(|id| seen.iter().filter_map(move |(_, store)| store.findings.get(id)))
        .collect();
    if !params["sortCriteria"].is_null() {
        let sort = criteria::sort(&params["sortCriteria"])?;
        found.sort_by_key(|finding| sort.key(finding));
    }
    call.long.set("findings", found.into_iter().map(Kept::text));
    Ok(json!({}))
}

fn archive(world: &mut World, call: &Call, archived: bool) -> Answer {
    // Members have no say over findings ("Managing multiple accounts" in the user guide).
    let own = call.caller.account;
    if administrator(world, own, call.region, |r| &r.guardduty.members).is_some() {
        return Err(bad(
            "The request is rejected because the current account is a member account and cannot perform this operation.",
        ));
    }
    let seen = members::seen_by(world, own, call.region);
    let homes: Option<Vec<(AccountId, &str)>> = ids(call.params)?
        .into_iter()
        .map(|id| {
            let home = seen.iter().find(|(_, store)| store.findings.contains_key(id));
            home.map(|(account, _)| (*account, id))
        })
        .collect();
    let homes = homes.ok_or_else(|| {
        bad("The request is rejected because an invalid or out-of-range value is specified as an input parameter.")
    })?;
    for (account, id) in homes {
        if let Some(finding) = world.regional(&account, call.region)?.guardduty.findings.get_mut(id) {
            finding["service"]["archived"] = archived.into();
            finding["updatedAt"] = stamp(call.now).into();
        }
    }
    Ok(json!({}))
}

/// A time as GuardDuty writes it: UTC with milliseconds.
pub fn stamp(time: Time) -> String {
    format!("{time:.3}")
}

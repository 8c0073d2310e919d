//! Reads a GuardDuty finding as `GetFindings` returns it.
//!
//! Owns: GuardDuty's field names. Must never: fail. What is missing or has another type is a doubt and a safe default; what
//! is no object at all becomes a finding that says so.

pub(super) mod resource;
mod sequence;

use crate::domain::{AccountId, Arn, Principal, Region, Severity, Untrusted};

use super::reader::Object;
use super::version::Told;
use super::{Finding, Place, Source, unread};

/// Reads one finding. `at` says where the page came from and stands in where the finding does not say.
#[must_use]
pub fn parse(raw: &[u8], at: &Place) -> Finding {
    unread::or_read(raw, at, Source::GuardDuty, read)
}

fn read(root: &Object<'_>, raw: &[u8], at: &Place) -> Finding {
    let service = root.object("service");
    let kind = root.needed("type").unwrap_or_else(|| "Unknown".to_owned());
    // The finding's ARN knows better where it is from than the page that it came in, which may be an administrator's.
    let arn: Option<Arn> = root.text("arn").and_then(|text| text.parse().ok());
    let (at_account, at_region) = arn.map_or((None, None), |arn| {
        (arn.account().parse().ok(), arn.region().parse().ok())
    });
    let account: AccountId = read_or(root, "accountId", &at_account.unwrap_or(at.account));
    let region: Region = read_or(root, "region", &at_region.unwrap_or_else(|| at.region.clone()));
    let id = root.needed_id("id").unwrap_or_else(|| unread::id_of(raw));

    let mut principal = principal(root, &service);
    let mut signals = Vec::new();
    let (resource, others) = if kind.starts_with("AttackSequence:") {
        let sequence = service.object("detection").object("sequence");
        sequence::fill_principal(&sequence, &mut principal);
        signals = sequence::signals(&sequence);
        sequence::resources(&sequence, root, &kind, &account)
    } else {
        resource::of(root, &account)
    };

    let created = root.time("createdAt");
    let updated_at = root.time("updatedAt");
    if updated_at.is_none() {
        root.missing("updatedAt");
    }
    if matches!((created, updated_at), (Some(created), Some(updated)) if updated < created) {
        root.invalid("updatedAt");
    }
    let title = root.needed("title").unwrap_or_else(|| kind.clone());
    Finding {
        id: Untrusted::new(id),
        arn: root.untrusted("arn"),
        source: Source::GuardDuty,
        product: Untrusted::new(Source::GuardDuty.name()),
        product_arn: None,
        account,
        region,
        severity: severity(root, &kind),
        kind: Untrusted::new(kind),
        title: Untrusted::new(title),
        description: root.untrusted("description").unwrap_or_default(),
        resource,
        others,
        principal,
        first_seen: service.time("eventFirstSeen").or(created),
        is_dated: updated_at.is_some(),
        told: Told::default(),
        worsened: None,
        updated_at: updated_at.or_else(|| service.time("eventLastSeen")).or(created),
        archived: service.flag("archived").unwrap_or(false),
        count: service.count("count").unwrap_or(1),
        control: None,
        workflow: None,
        compliance: None,
        doubts: Vec::new(),
        twin_of: None,
        pages: None,
        signals,
        digest: unread::digest(raw),
    }
}

/// A field with a checked shape, or what stands in for it.
fn read_or<T: std::str::FromStr + Clone>(root: &Object<'_>, key: &str, stand_in: &T) -> T {
    let Some(text) = root.needed(key) else {
        return stand_in.clone();
    };
    text.parse().unwrap_or_else(|_| {
        root.invalid(key);
        stand_in.clone()
    })
}

/// The severity as GuardDuty gives it. An attack sequence is always critical (GuardDuty User Guide, "Attack sequence finding
/// types"), so it stays critical when the number is missing.
fn severity(root: &Object<'_>, kind: &str) -> Severity {
    let Some(score) = root.number("severity") else {
        root.missing("severity");
        let unsaid = if kind.starts_with("AttackSequence:") {
            9.0
        } else {
            unread::UNSAID
        };
        return Severity::from_score(unsaid);
    };
    if !(0.0..=10.0).contains(&score) {
        root.invalid("severity");
    }
    Severity::from_score(score)
}

fn principal(root: &Object<'_>, service: &Object<'_>) -> Principal {
    let resource = root.object("resource");
    let key = resource.object("accessKeyDetails");
    let kubernetes = resource.object("kubernetesDetails").object("kubernetesUserDetails");
    let database = resource.object("rdsDbUserDetails");
    let mut principal = Principal {
        access_key: key.untrusted("accessKeyId"),
        name: key
            .untrusted("userName")
            .or_else(|| kubernetes.untrusted("username"))
            .or_else(|| database.untrusted("user")),
        kind: key.untrusted("userType"),
        remote_ip: None,
        remote_place: None,
    };
    if let Some((ip, place)) = remote(&service.object("action")) {
        principal.remote_ip = Some(Untrusted::new(ip));
        principal.remote_place = place.map(Untrusted::new);
    }
    principal
}

/// The other end of an action of any kind: its address and where that is.
fn remote(action: &Object<'_>) -> Option<(String, Option<String>)> {
    for kind in [
        "awsApiCallAction",
        "networkConnectionAction",
        "kubernetesApiCallAction",
        "rdsLoginAttemptAction",
    ] {
        if let Some(found) = address(&action.object(kind).object("remoteIpDetails")) {
            return Some(found);
        }
    }
    let probes = action.object("portProbeAction").objects("portProbeDetails");
    let first = probes
        .iter()
        .find_map(|probe| address(&probe.object("remoteIpDetails")));
    first.or_else(|| {
        let ips = action.object("kubernetesApiCallAction").texts("sourceIPs");
        ips.into_iter().find(|ip| !ip.is_empty()).map(|ip| (ip, None))
    })
}

fn address(details: &Object<'_>) -> Option<(String, Option<String>)> {
    let ip = details
        .text("ipAddressV4")
        .or_else(|| details.text("ipAddressV6"))
        .or_else(|| details.text("ipAddress"))?;
    Some((ip, super::reader::place_of(details)))
}

#[cfg(test)]
mod tests;

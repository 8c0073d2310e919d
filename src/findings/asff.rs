//! Reads a Security Hub finding in the AWS Security Finding Format (ASFF).
//!
//! Owns: ASFF's field names. Must never: fail. What is missing or has another type is a doubt and a safe default; what is no
//! object at all becomes a finding that says so.

mod resource;

use crate::domain::{AccountId, Arn, Principal, Region, Severity, SeverityLabel, Untrusted};

use super::reader::{Object, place_of};
use super::version::Told;
use super::{Finding, Place, Source, unread};

/// Reads one finding. `at` says where the page came from and stands in where the finding does not say.
#[must_use]
pub fn parse(raw: &[u8], at: &Place) -> Finding {
    unread::or_read(raw, at, Source::SecurityHub, read)
}

fn read(root: &Object<'_>, raw: &[u8], at: &Place) -> Finding {
    let id = root.needed_id("Id").unwrap_or_else(|| unread::id_of(raw));
    let arn = id.parse::<Arn>().ok();
    let fields = root.object("ProductFields");
    let account = account(root, arn.as_ref(), at);
    let region = region(root, arn.as_ref(), at);
    let control = root
        .object("Compliance")
        .untrusted("SecurityControlId")
        .or_else(|| fields.untrusted("ControlId"));
    let kind = kind(root, control.as_ref());
    let (resource, others) = resource::of(root, &account);
    let workflow = root.object("Workflow").untrusted("Status");
    let created = root.time("CreatedAt");
    let updated = root.time("UpdatedAt");
    if updated.is_none() {
        root.missing("UpdatedAt");
    }
    if matches!((created, updated), (Some(created), Some(updated)) if updated < created) {
        root.invalid("UpdatedAt");
    }
    let title = root.needed("Title").unwrap_or_else(|| kind.raw().to_owned());
    Finding {
        twin_of: twin_of(root, &id),
        pages: None,
        signals: Vec::new(),
        arn: arn.map(|_| Untrusted::new(id.as_str())),
        id: Untrusted::new(id),
        source: Source::SecurityHub,
        product: product(root, &fields),
        product_arn: root.id("ProductArn").map(Untrusted::new),
        account,
        region,
        kind,
        severity: severity(root),
        title: Untrusted::new(title),
        description: root.untrusted("Description").unwrap_or_default(),
        resource,
        others,
        principal: principal(root),
        first_seen: root.time("FirstObservedAt").or(created),
        updated_at: updated.or_else(|| root.time("LastObservedAt")).or(created),
        is_dated: updated.is_some(),
        told: Told::default(),
        worsened: None,
        archived: archived(root, workflow.as_ref()),
        // GuardDuty's own count comes along as text by design, so the string is no doubt.
        count: fields
            .text("aws/guardduty/service/count")
            .and_then(|n| n.parse().ok())
            .unwrap_or(1),
        control,
        workflow,
        compliance: root.object("Compliance").untrusted("Status"),
        doubts: Vec::new(),
        digest: unread::digest(raw),
    }
}

/// GuardDuty's own findings come with GuardDuty's product ARN (`arn:aws:securityhub:REGION::product/aws/guardduty`) and their
/// GuardDuty ARN (`…:detector/D/finding/ID`) as their id. `BatchImportFindings` accepts no other account's product ARN, so what
/// somebody imports under GuardDuty's name cannot pass for a copy and hide the finding itself.
fn twin_of(root: &Object<'_>, id: &str) -> Option<Untrusted> {
    let product: Arn = root.text("ProductArn")?.parse().ok()?;
    let finding: Arn = id.parse().ok()?;
    if product.account() != "" || product.resource() != "product/aws/guardduty" || finding.service() != "guardduty" {
        return None;
    }
    let (_, own) = finding.resource().rsplit_once("/finding/")?;
    (!own.is_empty()).then(|| Untrusted::new(own))
}

/// Where `AwsAccountId` cannot be used the finding's ARN says it, or else where it was read, which may be an administrator.
fn account(root: &Object<'_>, arn: Option<&Arn>, at: &Place) -> AccountId {
    if let Some(text) = root.needed("AwsAccountId") {
        match text.parse() {
            Ok(account) => return account,
            Err(_) => root.invalid("AwsAccountId"),
        }
    }
    arn.and_then(|arn| arn.account().parse().ok()).unwrap_or(at.account)
}

/// `Region` is optional in ASFF: the finding's ARN says it too, or else where it was read.
fn region(root: &Object<'_>, arn: Option<&Arn>, at: &Place) -> Region {
    if let Some(text) = root.text("Region") {
        match text.parse() {
            Ok(region) => return region,
            Err(_) => root.invalid("Region"),
        }
    }
    arn.and_then(|arn| arn.region().parse().ok())
        .unwrap_or_else(|| at.region.clone())
}

/// The first type, or the control, or the generator.
fn kind(root: &Object<'_>, control: Option<&Untrusted>) -> Untrusted {
    let first = root.texts("Types").into_iter().find(|kind| !kind.is_empty());
    if let Some(kind) = first {
        return Untrusted::new(kind);
    }
    if let Some(control) = control {
        return control.clone();
    }
    root.missing("Types");
    root.untrusted("GeneratorId")
        .unwrap_or_else(|| Untrusted::new("Unknown"))
}

fn product(root: &Object<'_>, fields: &Object<'_>) -> Untrusted {
    root.untrusted("ProductName")
        .or_else(|| fields.untrusted("aws/securityhub/ProductName"))
        .or_else(|| {
            let arn: Arn = root.text("ProductArn")?.parse().ok()?;
            Some(Untrusted::new(arn.name()))
        })
        .unwrap_or_else(|| Untrusted::new(Source::SecurityHub.name()))
}

/// `Normalized` (0–100) gives the score and `Label` the band. Security Hub itself writes `LOW` as 1 of 100; apart from that,
/// where the two disagree the worse counts, and it is said. The bands are the same tenfold ("`AsffSeverity`").
fn severity(root: &Object<'_>) -> Severity {
    let said = root.object("Severity");
    let word = said.text("Label");
    let label = word.as_deref().and_then(SeverityLabel::from_word);
    if word.is_some() && label.is_none() {
        said.invalid("Label");
    }
    let score = said.number("Normalized").map(|n| {
        if !(0.0..=100.0).contains(&n) {
            said.invalid("Normalized");
        }
        Severity::from_score(n / 10.0)
    });
    match (label, score) {
        (None, None) => {
            if said.is_empty() {
                root.missing("Severity");
            } else {
                said.missing("Label");
            }
            Severity::from_score(unread::UNSAID)
        }
        (Some(label), None) => label.floor(),
        (None, Some(score)) => score,
        (Some(label), Some(score)) if label == score.label() => score,
        (Some(label), Some(score)) => {
            let usual = label == SeverityLabel::Low && score.label() == SeverityLabel::Informational;
            if !usual {
                said.invalid("Normalized");
            }
            label.floor().max(score)
        }
    }
}

fn archived(root: &Object<'_>, workflow: Option<&Untrusted>) -> bool {
    let gone = match root.text("RecordState").as_deref() {
        Some("ARCHIVED") => true,
        Some("ACTIVE") | None => false,
        Some(_) => {
            root.invalid("RecordState");
            false
        }
    };
    gone || workflow.is_some_and(|status| matches!(status.raw(), "SUPPRESSED" | "RESOLVED"))
}

fn principal(root: &Object<'_>) -> Principal {
    let mut principal = Principal::default();
    for named in root.objects("Resources") {
        let key = named.object("Details").object("AwsIamAccessKey");
        if key.is_empty() {
            continue;
        }
        principal.access_key = key.untrusted("AccessKeyId").or_else(|| {
            let id = named.text("Id")?;
            Some(Untrusted::new(resource::access_key_id(&id)))
        });
        principal.name = key.untrusted("PrincipalName").or_else(|| key.untrusted("UserName"));
        principal.kind = key.untrusted("PrincipalType");
        break;
    }
    let action = root.object("Action");
    let mut remotes = vec![
        action.object("AwsApiCallAction").object("RemoteIpDetails"),
        action.object("NetworkConnectionAction").object("RemoteIpDetails"),
    ];
    for probe in action.object("PortProbeAction").objects("PortProbeDetails") {
        remotes.push(probe.object("RemoteIpDetails"));
    }
    for remote in remotes {
        if let Some(ip) = remote.untrusted("IpAddressV4") {
            principal.remote_ip = Some(ip);
            principal.remote_place = place_of(&remote).map(Untrusted::new);
            return principal;
        }
    }
    let network = root.object("Network");
    principal.remote_ip = network
        .untrusted("SourceIpV4")
        .or_else(|| network.untrusted("SourceIpV6"));
    principal
}

#[cfg(test)]
mod tests;

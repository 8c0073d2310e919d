//! `BatchImportFindings` and `BatchUpdateFindings`: what arrives from products and what customers may change.

use serde_json::{Value, json};

use super::aggregate::seen_by;
use super::{MAX, Store, appear, bus, invalid};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// Fields that only customers set; an import of a known finding leaves them as they are.
const CUSTOMERS: &[&str] = &["Note", "UserDefinedFields", "VerificationState", "Workflow"];

/// Fields without which a finding is refused.
const REQUIRED: &[&str] = &[
    "AwsAccountId",
    "CreatedAt",
    "Description",
    "GeneratorId",
    "Id",
    "ProductArn",
    "Resources",
    "SchemaVersion",
    "Title",
    "UpdatedAt",
];

pub fn import(world: &mut World, call: &Call) -> Answer {
    let findings = list(call.params, "Findings")?;
    let mut failed: Vec<Value> = Vec::new();
    for finding in findings {
        match complete(&world.here(call)?.securityhub, finding, call) {
            Ok(finding) => appear(world, call.caller.account, call.region, &finding),
            Err(message) => failed.push(json!({
                "Id": finding["Id"].as_str().unwrap_or_default(), "ErrorCode": "InvalidInput", "ErrorMessage": message,
            })),
        }
    }
    Ok(json!({
        "FailedCount": failed.len(), "SuccessCount": findings.len() - failed.len(), "FailedFindings": failed,
    }))
}

/// The finding as Security Hub keeps it: checked, with the fields that it adds itself.
fn complete(store: &Store, finding: &Value, call: &Call) -> Result<Value, String> {
    for name in REQUIRED {
        if finding[*name].is_null() {
            return Err(format!(
                "Finding does not adhere to Amazon Finding Format. data should have required property '{name}'."
            ));
        }
    }
    let account = call.caller.account.as_str();
    if finding["AwsAccountId"] != account {
        return Err("Finding's AwsAccountId does not match the account of the caller.".to_owned());
    }
    let product = finding["ProductArn"].as_str().unwrap_or_default();
    if !product.starts_with(&format!("arn:aws:securityhub:{}:", call.region)) {
        return Err(format!("ProductArn {product} is not of this Region."));
    }
    let mut finding = finding.clone();
    let known = finding["Id"].as_str().and_then(|id| store.findings.get(id));
    if let Some(known) = known {
        for name in CUSTOMERS {
            if !known[*name].is_null() {
                finding[*name] = known[*name].clone();
            }
        }
    }
    severity(&mut finding["Severity"]);
    finding["Region"] = call.region.as_str().into();
    finding["ProcessedAt"] = call.now.to_string().into();
    for (name, value) in [
        ("RecordState", json!("ACTIVE")),
        ("WorkflowState", json!("NEW")),
        ("Workflow", json!({"Status": "NEW"})),
        ("ProductName", json!("Default")),
        ("CompanyName", json!("Personal")),
    ] {
        if finding[name].is_null() {
            finding[name] = value;
        }
    }
    Ok(finding)
}

/// Label and number follow from one another ("Severity" in the ASFF reference).
fn severity(severity: &mut Value) {
    let label = match (severity["Label"].as_str(), severity["Normalized"].as_f64()) {
        (Some(label), _) => label.to_owned(),
        (None, Some(number)) => match number {
            n if n >= 90.0 => "CRITICAL",
            n if n >= 70.0 => "HIGH",
            n if n >= 40.0 => "MEDIUM",
            n if n >= 1.0 => "LOW",
            _ => "INFORMATIONAL",
        }
        .to_owned(),
        (None, None) => "INFORMATIONAL".to_owned(),
    };
    if severity["Normalized"].is_null() {
        severity["Normalized"] = normalized(&label).into();
    }
    severity["Label"] = label.into();
}

/// The number that Security Hub gives a label.
pub fn normalized(label: &str) -> u8 {
    match label {
        "CRITICAL" => 90,
        "HIGH" => 70,
        "MEDIUM" => 40,
        "LOW" => 1,
        _ => 0,
    }
}

/// Works on everything that the caller's hub shows: an administrator may change its members' findings, and the home region
/// those of the linked ones.
pub fn update(world: &mut World, call: &Call) -> Answer {
    let identifiers = list(call.params, "FindingIdentifiers")?;
    if let Some(status) = call.params["Workflow"]["Status"].as_str()
        && !matches!(status, "NEW" | "NOTIFIED" | "RESOLVED" | "SUPPRESSED")
    {
        return Err(invalid("Invalid parameter 'Workflow.Status'."));
    }
    let (mut processed, mut unprocessed) = (Vec::new(), Vec::new());
    for identifier in identifiers {
        let id = identifier["Id"].as_str().unwrap_or_default();
        let home = seen_by(world, call.caller.account, call.region)
            .into_iter()
            .find(|hub| {
                let known = hub.store.findings.get(id);
                known.is_some_and(|finding| finding["ProductArn"] == identifier["ProductArn"])
            })
            .map(|hub| (hub.account, hub.region.clone()));
        let Some((account, region)) = home else {
            unprocessed.push(json!({
                "FindingIdentifier": identifier, "ErrorCode": "FindingNotFound",
                "ErrorMessage": "The finding was not found.",
            }));
            continue;
        };
        if let Some(finding) = world.regional(&account, &region)?.securityhub.findings.get_mut(id) {
            change(finding, call);
            let changed = finding.clone();
            bus::securityhub_finding(world, account, &region, &changed);
        }
        processed.push(identifier.clone());
    }
    Ok(json!({"ProcessedFindings": processed, "UnprocessedFindings": unprocessed}))
}

fn change(finding: &mut Value, call: &Call) {
    let now = call.now.to_string();
    for name in [
        "VerificationState",
        "Confidence",
        "Criticality",
        "Types",
        "UserDefinedFields",
        "Workflow",
        "RelatedFindings",
    ] {
        if !call.params[name].is_null() {
            finding[name] = call.params[name].clone();
        }
    }
    if !call.params["Severity"].is_null() {
        let mut wanted = call.params["Severity"].clone();
        severity(&mut wanted);
        finding["Severity"] = wanted;
    }
    if let Some(note) = call.params["Note"].as_object() {
        finding["Note"] = json!({"Text": note.get("Text"), "UpdatedBy": note.get("UpdatedBy"), "UpdatedAt": now});
    }
    // `UpdatedAt` is the provider's and stays (API reference, `BatchUpdateFindings`).
}

fn list<'a>(params: &'a Value, name: &str) -> Result<&'a [Value], ApiError> {
    params[name]
        .as_array()
        .filter(|list| (1..=MAX).contains(&list.len()))
        .map(Vec::as_slice)
        .ok_or_else(|| invalid(format!("Invalid parameter '{name}'. It must have from 1 to 100 items.")))
}

use super::*;
use crate::domain::Resource;
use crate::findings::samples::{self, named};

fn resources(finding: &Finding) -> Vec<String> {
    let all = std::iter::once(&finding.resource).chain(&finding.others);
    all.map(|r: &Resource| format!("{} {}", r.kind.word(), r.id.raw()))
        .collect()
}

#[test]
fn a_control() {
    let finding = named("asff-control-s3");
    assert_eq!(resources(&finding), ["bucket acme-exports"]);
    assert_eq!(finding.control, Some(Untrusted::new("S3.8")));
    assert_eq!(finding.compliance, Some(Untrusted::new("FAILED")));
    assert_eq!(finding.workflow, Some(Untrusted::new("NEW")));
    assert_eq!(finding.product.raw(), "Security Hub");
    assert_eq!(finding.severity.label(), SeverityLabel::High);
    assert_eq!(
        finding.kind.raw(),
        "Software and Configuration Checks/Industry and Regulatory Standards"
    );
    assert_eq!(finding.arn.as_ref(), Some(&finding.id));
    assert!(finding.doubts.is_empty() && !finding.archived, "{:?}", finding.doubts);
}

#[test]
fn the_account_is_in_its_arn_too() {
    let at = samples::place();
    let id = "arn:aws:securityhub:us-east-1:555555555555:security-control/IAM.1/finding/f";
    for odd in [r#""AwsAccountId":"12","#, r#""AwsAccountId":{},"#, ""] {
        let finding = parse(format!(r#"{{{odd}"Id":"{id}"}}"#).as_bytes(), &at);
        assert_eq!(finding.account.as_str(), "555555555555", "{odd}");
        assert!(!finding.doubts.is_empty());
    }
    let plain = parse(br#"{"Id":"no arn"}"#, &at);
    assert_eq!(plain.account, at.account);
}

#[test]
fn a_guardduty_finding_without_a_region() {
    let finding = named("asff-guardduty-key");
    assert_eq!(finding.region.as_str(), "ap-northeast-2");
    assert_eq!(
        resources(&finding),
        ["access key AKIAEXAMPLE7Q2XEXAMP", "user deploy-bot"]
    );
    let principal = &finding.principal;
    assert_eq!(principal.access_key, Some(Untrusted::new("AKIAEXAMPLE7Q2XEXAMP")));
    assert_eq!(principal.remote_ip, Some(Untrusted::new("203.0.113.7")));
    assert_eq!(
        principal.remote_place,
        Some(Untrusted::new("Netherlands, Example Hosting (AS64500)"))
    );
    assert_eq!((finding.count, finding.severity.score().to_string().as_str()), (4, "5"));
    assert_eq!(finding.first_seen.unwrap().to_string(), "2026-11-18T09:00:00Z");
    assert!(finding.doubts.is_empty(), "{:?}", finding.doubts);
}

#[test]
fn suppressed_and_archived_are_out_of_the_way() {
    let inspector = named("asff-inspector");
    assert!(inspector.archived);
    // Security Hub writes LOW as 1 of 100, which is below the border of the band on GuardDuty's scale.
    assert_eq!(inspector.severity.label(), SeverityLabel::Low);
    let probe = named("asff-probe");
    assert!(probe.archived);
    assert_eq!(probe.severity.score().to_string(), "9.5");
    assert_eq!(probe.product.raw(), "default");
    assert_eq!((probe.arn, probe.id.raw()), (None, "partner-finding-77"));
    assert_eq!(probe.principal.remote_ip, Some(Untrusted::new("203.0.113.201")));
    assert!(inspector.doubts.is_empty() && probe.doubts.is_empty());
}

#[test]
fn each_type_of_resource_has_the_id_that_aws_uses() {
    assert_eq!(
        resources(&named("asff-probe")),
        [
            "database orders",
            "function resize",
            "role resize-role",
            "cluster payments",
            "account 222222222222",
            "resource arn:aws:sqs:ap-northeast-2:222222222222:jobs"
        ]
    );
    assert_eq!(resources(&named("asff-inspector")), ["instance i-0ab12cd34ef567890"]);
}

#[test]
fn surprises_are_named_and_nothing_is_lost() {
    let finding = named("asff-malformed");
    assert_eq!(finding.account, samples::place().account);
    assert_eq!(finding.region, samples::place().region);
    assert_eq!(finding.kind.raw(), "TTPs");
    assert_eq!(finding.severity.score().to_string(), "8");
    assert_eq!(finding.updated_at.unwrap().to_string(), "2026-11-20T03:12:00Z");
    assert_eq!(resources(&finding), ["resource arn:aws:sqs:::q"]);
    assert!(!finding.archived);
    let doubts = finding.doubts.join("\n");
    for part in [
        "AwsAccountId is not what it should be: \"two\"",
        "Region is not a string",
        "Types is not a list",
        "Severity.Label is not what it should be: \"DIRE\"",
        "CreatedAt is not a time",
        "Resources[0].Id is missing",
        "Resources[1] is not an object",
        "RecordState is not what it should be: \"MAYBE\"",
        "Workflow is not an object",
    ] {
        assert!(doubts.contains(part), "{part} in {doubts}");
    }
}

#[test]
fn where_label_and_number_disagree_the_worse_counts() {
    for (severity, tenths, doubtful) in [
        (r#"{"Label": "CRITICAL", "Normalized": 40}"#, "9", true),
        (r#"{"Label": "LOW", "Normalized": 75}"#, "7.5", true),
        (r#"{"Label": "MEDIUM"}"#, "4", false),
        (r#"{"Normalized": 0}"#, "0", false),
        (r#"{"Label": "INFORMATIONAL", "Normalized": 0}"#, "0", false),
        (r#"{"Normalized": 500}"#, "10", true),
        ("{}", "7", true),
    ] {
        let text = format!(
            r#"{{"Id": "x", "AwsAccountId": "111111111111", "Title": "t", "Types": ["a"], "UpdatedAt": "2026-11-20T03:12:00Z",
            "Resources": [{{"Type": "AwsAccount", "Id": "AWS::::Account:111111111111"}}], "Severity": {severity}}}"#
        );
        let finding = parse(text.as_bytes(), &samples::place());
        assert_eq!(finding.severity.score().to_string(), tenths, "{severity}");
        assert_eq!(!finding.doubts.is_empty(), doubtful, "{severity}: {:?}", finding.doubts);
    }
}

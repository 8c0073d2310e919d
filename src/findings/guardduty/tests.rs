use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::domain::{Resource, ResourceKind};
use crate::findings::samples::{self, named};

/// `kind id`, the lead first.
fn resources(finding: &Finding) -> Vec<String> {
    let all = std::iter::once(&finding.resource).chain(&finding.others);
    all.map(|r: &Resource| format!("{} {}", r.kind.word(), r.id.raw()))
        .collect()
}

#[test]
fn the_resource_is_what_a_responder_would_act_on() {
    let cases: [(&str, &[&str]); 9] = [
        ("gd-bitcoin", &["instance i-0ab12cd34ef567890"]),
        (
            "gd-anomalous-iam",
            &["access key AKIAEXAMPLE7Q2XEXAMP", "user deploy-bot"],
        ),
        (
            "gd-exfiltration",
            &[
                "access key ASIAEXAMPLEWEBSESS00",
                "role web",
                "instance i-0ab12cd34ef567890",
            ],
        ),
        (
            "gd-bucket",
            &["bucket acme-exports", "access key ASIAEXAMPLEADMIN0000", "role admin"],
        ),
        ("gd-port-probe", &["instance i-0ab12cd34ef567890"]),
        ("gd-eks", &["cluster payments"]),
        ("gd-rds", &["database orders-1", "database orders"]),
        ("gd-lambda", &["function resize", "role resize-role"]),
        (
            "gd-attack-sequence",
            &[
                "access key AKIAEXAMPLE7Q2XEXAMP",
                "user deploy-bot",
                "bucket acme-exports",
                "instance i-0ab12cd34ef567890",
            ],
        ),
    ];
    for (name, expected) in cases {
        let finding = named(name);
        assert_eq!(resources(&finding), expected, "{name}");
        assert!(finding.doubts.is_empty(), "{name}: {:?}", finding.doubts);
    }
}

#[test]
fn without_a_key_the_identity_behind_it_leads() {
    for (key, expected) in [
        (
            r#""accessKeyId": "", "userName": "kim", "userType": "IAMUser""#,
            "user kim",
        ),
        (
            r#""accessKeyId": null, "userName": "ci", "userType": "Role""#,
            "role ci",
        ),
        (
            r#""accessKeyId": "", "userName": "Root", "userType": "Root""#,
            "account 999999999999",
        ),
        (
            r#""accessKeyId": "ASIAX", "userName": "Root", "userType": "Root""#,
            "access key ASIAX",
        ),
    ] {
        let text = format!(r#"{{"resource": {{"resourceType": "AccessKey", "accessKeyDetails": {{{key}}}}}}}"#);
        assert_eq!(resources(&parse(text.as_bytes(), &samples::place())), [expected]);
    }
}

#[test]
fn the_person_behind_a_role_of_identity_center_is_named() {
    for (role, principal, expected) in [
        (
            "AWSReservedSSO_Admin_0123456789abcdef",
            "AROA1:ann@example.com",
            Some("ann@example.com"),
        ),
        ("AWSReservedSSO_Admin_0123456789abcdef", "AROA1", None),
        ("web", "AROA1:ann@example.com", None),
    ] {
        let text = format!(
            r#"{{"resource": {{"resourceType": "AccessKey", "accessKeyDetails": {{"accessKeyId": "ASIAX", "userName": "{role}",
                "userType": "AssumedRole", "principalId": "{principal}"}}}}}}"#
        );
        let finding = parse(text.as_bytes(), &samples::place());
        let person = finding.others.iter().find(|r| r.kind == ResourceKind::IdentityUser);
        assert_eq!(person.map(|r| r.id.raw()), expected, "{principal}");
    }
}

#[test]
fn the_principal_is_read_from_every_kind_of_action() {
    let place = "Netherlands, Example Hosting (AS64500)";
    for (name, who, ip, from) in [
        ("gd-bitcoin", "", "", ""),
        ("gd-anomalous-iam", "deploy-bot", "203.0.113.7", place),
        ("gd-port-probe", "", "203.0.113.200", place),
        ("gd-eks", "system:serviceaccount:default:ci", "203.0.113.8", ""),
        ("gd-rds", "report", "203.0.113.9", place),
        ("gd-lambda", "", "203.0.113.10", place),
        ("gd-attack-sequence", "deploy-bot", "203.0.113.7", place),
    ] {
        let principal = named(name).principal;
        let text = |part: &Option<Untrusted>| part.as_ref().map(|t| t.raw().to_owned()).unwrap_or_default();
        assert_eq!(text(&principal.name), who, "{name}");
        assert_eq!(text(&principal.remote_ip), ip, "{name}");
        assert_eq!(text(&principal.remote_place), from, "{name}");
    }
}

#[test]
fn the_plain_fields() {
    let finding = named("gd-bitcoin");
    assert_eq!(finding.account.as_str(), "222222222222");
    assert_eq!(finding.region.as_str(), "ap-northeast-2");
    assert_eq!(finding.severity.score().to_string(), "8");
    assert_eq!(finding.count, 37);
    assert_eq!(finding.first_seen.unwrap().to_string(), "2026-11-20T02:41:07Z");
    assert_eq!(finding.updated_at.unwrap().to_string(), "2026-11-20T03:12:00Z");
    assert!(!finding.archived && named("gd-port-probe").archived);
    assert_eq!(finding.digest, unread::digest(samples::GUARDDUTY[0].1));
    assert!(named("gd-attack-sequence").severity >= Severity::from_score(9.0));
}

#[test]
fn surprises_are_named_and_nothing_is_lost() {
    let finding = named("gd-malformed");
    assert_eq!(finding.id.raw(), "00malformed");
    assert_eq!(finding.account.as_str(), "222222222222");
    assert_eq!(finding.region.as_str(), "us-east-1");
    assert_eq!(finding.title.raw(), "Quantum:EC2/NotYetInvented");
    assert_eq!(finding.severity.score().to_string(), "8.5");
    assert_eq!(finding.updated_at.unwrap().to_string(), "2026-11-20T03:12:00Z");
    assert_eq!((finding.archived, finding.count), (false, 0));
    assert_eq!(resources(&finding), ["account 222222222222"]);
    let doubts = finding.doubts.join("\n");
    for part in [
        "accountId is not a string",
        "region is not what it should be: \"Seoul\"",
        "title is not text",
        "severity is a number written as a string",
        "createdAt is not a time",
        "resource.resourceType is not what it should be: \"Toaster\"",
        "resource.instanceDetails is not an object",
        "service.count is not a count",
        "service.action is not an object",
    ] {
        assert!(doubts.contains(part), "{part} in {doubts}");
    }
}

#[test]
fn where_it_is_from_is_in_its_arn_too() {
    let at = samples::place();
    let arn = "arn:aws:guardduty:eu-west-1:555555555555:detector/d/finding/f";
    for odd in [
        r#""accountId":"12","region":"mars","#,
        r#""accountId":null,"region":["eu-west-1"],"#,
        "",
    ] {
        let finding = parse(format!(r#"{{{odd}"arn":"{arn}","id":"f"}}"#).as_bytes(), &at);
        let place = (finding.account.as_str(), finding.region.as_str());
        assert_eq!(place, ("555555555555", "eu-west-1"), "{odd}");
        assert!(!finding.doubts.is_empty());
    }
    let said = r#"{"accountId":"333333333333","region":"us-east-1","arn":"ARN","id":"f"}"#.replace("ARN", arn);
    let finding = parse(said.as_bytes(), &at);
    assert_eq!(
        (finding.account.as_str(), finding.region.as_str()),
        ("333333333333", "us-east-1")
    );
    let nowhere = parse(br#"{"accountId":"12","arn":"no arn","id":"f"}"#, &at);
    assert_eq!((nowhere.account, nowhere.region), (at.account, at.region));
}

#[test]
fn what_is_no_object_is_kept_and_says_so() {
    let at = samples::place();
    for bad in [&b"null"[..], b"[1]", b"", b"{\"id\": \"x\"", b"\xff\xfe"] {
        let finding = parse(bad, &at);
        assert!(finding.title.raw().contains("could not be read"), "{:?}", finding.title);
        assert_eq!((finding.digest, &finding.account), (unread::digest(bad), &at.account));
        assert!(!finding.doubts.is_empty());
    }
    assert_ne!(parse(b"null", &at).key(), parse(b"[1]", &at).key());
    assert_ne!(parse(b"{}", &at).key(), parse(b"{ }", &at).key());
}

#[test]
fn a_broken_tag_or_byte_does_not_spoil_the_rest() {
    let sample = String::from_utf8(samples::GUARDDUTY[0].1.to_vec()).unwrap();
    let broken = sample.replace("web-1", "\\ud800").replacen('{', "{\"\\udc00\": 1,", 1);
    assert_eq!(
        parse(broken.as_bytes(), &samples::place()).resource.kind,
        ResourceKind::Instance
    );
    let mut bytes = sample.into_bytes();
    let at = bytes.windows(5).position(|w| w == b"web-1").unwrap();
    bytes[at] = 0xff;
    let finding = parse(&bytes, &samples::place());
    assert_eq!(finding.resource.kind, ResourceKind::Instance);
    assert_eq!(finding.doubts, ["it holds bytes that are not UTF-8"]);
    assert_eq!(finding.digest, unread::digest(&bytes));
}

#[test]
fn the_cli_spelling_is_read_too() {
    let cli = br#"{"Id": "f-1", "AccountId": "111111111111", "Type": "Recon:EC2/Portscan", "Severity": 5.0,
        "Resource": {"ResourceType": "Instance", "InstanceDetails": {"InstanceId": "i-1"}}, "Service": {"Archived": true}}"#;
    let finding = parse(cli, &samples::place());
    assert_eq!(
        (finding.id.raw(), finding.resource.id.raw(), finding.archived),
        ("f-1", "i-1", true)
    );
}

#[test]
fn the_lead_of_a_sequence_follows_its_family() {
    let sample = String::from_utf8(samples::GUARDDUTY[8].1.to_vec()).unwrap();
    let ec2 = sample.replace(
        "AttackSequence:IAM/CompromisedCredentials",
        "AttackSequence:EC2/CompromisedInstanceGroup",
    );
    let finding = parse(ec2.as_bytes(), &samples::place());
    assert_eq!(finding.resource.id.raw(), "i-0ab12cd34ef567890");
    let unsaid = sample.replace("\"severity\": 9.0", "\"severity\": null");
    assert!(parse(unsaid.as_bytes(), &samples::place()).severity >= Severity::from_score(9.0));
}

/// The number of values in a tree, and a way to each.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

fn replace(value: &mut Value, at: &mut usize, with: &Value) {
    if *at == 0 {
        *value = with.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, at, with)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, at, with)),
        _ => {}
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((".{0,6}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_mutation_panics_or_loses_the_finding(
        sample in 0..samples::GUARDDUTY.len() + samples::ASFF.len(), at in any::<prop::sample::Index>(), with in any_json()
    ) {
        let guardduty = sample < samples::GUARDDUTY.len();
        let raw = samples::GUARDDUTY.iter().chain(samples::ASFF).nth(sample).unwrap().1;
        let mut value: Value = serde_json::from_slice(raw).unwrap();
        let id = if guardduty { "id" } else { "Id" };
        let before = value[id].clone();
        let mut place = at.index(count(&value));
        replace(&mut value, &mut place, &with);
        let text = value.to_string();
        let read = if guardduty { parse } else { crate::findings::asff::parse };
        let finding = read(text.as_bytes(), &samples::place());
        prop_assert_eq!(finding.digest, unread::digest(text.as_bytes()));
        prop_assert!(!finding.id.is_empty() && !finding.title.is_empty() && !finding.resource.id.is_empty());
        if value.get(id) == Some(&before) {
            prop_assert_eq!(Some(finding.id.raw()), before.as_str());
        }
        if !value.is_object() {
            prop_assert!(!finding.doubts.is_empty());
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in any::<prop::sample::Index>()) {
        let at = samples::place();
        prop_assert_eq!(parse(&bytes, &at).digest, unread::digest(&bytes));
        let sample = samples::GUARDDUTY[8].1.trim_ascii();
        let cut = &sample[..cut.index(sample.len())];
        prop_assert!(parse(cut, &at).title.raw().contains("could not be read"));
    }
}

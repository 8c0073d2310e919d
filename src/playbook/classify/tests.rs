//! Tests of the classification table.

use super::*;

#[test]
fn the_built_in_table_has_the_times_and_ways_up_that_were_asked_for() {
    let table = Classification::built_in();
    let minutes: Vec<u32> = SEVERITIES.iter().map(|s| table.level(*s).response_minutes).collect();
    assert_eq!(minutes, [15, 60, 240, 1440]);
    let told: Vec<String> = SEVERITIES
        .iter()
        .map(|s| table.level(*s).escalation.join(", "))
        .collect();
    assert_eq!(
        told,
        [
            "Security team, CISO, CTO, CEO, Legal",
            "Security team, CISO, CTO",
            "Security team, CISO",
            "Security team"
        ]
    );
    let opened: Time = "2026-03-01T03:00:00Z".parse().unwrap();
    let deadline = table.deadline(opened, SeverityLabel::Critical);
    assert_eq!(deadline.to_string(), "2026-03-01T03:15:00Z");
    assert_eq!(table.deadline(Time::MAX, SeverityLabel::Low), Time::MAX);
}

#[test]
fn the_matrix_is_the_one_that_was_asked_for() {
    use SeverityLabel::{Critical, High, Low, Medium};
    let table = Classification::built_in();
    for (kind, subtype, few, many) in [
        ("data-breach", "personal-or-financial", Critical, Critical),
        ("data-breach", "internal", High, Critical),
        ("data-breach", "public", Medium, High),
        ("unauthorised-access", "admin-account", Critical, Critical),
        ("unauthorised-access", "production", High, Critical),
        ("unauthorised-access", "development", Medium, High),
        ("unauthorised-access", "test", Low, Medium),
        ("service-disruption", "complete-outage", Critical, Critical),
        ("service-disruption", "partial-outage", High, Critical),
        ("service-disruption", "degradation", Medium, High),
        ("other", "other", Medium, High),
    ] {
        for (systems, expected) in [(0, few), (10, few), (11, many), (u32::MAX, many)] {
            assert_eq!(
                table.severity(kind, subtype, systems),
                Some(expected),
                "{kind} {subtype} {systems}"
            );
        }
    }
    assert_eq!(table.severity("data-breach", "production", 1), None);
    assert_eq!(table.severity("flood", "production", 1), None);
}

#[test]
fn initial_actions_are_the_types_and_for_the_worst_also_leadership_expertise_and_law() {
    let table = Classification::built_in();
    let medium = table.actions("service-disruption", SeverityLabel::Medium);
    assert_eq!(medium.len(), 4);
    let high = table.actions("service-disruption", SeverityLabel::High);
    assert_eq!(high[..4], medium);
    assert_eq!(
        high[4..],
        [
            "Inform leadership",
            "Bring in outside expertise",
            "Involve legal counsel"
        ]
    );
    assert_eq!(table.actions("data-breach", SeverityLabel::Critical).len(), 7);
    assert_eq!(table.actions("unknown", SeverityLabel::Low), [] as [&str; 0]);
}

#[test]
fn every_label_of_a_finding_has_a_suggestion() {
    let table = Classification::built_in();
    for (label, suggestion) in [
        (SeverityLabel::Critical, SeverityLabel::Critical),
        (SeverityLabel::High, SeverityLabel::High),
        (SeverityLabel::Medium, SeverityLabel::Medium),
        (SeverityLabel::Low, SeverityLabel::Low),
        (SeverityLabel::Informational, SeverityLabel::Low),
    ] {
        assert_eq!(table.suggest(label), suggestion);
    }
}

/// What is suggested for one system: type and subtype, severity, and why.
fn suggested(findings: &[&str], kinds: &[ResourceKind], tags: &[(&str, &str)]) -> (String, SeverityLabel, String) {
    let evidence = Evidence {
        findings: findings.to_vec(),
        kinds: kinds.to_vec(),
        tags: tags.to_vec(),
        systems: 1,
    };
    let found = Classification::built_in().assess(&evidence).unwrap();
    let name = format!("{}/{}", found.incident_type, found.subtype);
    (name, found.severity, found.why)
}

#[test]
fn findings_suggest_a_type() {
    use SeverityLabel::{Critical, High, Medium};
    for (findings, expected, severity, why) in [
        (
            vec!["Policy:IAMUser/RootCredentialUsage"],
            "unauthorised-access/admin-account",
            Critical,
            "Root",
        ),
        (
            vec!["Policy:S3/BucketPublicAccessGranted"],
            "data-breach/internal",
            High,
            "Data breach",
        ),
        (
            vec!["Backdoor:EC2/DenialOfService.Dns"],
            "service-disruption/degradation",
            Medium,
            "Degradation",
        ),
        (vec!["Recon:EC2/Portscan"], "other/other", Medium, "No finding points"),
        (vec![], "other/other", Medium, "No finding points"),
    ] {
        let (name, found, said) = suggested(&findings, &[], &[]);
        assert_eq!((name.as_str(), found), (expected, severity), "{findings:?}");
        assert!(said.contains(why), "{said}");
    }
    let both = ["Recon:EC2/Portscan", "Exfiltration:S3/AnomalousBehavior"];
    let (name, severity, why) = suggested(&both, &[], &[("DataClassification", "PII")]);
    assert_eq!(
        (name.as_str(), severity),
        ("data-breach/personal-or-financial", Critical)
    );
    assert!(why.contains("DataClassification=PII"), "{why}");
}

#[test]
fn tags_and_resources_suggest_a_subtype_and_the_worst_wins() {
    use SeverityLabel::{Critical, High, Low, Medium};
    let leak = ["UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"];
    for (kinds, tags, subtype, severity, why) in [
        (vec![], vec![], "production", High, "Nothing speaks for a subtype"),
        (
            vec![],
            vec![("Env", "Dev-1")],
            "development",
            Medium,
            "The tag Env=Dev-1",
        ),
        (vec![], vec![("account", "acme-sandbox")], "test", Low, "acme-sandbox"),
        (
            vec![],
            vec![("env", "test"), ("env", "prod")],
            "production",
            High,
            "env=prod",
        ),
        (
            vec![ResourceKind::Account],
            vec![],
            "admin-account",
            Critical,
            "kind account",
        ),
    ] {
        let (name, found, said) = suggested(&leak, &kinds, &tags);
        assert_eq!((name, found), (format!("unauthorised-access/{subtype}"), severity));
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn many_systems_make_it_a_step_worse_and_the_reason_says_so() {
    let table = Classification::built_in();
    let mut evidence = Evidence {
        findings: vec!["Trojan:EC2/DropPoint"],
        systems: 11,
        ..Evidence::default()
    };
    let found = table.assess(&evidence).unwrap();
    assert_eq!(found.severity, SeverityLabel::Critical);
    assert!(
        found.why.ends_with("11 systems are more than 10: one step up."),
        "{}",
        found.why
    );
    evidence.kinds.push(ResourceKind::Account);
    assert!(
        table
            .assess(&evidence)
            .unwrap()
            .why
            .ends_with("it is critical already.")
    );
}

#[test]
fn a_hostile_tag_is_shown_and_not_obeyed() {
    let evidence = Evidence {
        findings: vec!["Trojan:EC2/DropPoint"],
        tags: vec![("env", "prod\u{1b}[2J\u{202e}")],
        ..Evidence::default()
    };
    let why = Classification::built_in().assess(&evidence).unwrap().why;
    assert!(
        why.contains("env=prod") && !why.contains('\u{1b}') && !why.contains('\u{202e}'),
        "{why:?}"
    );
}

#[test]
fn a_table_can_be_changed_and_its_faults_are_named() {
    let changed = BUILT_IN.replace("response_minutes = 15\n", "response_minutes = 10\n");
    let table = Classification::parse("c.toml", &changed).unwrap();
    assert_eq!(table.level(SeverityLabel::Critical).response_minutes, 10);
    for (from, to, expected) in [
        ("response_minutes = 60", "response_minutes = 5", "expected 15 to 43200"),
        (
            "response_minutes = 60",
            "response_minutes = \"1 h\"",
            "expected a whole number",
        ),
        ("[\"low\", \"informational\"]", "[\"low\"]", "for informational"),
        (
            "suggested_for = [\"medium\"]",
            "suggested_for = [\"high\"]",
            "high is suggested twice",
        ),
        ("[medium]", "[middling]", "unknown field `middling`"),
        ("[medium]", "[middling]", "`medium` is missing"),
        (
            "step_up_above = 10",
            "step_up_above = 0",
            "expected a whole number from 1",
        ),
        ("step_up_above = 10", "", "`step_up_above` is missing"),
        ("escalation = [\"Security team\"]", "", "somebody is told"),
        (
            "name = \"service-disruption\"",
            "name = \"data-breach\"",
            "there is data-breach already",
        ),
        ("name = \"internal\"", "name = \"public\"", "there is public already"),
        ("severity = \"high\"", "severity = \"bad\"", "unknown variant `bad`"),
        (
            "severity = \"high\"",
            "severity = \"informational\"",
            "expected critical, high",
        ),
        ("\"env*=*prod*\"", "\"Env=prod\"", "key=value in lower case"),
        ("\nassumed = true", "\nassumed = 1", "expected true or false"),
        ("\nassumed = true", "", "0 subtypes have assumed"),
        (
            "findings = [\"Backdoor:*/Den",
            "finding = [\"Backdoor:*/Den",
            "every type has findings",
        ),
    ] {
        assert!(BUILT_IN.contains(from), "the table has no {from}");
        let all = Classification::lint("c.toml", &BUILT_IN.replacen(from, to, 1)).unwrap_err();
        let shown: Vec<String> = all.iter().map(ToString::to_string).collect();
        let found = shown.iter().find(|s| s.contains(expected));
        assert!(found.is_some_and(|s| s.starts_with("c.toml")), "{expected}: {shown:?}");
    }
}

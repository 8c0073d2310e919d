//! Tests of conditions: what they mean, and where their faults are.

use super::*;

fn situation() -> Situation<'static> {
    Situation {
        severity: SeverityLabel::High,
        incident_type: Some("unauthorised-access"),
        subtype: Some("production"),
        findings: vec!["Backdoor:EC2/C&CActivity.B!DNS", "Recon:EC2/Portscan"],
        kinds: vec![ResourceKind::Instance, ResourceKind::AccessKey],
    }
}

#[test]
fn conditions_mean_what_they_say() {
    for (text, expected) in [
        ("severity == high", true),
        ("severity != high", false),
        ("severity >= medium", true),
        ("severity >= critical", false),
        ("severity <= high", true),
        ("severity in [high, critical]", true),
        ("severity in [low]", false),
        ("type == unauthorised-access", true),
        ("type != data-breach", true),
        (
            "type in [data-breach, unauthorised-access] and subtype == production",
            true,
        ),
        ("finding matches \"Backdoor:EC2/*\"", true),
        ("finding matches 'Backdoor:S3/*'", false),
        ("resource has access-key", true),
        ("not resource has bucket", true),
        (
            "resource has bucket or resource has instance and severity == low",
            false,
        ),
        (
            "(resource has bucket or resource has instance) and severity == high",
            true,
        ),
    ] {
        let when = When::parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_eq!(when.holds(&situation()), expected, "{text}");
        assert_eq!(when.text(), text);
    }
    assert_eq!(
        When::parse("not type in [a, b] or type == c").unwrap().types(),
        ["a", "b", "c"]
    );
}

#[test]
fn an_unclassified_incident_is_of_no_type() {
    let unknown = Situation {
        incident_type: None,
        subtype: None,
        ..situation()
    };
    assert!(!When::parse("type == unauthorised-access").unwrap().holds(&unknown));
    assert!(When::parse("type != data-breach").unwrap().holds(&unknown));
}

#[test]
fn a_fault_has_its_place() {
    let deep = format!("{}severity == low", "not ".repeat(40));
    for (text, at, expected) in [
        ("", 0, "it ends here, expected severity"),
        ("severity", 8, "it ends here, expected =="),
        ("severity = high", 9, "expected ==, !=, >=, <= or in, not ="),
        ("severity == hihg", 12, "unknown variant `hihg`"),
        ("severity == informational", 12, "expected critical"),
        ("severity in [high critical]", 18, "expected ], not critical"),
        ("severity in []", 13, "expected a word"),
        ("colour == red", 0, "expected severity, type"),
        ("resource has ship", 13, "unknown variant `ship`"),
        ("finding matches Backdoor", 16, "in quotes"),
        ("finding matches \"Backdoor", 16, "quotes do not end"),
        ("type >= data-breach", 5, "expected ==, != or in"),
        ("severity == high severity == low", 17, "expected and, or"),
        ("(severity == high", 17, "expected )"),
        ("severity == high $", 17, "expected a word"),
        (deep.as_str(), 68, "nested more than"),
    ] {
        let (span, what) = When::parse(text).unwrap_err();
        assert!(what.contains(expected), "{text}: {what}");
        assert_eq!(span.start, at, "{text}: {what}");
    }
}

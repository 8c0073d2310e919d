use super::*;
use crate::action::{ActionName, Choices};
use crate::domain::{Resource, ResourceKind};

fn request(by: &str, incident: &str) -> Request {
    Request {
        action: ActionName::DisableAccessKey,
        account: "111122223333".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        target: Resource::new(ResourceKind::AccessKey, "AKIAIOSFODNN7EXAMPLE"),
        incident: incident.to_owned(),
        by: by.to_owned(),
        at: "2026-03-01T00:00:00.7Z".parse().unwrap(),
        undoes: None,
        notice: None,
        others: Vec::new(),
        choices: Choices::new(),
    }
}

#[test]
fn a_cut_is_known_again_to_the_second() {
    let cut: Time = "2026-03-01T00:01:02.7Z".parse().unwrap();
    let (before, after) = (
        "2026-03-01T00:00:00Z".parse().unwrap(),
        "2026-03-01T01:00:00Z".parse().unwrap(),
    );
    let text = sessions_before(cut);
    assert!(ends_sessions(&text, Some(cut), after));
    assert!(ends_sessions(&text, None, before) && !ends_sessions(&text, None, after));
    assert!(!ends_sessions(&text, Some(after), before));
    for other in [
        deny_all(),
        text.replace("Deny", "Allow"),
        text.replace("LessThan", "GreaterThan"),
        String::new(),
    ] {
        assert!(!ends_sessions(&other, None, before), "{other}");
    }
}

#[test]
fn what_does_not_fit_is_refused_with_the_numbers() {
    let role = "pay".parse().unwrap();
    let needed = deny_all().len();
    assert!(fits_role(&role, MAX_ROLE_INLINE - needed, &deny_all()).is_ok());
    let Err(Stop::Refuse(refusal)) = fits_role(&role, MAX_ROLE_INLINE - needed + 1, &deny_all()) else {
        panic!("a refusal");
    };
    assert!(refusal.why.contains("of the 10240 characters"), "{refusal}");
    assert!(
        refusal.instead.contains("contain-role pay --with how=trust"),
        "{refusal}"
    );
}

#[test]
fn names_are_legal_whatever_the_incident_is_called() {
    let long = "x".repeat(300);
    for incident in ["q-1a2b3c4d", "INC 7/ä\u{202e}", long.as_str(), ""] {
        let request = request("", incident);
        for name in [contain_name(&request), revoke_name(&request)] {
            assert!(name.as_str().len() <= 128, "{name}");
        }
    }
    assert_eq!(
        revoke_name(&request("", "INC-7")).as_str(),
        "quell-revoke-INC-7-20260301T000000Z"
    );
}

#[test]
fn a_policy_is_quells_by_name_and_text_together() {
    let spaced = deny_all().replace(':', ": ");
    let allow = deny_all().replace("Deny", "Allow");
    for (name, text, ours) in [
        ("quell-contain-INC-7", deny_all(), true),
        ("quell-contain-INC-7", spaced, true),
        ("quell-contain-INC-7", allow, false),
        ("admin", deny_all(), false),
    ] {
        assert_eq!(is_containment(&name.parse().unwrap(), &text), ours, "{name} {text}");
    }
}

#[test]
fn who_is_trusted_is_told_and_what_cannot_be_read_is_not_guessed() {
    let trust = r#"{"Statement": [
        {"Effect": "Allow", "Principal": {"Service": ["ec2.amazonaws.com"], "AWS": "arn:aws:iam::1:root"}, "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]}"#;
    assert_eq!(
        trusted(trust).unwrap(),
        ["arn:aws:iam::1:root", "service ec2.amazonaws.com"]
    );
    assert_eq!(trusted(&closed_trust()).unwrap(), [""; 0]);
    assert_eq!(trusted("{"), None);
}

#[test]
fn roles_of_aws_and_of_the_console_are_left_alone() {
    let role = |path: &str, name: &str, ours: bool| IamRole {
        arn: format!("arn:aws:iam::111122223333:role{path}{name}").parse().unwrap(),
        id: "AROAEXAMPLE".to_owned(),
        path: path.to_owned(),
        trust: closed_trust(),
        ours,
    };
    let by = "arn:aws:sts::111122223333:assumed-role/admin/oncall-1";
    for (role, kind) in [
        (
            role("/aws-service-role/x.amazonaws.com/", "AWSServiceRoleForX", false),
            RefusalKind::WrongTarget,
        ),
        (
            role("/aws-reserved/sso.amazonaws.com/", "AWSReservedSSO_Admin_1", false),
            RefusalKind::WrongTarget,
        ),
        (role("/", "quell-responder", true), RefusalKind::Unsafe),
        (role("/", "admin", false), RefusalKind::Unsafe),
    ] {
        let Err(Stop::Refuse(refusal)) = changeable(&request(by, "q"), &role) else {
            panic!("{role:?}");
        };
        assert_eq!(refusal.kind, kind, "{refusal}");
    }
    assert!(changeable(&request(by, "q"), &role("/", "web", false)).is_ok());
}

#[test]
fn only_what_denies_and_allows_nothing_is_a_denial() {
    for (text, effects_are) in [
        (
            r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#,
            (false, true),
        ),
        (r#"{"Statement":[{"Effect":"Deny"},{"Effect":"Allow"}]}"#, (true, true)),
        (r#"{"Statement":[{"Effect":"Allow"}]}"#, (true, false)),
        (r#"{"Statement":[]}"#, (false, false)),
        ("not a policy", (false, false)),
    ] {
        assert_eq!(effects(text), effects_are, "{text}");
    }
    for (arn, denial) in [
        ("arn:aws:iam::aws:policy/AWSDenyAll", true),
        ("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2", true),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", false),
        ("arn:aws:iam::111122223333:policy/AWSDenyAll", false),
    ] {
        assert_eq!(is_awss_denial(&arn.parse().unwrap()), denial, "{arn}");
    }
}

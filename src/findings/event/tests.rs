use super::*;
use crate::domain::ResourceKind;
use crate::findings::samples;

pub(super) fn event(source: &str, kind: &str, resources: &str, detail: &str) -> Bytes {
    Bytes::from(format!(
        r#"{{"version":"0","id":"e-1","detail-type":"{kind}","source":"{source}","account":"111122223333",
        "time":"2026-03-01T10:00:00Z","region":"eu-west-1","resources":[{resources}],"detail":{detail}}}"#
    ))
}

pub(super) fn one(body: &Bytes) -> Finding {
    let mut all = read(body, &samples::place()).unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0).finding
}

fn sample(name: &str) -> &'static str {
    let all = samples::GUARDDUTY.iter().chain(samples::ASFF);
    let (_, raw) = all.into_iter().find(|(n, _)| *n == name).unwrap();
    std::str::from_utf8(raw).unwrap().trim()
}

#[test]
fn a_finding_in_an_event_is_the_same_one_as_from_the_api_byte_for_byte() {
    let raw = sample("gd-bitcoin");
    let seen = read(&event("aws.guardduty", "GuardDuty Finding", "", raw), &samples::place()).unwrap();
    let alone = guardduty::parse(raw.as_bytes(), &samples::place());
    assert_eq!(
        (seen[0].finding.key(), seen[0].raw.as_ref()),
        (alone.key(), raw.as_bytes())
    );
    assert_eq!(seen[0].finding.digest, alone.digest);

    for kind in [
        "Security Hub Findings - Imported",
        "Security Hub Findings - Custom Action",
    ] {
        let (one, two) = (sample("asff-control-s3"), sample("asff-probe"));
        let detail = format!(r#"{{"findings":[{one}, {two}]}}"#);
        let seen = read(&event("aws.securityhub", kind, "", &detail), &samples::place()).unwrap();
        let raws: Vec<&[u8]> = seen.iter().map(|s| s.raw.as_ref()).collect();
        assert_eq!(raws, [one.as_bytes(), two.as_bytes()]);
        assert!(seen.iter().all(|s| s.finding.source == Source::SecurityHub));
    }
}

#[test]
fn sns_is_taken_off_and_not_without_end() {
    let inner = event(
        "aws.acm",
        "ACM Certificate Expired",
        "",
        r#"{"CommonName":"a.example"}"#,
    );
    let wrap = |inner: &Bytes| {
        let text = serde_json::to_string(std::str::from_utf8(inner).unwrap()).unwrap();
        Bytes::from(format!(
            r#"{{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:eu-west-1:1:t","Message":{text}}}"#
        ))
    };
    assert_eq!(one(&wrap(&inner)).title.raw(), "Certificate a.example has expired");
    let far = (0..4).fold(inner, |inner, _| wrap(&inner));
    assert!(
        read(&far, &samples::place())
            .unwrap_err()
            .to_string()
            .contains("too often")
    );
    let other = wrap(&Bytes::from_static(b"You have chosen to subscribe"));
    assert!(
        read(&other, &samples::place())
            .unwrap_err()
            .to_string()
            .contains("no event")
    );
}

#[test]
fn operational_events_say_what_happened_and_how_bad_it_is() {
    let failover = r#"{"EventCategories":["failover"],"SourceType":"CLUSTER","SourceArn":"arn:aws:rds:eu-west-1:111122223333:cluster:docs",
        "SourceIdentifier":"docs","Message":"Completed failover to DB instance: docs-2","EventID":"RDS-EVENT-0071"}"#;
    let key = r#"{"eventSource":"kms.amazonaws.com","eventName":"ScheduleKeyDeletion","sourceIPAddress":"203.0.113.9",
        "userIdentity":{"type":"AssumedRole","accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"userName":"admin"}}},
        "requestParameters":{"keyId":"1234abcd","pendingWindowInDays":7}}"#;
    let refused = r#"{"eventSource":"kms.amazonaws.com","eventName":"ScheduleKeyDeletion","errorCode":"AccessDenied",
        "requestParameters":{"keyId":"1234abcd"}}"#;
    let rotation = r#"{"eventSource":"secretsmanager.amazonaws.com","eventName":"RotationFailed",
        "additionalEventData":{"SecretId":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1"}}"#;
    let health = r#"{"eventArn":"arn:aws:health:eu-west-1::event/RDS/X/1","service":"RDS","eventTypeCode":"AWS_RDS_OPERATIONAL_ISSUE",
        "eventTypeCategory":"issue","statusCode":"open","eventDescription":[{"language":"en_US","latestDescription":"Slow."}],
        "affectedEntities":[{"entityValue":"arn:aws:ec2:eu-west-1:111122223333:instance/i-1"}]}"#;
    let trail = "AWS API Call via CloudTrail";
    for (source, kind, detail, title, score, about) in [
        (
            "aws.rds",
            "RDS DB Cluster Event",
            failover,
            "Database failover: docs",
            7.0,
            "database docs",
        ),
        (
            "aws.kms",
            trail,
            key,
            "KMS key 1234abcd is to be deleted in 7 days",
            8.0,
            "KMS key 1234abcd",
        ),
        (
            "aws.kms",
            trail,
            refused,
            "KMS key 1234abcd is to be deleted (refused: AccessDenied)",
            5.0,
            "KMS key 1234abcd",
        ),
        (
            "aws.secretsmanager",
            "AWS Service Event via CloudTrail",
            rotation,
            "Rotation of secret db-a1 failed",
            7.0,
            "secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1",
        ),
        (
            "aws.health",
            "AWS Health Event",
            health,
            "AWS Health, RDS: AWS_RDS_OPERATIONAL_ISSUE",
            7.0,
            "instance i-1",
        ),
        (
            "aws.batch",
            "Batch Job State Change",
            "{}",
            "Batch Job State Change",
            4.0,
            "account 111122223333",
        ),
    ] {
        let found = one(&event(source, kind, "", detail));
        assert_eq!(found.title.raw(), title);
        assert!(
            (found.severity.score() - score).abs() < 0.01,
            "{title}: {}",
            found.severity.score()
        );
        assert_eq!(
            format!("{} {}", found.resource.kind.word(), found.resource.id.raw()),
            about,
            "{title}"
        );
        assert_eq!(
            (found.source, found.account.as_str(), found.region.as_str()),
            (Source::EventBridge, "111122223333", "eu-west-1")
        );
        assert!(
            found.doubts.is_empty() && found.updated_at.is_some(),
            "{:?}",
            found.doubts
        );
    }
    let principal = one(&event("aws.kms", trail, "", key)).principal;
    assert_eq!(principal.access_key, Some("ASIAEXAMPLE".into()));
    assert_eq!(
        (principal.name, principal.remote_ip),
        (Some("admin".into()), Some("203.0.113.9".into()))
    );
}

/// What an event is about is what a step is offered for, so it has the kind that the actions take.
#[test]
fn what_an_event_names_is_of_the_kind_that_actions_take() {
    let trail = "AWS API Call via CloudTrail";
    let call = |service: &str, asked: &str| {
        format!(r#"{{"eventSource":"{service}.amazonaws.com","eventName":"X","requestParameters":{asked}}}"#)
    };
    let arn = |service: &str, account: &str, name: &str| format!("arn:aws:{service}:eu-west-1:{account}:{name}");
    let (own, other) = ("111122223333", "444455556666");
    let quoted = |text: &str| format!("\"{text}\"");
    let asked = |field: &str, text: &str| format!(r#"{{"{field}":"{text}"}}"#);
    let there = arn("kms", other, "key/1234abcd");
    let alias = arn("kms", own, "alias/payments");
    let secret = arn("secretsmanager", own, "secret:payments/db-a1b2c3");
    for (source, kind, resources, detail, about) in [
        (
            "aws.kms",
            "KMS CMK Deletion",
            quoted(&arn("kms", own, "key/1234abcd")),
            "{}".to_owned(),
            "KMS key 1234abcd".to_owned(),
        ),
        (
            "aws.kms",
            trail,
            String::new(),
            call("kms", &asked("keyId", &arn("kms", own, "key/1234abcd"))),
            "KMS key 1234abcd".to_owned(),
        ),
        // A key of another account is not the one of that id here.
        (
            "aws.kms",
            trail,
            String::new(),
            call("kms", &asked("keyId", &there)),
            format!("KMS key {there}"),
        ),
        (
            "aws.kms",
            trail,
            String::new(),
            call("kms", &asked("keyId", &alias)),
            format!("KMS key {alias}"),
        ),
        (
            "aws.kms",
            trail,
            String::new(),
            call("kms", "null"),
            format!("account {own}"),
        ),
        (
            "aws.secretsmanager",
            trail,
            String::new(),
            call("secretsmanager", &asked("secretId", "payments/db")),
            "secret payments/db".to_owned(),
        ),
        (
            "aws.secretsmanager",
            trail,
            String::new(),
            call("secretsmanager", &asked("secretId", &secret)),
            format!("secret {secret}"),
        ),
        (
            "aws.rds",
            trail,
            String::new(),
            call("rds", &asked("dBClusterIdentifier", "orders")),
            "database orders".to_owned(),
        ),
        (
            "aws.rds",
            "RDS DB Instance Event",
            String::new(),
            r#"{"SourceType":"DB_INSTANCE","SourceIdentifier":"pay"}"#.to_owned(),
            "database pay".to_owned(),
        ),
        (
            "aws.docdb",
            "RDS DB Cluster Event",
            quoted(&arn("rds", own, "cluster:docs")),
            "{}".to_owned(),
            "database docs".to_owned(),
        ),
        (
            "aws.rds",
            "RDS DB Snapshot Event",
            String::new(),
            r#"{"SourceType":"SNAPSHOT","SourceIdentifier":"s"}"#.to_owned(),
            "resource s".to_owned(),
        ),
    ] {
        let found = one(&event(source, kind, &resources, &detail));
        let said = format!("{} {}", found.resource.kind.word(), found.resource.id.raw());
        assert_eq!(said, about, "{detail}");
    }
}

#[test]
fn a_certificate_is_one_incident_however_often_acm_says_so() {
    let arn = r#""arn:aws:acm:eu-west-1:111122223333:certificate/1""#;
    let at = |days: &str| {
        let detail = format!(r#"{{"DaysToExpiry":{days},"CommonName":"a.example"}}"#);
        one(&event(
            "aws.acm",
            "ACM Certificate Approaching Expiration",
            arn,
            &detail,
        ))
    };
    let (month, week) = (at("31"), at("6"));
    assert_eq!(month.key(), week.key());
    assert!(month.severity < week.severity);
    assert_eq!(week.title.raw(), "Certificate a.example expires in 6 days");
    assert_eq!(
        at("\"6\"").severity,
        week.severity,
        "a number as a string is a doubt, not a loss"
    );
}

#[test]
fn an_application_speaks_for_itself() {
    let detail = r#"{"severity":"critical","title":"Payments stopped","description":"Queue is full.","id":"pay-7",
        "resource":"arn:aws:lambda:eu-west-1:111122223333:function:pay","status":"open"}"#;
    let found = one(&event("acme.payments", "Outage", "", detail));
    assert_eq!(
        (found.title.raw(), found.kind.raw(), found.product.raw()),
        ("Payments stopped", "Outage", "acme.payments")
    );
    assert!((found.severity.score() - 9.0).abs() < 0.01);
    assert_eq!(
        (found.resource.kind, found.resource.id.raw()),
        (ResourceKind::Function, "pay")
    );
    let over = one(&event(
        "acme.payments",
        "Outage",
        "",
        r#"{"id":"pay-7","status":"Resolved","severity":"7.5"}"#,
    ));
    assert_eq!(over.key(), found.key());
    assert!(over.archived && !found.archived && (over.severity.score() - 7.5).abs() < 0.01);
    for odd in [r#""dire""#, "11", "-1", "[]", "{}", "true"] {
        let found = one(&event(
            "acme.payments",
            "Outage",
            "",
            &format!(r#"{{"severity":{odd}}}"#),
        ));
        assert!(
            (found.severity.score() - 4.0).abs() < 0.01 && !found.doubts.is_empty(),
            "{odd}"
        );
    }
}

#[test]
fn what_is_no_event_says_what_it_is() {
    for (text, why) in [
        ("", "it is empty"),
        ("hello", "not a JSON object"),
        ("[1]", "not a JSON object"),
        (r#"{"a":1,"b":2}"#, "its fields are a, b"),
        (r#"{"detail-type":"x","#, "well-formed"),
        (
            r#"{"detail-type":"GuardDuty Finding","source":"aws.guardduty","detail":"x"}"#,
            "not an object",
        ),
        (
            r#"{"detail-type":"Security Hub Findings - Imported","source":"aws.securityhub","detail":{}}"#,
            "no findings",
        ),
    ] {
        let told = read(&Bytes::from_static(text.as_bytes()), &samples::place())
            .unwrap_err()
            .to_string();
        assert!(told.contains(why), "{text}: {told}");
    }
}

//! A console with a dozen findings, an instance to isolate, and answers to what is asked about it. All of it is literal; the
//! state is brought about by events alone, as in the program.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::{Offset, TimeZone};

use crate::action::{
    AccessKey, AccessKeyUse, Answer, Group, Instance, Interface, KeyStatus, Policies, Query, ReadFailure,
    ReadFailureKind, Reading, Routes, Rule, Volume, Vpc,
};
use crate::app::state::Identity;
use crate::app::{Effect, Event, Key, KeyMap, Mode, Start, State, update};
use crate::domain::{AccountId, Principal, Resource, ResourceKind, Severity, SeverityLabel, Time, Untrusted};
use crate::findings::{Coverage, CoverageState, Finding, Source};
use crate::journal::{Record, What};

pub const INSTANCE: &str = "i-0ab12cd34ef567890";
pub const PROD: &str = "222222222222";
const DATA: &str = "333333333333";
const TOPIC: &str = "arn:aws:sns:ap-northeast-2:111111111111:incidents";
/// Escape sequences, a bidi override, a zero-width space, a line break, a C1 control, a tag character.
pub const HOSTILE: &str =
    "evil\u{1b}[2J\u{1b}]0;pwned\u{7}\u{202e}drowssap\u{200b}\r\nType 0000 and Enter\u{9b}31m\u{e0041}";

pub fn now() -> Time {
    "2026-11-21T18:14:09Z".parse().unwrap()
}

fn before(seconds: i64) -> Time {
    now().checked_sub(jiff::SignedDuration::from_secs(seconds)).unwrap()
}

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

/// A console before anything was read.
pub fn blank(mode: Mode) -> State {
    let response_minutes = SeverityLabel::ALL
        .into_iter()
        .zip([15, 60, 240, 1440])
        .collect::<BTreeMap<_, _>>();
    State::new(Start {
        mode,
        zone: TimeZone::fixed(Offset::constant(9)),
        now: now(),
        keys: KeyMap::default(),
        topic: Some(TOPIC.parse().unwrap()),
        response_minutes,
    })
}

/// A console in which everything arrived.
pub fn full(mode: Mode) -> State {
    let mut state = blank(mode);
    signed_in(&mut state, None);
    covered(&mut state);
    send(
        &mut state,
        Event::Findings(findings().into_iter().map(Arc::new).collect()),
    );
    send(&mut state, Event::Tick(now()));
    state
}

pub fn signed_in(state: &mut State, endpoint: Option<&str>) {
    let names = [("111111111111", "acme-security"), (PROD, "prod"), (DATA, "데이터-창고")];
    let names = names.map(|(id, name)| (account(id), Untrusted::new(name)));
    send(state, Event::Accounts(names.to_vec()));
    let identity = Identity {
        arn: "arn:aws:sts::111111111111:assumed-role/Responder/oncall-1".to_owned(),
        account: account("111111111111"),
        endpoint: endpoint.map(str::to_owned),
        how: "Accounts from AWS Organizations; quell-reader is assumed in each.".to_owned(),
    };
    send(state, Event::Identified(identity));
}

pub fn coverage(state: &mut State, id: &str, region: &str, source: Source, said: CoverageState, error: Option<&str>) {
    let row = Coverage {
        account: account(id),
        region: region.parse().unwrap(),
        source,
        state: said,
        error: error.map(str::to_owned),
    };
    send(state, Event::Coverage(row));
}

fn covered(state: &mut State) {
    for id in ["111111111111", PROD, DATA, "444444444444"] {
        for region in ["ap-northeast-2", "us-east-1"] {
            for source in Source::ALL {
                coverage(state, id, region, source, CoverageState::Complete, None);
            }
        }
    }
    let refused = "AccessDeniedException: User: arn:aws:sts::444444444444:assumed-role/quell-reader/oncall-1 is not authorized to perform: guardduty:ListDetectors. Allow it for the role quell-reader.";
    coverage(
        state,
        "444444444444",
        "us-east-1",
        Source::GuardDuty,
        CoverageState::Refused,
        Some(refused),
    );
    let partial = "Page 3 of 5 could not be read: InternalServerErrorException.";
    coverage(
        state,
        PROD,
        "us-east-1",
        Source::SecurityHub,
        CoverageState::Partial,
        Some(partial),
    );
    coverage(
        state,
        DATA,
        "us-east-1",
        Source::SecurityHub,
        CoverageState::Disabled,
        None,
    );
}

/// Sends an event and gives back what is to be done outside.
pub fn send(state: &mut State, event: Event) -> Vec<Effect> {
    update(state, event)
}

/// Presses keys, each long after the one before, and answers what is read.
pub fn press(state: &mut State, keys: &[&str]) {
    for key in keys {
        let at = state.now.checked_add(jiff::SignedDuration::from_secs(1)).unwrap();
        let effects = send(state, Event::Key(key.parse::<Key>().unwrap(), at));
        answer(state, effects);
    }
}

/// Answers reads until no more are asked for.
pub fn answer(state: &mut State, effects: Vec<Effect>) {
    for effect in effects {
        if let Effect::Read { number, queries, .. } = effect {
            let readings = queries.into_iter().map(reading).collect();
            let more = send(state, Event::Read { number, readings });
            answer(state, more);
        }
    }
}

fn reading(query: Query) -> Reading {
    Reading {
        at: before(4),
        request_id: None,
        result: world(&query),
        query,
    }
}

/// What the made-up account answers.
fn world(query: &Query) -> Result<Answer, ReadFailure> {
    let everywhere = |protocol: &str, port| Rule {
        protocol: protocol.to_owned(),
        from_port: port,
        to_port: port,
        peer: "0.0.0.0/0".to_owned(),
    };
    let group = |id: &str, name: &str, ingress| Group {
        id: id.parse().unwrap(),
        name: Untrusted::new(name),
        vpc: Some("vpc-0123456789abcdef0".parse().unwrap()),
        ingress,
        egress: vec![everywhere("-1", None)],
        tags: BTreeMap::new(),
    };
    Ok(match query {
        Query::Instance { id } => Answer::Instance(Box::new(instance(id.as_str()))),
        Query::TerminationProtection { .. } => Answer::TerminationProtection(false),
        Query::Interfaces { .. } => Answer::Interfaces(vec![
            interface(
                "eni-0aa11111111111111",
                0,
                &["sg-0aaa1111", "sg-0bbb2222"],
                Some("198.51.100.23"),
            ),
            interface("eni-0bb22222222222222", 1, &["sg-0bbb2222"], None),
        ]),
        Query::InterfacesUsing { .. } => Answer::Interfaces(vec![
            interface("eni-0aa11111111111111", 0, &["sg-0bbb2222"], None),
            Interface {
                attached_to: Some("i-0fff0fff0fff0fff0".parse().unwrap()),
                ..interface("eni-0cc33333333333333", 0, &["sg-0bbb2222"], None)
            },
        ]),
        Query::Volumes { .. } => Answer::Volumes(vec![Volume {
            id: "vol-0d15c000000000001".parse().unwrap(),
            device: "/dev/xvda".to_owned(),
            size_gib: 100,
            encrypted: true,
            state: "in-use".to_owned(),
        }]),
        Query::Vpc { id } => Answer::Vpc(Vpc {
            id: id.clone(),
            has_ipv6: true,
        }),
        Query::ContainmentGroups { .. } => Answer::Groups(Vec::new()),
        Query::Groups { .. } => Answer::Groups(vec![
            group("sg-0aaa1111", "sg-web", vec![everywhere("tcp", Some(443))]),
            group("sg-0bbb2222", "sg-내부", Vec::new()),
        ]),
        Query::Routes { .. } => Answer::Routes(Routes {
            nat_gateway: Some("nat-0f00ba40000000001".to_owned()),
            egress_only_gateway: None,
        }),
        Query::Snapshots { .. } => Answer::Snapshots(Vec::new()),
        Query::InstanceProfile { .. } => Answer::ProfileRoles(vec!["web-role".to_owned()]),
        Query::RolePolicies { .. } => Answer::Policies(Policies {
            managed: vec!["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()],
            inline: vec!["read-config".to_owned()],
        }),
        Query::UserPolicies { .. } => {
            return Err(ReadFailure {
                kind: ReadFailureKind::Denied,
                code: Some("AccessDenied".to_owned()),
                message: Untrusted::new(format!("ListAttachedUserPolicies: {HOSTILE}")),
            });
        }
        Query::AccessKeyUse { .. } => Answer::AccessKeyUse(AccessKeyUse {
            user: Some("deploy-bot".parse().unwrap()),
            last_used: Some(before(400)),
            service: Untrusted::new("ec2"),
            region: Untrusted::new("us-east-1"),
        }),
        Query::AccessKeys { .. } => Answer::AccessKeys(vec![AccessKey {
            id: "AKIAIOSFODNN7EXAMPLE".parse().unwrap(),
            status: KeyStatus::Active,
            created_at: None,
        }]),
    })
}

fn instance(id: &str) -> Instance {
    let tags = [("Name", "web-1 결제 서버"), ("aws:autoscaling:groupName", "web-asg")];
    Instance {
        id: id.parse().unwrap(),
        state: "running".to_owned(),
        instance_type: "m5.large".to_owned(),
        vpc: Some("vpc-0123456789abcdef0".parse().unwrap()),
        subnet: Some("subnet-0123456789abcdef0".parse().unwrap()),
        zone: None,
        profile: Some("web-profile".parse().unwrap()),
        lifecycle: None,
        root_device_type: Some("ebs".to_owned()),
        private_ip: Some("10.0.1.15".to_owned()),
        public_ip: None,
        image: None,
        launched_at: None,
        tags: tags.map(|(k, v)| (k.to_owned(), Untrusted::new(v))).into(),
    }
}

fn interface(id: &str, index: i32, groups: &[&str], public_ip: Option<&str>) -> Interface {
    let names = [("sg-0aaa1111", "sg-web"), ("sg-0bbb2222", "sg-내부")];
    Interface {
        id: id.parse().unwrap(),
        device_index: Some(index),
        attached_to: Some(INSTANCE.parse().unwrap()),
        vpc: "vpc-0123456789abcdef0".parse().unwrap(),
        subnet: Some("subnet-0123456789abcdef0".parse().unwrap()),
        groups: groups.iter().map(|g| g.parse().unwrap()).collect(),
        group_names: names.map(|(k, v)| (k.parse().unwrap(), Untrusted::new(v))).into(),
        private_ips: vec![format!("10.0.1.{}", 15 + index)],
        ipv6: Vec::new(),
        public_ip: public_ip.map(str::to_owned),
        interface_type: "interface".to_owned(),
        description: Untrusted::default(),
    }
}

/// A record as the journal would hand it over.
pub fn record(state: &mut State, seq: u64, incident: Option<&str>, what: What) {
    let record = Record {
        v: 1,
        seq,
        time: before(600 - i64::try_from(seq).unwrap()),
        prev: "0".repeat(64),
        who: "arn:aws:sts::111111111111:assumed-role/Responder/oncall-1".to_owned(),
        incident: incident.map(str::to_owned),
        what,
    };
    send(state, Event::Recorded(Box::new(record)));
}

fn finding(score: f64, minutes: i64, kind: &str, title: &str, (place, region): (&str, &str)) -> Finding {
    let id = format!("f-{minutes}-{}", kind.len());
    let raw = serde_json::json!({
        "Id": id, "Type": kind, "Severity": score, "Title": title,
        "Resource": {"InstanceDetails": {"InstanceId": INSTANCE, "Tags": [{"Key": "Name", "Value": HOSTILE}]}},
    });
    Finding {
        id: Untrusted::new(id.as_str()),
        arn: None,
        source: Source::GuardDuty,
        product: Untrusted::new("GuardDuty"),
        account: account(place),
        region: region.parse().unwrap(),
        kind: Untrusted::new(kind),
        severity: Severity::from_score(score),
        title: Untrusted::new(title),
        description: Untrusted::default(),
        resource: Resource::new(ResourceKind::Instance, INSTANCE),
        others: Vec::new(),
        principal: Principal::default(),
        first_seen: Some(before(minutes * 60 + 1860)),
        updated_at: Some(before(minutes * 60)),
        archived: false,
        count: 3,
        control: None,
        workflow: None,
        compliance: None,
        doubts: Vec::new(),
        raw: raw.to_string().into_bytes().into(),
    }
}

fn key_principal() -> Principal {
    Principal {
        access_key: Some(Untrusted::new("AKIAIOSFODNN7EXAMPLE")),
        name: Some(Untrusted::new("deploy-bot")),
        kind: Some(Untrusted::new("IAMUser")),
        remote_ip: Some(Untrusted::new("203.0.113.7")),
        remote_place: Some(Untrusted::new("NL, Example Hosting")),
    }
}

/// A dozen, of many kinds; one is hostile, some are Korean.
pub fn findings() -> Vec<Finding> {
    let seoul = (PROD, "ap-northeast-2");
    let virginia = (PROD, "us-east-1");
    let data = (DATA, "ap-northeast-2");
    let of = |finding: Finding, kind, id: &str| Finding {
        resource: Resource::new(kind, id),
        ..finding
    };
    let key = "AKIAIOSFODNN7EXAMPLE";
    let mining = Finding {
        principal: key_principal(),
        others: vec![Resource::new(ResourceKind::AccessKey, key)],
        description: Untrusted::new(
            "The EC2 instance i-0ab12cd34ef567890 is querying a domain name that is associated with cryptocurrency-related activity. 이 인스턴스는 침해되었을 수 있습니다.",
        ),
        doubts: vec!["Service.Count is a text, not a number; it was taken as 3.".to_owned()],
        ..finding(
            9.1,
            2,
            "CryptoCurrency:EC2/BitcoinTool.B!DNS",
            "EC2 instance queries a Bitcoin-related domain",
            seoul,
        )
    };
    let hostile = Finding {
        id: Untrusted::new(HOSTILE),
        description: Untrusted::new(HOSTILE),
        others: vec![Resource::new(ResourceKind::Other, HOSTILE)],
        principal: Principal {
            name: Some(Untrusted::new(HOSTILE)),
            ..key_principal()
        },
        doubts: vec![format!("Title holds {HOSTILE}")],
        ..finding(8.0, 9, "Discovery:S3/AnomalousBehavior", HOSTILE, data)
    };
    let control = Finding {
        source: Source::SecurityHub,
        product: Untrusted::new("Security Hub"),
        control: Some(Untrusted::new("S3.8")),
        compliance: Some(Untrusted::new("FAILED")),
        workflow: Some(Untrusted::new("NEW")),
        ..finding(
            5.0,
            600,
            "S3.8",
            "S3 general purpose buckets should block public access",
            data,
        )
    };
    vec![
        mining,
        of(
            Finding {
                principal: key_principal(),
                ..finding(
                    8.5,
                    40,
                    "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
                    "Credentials of an instance role used from outside AWS",
                    virginia,
                )
            },
            ResourceKind::AccessKey,
            key,
        ),
        of(hostile, ResourceKind::Bucket, HOSTILE),
        of(
            finding(
                8.0,
                15,
                "Exfiltration:S3/AnomalousBehavior",
                "버킷에서 평소와 다른 대량 다운로드",
                data,
            ),
            ResourceKind::Bucket,
            "고객-데이터-백업-2026-서울",
        ),
        of(
            finding(
                7.2,
                190,
                "Policy:S3/BucketAnonymousAccessGranted",
                "Bucket made public",
                data,
            ),
            ResourceKind::Bucket,
            "acme-exports",
        ),
        finding(
            6.0,
            75,
            "UnauthorizedAccess:EC2/SSHBruteForce",
            "203.0.113.99 guesses SSH passwords",
            seoul,
        ),
        of(
            control,
            ResourceKind::Bucket,
            "arn:aws:s3:::acme-static-assets-with-a-long-name",
        ),
        of(
            finding(
                5.0,
                300,
                "CredentialAccess:RDS/AnomalousBehavior.SuccessfulLogin",
                "Unusual login to a database",
                virginia,
            ),
            ResourceKind::Database,
            "orders-db",
        ),
        of(
            finding(
                4.0,
                3000,
                "Execution:Kubernetes/ExecInKubeSystemPod",
                "Command run in a kube-system pod",
                seoul,
            ),
            ResourceKind::Cluster,
            "주문-클러스터",
        ),
        finding(
            2.0,
            5,
            "Recon:EC2/PortProbeUnprotectedPort",
            "Unprotected port is probed",
            virginia,
        ),
        finding(
            2.0,
            6000,
            "Recon:EC2/PortProbeEMRUnprotectedPort",
            "EMR port is probed",
            seoul,
        ),
        Finding {
            archived: true,
            ..finding(8.8, 100, "Trojan:EC2/DNSDataExfiltration", "Archived yesterday", seoul)
        },
    ]
}

//! Every shipped playbook, walked to its end on the range: each action that a step names is planned, applied and read back on every
//! target that an incident of its kind could name, branch by branch, in the order that the playbook gives.

use quell::action::{ActionName, Choices, Notice, Outcome, RefusalKind, Request, Scope, Verdict};
use quell::domain::{Resource, ResourceKind, SeverityLabel};
use quell::playbook::{Library, PlayStep, Playbook, Situation, Standing};
use quell::runtime::NoPlan;

use crate::support::desk::Desk;
use crate::support::ground::{Ground, MANAGEMENT, PROD, SEOUL, hub_arn, options};
use crate::support::room::with_room;

/// The severities that an incident can have.
const SEVERITIES: [SeverityLabel; 4] = [
    SeverityLabel::Critical,
    SeverityLabel::High,
    SeverityLabel::Medium,
    SeverityLabel::Low,
];

#[test]
fn every_playbook_is_walked_to_its_end() {
    let library = Library::built_in();
    assert!(library.iter().count() >= 13);
    let (mut walks, mut plans) = (0, 0);
    for playbook in library.iter() {
        let mut walked: Vec<Vec<bool>> = Vec::new();
        for severity in SEVERITIES {
            if !playbook.severity.is_empty() && !playbook.severity.contains(&severity) {
                continue;
            }
            // A severity at which the same steps apply as at a worse one is the same walk.
            let findings = findings(playbook);
            let situation = situation(&findings, severity);
            let ways: Vec<bool> = playbook.steps().iter().map(|step| step.applies(&situation)).collect();
            if !walked.contains(&ways) {
                plans += walk(playbook.clone(), severity);
                walks += 1;
                walked.push(ways);
            }
        }
        assert!(!walked.is_empty(), "{}", playbook.name);
    }
    println!("{walks} walks, {plans} plans applied and verified");
}

/// Finding types that a playbook is for.
fn findings(playbook: &Playbook) -> Vec<String> {
    playbook
        .findings
        .iter()
        .map(|glob| glob.replace('*', "EC2/Any"))
        .collect()
}

fn situation(findings: &[String], severity: SeverityLabel) -> Situation<'_> {
    Situation {
        severity,
        incident_type: Some("unauthorized-access"),
        subtype: None,
        findings: findings.iter().map(String::as_str).collect(),
        kinds: KINDS.to_vec(),
    }
}

/// One walk in a world of its own. Says how many plans were applied.
fn walk(playbook: Playbook, severity: SeverityLabel) -> usize {
    let applied = std::sync::Arc::new(std::sync::Mutex::new(0));
    let count = std::sync::Arc::clone(&applied);
    with_room(async move || {
        let ground = Ground::new().await;
        let findings: Vec<String> = playbook
            .findings
            .iter()
            .map(|glob| glob.replace('*', "EC2/Any"))
            .collect();
        let situation = Situation {
            severity,
            incident_type: Some("unauthorized-access"),
            subtype: None,
            findings: findings.iter().map(String::as_str).collect(),
            kinds: KINDS.to_vec(),
        };
        let mut done: Vec<String> = Vec::new();
        loop {
            let standings = playbook.standings(&situation, |step| done.contains(&step.id));
            let mut ready: Vec<PlayStep> = (playbook.steps().iter().zip(&standings))
                .filter(|(_, standing)| **standing == Standing::Ready)
                .map(|(step, _)| step.clone())
                .collect();
            // Of steps side by side the capture of memory begins, as the guidance says: what isolates would end it.
            ready.sort_by_key(|step| !step.actions.contains(&ActionName::CaptureMemory));
            if ready.is_empty() {
                let waits = standings.iter().filter(|s| **s == Standing::Waiting).count();
                assert_eq!(waits, 0, "{}: nothing is ready and {waits} steps wait", playbook.name);
                break;
            }
            for step in ready {
                for action in &step.actions {
                    for request in requests(&ground, *action) {
                        let name = format!("{} {severity}, {}: {action} {}", playbook.name, step.id, request.target);
                        let mut acted = act(&ground, &request, &name).await;
                        while acted {
                            *count.lock().unwrap() += 1;
                            // A first plan takes or copies snapshots, the next changes the groups or shares, and then it is done.
                            let goes_on = matches!(action, ActionName::IsolateDatabase | ActionName::HandOverSnapshots);
                            acted = goes_on && act(&ground, &request, &name).await;
                        }
                    }
                }
                done.push(step.id.clone());
            }
        }
        assert!(!done.is_empty(), "{}", playbook.name);
    });
    *applied.lock().unwrap()
}

/// Everything that an incident of the walk names.
const KINDS: [ResourceKind; 12] = [
    ResourceKind::Instance,
    ResourceKind::AccessKey,
    ResourceKind::User,
    ResourceKind::Role,
    ResourceKind::Bucket,
    ResourceKind::Function,
    ResourceKind::Database,
    ResourceKind::Key,
    ResourceKind::Secret,
    ResourceKind::Address,
    ResourceKind::Account,
    ResourceKind::IdentityUser,
];

/// Plans, applies and reads back. False where an earlier step has brought it about already; any other refusal is a fault.
async fn act(ground: &Ground, request: &Request, name: &str) -> bool {
    // As each command of a shell does, it opens sessions of its own: the walk takes longer than one lives.
    let desk = Desk::open(options(&ground.range, &ground.login, &ground.login.responder)).await;
    let plan = match desk.plan(request).await {
        Ok(plan) => plan,
        Err(NoPlan::Refused(refusal)) if refusal.kind == RefusalKind::AlreadyDone => return false,
        // The database's evidence is under this key.
        Err(NoPlan::Refused(refusal)) if request.action == ActionName::DisableKmsKey => {
            assert!(refusal.why.contains("protects evidence"), "{name}: {refusal}");
            return false;
        }
        Err(why) => panic!("{name}: {why}"),
    };
    if plan.draft.calls.is_empty() {
        return false;
    }
    let run = desk.apply(plan, &mut |_| {}).await;
    let run = run.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(run.trouble, None, "{name}");
    let good = |outcome: &Outcome| matches!(outcome, Outcome::Applied { .. } | Outcome::AlreadySo { .. });
    assert!(run.outcomes.iter().all(good), "{name}: {:?}", run.outcomes);
    // Snapshots and rotations take their time.
    let wait = || {
        let minute = std::time::Duration::from_mins(1);
        ground.range.with_world(|world| world.clock.advance(minute));
    };
    for check in desk.verify(&run, wait).await {
        assert_eq!(check.verdict, Verdict::Verified, "{name}: {}", check.expectation);
    }
    true
}

/// The action on each target of the small world that it takes.
fn requests(ground: &Ground, action: ActionName) -> Vec<Request> {
    let kinds = action.action().targets();
    // Of what a principal read the range's history knows only a little; the secret itself is named.
    let kinds = kinds
        .iter()
        .filter(|kind| action != ActionName::RotateSecret || **kind == ResourceKind::Secret);
    let named = |kind: ResourceKind| match action {
        // Memory is captured before a machine is isolated, and of one that Systems Manager reaches.
        ActionName::CaptureMemory => Some(ground.instance("managed")),
        _ => target(ground, kind),
    };
    let targets = kinds.filter_map(|kind| Some((*kind, named(*kind)?)));
    targets
        .map(|(kind, id)| {
            let mut request = Request {
                target: Resource::new(kind, id),
                choices: choices(ground, action),
                ..ground.request(action, kind, SEOUL, "")
            };
            match action.action().scope() {
                Scope::Organization => request.account = MANAGEMENT.parse().unwrap(),
                Scope::Global | Scope::Regional => {}
            }
            if action == ActionName::NotifySns {
                request.notice = Some(Notice {
                    topic: ground.login.topic_arn.parse().unwrap(),
                    subject: "walk".to_owned(),
                    message: "walk".to_owned(),
                });
            }
            request
        })
        .collect()
}

fn choices(ground: &Ground, action: ActionName) -> Choices {
    if action == ActionName::HandOverSnapshots {
        let key = crate::actions::hand_over_snapshots::key(ground, "shared");
        let chosen = [
            ("forensic-account", "444455556666"),
            ("kms-key", &key),
            ("lock-days", "30"),
        ];
        return chosen.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    }
    if action == ActionName::CaptureMemory {
        return [("bucket".to_owned(), "acme-evidence".to_owned())].into();
    }
    if action != ActionName::BlockIp {
        return Choices::new();
    }
    let acl = ground.meddle(SEOUL, |ec2| {
        let mut associated = ec2.acls.values().filter(|acl| !acl.associations.is_empty());
        associated.next().map(|acl| acl.id.clone()).unwrap()
    });
    [("acl".to_owned(), acl)].into()
}

fn target(ground: &Ground, kind: ResourceKind) -> Option<String> {
    Some(match kind {
        ResourceKind::Instance => ground.instance("two"),
        ResourceKind::AccessKey => ground.key("deploy-bot", 0),
        ResourceKind::User => "deploy-bot".to_owned(),
        ResourceKind::Role => "pay".to_owned(),
        ResourceKind::Bucket => "acme-exports".to_owned(),
        ResourceKind::Function => "resize".to_owned(),
        ResourceKind::Database => "payments-db".to_owned(),
        ResourceKind::Key => "alias/payments".to_owned(),
        ResourceKind::Secret => "payments/db".to_owned(),
        ResourceKind::Address => "203.0.113.7".to_owned(),
        ResourceKind::Account => PROD.to_owned(),
        ResourceKind::IdentityUser => crate::actions::contain_identity_user::USER.to_owned(),
        ResourceKind::Topic => ground.login.topic_arn.clone(),
        ResourceKind::Finding => hub_arn(1),
        ResourceKind::Cluster | ResourceKind::Other => return None,
    })
}

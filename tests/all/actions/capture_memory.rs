//! `capture-memory`: of a machine that Systems Manager reaches, into a bucket, and everything that stands in its way.

use quell::action::{ActionName, Plan, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::range::services::ec2::model::{Group, State};
use quell::range::services::ssm;
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, SEOUL};

five_cases! {
    managed: MANAGED;
}

pub const BUCKET: &str = "acme-evidence";

const MANAGED: Case = Case {
    request,
    calls: &["ssm:SendCommand"],
    applied,
    refusals: REFUSALS,
    stale: &[
        Stale {
            name: "the agent went silent",
            change: |ground, plan| agent(ground, target(plan), |agent| agent.online = false),
            says: "does not answer",
        },
        Stale {
            name: "it was isolated",
            change: |ground, plan| seal(ground, target(plan)),
            says: "is isolated",
        },
        Stale {
            name: "somebody else captures it",
            change: |ground, plan| capture_runs(ground, target(plan)),
            says: "is InProgress",
        },
        Stale {
            name: "its profile was taken away",
            change: |ground, plan| {
                ground.meddle(SEOUL, |ec2| {
                    let instance = ec2.instances.get_mut(target(plan)).unwrap();
                    (instance.profile, instance.profile_association) = (None, None);
                });
            },
            says: "no instance profile",
        },
    ],
    undo: Undo::Refuses("captured memory"),
};

const REFUSALS: &[Refused] = &[
    Refused {
        name: "no bucket",
        spoil: |_, request| request.choices.clear(),
        kind: RefusalKind::BadChoice,
        says: "which bucket",
    },
    Refused {
        name: "a bucket that is a command",
        spoil: |_, request| choose(request, "bucket", "x'; reboot; '"),
        kind: RefusalKind::BadChoice,
        says: "is not a bucket name",
    },
    Refused {
        name: "a source that is a command",
        spoil: |_, request| choose(request, "source", "https://tools.example/avml'$(reboot)'"),
        kind: RefusalKind::BadChoice,
        says: "is not the address of a program",
    },
    Refused {
        name: "a source with a parameter of Systems Manager",
        spoil: |_, request| choose(request, "source", "https://tools.example/{{ssm:key}}"),
        kind: RefusalKind::BadChoice,
        says: "is not the address of a program",
    },
    Refused {
        name: "a signed address",
        spoil: |_, request| {
            choose(
                request,
                "source",
                "https://acme.s3.amazonaws.com/avml?X-Amz-Signature=1",
            );
        },
        kind: RefusalKind::BadChoice,
        says: "is not the address of a program",
    },
    Refused {
        name: "a source without TLS",
        spoil: |_, request| choose(request, "source", "http://tools.example/avml"),
        kind: RefusalKind::BadChoice,
        says: "is not the address of a program",
    },
    Refused {
        name: "half a hash",
        spoil: |_, request| choose(request, "sha256", "abc123"),
        kind: RefusalKind::BadChoice,
        says: "is not a SHA-256",
    },
    Refused {
        name: "a bucket that nobody has",
        spoil: |_, request| choose(request, "bucket", "acme-evidense"),
        kind: RefusalKind::Gone,
        says: "there is no bucket acme-evidense",
    },
    Refused {
        name: "another kind of target",
        spoil: |_, request| request.target = Resource::new(ResourceKind::Bucket, "payments"),
        kind: RefusalKind::WrongTarget,
        says: "a bucket, not an instance",
    },
    Refused {
        name: "unknown",
        spoil: |_, request| request.target = Resource::new(ResourceKind::Instance, "i-0123456789abcdef0"),
        kind: RefusalKind::Gone,
        says: "does not exist",
    },
    Refused {
        name: "without an agent",
        spoil: |ground, request| request.target = Resource::new(ResourceKind::Instance, ground.instance("two")),
        kind: RefusalKind::WrongTarget,
        says: "knows no agent",
    },
    Refused {
        name: "silent",
        spoil: |ground, request| agent(ground, request.target.id.raw(), |agent| agent.online = false),
        kind: RefusalKind::WrongTarget,
        says: "ConnectionLost",
    },
    Refused {
        name: "Windows",
        spoil: |ground, request| {
            agent(ground, request.target.id.raw(), |agent| {
                "Windows".clone_into(&mut agent.platform);
            });
        },
        kind: RefusalKind::WrongTarget,
        says: "is Windows",
    },
    Refused {
        name: "stopped",
        spoil: |ground, request| {
            ground.meddle(SEOUL, |ec2| {
                ec2.instances.get_mut(request.target.id.raw()).unwrap().state = State::Stopped;
            });
        },
        kind: RefusalKind::Gone,
        says: "is stopped, so its memory is gone",
    },
    Refused {
        name: "isolated",
        spoil: |ground, request| seal(ground, request.target.id.raw()),
        kind: RefusalKind::WrongTarget,
        says: "is isolated",
    },
    Refused {
        name: "under way",
        spoil: |ground, request| capture_runs(ground, request.target.id.raw()),
        kind: RefusalKind::AlreadyDone,
        says: "is InProgress: command 00000000",
    },
];

pub fn request(ground: &Ground) -> Request {
    let id = ground.instance("managed");
    let mut request = ground.request(ActionName::CaptureMemory, ResourceKind::Instance, SEOUL, &id);
    choose(&mut request, "bucket", BUCKET);
    request
}

pub fn choose(request: &mut Request, name: &str, value: &str) {
    request.choices.insert(name.to_owned(), value.to_owned());
}

fn target(plan: &Plan) -> &str {
    plan.request.target.id.raw()
}

fn systems_manager<T>(ground: &Ground, change: impl FnOnce(&mut ssm::Store) -> T) -> T {
    ground.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap());
        change(&mut place.unwrap().ssm)
    })
}

fn agent(ground: &Ground, instance: &str, change: impl FnOnce(&mut ssm::Agent)) {
    systems_manager(ground, |store| change(store.agents.get_mut(instance).unwrap()));
}

/// What isolate-instance leaves: one group, known by its tag, without any rule.
pub fn seal(ground: &Ground, instance: &str) {
    ground.meddle(SEOUL, |ec2| {
        let eni = ec2.interfaces.values_mut();
        let mut eni = eni.filter(|eni| eni.attachment.as_ref().is_some_and(|a| a.instance == instance));
        let eni = eni.next().unwrap();
        let sealed = Group {
            id: "sg-0123456789abcdef0".to_owned(),
            name: "quell-sealed".to_owned(),
            description: String::new(),
            vpc: eni.vpc.clone(),
            rules: Vec::new(),
            tags: [("quell:containment".to_owned(), "sealed".to_owned())].into(),
        };
        eni.groups = vec![sealed.id.clone()];
        ec2.groups.insert(sealed.id.clone(), sealed);
    });
}

pub fn capture_runs(ground: &Ground, instance: &str) {
    let now = ground.cloud.now();
    let running = ssm::Invocation {
        status: "InProgress",
        details: "InProgress",
        began: Some(now),
        ended: None,
        code: -1,
        output: String::new(),
        error: String::new(),
    };
    let command = ssm::Command {
        id: "00000000-1111-4222-8333-444444444444".to_owned(),
        document: "AWS-RunShellScript".to_owned(),
        comment: "quell memory 20260301T000000Z INC-6".to_owned(),
        parameters: std::collections::BTreeMap::new(),
        requested: now - jiff::SignedDuration::from_mins(1),
        timeout: 600,
        invocations: [(instance.to_owned(), running)].into(),
    };
    systems_manager(ground, |store| store.commands.insert(command.id.clone(), command));
}

fn applied(ground: &Ground, run: &Run) {
    let command = &run.made[&0]["command"];
    systems_manager(ground, |store| {
        assert_eq!(store.commands.len(), 1);
        let sent = &store.commands[command];
        assert_eq!(sent.document, "AWS-RunShellScript");
        assert_eq!(sent.invocations.keys().collect::<Vec<_>>(), [target(&run.plan)]);
        assert!(sent.comment.starts_with("quell memory ") && sent.comment.ends_with("INC-7"));
        let lines = &sent.parameters["commands"];
        assert_eq!(lines[0], "QUELL_TOOL='avml'");
        assert_eq!(lines[1], format!("QUELL_SOURCE='s3://{BUCKET}/quell/tools/avml'"));
        assert_eq!(lines[2], "QUELL_SHA256=''");
        let image = format!("QUELL_IMAGE='s3://{BUCKET}/quell/INC-7/{}/", target(&run.plan));
        assert!(lines[3].starts_with(&image), "{}", lines[3]);
        assert!(
            !lines.iter().any(|line| line.contains("{{")),
            "Systems Manager would put a parameter in"
        );
        assert_eq!(sent.parameters["executionTimeout"], ["7200"]);
    });
}

//! `hand-over-snapshots`: copies of what cannot be shared, and then the grant, the shares and the locks.

use quell::action::{ActionName, Confirmed, Plan, RefusalKind, Request, Undo as Reversal, Verdict};
use quell::domain::{Resource, ResourceKind};
use quell::range::services::ec2::SnapshotLock;
use quell::range::services::ec2::model::{Snapshot, Volume};
use quell::range::services::kms;
use quell::runtime::{NoPlan, Run};

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, SEOUL, VIRGINIA};
use crate::support::room::with_room;

mod copied;
mod fakes;
mod left;
mod locks;
mod shared;
mod ways;

use copied::COPIED;
use shared::SHARED;

five_cases! {
    copied_first: COPIED;
    under_a_customer_key: SHARED;
}

const FORENSIC: &str = "444455556666";
/// Another account of the organisation.
const SECURITY: &str = "222222222222";
const BOOT: &str = "snap-0aaaaaaaaaaaaaaa1";
const DATA: &str = "snap-0aaaaaaaaaaaaaaa2";

fn in_kms<T>(ground: &Ground, look: impl FnOnce(&mut kms::Store) -> T) -> T {
    ground.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap());
        look(&mut place.unwrap().kms)
    })
}

/// The ARN of the key with this alias.
pub fn key(ground: &Ground, alias: &str) -> String {
    let id = in_kms(ground, |kms| kms.aliases[&format!("alias/{alias}")].clone());
    format!("arn:aws:kms:{SEOUL}:{PROD}:key/{id}")
}

/// A complete snapshot of the instance, as snapshot-instance takes it, under the key with this alias or under none.
fn take(ground: &Ground, id: &str, alias: Option<&str>) {
    let kms_key = alias.map(|alias| key(ground, alias));
    let instance = ground.instance("two");
    let now = ground.range.with_world(|world| world.now());
    let volume = boot_volume(ground);
    let tags = [
        ("quell:incident", "INC-7"),
        ("quell:instance", &instance),
        ("quell:device", "/dev/xvda"),
        ("team", "payments"),
    ];
    ground.meddle(SEOUL, |ec2| {
        let snapshot = Snapshot {
            id: id.to_owned(),
            volume,
            size: 30,
            encrypted: kms_key.is_some(),
            kms_key,
            description: format!("quell INC-7 {instance}"),
            started: now - jiff::SignedDuration::from_hours(1),
            fault: None,
            shared: std::collections::BTreeSet::new(),
            lock: None,
            tags: tags.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        };
        ec2.snapshots.insert(id.to_owned(), snapshot);
    });
}

/// The instance's own.
fn boot_volume(ground: &Ground) -> String {
    let instance = ground.instance("two");
    ground.meddle(SEOUL, |ec2| {
        let mut volumes = ec2.volumes.values();
        let of = |v: &&Volume| {
            let attached = v.attachment.as_ref();
            attached.is_some_and(|a| a.instance == instance && a.device == "/dev/xvda")
        };
        volumes.find(of).unwrap().id.clone()
    })
}

fn snapshot<T>(ground: &Ground, id: &str, change: impl FnOnce(&mut Snapshot) -> T) -> T {
    ground.meddle(SEOUL, |ec2| change(ec2.snapshots.get_mut(id).unwrap()))
}

fn request(ground: &Ground, choices: &[(&str, &str)]) -> Request {
    let id = ground.instance("two");
    let mut request = ground.request(ActionName::HandOverSnapshots, ResourceKind::Instance, SEOUL, &id);
    choose(&mut request, "forensic-account", FORENSIC);
    for (name, value) in choices {
        choose(&mut request, name, value);
    }
    request
}

fn choose(request: &mut Request, name: &str, value: &str) {
    request.choices.insert(name.to_owned(), value.to_owned());
}

fn switch_off(ground: &Ground, alias: &str) {
    in_kms(ground, |kms| {
        let id = kms.aliases[&format!("alias/{alias}")].clone();
        kms.keys.get_mut(&id).unwrap().state = kms::State::Disabled;
    });
}

/// A grant for the forensic account, of the plan's own name with all that it needs, or somebody's.
fn give(ground: &Ground, operations: &[&str], own: bool) {
    let instance = ground.instance("two");
    let created = ground.range.with_world(|world| world.now());
    let mut operations: Vec<String> = operations.iter().map(|o| (*o).to_owned()).collect();
    if own {
        operations.extend(["GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"].map(str::to_owned));
    }
    let grant = kms::Grant {
        id: "0".repeat(64),
        name: own.then(|| format!("quell-INC-7-{instance}-{FORENSIC}")),
        created,
        grantee: format!("arn:aws:iam::{FORENSIC}:root"),
        retiring: None,
        operations,
    };
    in_kms(ground, |kms| {
        let id = kms.aliases["alias/shared"].clone();
        kms.keys.get_mut(&id).unwrap().grants.insert(grant.id.clone(), grant);
    });
}

fn lock(ground: &Ground, id: &str, days: i64, compliance: bool) {
    lock_since(ground, id, (0, days), compliance);
}

/// A lock that was put on so many days ago, for so many.
fn lock_since(ground: &Ground, id: &str, (ago, days): (i64, i64), compliance: bool) {
    let since = ground.range.with_world(|world| world.now()) - jiff::SignedDuration::from_hours(24 * ago);
    let lock = SnapshotLock {
        compliance,
        days,
        since,
        cool_off: None,
        until: None,
    };
    snapshot(ground, id, |s| {
        // Days count from when it is complete at the earliest.
        s.started = s.started.min(since - jiff::SignedDuration::from_hours(1));
        s.lock = Some(lock);
    });
}

fn said(plan: &Plan) -> String {
    let draft = &plan.draft;
    let all = draft.warnings.iter().chain(&draft.neighbours).chain(&draft.lost);
    all.cloned().collect::<Vec<_>>().join("\n")
}

/// The copies that there are, in no order that means anything.
fn copies(ground: &Ground) -> Vec<Snapshot> {
    ground.meddle(SEOUL, |ec2| {
        let all = ec2.snapshots.values();
        all.filter(|s| s.tags.contains_key("quell:copy-of")).cloned().collect()
    })
}

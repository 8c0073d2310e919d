//! The binary as scripts use it: commands, files, exit codes, against a range on a port.

use std::path::Path;

use quell::range::call::ApiError;
use quell::range::fault::{Fault, Kind};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::ground::{PROD, SEOUL};
use crate::support::python::Stranger;
use crate::support::served::Served;

struct Shell {
    client: Stranger,
    home: TempDir,
}

/// How a command ended, and what it said.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Shell {
    fn new(client: Stranger) -> Self {
        Self {
            client,
            home: tempfile::tempdir().unwrap(),
        }
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = self.client.command(env!("CARGO_BIN_EXE_quell"));
        command.env("HOME", self.home.path()).current_dir(self.home.path());
        let output = command
            .arg("--data-dir")
            .arg(self.home.path().join("data"))
            .args(arguments)
            .output()
            .unwrap();
        Ended {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The beginning of the digest that a plan file names.
    fn digest(&self, plan: &str) -> String {
        let text = std::fs::read_to_string(self.home.path().join(plan)).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        file["digest"].as_str().unwrap()[..8].to_owned()
    }
}

#[test]
fn findings_that_cannot_all_be_read_end_with_exit_3_and_say_where() {
    let served = Served::leaked_key();
    let shell = Shell::new(served.stranger(&served.login.watcher));
    let place = ["findings", "--format", "json", "--region", SEOUL];
    let whole = shell.run(&place);
    assert_eq!(whole.code, Some(0), "{}", whole.err);
    served.range.fail(Fault {
        service: Some("securityhub".to_owned()),
        account: Some(PROD.parse().unwrap()),
        kind: Kind::Error(ApiError::new(403, "AccessDeniedException", "On request.")),
        ..Fault::default()
    });
    let part = shell.run(&place);
    assert_eq!(part.code, Some(3), "{}", part.err);
    assert!(
        part.err.contains(PROD) && part.err.contains(SEOUL) && part.err.contains("Security Hub"),
        "{}",
        part.err
    );
    let count = |ended: &Ended| {
        let printed: Value = serde_json::from_str(&ended.out).unwrap();
        let gaps = printed["coverage"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["state"] == "refused")
            .count();
        (printed["findings"].as_array().unwrap().len(), gaps)
    };
    let ((all, none), (fewer, one)) = (count(&whole), count(&part));
    assert!(fewer < all && (none, one) == (0, 1), "{all} {none} {fewer} {one}");
    let changed = served
        .range
        .with_world(|world| world.log.iter().filter(|call| call.mutating).count());
    assert_eq!(changed, 0, "reading findings changes nothing");
}

#[test]
fn a_plan_is_applied_by_its_digest_alone_and_undone() {
    let served = Served::leaked_key();
    let shell = Shell::new(served.stranger(&served.login.responder));
    let (instance, before) = served.range.with_world(|world| {
        let ec2 = &world
            .regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap())
            .unwrap()
            .ec2;
        let id = ec2
            .instances
            .keys()
            .find(|id| ec2.interfaces_of(id).len() == 2)
            .unwrap()
            .clone();
        let groups: Vec<Vec<String>> = ec2.interfaces_of(&id).iter().map(|eni| eni.groups.clone()).collect();
        (id, groups)
    });
    let groups = || {
        served.range.with_world(|world| {
            let ec2 = &world
                .regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap())
                .unwrap()
                .ec2;
            ec2.interfaces_of(&instance)
                .iter()
                .map(|eni| eni.groups.clone())
                .collect::<Vec<_>>()
        })
    };
    let plan = [
        "plan",
        "isolate-instance",
        &instance,
        "--account",
        PROD,
        "--region",
        SEOUL,
        "--out",
        "plan.json",
    ];
    let planned = shell.run(&plan);
    assert_eq!(planned.code, Some(0), "{}", planned.err);

    let wrong = shell.run(&["apply", "plan.json", "--confirm", "00000000"]);
    assert_eq!(wrong.code, Some(4), "{}", wrong.err);
    assert_eq!(groups(), before, "a wrong digest changes nothing");

    let applied = shell.run(&["apply", "plan.json", "--confirm", &shell.digest("plan.json")]);
    assert_eq!(applied.code, Some(0), "{}", applied.err);
    assert!(groups().iter().all(|of| of.len() == 1), "{:?}", groups());
    let again = shell.run(&["apply", "plan.json", "--confirm", &shell.digest("plan.json")]);
    assert_eq!(
        again.code,
        Some(4),
        "the plan rests on facts that are no more: {}",
        again.err
    );

    let record = applied.out.trim().strip_prefix("record ").unwrap();
    let undo = shell.run(&["undo", record, "--out", "undo.json"]);
    assert_eq!(undo.code, Some(0), "{}", undo.err);
    let undone = shell.run(&["apply", "undo.json", "--confirm", &shell.digest("undo.json")]);
    assert_eq!(undone.code, Some(0), "{}", undone.err);
    let sorted = |all: Vec<Vec<String>>| {
        let sort = |mut of: Vec<String>| {
            of.sort();
            of
        };
        all.into_iter().map(sort).collect::<Vec<_>>()
    };
    assert_eq!(sorted(groups()), sorted(before));

    let journal = shell.home.path().join("data").join(quell::journal::FILE_NAME);
    let verified = shell.run(&["journal", "verify", &shown(&journal)]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
}

#[test]
fn evidence_is_collected_journaled_and_checked() {
    let served = Served::leaked_key();
    let shell = Shell::new(served.stranger(&served.login.responder));
    let instance = served.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap());
        place.unwrap().ec2.instances.keys().next().unwrap().clone()
    });
    let nothing = shell.run(&["evidence", "q-1a2b3c4d", "--region", SEOUL]);
    assert_eq!(nothing.code, Some(2), "{}", nothing.err);
    let place = ["--target", &instance, "--account", PROD, "--region", SEOUL];
    let collected = shell.run(&[&["evidence", "q-1a2b3c4d"][..], &place].concat());
    assert_eq!(collected.code, Some(0), "{}", collected.err);
    let mut lines = collected.out.lines();
    let directory = lines.next().unwrap().to_owned();
    let hash = lines.next().unwrap().strip_prefix("manifest sha256 ").unwrap();
    let journal = shell.run(&["journal", "show"]);
    assert!(
        journal.out.contains(hash) && journal.out.contains("evidence"),
        "{}",
        journal.out
    );
    let checked = shell.run(&["evidence", "verify", &directory]);
    assert!(
        checked.code == Some(0) && checked.out.contains(hash),
        "{}{}",
        checked.out,
        checked.err
    );
    let file = Path::new(&directory).join("ec2-DescribeInstances-0001.xml");
    let mut body = std::fs::read(&file).unwrap();
    body[60] ^= 1;
    std::fs::write(&file, body).unwrap();
    let spoiled = shell.run(&["evidence", "verify", &directory]);
    assert_eq!(spoiled.code, Some(1));
    assert!(
        spoiled.err.contains("ec2-DescribeInstances-0001.xml is not as it was"),
        "{}",
        spoiled.err
    );
}

#[test]
fn a_finding_that_was_read_before_goes_into_the_evidence_as_its_source_sent_it() {
    let served = Served::leaked_key();
    let shell = Shell::new(served.stranger(&served.login.responder));
    let listed = shell.run(&["findings", "--format", "json"]);
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    let finding = &listed["findings"][0];
    let part = |name: &str| finding[name].as_str().unwrap().to_owned();
    let (account, region) = (part("account"), part("region"));
    let place = [
        "--account",
        &account,
        "--region",
        &region,
        "--target",
        "arn:aws:s3:::acme-exports",
    ];
    let collect = |id: &str| shell.run(&[&["evidence", "q-1a2b3c4d", "--finding", id][..], &place].concat());
    let collected = collect(&part("id"));
    let directory = collected.out.lines().next().unwrap().to_owned();
    let body = std::fs::read(Path::new(&directory).join("finding-0001.json")).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let said = [&body["id"], &body["Id"]].into_iter().find_map(Value::as_str);
    assert_eq!(said, Some(part("id").as_str()), "{}", collected.err);
    assert!(!collected.err.contains("not collected: finding"), "{}", collected.err);
    // One that was never read is named as a gap, and the exit code says so.
    let unknown = collect("0123456789abcdef0123456789abcdef");
    assert_eq!(unknown.code, Some(3), "{}", unknown.err);
    assert!(
        unknown
            .err
            .contains("not collected: finding of 0123456789abcdef0123456789abcdef"),
        "{}",
        unknown.err
    );
}

fn shown(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

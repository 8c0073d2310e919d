//! What the journal promises, held against real files in a directory of their own.

#![expect(clippy::print_stdout, reason = "a test that counts says how many")]

mod chain;
mod files;
mod once;
mod permits;

use crate::action::IamCall;
use std::path::{Path, PathBuf};

use super::*;
use crate::action::{
    ActionName, Confirmed, Draft, Facts, KeyStatus, Mutation, Outcome, Plan, PlannedCall, Request, Undo,
};
use crate::domain::{Resource, ResourceKind, SeverityLabel, Time, Untrusted};

const WHO: &str = "arn:aws:sts::111122223333:assumed-role/quell-responder/oncall-1";
const INCIDENT: &str = "q-1a2b3c4d";

/// A directory of its own with a journal's path in it.
struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let ours = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o700);
        Self {
            directory: tempfile::Builder::new().permissions(ours).tempdir().unwrap(),
        }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn file(&self) -> PathBuf {
        self.path().join(FILE_NAME)
    }

    fn open(&self) -> Result<Writer, JournalError> {
        Writer::open(self.path(), WHO, at(0))
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.file()).unwrap()
    }
}

/// A moment, in seconds after the start of the test's time.
fn at(seconds: i64) -> Time {
    Time::from_second(1_790_000_000 + seconds).unwrap()
}

fn note(writer: &mut Writer, text: &str) -> Result<Record, JournalError> {
    writer.note(
        at(1),
        Some(INCIDENT.to_owned()),
        What::Noted {
            text: Untrusted::new(text),
        },
    )
}

/// A plan with this many calls, which is all that the journal looks at.
fn plan(calls: usize) -> Plan {
    let key = "AKIAIOSFODNN7EXAMPLE";
    let call = PlannedCall {
        mutation: Mutation::Iam(IamCall::UpdateAccessKey {
            user: "deploy-bot".parse().unwrap(),
            key: key.parse().unwrap(),
            status: KeyStatus::Inactive,
        }),
        undo: Undo::Reversible,
        was: None,
    };
    let request = Request {
        action: ActionName::DisableAccessKey,
        account: "111122223333".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        target: Resource::new(ResourceKind::AccessKey, key),
        incident: INCIDENT.to_owned(),
        by: WHO.to_owned(),
        at: at(0),
        undoes: None,
        notice: None,
        others: Vec::new(),
        choices: crate::action::Choices::new(),
    };
    let draft = Draft {
        calls: vec![call; calls],
        ..Draft::default()
    };
    Plan::new(request, draft, Facts::default())
}

fn confirmed(calls: usize) -> Confirmed {
    let plan = plan(calls);
    let digest = plan.digest().to_string();
    Confirmed::by_digest(plan, &digest, at(1)).unwrap()
}

fn applied() -> Outcome {
    Outcome::Applied {
        request_id: Some("8f1e-req".to_owned()),
        made: [("group".to_owned(), "sg-0aa1b2c3".to_owned())].into(),
    }
}

/// A journal of 20 records of every kind that a plan leaves.
fn twenty(place: &Place) -> Vec<u8> {
    let mut writer = place.open().unwrap();
    let opened = What::Opened {
        mode: Mode::Drill,
        version: "0.1.0".to_owned(),
        endpoint: None,
    };
    writer.note(at(0), None, opened).unwrap();
    let classified = What::Classified {
        severity: SeverityLabel::High,
        response_minutes: 60,
        incident_type: None,
        subtype: None,
        systems: None,
    };
    writer.note(at(1), Some(INCIDENT.to_owned()), classified).unwrap();
    let (mut underway, _) = writer.begin(confirmed(2), at(2)).unwrap();
    for _ in 0..2 {
        let (_, receipt) = writer.intent(&mut underway, at(3), at(3)).unwrap().0.spend();
        writer.outcome(&mut underway, receipt, applied(), at(4)).unwrap();
    }
    for number in 8..=20 {
        note(&mut writer, &format!("note {number}")).unwrap();
    }
    let bytes = place.bytes();
    assert_eq!(verify(&bytes).records.len(), 20);
    bytes
}

/// The lines with their newlines.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|b| *b == b'\n').collect()
}

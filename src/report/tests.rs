//! Reports of a journal that the real writer wrote.

use crate::action::{IamCall, IamState};
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::action::{
    Check, Confirmed, Draft, Expectation, Facts, KeyStatus, Mutation, Outcome, Plan, PlannedCall, Request, Undo,
    Verdict,
};
use crate::domain::{Resource, ResourceKind, Untrusted};
use crate::journal::{FindingSummary, Mode, Verification, What, Writer, verify};

const WHO: &str = "arn:aws:sts::111122223333:assumed-role/quell-responder/oncall-1";
const INCIDENT: &str = "q-1a2b3c4d";
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
/// What an attacker would name a thing.
const HOSTILE: &str = "a|b [x](javascript:alert(1)) <img src=x> `c`\n# d \u{202e}\u{1b}]52;c;x\u{7}";

/// A moment, in minutes after the incident began.
fn at(minutes: i64) -> Time {
    Time::from_second(1_790_000_000 + minutes * 60).unwrap()
}

struct Story {
    directory: tempfile::TempDir,
    writer: Writer,
    /// Under which name records are written.
    incident: &'static str,
}

impl Story {
    fn new() -> Self {
        let ours = std::fs::Permissions::from_mode(0o700);
        let directory = tempfile::Builder::new().permissions(ours).tempdir().unwrap();
        let writer = Writer::open(directory.path(), WHO, at(0)).unwrap();
        let mut story = Self {
            directory,
            writer,
            incident: INCIDENT,
        };
        let opened = What::Opened {
            mode: Mode::Drill,
            version: "0.1.0".to_owned(),
            endpoint: None,
        };
        story.writer.note(at(0), None, opened).unwrap();
        let finding = FindingSummary {
            id: "f-1".into(),
            source: "guardduty".to_owned(),
            account: "111122223333".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            product: None,
            kind: "UnauthorizedAccess:IAMUser/MaliciousIPCaller".into(),
            severity: Severity::from_score(8.0),
            title: HOSTILE.into(),
            resource: Resource::new(ResourceKind::AccessKey, KEY),
            first_seen: Some(at(-30)),
            updated_at: None,
        };
        story.note(0, What::Incident { finding });
        story
    }

    fn note(&mut self, minutes: i64, what: What) {
        self.writer
            .note(at(minutes), Some(self.incident.to_owned()), what)
            .unwrap();
    }

    fn classify(&mut self, minutes: i64, severity: SeverityLabel, response_minutes: u32) {
        self.note(
            minutes,
            What::Classified {
                severity,
                response_minutes,
                incident_type: None,
                subtype: None,
                systems: None,
            },
        );
    }

    /// Applies a plan of one call for each of these outcomes and one more, and says its number.
    fn apply(&mut self, minutes: i64, undoes: Option<u64>, outcomes: &[Outcome]) -> u64 {
        let user: crate::domain::UserName = "deploy-bot".parse().unwrap();
        let call = PlannedCall {
            mutation: Mutation::Iam(IamCall::UpdateAccessKey {
                user: user.clone(),
                key: KEY.parse().unwrap(),
                status: KeyStatus::Inactive,
            }),
            undo: Undo::Reversible,
            was: None,
        };
        let request = Request {
            action: ActionName::DisableAccessKey,
            account: "111122223333".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            target: Resource::new(ResourceKind::AccessKey, KEY),
            incident: INCIDENT.to_owned(),
            by: WHO.to_owned(),
            at: at(minutes),
            undoes,
            notice: None,
            others: Vec::new(),
            choices: crate::action::Choices::new(),
        };
        let draft = Draft {
            calls: vec![call; outcomes.len() + 1],
            ..Draft::default()
        };
        let plan = Plan::new(request, draft, Facts::default());
        let digest = plan.digest().to_string();
        let confirmed = Confirmed::by_digest(plan, &digest, at(minutes)).unwrap();
        let (mut underway, record) = self.writer.begin(confirmed, at(minutes)).unwrap();
        for outcome in outcomes {
            let (permit, _) = self.writer.intent(&mut underway, at(minutes), at(minutes)).unwrap();
            let (_, receipt) = permit.spend();
            self.writer
                .outcome(&mut underway, receipt, outcome.clone(), at(minutes))
                .unwrap();
        }
        record.seq
    }

    fn check(&mut self, minutes: i64, plan: u64, verdict: Verdict) {
        let expectation = Expectation::Iam(IamState::KeyStatus {
            user: "deploy-bot".parse().unwrap(),
            key: KEY.parse().unwrap(),
            status: KeyStatus::Inactive,
        });
        let checks = vec![Check {
            expectation,
            verdict,
            found: None,
        }];
        self.note(minutes, What::Checked { plan, checks });
    }

    fn journal(&self) -> Verification {
        verify(&std::fs::read(self.writer.path()).unwrap())
    }

    fn report(&self) -> Report {
        assert!(self.directory.path().exists());
        report(&self.journal(), INCIDENT).unwrap()
    }
}

fn applied() -> Outcome {
    Outcome::Applied {
        request_id: Some("8f1e-req".to_owned()),
        made: std::collections::BTreeMap::new(),
    }
}

fn failed() -> Outcome {
    Outcome::Failed {
        request_id: Some("9a2b-req".to_owned()),
        code: Some("AccessDenied".to_owned()),
        message: HOSTILE.into(),
    }
}

#[test]
fn applied_and_verified_are_told_apart() {
    let mut story = Story::new();
    let plan = story.apply(5, None, &[applied(), failed()]);
    let unread = story.report();
    assert!(markdown(&unread).contains("**not verified**"));
    let words: Vec<&str> = unread.plans[0].calls.iter().map(|c| c.outcome.as_str()).collect();
    assert_eq!(words, ["applied", "failed", "not sent"]);
    assert_eq!(unread.plans[0].calls[0].request_id.as_deref(), Some("8f1e-req"));

    story.check(6, plan, Verdict::Pending("0 of 1".to_owned()));
    story.check(7, plan, Verdict::Failed("it is Active.".to_owned()));
    let read = story.report();
    assert_eq!(read.plans[0].checks.len(), 1, "the last reading back counts");
    assert_eq!(read.plans[0].checks[0].verdict, "failed");
    let text = markdown(&read);
    assert!(
        text.contains("| failed | it is Active.") && !text.contains("verified**"),
        "{text}"
    );
}

#[test]
fn the_response_is_held_against_the_last_deadline() {
    // The finding was first seen half an hour before the incident was opened: that is when the time begins to run.
    for (minutes, classified, state) in [
        (10, 45, ResponseState::Met),
        (15, 45, ResponseState::Met),
        (16, 45, ResponseState::Missed),
        (16, 90, ResponseState::Met),
    ] {
        let mut story = Story::new();
        story.classify(1, SeverityLabel::Critical, 5);
        story.classify(2, SeverityLabel::High, classified);
        story.apply(minutes, None, &[applied()]);
        let report = story.report();
        let response = report.response.as_ref().unwrap();
        assert_eq!(response.state, state, "{minutes} of {classified} minutes");
        assert_eq!(response.deadline, at(i64::from(classified) - 30));
        let text = markdown(&report);
        let counted = format!(
            "The time is counted from {}: when its worst finding was first seen.",
            at(-30)
        );
        assert!(text.contains(&counted), "{text}");
    }
}

#[test]
fn a_finding_without_times_counts_from_the_opening() {
    let mut story = Story::new();
    story.classify(1, SeverityLabel::High, 60);
    let mut read = verify(&std::fs::read(story.writer.path()).unwrap());
    for (updated, at, by) in [(Some(at(-7)), at(-7), BeganBy::Updated), (None, at(0), BeganBy::Opened)] {
        for record in &mut read.records {
            if let What::Incident { finding } = &mut record.what {
                (finding.first_seen, finding.updated_at) = (None, updated);
            }
        }
        assert_eq!(report(&read, INCIDENT).unwrap().began, Some(Began { at, by }));
    }
}

#[test]
fn a_call_that_failed_is_no_response() {
    let mut story = Story::new();
    story.classify(1, SeverityLabel::High, 90);
    story.apply(2, None, &[failed()]);
    assert_eq!(story.report().response.unwrap().state, ResponseState::Open);
    story.note(
        61,
        What::Noted {
            text: "still here".into(),
        },
    );
    let report = story.report();
    assert_eq!(report.response.as_ref().unwrap().state, ResponseState::Missed);
    assert!(markdown(&report).contains("Response time **missed**: no call was accepted"));
}

#[test]
fn an_undo_is_named_on_both_sides() {
    let mut story = Story::new();
    let plan = story.apply(2, None, &[applied()]);
    let undo = story.apply(3, Some(plan), &[applied()]);
    let report = story.report();
    assert_eq!(report.plans[0].undone_by, [undo]);
    assert_eq!(report.plans[1].undoes, Some(plan));
    let text = markdown(&report);
    assert!(text.contains(&format!("An undo of it was confirmed in record {undo}.")));
    assert!(text.contains(&format!("It undoes record {plan}.")));
}

#[test]
fn a_call_without_an_outcome_is_named() {
    let mut story = Story::new();
    let plan = story.apply(2, None, &[applied()]);
    let bytes = std::fs::read(story.writer.path()).unwrap();
    let end = bytes.len() - bytes[..bytes.len() - 1].iter().rev().position(|b| *b == b'\n').unwrap() - 1;
    let report = report(&verify(&bytes[..end]), INCIDENT).unwrap();
    assert_eq!(report.plans[0].calls[0].outcome, "no outcome");
    assert_eq!(report.unsettled, [plan + 1]);
    assert!(markdown(&report).contains("## Not settled"));
}

#[test]
fn text_from_outside_is_inert_in_both_forms() {
    let mut story = Story::new();
    story.apply(2, None, &[failed()]);
    story.note(3, What::Noted { text: HOSTILE.into() });
    let report = story.report();
    for (form, text) in [("markdown", markdown(&report)), ("json", report.json().unwrap())] {
        assert!(!text.contains(['\u{202e}', '\u{1b}', '\u{7}']), "{form}");
        assert!(!text.contains("\n# d"), "{form}");
    }
    let text = markdown(&report);
    for obeyed in ["[x](", "<img", "a|b", "`c`"] {
        assert!(!text.contains(obeyed), "{obeyed}");
    }
    // Every row of a table has as many cells as its head.
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut width = 0;
    for line in text.lines() {
        if line.starts_with('|') {
            width = if width == 0 { cells(line) } else { width };
            assert_eq!(cells(line), width, "{line}");
        } else {
            width = 0;
        }
    }
}

#[test]
fn the_same_journal_gives_the_same_bytes_and_ends_with_its_head() {
    let mut story = Story::new();
    story.classify(1, SeverityLabel::High, 60);
    story.apply(2, None, &[applied()]);
    let (one, other) = (story.report(), story.report());
    assert_eq!(markdown(&one), markdown(&other));
    assert_eq!(one.json().unwrap(), other.json().unwrap());
    let head = story.journal().head;
    assert!(markdown(&one).ends_with(&format!("Head of record {}: `{}`\n", head.seq, head.hash)));
    assert!(markdown(&one).contains("Mode: DRILL"));
}

#[test]
fn only_incidents_of_the_journal_are_known() {
    let story = Story::new();
    let journal = story.journal();
    assert_eq!(incidents(&journal.records), [INCIDENT]);
    assert!(report(&journal, "q-00000000").is_none());
    assert!(Untrusted::new(INCIDENT).shown() == story.report().incident);
}

#[test]
fn what_was_merged_is_told_together_until_it_is_split() {
    let mut story = Story::new();
    story.classify(1, SeverityLabel::Low, 1440);
    story.incident = "q-2";
    story.classify(2, SeverityLabel::High, 60);
    assert_eq!(report(&story.journal(), INCIDENT).unwrap().classifications.len(), 1);
    let incidents = vec![INCIDENT.to_owned()];
    let findings = Vec::new();
    story.note(3, What::Merged { incidents, findings });
    for name in [INCIDENT, "q-2"] {
        assert_eq!(
            report(&story.journal(), name).unwrap().classifications.len(),
            2,
            "{name}"
        );
    }
    let into = INCIDENT.to_owned();
    let findings = Vec::new();
    story.note(4, What::Split { findings, into });
    assert_eq!(report(&story.journal(), "q-2").unwrap().classifications.len(), 1);
}

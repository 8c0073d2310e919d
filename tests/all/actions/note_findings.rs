//! `note-findings`: a note and the status NOTIFIED on what Security Hub has. The stand-in that others wrote has no
//! `BatchUpdateFindings`, so this runs on the range alone.

use quell::action::{ActionName, Outcome, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::runtime::{Run, Told};
use serde_json::{Value, json};

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, SEOUL, hub_arn};
use crate::support::room::with_room;

five_cases! {
    three_findings: THREE;
}

const THREE: Case = Case {
    request,
    calls: &["securityhub:BatchUpdateFindings"],
    applied,
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Bucket, "payments"),
            kind: RefusalKind::WrongTarget,
            says: "is a bucket, not a finding",
        },
        Refused {
            name: "unknown",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Finding, hub_arn(9)),
            kind: RefusalKind::Gone,
            says: "has no finding",
        },
        Refused {
            name: "somebody suppressed it",
            spoil: |ground, _| {
                change(ground, 1, |finding| {
                    finding["Workflow"] = json!({"Status": "SUPPRESSED"});
                });
            },
            kind: RefusalKind::AlreadyDone,
            says: "is SUPPRESSED in Security Hub",
        },
        Refused {
            name: "two products with one id",
            spoil: |ground, _| {
                let twin = finding(ground, 1);
                ground.range.with_world(|world| {
                    let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap()).unwrap();
                    let mut twin = twin;
                    twin["ProductArn"] = "arn:aws:securityhub:ap-northeast-2::product/other/other".into();
                    place.securityhub.findings.insert("twin".to_owned(), twin.into());
                });
            },
            kind: RefusalKind::WrongTarget,
            says: "More than one product",
        },
        Refused {
            name: "a status that nobody knows",
            spoil: |ground, _| change(ground, 1, |finding| finding["Workflow"] = json!({"Status": "PARKED"})),
            kind: RefusalKind::Unreadable,
            says: "PARKED",
        },
    ],
    stale: &[
        Stale {
            name: "another note",
            change: |ground, _| change(ground, 2, |finding| finding["Note"]["Text"] = "mine now".into()),
            says: "mine now",
        },
        Stale {
            name: "somebody resolved one",
            change: |ground, _| change(ground, 3, |finding| finding["Workflow"]["Status"] = "RESOLVED".into()),
            says: "RESOLVED",
        },
    ],
    undo: Undo::Restores,
};

fn request(ground: &Ground) -> Request {
    let others = [2, 3].map(|number| Resource::new(ResourceKind::Finding, hub_arn(number)));
    Request {
        others: others.into(),
        ..ground.request(ActionName::NoteFindings, ResourceKind::Finding, SEOUL, &hub_arn(1))
    }
}

fn change(ground: &Ground, number: u32, change: impl FnOnce(&mut Value)) {
    ground.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap());
        change(place.unwrap().securityhub.findings.get_mut(&hub_arn(number)).unwrap());
    });
}

fn finding(ground: &Ground, number: u32) -> Value {
    let mut found = Value::Null;
    change(ground, number, |finding| found = finding.clone());
    found
}

fn applied(ground: &Ground, run: &Run) {
    for number in 1..=3 {
        let finding = finding(ground, number);
        assert_eq!(finding["Workflow"]["Status"], "NOTIFIED");
        let text = finding["Note"]["Text"].as_str().unwrap();
        assert!(
            text.contains("INC-7") && text.contains("oncall-1 works on this"),
            "{text}"
        );
        assert_eq!(finding["Note"]["UpdatedBy"], run.plan.request.by.as_str());
    }
    let warnings = run.plan.draft.warnings.join("\n");
    assert!(
        warnings.contains("This note is replaced: \"owner: team-data\" by triage"),
        "{warnings}"
    );
}

#[test]
fn what_is_closed_stays_closed_and_what_was_without_a_note_says_what_cannot_be_undone() {
    with_room(async || {
        let ground = Ground::new().await;
        change(&ground, 2, |finding| {
            finding["Workflow"]["Status"] = "SUPPRESSED".into();
        });
        change(&ground, 3, |finding| finding["Note"] = Value::Null);
        let plan = ground.plan(&request(&ground)).await.unwrap();
        assert!(
            plan.draft
                .warnings
                .iter()
                .any(|w| w.contains("is SUPPRESSED and stays so"))
        );
        assert!(plan.draft.lost.iter().any(|l| l.contains("A note cannot be removed")));
        let run = ground.apply(plan).await.unwrap();
        assert_eq!(finding(&ground, 2)["Workflow"]["Status"], "SUPPRESSED");
        // Somebody resolved one in between: the undo gives its note back and leaves the status alone.
        change(&ground, 1, |finding| finding["Workflow"]["Status"] = "RESOLVED".into());
        ground.apply(ground.undo(run.seq).await.unwrap()).await.unwrap();
        let (first, third) = (finding(&ground, 1), finding(&ground, 3));
        assert_eq!(first["Workflow"]["Status"], "RESOLVED");
        assert_eq!(first["Note"]["Text"], "owner: team-data");
        assert_eq!(third["Workflow"]["Status"], "NEW");
        assert!(
            third["Note"]["Text"]
                .as_str()
                .unwrap()
                .contains("the claim was taken back by oncall-1")
        );
    });
}

#[test]
fn what_security_hub_leaves_out_is_a_call_done_in_part() {
    with_room(async || {
        let ground = Ground::new().await;
        let plan = ground.plan(&request(&ground)).await.unwrap();
        // Deleted after the facts were read again and before the call is answered.
        let mut told = |told: Told<'_>| {
            if matches!(told, Told::Sent(_)) {
                ground.range.with_world(|world| {
                    let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap()).unwrap();
                    place.securityhub.findings.remove(&hub_arn(3));
                });
            }
        };
        let run = quietly(&ground, plan, &mut told).await;
        let Outcome::Partly { code, message, .. } = &run.outcomes[0] else {
            panic!("{:?}", run.outcomes);
        };
        assert_eq!(code, "FindingNotFound");
        assert!(
            message.raw().starts_with("1 of 3 findings were not changed"),
            "{message}"
        );
        assert!(
            run.trouble.as_deref().unwrap().contains("was done in part"),
            "{:?}",
            run.trouble
        );
        assert_eq!(finding(&ground, 1)["Workflow"]["Status"], "NOTIFIED");
        // What was changed can be undone; what is gone is said.
        let undo = ground.undo(run.seq).await.unwrap();
        assert!(
            undo.draft
                .warnings
                .iter()
                .any(|w| w.contains("is no longer in Security Hub"))
        );
        ground.apply(undo).await.unwrap();
        assert_eq!(finding(&ground, 1)["Note"]["Text"], "owner: team-data");
    });
}

#[test]
fn more_than_a_hundred_findings_go_in_several_calls() {
    with_room(async || {
        let ground = Ground::new().await;
        let mut request = request(&ground);
        let template = finding(&ground, 1);
        ground.range.with_world(|world| {
            let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap()).unwrap();
            for number in 0..140 {
                let mut finding = template.clone();
                finding["Id"] = format!("third-party/{number}").into();
                request
                    .others
                    .push(Resource::new(ResourceKind::Finding, format!("third-party/{number}")));
                place.securityhub.put(finding);
            }
        });
        let run = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
        assert_eq!((run.trouble, run.outcomes.len()), (None, 2));
        let sizes = ground
            .writes()
            .iter()
            .map(|w| w.params["FindingIdentifiers"].as_array().unwrap().len())
            .collect::<Vec<_>>();
        assert_eq!(sizes, [100, 43]);
    });
}

/// Applies without the order of things being held to account, which the other tests do.
async fn quietly(ground: &Ground, plan: quell::action::Plan, told: &mut (dyn FnMut(Told<'_>) + Send)) -> Run {
    let desk: &crate::support::desk::Desk = ground;
    desk.apply(plan, told).await.unwrap()
}

//! `isolate-database` with a new master password: what proves it, what it brings with it, and that it can still be made late.

use quell::action::{Choices, PlannedCall, RefusalKind, Request, Undo, Verdict};
use quell::range::policy::Policy;
use quell::range::services::organizations::policies::Scp;
use quell::runtime::{NoPlan, Run};

use super::isolate_database::{in_rds, with_evidence};
use crate::support::ground::{Ground, PROD};
use crate::support::room::with_room;

fn with(request: &Request, choices: &[&str]) -> Request {
    let yes = |name: &&str| ((*name).to_owned(), "yes".to_owned());
    Request {
        choices: choices.iter().map(yes).collect::<Choices>(),
        ..request.clone()
    }
}

fn phrases(run: &Run) -> Vec<String> {
    run.plan.draft.calls.iter().map(PlannedCall::phrase).collect()
}

async fn verdicts(ground: &Ground, run: &Run) -> Vec<(String, Verdict)> {
    let checks = ground.verify(run).await;
    checks
        .into_iter()
        .map(|c| (c.expectation.to_string(), c.verdict))
        .collect()
}

/// Once it is sealed it may still be learnt that the password leaked. Secrets Manager has it by then, so that only another version
/// than before proves that it was changed.
#[test]
fn a_password_that_leaked_is_changed_after_the_isolation_too() {
    with_room(async || {
        for target in ["payments-db", "ledger"] {
            let ground = Ground::new().await;
            let plain = with_evidence(&ground, target);
            ground.apply(ground.plan(&plain).await.unwrap()).await.unwrap();
            let refusal = ground.plan(&plain).await.unwrap_err().to_string();
            assert!(refusal.contains("--with master-password=yes"), "{refusal}");

            let request = with(&plain, &["master-password"]);
            for says in [
                "hand the master user's password to Secrets Manager",
                "have Secrets Manager change",
            ] {
                let run = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
                assert_eq!(run.trouble, None);
                let phrases = phrases(&run);
                assert!(phrases.len() == 1 && phrases[0].contains(says), "{phrases:?}");
                assert!(!phrases[0].contains("groups"), "{phrases:?}");
                assert_eq!(run.plan.draft.calls[0].undo, Undo::Irreversible);
                for (what, verdict) in verdicts(&ground, &run).await {
                    assert_eq!(verdict, Verdict::Verified, "{target}: {what}");
                }
                let refusal = ground.undo(run.seq).await.unwrap_err().to_string();
                assert!(refusal.contains("changed no database's groups or address"), "{refusal}");
            }
        }
    });
}

/// A secret that was there before is no proof: where RDS refused the call, the old password works.
#[test]
fn a_password_that_was_not_rotated_is_not_verified() {
    with_room(async || {
        let ground = Ground::new().await;
        let request = with(&with_evidence(&ground, "payments-db"), &["master-password"]);
        let run = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
        verdicts(&ground, &run).await;
        let undo = ground.undo(run.seq).await.unwrap();
        ground.apply(undo).await.unwrap();

        let plan = ground.plan(&request).await.unwrap();
        ground.range.with_world(|world| {
            let text = r#"{"Statement":{"Effect":"Deny","Action":"rds:ModifyDBInstance","Resource":"*"}}"#;
            let scps = &mut world.organization.scps;
            let scp = Scp {
                name: "frozen".to_owned(),
                description: String::new(),
                policy: Policy::identity(text).unwrap(),
            };
            scps.all.insert("p-frozen".to_owned(), scp);
            scps.attach("p-frozen", PROD);
        });
        let run = ground.apply(plan).await.unwrap();
        assert!(run.trouble.is_some());
        let verdicts = verdicts(&ground, &run).await;
        let (_, verdict) = verdicts
            .iter()
            .find(|(what, _)| what.contains("master password"))
            .unwrap();
        let Verdict::Failed(why) = verdict else {
            panic!("{verdict:?}");
        };
        assert!(why.contains("the old password works"), "{why}");
    });
}

/// What the owner left for the maintenance window is not applied in the middle of an incident, unless that is chosen by its name.
#[test]
fn what_waits_for_the_maintenance_window_is_left_alone() {
    with_room(async || {
        let ground = Ground::new().await;
        let plain = with_evidence(&ground, "payments-db");
        in_rds(&ground, |rds| {
            let waits = ("DBInstanceClass".to_owned(), "db.m6g.4xlarge".to_owned());
            rds.instances.get_mut("payments-db").unwrap().pending = [waits].into();
        });
        let waits = || in_rds(&ground, |rds| rds.instances["payments-db"].pending.len());
        let run = ground.apply(ground.plan(&plain).await.unwrap()).await.unwrap();
        assert_eq!((run.trouble, waits()), (None, 1));
        let undo = ground.undo(run.seq).await.unwrap();
        assert_eq!((ground.apply(undo).await.unwrap().trouble, waits()), (None, 1));

        let chosen = with(&plain, &["master-password"]);
        let refusal = match ground.plan(&chosen).await {
            Err(NoPlan::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        };
        assert_eq!(refusal.kind, RefusalKind::Unsafe);
        let said = refusal.to_string();
        assert!(
            said.contains("DBInstanceClass db.m6g.4xlarge") && said.contains("--with pending=yes"),
            "{said}"
        );

        let plan = ground
            .plan(&with(&plain, &["master-password", "pending"]))
            .await
            .unwrap();
        for lines in [&plan.draft.warnings, &plan.draft.lost] {
            assert!(
                lines.iter().any(|line| line.contains("DBInstanceClass db.m6g.4xlarge")),
                "{lines:?}"
            );
        }
        assert_eq!((ground.apply(plan).await.unwrap().trouble, waits()), (None, 0));
        in_rds(&ground, |rds| {
            assert_eq!(rds.instances["payments-db"].class, "db.m6g.4xlarge");
        });
    });
}

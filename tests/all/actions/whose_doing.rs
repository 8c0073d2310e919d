//! Who and what a plan is about, once others came in between: somebody else applies it, the user was made anew, the Auto Scaling group
//! is gone.

use quell::action::{ActionName, Choices, RefusalKind, Request, Verdict};
use quell::domain::ResourceKind;
use quell::runtime::{NoPlan, NotApplied};

use super::isolate_instance;
use crate::support::desk::Desk;
use crate::support::ground::{Ground, PROD, VIRGINIA};
use crate::support::people;
use crate::support::room::with_room;

const SECURITY: &str = "222222222222";

#[test]
fn a_plan_that_would_lock_out_whoever_applies_it_is_not_applied() {
    with_room(async || {
        let ground = Ground::new().await;
        let own = ground.cloud.identity().arn.clone();
        assert_eq!(own.account(), SECURITY);
        let by = "arn:aws:iam::222222222222:user/somebody-else".to_owned();
        let request = Request {
            by: by.clone(),
            ..Desk::request(
                &ground,
                ActionName::ContainUser,
                SECURITY,
                VIRGINIA,
                ResourceKind::User,
                own.name(),
            )
        };
        let plan = ground.plan(&request).await.unwrap();
        let records = ground.records().len();
        let NotApplied::NotByYou(why) = ground.apply(plan).await.unwrap_err() else {
            panic!("it was made for somebody else");
        };
        for words in [by.as_str(), &own.to_string(), "you signed in as this user"] {
            assert!(why.contains(words), "{words}: {why}");
        }
        assert!(ground.writes().is_empty());
        assert_eq!(ground.records().len(), records, "nothing was confirmed");
    });
}

#[test]
fn a_plan_of_somebody_else_that_harms_nobody_who_applies_it_is_applied() {
    with_room(async || {
        let ground = Ground::new().await;
        let by = "arn:aws:sts::222222222222:assumed-role/admin/somebody-else".to_owned();
        let request = Request {
            by: by.clone(),
            ..ground.request(ActionName::ContainUser, ResourceKind::User, VIRGINIA, "deploy-bot")
        };
        let run = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
        assert_eq!(run.trouble, None);
        // The journal names both: who asked stands in the plan, who applied it on the record.
        let record = ground.records().into_iter().find(|r| r.seq == run.seq).unwrap();
        assert_eq!(record.who, ground.cloud.identity().arn.to_string());
        assert_eq!(run.plan.request.by, by);
    });
}

/// Applies a request, lets somebody delete what it is about and make it anew under its name, and gives the refusal of the undo.
async fn undo_of_another(action: ActionName, kind: ResourceKind, target: &str) -> quell::action::Refusal {
    let ground = Ground::new().await;
    let request = Request {
        choices: match action {
            ActionName::DetachUserPolicies => Choices::from([("groups".to_owned(), "yes".to_owned())]),
            _ => Choices::new(),
        },
        ..ground.request(action, kind, VIRGINIA, target)
    };
    let run = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
    assert_eq!(run.trouble, None, "{action}");
    ground.range.with_world(|world| {
        let id = world.new_unique_id(if kind == ResourceKind::User { "AIDA" } else { "AROA" });
        if kind == ResourceKind::User {
            let account = world.accounts.get_mut(&PROD.parse().unwrap()).unwrap();
            account.iam.users.get_mut(target).unwrap().id = id;
        } else {
            people::role(world, target, |role| role.id = id);
        }
    });
    let NoPlan::Refused(refusal) = ground.undo(run.seq).await.unwrap_err() else {
        panic!("{action} asked without end");
    };
    refusal
}

#[test]
fn what_was_taken_from_somebody_is_not_given_to_another_of_the_same_name() {
    use ActionName as A;
    with_room(async || {
        for (action, kind, target) in [
            (A::DetachUserPolicies, ResourceKind::User, "deploy-bot"),
            (A::ContainUser, ResourceKind::User, "deploy-bot"),
            (A::ContainRole, ResourceKind::Role, "pay"),
            (A::RevokeRoleSessions, ResourceKind::Role, "pay"),
        ] {
            let refusal = undo_of_another(action, kind, target).await;
            assert_eq!(refusal.kind, RefusalKind::Drifted, "{action}: {refusal}");
            assert!(refusal.why.contains("is another one by now"), "{action}: {refusal}");
        }
    });
}

/// Of a serving instance whose minimum was lowered too: by standing by, and by leaving for good.
#[test]
fn a_deleted_auto_scaling_group_does_not_keep_the_rest_from_being_put_back() {
    with_room(async || {
        for how in ["standby", "detach"] {
            let ground = Ground::new().await;
            let id = ground.instance("scaled");
            let interfaces = ground.interfaces(&id);
            let request = Request {
                choices: Choices::from([("asg".to_owned(), how.to_owned())]),
                ..isolate_instance::request(&ground, VIRGINIA, "scaled")
            };
            let run = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
            assert_eq!(run.trouble, None, "{how}");
            assert_ne!(ground.interfaces(&id), interfaces);
            ground.range.with_world(|world| {
                let place = world.regional(&PROD.parse().unwrap(), &VIRGINIA.parse().unwrap());
                place.unwrap().autoscaling.groups.remove("fleet").unwrap();
            });
            let undo = ground.undo(run.seq).await.unwrap();
            let lost = undo.draft.lost.join("\n");
            assert!(
                lost.contains("The Auto Scaling group fleet was deleted since"),
                "{how}: {lost}"
            );
            let undone = ground.apply(undo).await.unwrap();
            assert_eq!(undone.trouble, None, "{how}");
            for check in ground.verify(&undone).await {
                assert_eq!(check.verdict, Verdict::Verified, "{how}: {}", check.expectation);
            }
            assert_eq!(ground.interfaces(&id), interfaces, "{how}");
        }
    });
}

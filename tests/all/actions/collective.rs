//! What holds for all actions alike: a target of another account, one that is contained already, a missing permission half way; and
//! for those on instances a Spot instance and an instance store.

use quell::action::{ActionName, Choices, RefusalKind, Request, Verdict};
use quell::domain::{Resource, ResourceKind};
use quell::range::policy::Policy;
use quell::range::services::ec2::model::Spot;
use quell::runtime::NoPlan;

use super::contain_identity_user::USER;
use crate::support::ground::{Ground, MANAGEMENT, PROD, SEOUL, VIRGINIA};
use crate::support::people;
use crate::support::room::with_room;

const OTHER: &str = "111111111111";

/// The refusal of a plan that must not be.
async fn refusal(ground: &Ground, request: &Request) -> quell::action::Refusal {
    match ground.plan(request).await {
        Err(NoPlan::Refused(refusal)) => refusal,
        other => panic!("{} {}: {other:?}", request.action, request.target),
    }
}

#[test]
fn a_target_that_names_another_account_is_not_looked_for_in_this_one() {
    use ActionName as A;
    use ResourceKind as K;
    with_room(async || {
        let ground = Ground::new().await;
        for (action, kind, rest) in [
            (A::ContainUser, K::User, "iam::111111111111:user/deploy-bot".to_owned()),
            (
                A::DetachUserPolicies,
                K::User,
                "iam::111111111111:user/deploy-bot".to_owned(),
            ),
            (A::ContainRole, K::Role, "iam::111111111111:role/team/pay".to_owned()),
            (
                A::RevokeRoleSessions,
                K::Role,
                "iam::111111111111:role/team/pay".to_owned(),
            ),
            (
                A::FreezeFunction,
                K::Function,
                format!("lambda:{SEOUL}:{OTHER}:function:resize"),
            ),
            (
                A::IsolateDatabase,
                K::Database,
                format!("rds:{SEOUL}:{OTHER}:db:payments-db"),
            ),
            (
                A::DisableKmsKey,
                K::Key,
                format!("kms:{SEOUL}:{OTHER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
            ),
            (
                A::RotateSecret,
                K::Secret,
                format!("secretsmanager:{SEOUL}:{OTHER}:secret:payments/db-AbCdEf"),
            ),
        ] {
            let request = ground.request(action, kind, SEOUL, &format!("arn:aws:{rest}"));
            let refusal = refusal(&ground, &request).await;
            assert_eq!(refusal.kind, RefusalKind::WrongTarget, "{action}: {refusal}");
            assert!(!refusal.instead.is_empty(), "{action}");
        }
        // An instance's id says nothing of its account: in the wrong one it is not there.
        for action in [
            A::IsolateInstance,
            A::SnapshotInstance,
            A::StopInstance,
            A::ReplaceInstanceProfile,
        ] {
            let mut request = ground.request(action, K::Instance, SEOUL, &ground.instance("two"));
            request.account = "222222222222".parse().unwrap();
            let refusal = refusal(&ground, &request).await;
            assert_eq!(refusal.kind, RefusalKind::Gone, "{action}: {refusal}");
            assert!(
                refusal.instead.contains("Check the account and region"),
                "{action}: {refusal}"
            );
        }
        assert!(ground.writes().is_empty());
    });
}

/// A request for every action that brings about a state, on a target of the small world.
fn containments(ground: &Ground) -> Vec<Request> {
    use ActionName as A;
    use ResourceKind as K;
    let instance = ground.instance("two");
    let key = ground.key("deploy-bot", 0);
    let acl = ground.meddle(SEOUL, |ec2| {
        let mut associated = ec2.acls.values().filter(|acl| !acl.associations.is_empty());
        associated.next().map(|acl| acl.id.clone()).unwrap()
    });
    let scaled = ground.instance("scaled");
    [
        (A::IsolateInstance, K::Instance, SEOUL, instance.as_str(), ("", "")),
        (A::StopInstance, K::Instance, SEOUL, &instance, ("", "")),
        (A::ReplaceInstanceProfile, K::Instance, VIRGINIA, &scaled, ("", "")),
        (A::ContainUser, K::User, VIRGINIA, "deploy-bot", ("", "")),
        (A::ContainRole, K::Role, VIRGINIA, "pay", ("", "")),
        (A::RevokeRoleSessions, K::Role, VIRGINIA, "pay", ("", "")),
        (A::DisableAccessKey, K::AccessKey, VIRGINIA, &key, ("", "")),
        (A::BlockBucketPublic, K::Bucket, SEOUL, "acme-exports", ("", "")),
        (A::LockBucket, K::Bucket, SEOUL, "acme-exports", ("", "")),
        (A::FreezeFunction, K::Function, SEOUL, "resize", ("", "")),
        (A::BlockIp, K::Address, SEOUL, "203.0.113.7", ("acl", acl.as_str())),
        (A::DisableKmsKey, K::Key, SEOUL, "alias/payments", ("", "")),
        (
            A::IsolateDatabase,
            K::Database,
            SEOUL,
            "payments-db",
            ("snapshot", "none"),
        ),
        (A::QuarantineAccount, K::Account, VIRGINIA, PROD, ("", "")),
        (A::ContainIdentityUser, K::IdentityUser, SEOUL, USER, ("", "")),
    ]
    .into_iter()
    .map(|(action, kind, region, target, (name, value))| {
        let mut request = ground.request(action, kind, region, target);
        if matches!(action, A::QuarantineAccount | A::ContainIdentityUser) {
            request.account = MANAGEMENT.parse().unwrap();
        }
        if !name.is_empty() {
            request.choices = Choices::from([(name.to_owned(), value.to_owned())]);
        }
        request
    })
    .collect()
}

#[test]
fn what_is_contained_already_is_not_planned_again_and_verifying_is_offered() {
    with_room(async || {
        let all = containments(&Ground::new().await).len();
        for number in 0..all {
            let ground = Ground::new().await;
            let request = containments(&ground).swap_remove(number);
            let action = request.action;
            let run = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
            assert_eq!(run.trouble, None, "{action}");
            let refusal = refusal(&ground, &request).await;
            assert_eq!(refusal.kind, RefusalKind::AlreadyDone, "{action}: {refusal}");
            assert!(
                refusal.instead.starts_with("Verify it from the journal"),
                "{action}: {refusal}"
            );
        }
    });
}

/// The role may not do all that the plan needs: it stops there, says so, and when the permission is given the same is planned again
/// and brings it to its end.
#[test]
fn a_missing_permission_half_way_is_told_and_the_plan_is_made_again() {
    with_room(async || {
        let ground = Ground::new().await;
        let before = ground.state();
        let request = || super::isolate_instance::request(&ground, SEOUL, "two");
        let denied = |on: bool| {
            let text = r#"{"Statement":{"Effect":"Deny","Action":"ec2:RevokeSecurityGroupEgress","Resource":"*"}}"#;
            ground.range.with_world(|world| {
                people::role(world, "quell-responder", |role| {
                    role.grants.inline.remove("missing");
                    if on {
                        let policy = Policy::identity(text).unwrap();
                        role.grants.inline.insert("missing".to_owned(), policy);
                    }
                });
            });
        };
        denied(true);
        let run = ground.apply(ground.plan(&request()).await.unwrap()).await.unwrap();
        let trouble = run.trouble.unwrap();
        let (sent, calls) = (run.outcomes.len(), run.plan.draft.calls.len());
        assert!(sent > 1 && sent < calls, "{sent} of {calls}");
        let said = format!("Call {sent} of {calls} was refused by AWS (UnauthorizedOperation)");
        assert!(trouble.contains(&said), "{trouble}");
        assert!(trouble.contains("Nothing after it was sent"), "{trouble}");

        denied(false);
        // A while later: the groups that a plan makes are named after its second.
        let while_ago = std::time::Duration::from_mins(1);
        ground.range.with_world(|world| world.clock.advance(while_ago));
        let again = ground.apply(ground.plan(&request()).await.unwrap()).await.unwrap();
        assert_eq!(again.trouble, None);
        for check in ground.verify(&again).await {
            assert_eq!(check.verdict, Verdict::Verified, "{}", check.expectation);
        }
        for seq in [again.seq, run.seq] {
            let undone = ground.apply(ground.undo(seq).await.unwrap()).await.unwrap();
            assert_eq!(undone.trouble, None);
        }
        assert_eq!(ground.state(), before);
    });
}

#[test]
fn what_a_stop_costs_is_said_of_a_spot_instance_and_of_an_instance_store() {
    with_room(async || {
        let ground = Ground::new().await;
        let stop = |region, name| {
            let id = ground.instance(name);
            ground.request(ActionName::StopInstance, ResourceKind::Instance, region, &id)
        };
        // AWS refuses one whose request is for one time, so there is no plan for it.
        let once = stop(VIRGINIA, "spot");
        let refusal = refusal(&ground, &once).await;
        assert_eq!(refusal.kind, RefusalKind::WrongTarget);
        assert!(refusal.why.contains("whose request is for one time"), "{refusal}");
        assert!(refusal.instead.contains("Isolate it"), "{refusal}");
        ground.meddle(VIRGINIA, |ec2| {
            ec2.instances.get_mut(once.target.id.raw()).unwrap().spot = Some(Spot::Persistent);
        });
        let spot = ground.plan(&once).await.unwrap();
        let said = spot.draft.warnings.join("\n");
        assert!(said.contains("It is a Spot instance"), "{said}");
        assert_eq!(ground.apply(spot).await.unwrap().trouble, None);

        let request = stop(SEOUL, "two");
        let id = request.target.id.raw().to_owned();
        ground.meddle(SEOUL, |ec2| {
            "m5d.large".clone_into(&mut ec2.instances.get_mut(&id).unwrap().kind);
        });
        let plan = ground.plan(&request).await.unwrap();
        let lost = plan.draft.lost.join("\n");
        assert!(lost.contains("instance store"), "{lost}");
        let snapshot = Request {
            action: ActionName::SnapshotInstance,
            target: Resource::new(ResourceKind::Instance, &id),
            ..request
        };
        let said = ground
            .plan(&snapshot)
            .await
            .unwrap()
            .draft
            .warnings
            .join("\n")
            .to_lowercase();
        assert!(said.contains("instance store"), "{said}");
    });
}

//! What AWS says beforehand: dry runs of EC2's own and IAM's simulation, neither of which changes anything.

use quell::action::{ActionName, Choices, Foresight, Oracle, Request};
use quell::cloud;
use quell::domain::ResourceKind;
use quell::range::policy::Policy;
use quell::range::services::organizations::policies::Scp;

use super::isolate_instance::request;
use crate::support::ground::{Ground, MANAGEMENT, PROD, SEOUL, VIRGINIA};
use crate::support::room::with_room;

#[test]
fn a_plan_is_rehearsed_and_nothing_changes() {
    with_room(async || {
        let ground = Ground::new().await;
        let plan = ground.plan(&request(&ground, SEOUL, "two")).await.unwrap();
        let before = ground.state();
        let said = cloud::predict(&ground.cloud, &plan).await;
        assert_eq!(ground.state(), before, "a prediction changes nothing");
        assert_eq!(said.digest, plan.digest());
        let needed: Vec<&str> = plan.permissions();
        for permission in &needed {
            assert!(said.verdicts.contains_key(*permission), "{permission}: {said:?}");
        }
        let tags = &said.verdicts["ec2:ModifyInstanceAttribute"];
        assert_eq!(*tags, Foresight::Allowed { by: Oracle::DryRun });
        // The plan still holds after it: nothing that it rests on has moved.
        assert_eq!(ground.apply(plan).await.unwrap().trouble, None);
    });
}

/// A call to which AWS's model gives no `DryRun` might be done by a rehearsal, so it is left to the simulation.
#[test]
fn what_knows_no_dry_run_is_not_rehearsed() {
    with_room(async || {
        let ground = Ground::new().await;
        let on = |region, name| {
            let instance = ground.instance(name);
            ground.request(
                ActionName::ReplaceInstanceProfile,
                ResourceKind::Instance,
                region,
                &instance,
            )
        };
        let quarantine: Choices = [("with".to_owned(), "quarantine".to_owned())].into();
        let (away, bare) = (on(VIRGINIA, "scaled"), on(SEOUL, "neighbour"));
        let replaced = Request {
            choices: quarantine.clone(),
            ..away.clone()
        };
        let given = Request {
            choices: quarantine,
            ..bare
        };
        for (request, permission) in [
            (away, "ec2:DisassociateIamInstanceProfile"),
            (replaced, "ec2:ReplaceIamInstanceProfileAssociation"),
            (given, "ec2:AssociateIamInstanceProfile"),
        ] {
            let plan = ground.plan(&request).await.unwrap();
            assert!(plan.permissions().contains(&permission), "{plan:?}");
            let before = ground.state();
            let said = cloud::predict(&ground.cloud, &plan).await;
            assert_eq!(ground.state(), before, "{permission}: a prediction changes nothing");
            let by = Oracle::Simulation;
            assert_eq!(said.verdicts[permission], Foresight::Allowed { by });
        }
        assert!(ground.writes().is_empty(), "{:?}", ground.writes());
    });
}

/// What the organisation denies is foreseen, and the plan says what a simulation does not see.
#[test]
fn a_service_control_policy_is_foreseen() {
    with_room(async || {
        let ground = Ground::new().await;
        let key = ground.key("deploy-bot", 0);
        let request = ground.request(ActionName::DisableAccessKey, ResourceKind::AccessKey, SEOUL, &key);
        let plan = ground.plan(&request).await.unwrap();
        let said = cloud::predict(&ground.cloud, &plan).await;
        assert!(!said.denies(), "{said:?}");
        let blind = said.blind().unwrap();
        assert!(blind.contains("resource control policies"), "{blind}");

        ground.range.with_world(|world| {
            let text = r#"{"Statement":{"Effect":"Deny","Action":"iam:UpdateAccessKey","Resource":"*"}}"#;
            let scps = &mut world.organization.scps;
            let scp = Scp {
                name: "frozen".to_owned(),
                description: String::new(),
                policy: Policy::identity(text).unwrap(),
            };
            scps.all.insert("p-frozen".to_owned(), scp);
            scps.attach("p-frozen", PROD);
        });
        let said = cloud::predict(&ground.cloud, &plan).await;
        assert_eq!(
            said.phrase(),
            "denied: iam:UpdateAccessKey (simulation, by a service control policy)"
        );
        // And so it is.
        let trouble = ground.apply(plan).await.unwrap().trouble.unwrap();
        assert!(trouble.contains("AccessDenied"), "{trouble}");
    });
}

/// What is created, and what is known without the organisation's id, is asked of everything.
#[test]
fn the_calls_of_organizations_are_foreseen() {
    with_room(async || {
        let ground = Ground::new().await;
        let request = Request {
            account: MANAGEMENT.parse().unwrap(),
            ..ground.request(ActionName::QuarantineAccount, ResourceKind::Account, SEOUL, PROD)
        };
        let plan = ground.plan(&request).await.unwrap();
        assert_eq!(
            plan.permissions(),
            ["organizations:AttachPolicy", "organizations:CreatePolicy"]
        );
        let said = cloud::predict(&ground.cloud, &plan).await;
        assert_eq!(said.phrase(), "all allowed");
        assert!(said.blind().unwrap().contains("asked of everything"));
    });
}

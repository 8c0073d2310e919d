//! Between a plan and a change stands a person who read this plan: other plans, other accounts and forged files do not pass.

use quell::action::Ec2Call;
use quell::action::{ActionName, Confirmed, Mutation, NotConfirmed, Plan, PlannedCall, Undo};
use quell::domain::ResourceKind;
use quell::runtime::NotApplied;

use super::isolate_instance::request;
use crate::support::ground::{Ground, SEOUL};
use crate::support::room::with_room;

async fn key_plan(ground: &Ground) -> Plan {
    let key = ground.key("deploy-bot", 0);
    let request = ground.request(ActionName::DisableAccessKey, ResourceKind::AccessKey, SEOUL, &key);
    ground.plan(&request).await.unwrap()
}

#[test]
fn a_wrong_digest_confirms_nothing() {
    with_room(async || {
        let ground = Ground::new().await;
        let (plan, now) = (key_plan(&ground).await, ground.cloud.now());
        let digest = plan.digest().to_string();
        for (given, why) in [
            ("", "ShortDigest"),
            (&digest[..7], "ShortDigest"),
            ("00000000", "WrongDigest"),
            (&digest[1..], "WrongDigest"),
        ] {
            let error = Confirmed::by_digest(plan.clone(), given, now).unwrap_err();
            assert!(format!("{error:?}").starts_with(why), "{given:?}: {error:?}");
        }
        assert!(Confirmed::by_digest(plan.clone(), &digest[..8], now).is_ok());
        let other = Plan {
            expires_at: now,
            ..plan.clone()
        };
        let error = Confirmed::at_screen(other, &plan.digest(), &plan.typed_confirmation(), now).unwrap_err();
        assert!(matches!(error, NotConfirmed::OtherPlan { .. }), "{error:?}");
    });
}

/// Whoever can write the plan file can also compute its digest; what they cannot do is make the action plan the same.
#[test]
fn a_forged_plan_is_drift() {
    type Forge = fn(&Ground, &mut Plan);
    let forgeries: [(&str, Forge); 6] = [
        ("a call more", |ground, plan| {
            let group = ground.interfaces(&ground.instance("neighbour"))[0].clone();
            plan.draft.calls.push(PlannedCall {
                mutation: Mutation::Ec2(Ec2Call::SetInterfaceGroups {
                    interface: group.0.parse().unwrap(),
                    groups: vec![group.1[0].clone().into()],
                }),
                undo: Undo::Kept,
                was: None,
            });
        }),
        ("a call less", |_, plan| drop(plan.draft.calls.pop())),
        ("another order", |_, plan| plan.draft.calls.reverse()),
        ("another interface", |ground, plan| {
            let other = ground.interfaces(&ground.instance("neighbour"))[0].0.parse().unwrap();
            for call in &mut plan.draft.calls {
                if let Mutation::Ec2(Ec2Call::SetInterfaceGroups { interface, .. }) = &mut call.mutation {
                    *interface = quell::domain::InterfaceId::clone(&other);
                }
            }
        }),
        ("the target swapped", |ground, plan| {
            plan.request.target.id = quell::domain::Untrusted::new(ground.instance("neighbour"));
        }),
        ("nothing to read back", |_, plan| plan.draft.expectations.clear()),
    ];
    for (name, forge) in forgeries {
        with_room(async move || {
            let ground = Ground::new().await;
            let mut plan = ground.plan(&request(&ground, SEOUL, "two")).await.unwrap();
            let honest = plan.digest();
            forge(&ground, &mut plan);
            assert_ne!(plan.digest(), honest, "{name}: the digest is over it");
            let (state, records) = (ground.state(), ground.records().len());
            let error = ground.apply(plan).await.expect_err(name);
            assert!(matches!(error, NotApplied::Drifted(_)), "{name}: {error}");
            assert!(ground.writes().is_empty(), "{name}");
            assert_eq!((ground.state(), ground.records().len()), (state, records), "{name}");
        });
    }
}

#[test]
fn a_forged_expiry_does_not_make_old_facts_fresh() {
    with_room(async || {
        let ground = Ground::new().await;
        let mut plan = key_plan(&ground).await;
        let honest = plan.expires_at;
        plan.expires_at = honest + jiff::SignedDuration::from_hours(24 * 365);
        let digest = plan.digest().to_string();
        let late = honest + jiff::SignedDuration::from_secs(1);
        assert!(Confirmed::by_digest(plan.clone(), &digest, honest).is_ok());
        let error = Confirmed::by_digest(plan, &digest, late).unwrap_err();
        assert_eq!(error, NotConfirmed::Expired { at: honest });
    });
}

#[test]
fn an_account_whose_role_cannot_be_assumed_is_left_alone() {
    with_room(async || {
        let ground = Ground::new().await;
        let plan = key_plan(&ground).await;
        ground.range.with_world(|world| {
            let account = world.accounts.get_mut(&plan.request.account).unwrap();
            account.iam.roles.remove(&ground.login.responder_role);
        });
        let records = ground.records().len();
        let error = ground.apply(plan).await.unwrap_err();
        assert!(
            matches!(&error, NotApplied::Session(why) if why.contains("quell-responder")),
            "{error}"
        );
        assert!(ground.writes().is_empty());
        assert_eq!(ground.records().len(), records, "nothing is journaled as confirmed");

        // Without the reader role there, there is not even a plan.
        let mut request = request(&ground, SEOUL, "two");
        request.account = "999999999999".parse().unwrap();
        let refusal = ground.plan(&request).await.unwrap_err().to_string();
        assert!(refusal.contains("quell-reader"), "{refusal}");
    });
}

/// The role's session is for the plan alone: it may not do what the plan does not list, even where the role could.
#[test]
fn the_session_of_a_plan_is_limited_to_it() {
    with_room(async || {
        let ground = Ground::new().await;
        let plan = key_plan(&ground).await;
        let run = ground.apply(plan).await.unwrap();
        assert_eq!(run.trouble, None);
        ground.range.with_world(|world| {
            let writer = world.log.iter().find(|c| c.mutating).unwrap().access_key.clone();
            let session = &world.sessions[&writer];
            assert_eq!(session.policies.len(), 1, "an inline session policy");
            assert_eq!(
                session.source_identity.as_deref(),
                Some(ground.login.responder.user.as_str())
            );
            let policy = format!("{:?}", session.policies);
            assert!(
                policy.contains("iam:UpdateAccessKey") && !policy.contains("ec2:CreateTags"),
                "{policy}"
            );
        });
    });
}

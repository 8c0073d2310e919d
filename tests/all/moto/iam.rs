//! Users and roles against moto. Its known gap: it has no `SimulatePrincipalPolicy`, so that a denial is in force cannot be read back
//! from it and comes out as *unreadable*, never as verified; the range shows that half. It has no `LookupEvents` either, so
//! that who used something lately is a warning.

use quell::action::{ActionName, Choices, Expectation, IamState, Outcome, Plan, Request, Verdict};
use quell::cloud::ConnectOptions;
use quell::domain::ResourceKind;
use quell::runtime::Run;
use serde_json::Value;

use super::{OTHER, REGION};
use crate::support::desk::Desk;
use crate::support::moto::Moto;
use crate::support::room::with_room;

/// Applies a plan: every call was accepted, and all that moto can show is read back.
async fn apply(desk: &Desk, plan: Plan) -> Run {
    let run = desk.apply(plan, &mut |_| {}).await.unwrap();
    assert_eq!(run.trouble, None);
    let applied = |o: &Outcome| matches!(o, Outcome::Applied { .. });
    assert!(run.outcomes.iter().all(applied), "{:?}", run.outcomes);
    for check in desk.verify(&run, || {}).await {
        match &check.expectation {
            Expectation::Iam(
                IamState::UserDenied { .. } | IamState::RoleDenied { .. } | IamState::OlderSessionsDenied { .. },
            ) => {
                assert!(matches!(check.verdict, Verdict::Unreadable(_)), "{check:?}");
            }
            _ => assert_eq!(check.verdict, Verdict::Verified, "{}", check.expectation),
        }
    }
    run
}

#[test]
fn a_user_and_a_role_are_contained_and_restored() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        stranger.run("iam_on_moto.py", &["make"]);
        let show = || stranger.run("iam_on_moto.py", &["show"]);
        let before = show();
        // What moto does not know it answers as a server that failed; nothing is won by asking again.
        let options = ConnectOptions {
            attempts: 1,
            ..moto.options(REGION)
        };
        let desk = Desk::open(options).await;
        let request = |action, kind, target, choices: &[(&str, &str)]| Request {
            choices: choices
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect::<Choices>(),
            ..desk.request(action, OTHER, REGION, kind, target)
        };
        let (user, role) = (ResourceKind::User, ResourceKind::Role);

        let detach = request(ActionName::DetachUserPolicies, user, "deploy-bot", &[("groups", "yes")]);
        let run = apply(&desk, desk.plan(&detach).await.unwrap()).await;
        assert_eq!(run.outcomes.len(), 3);
        let bare = show();
        for what in ["inline", "managed", "groups"] {
            let left = &bare[what];
            let empty = left.as_object().is_some_and(serde_json::Map::is_empty) || *left == Value::Array(Vec::new());
            assert!(empty, "{what}: {left}");
        }
        apply(&desk, desk.undo(run.seq).await.unwrap()).await;
        assert_eq!(show(), before);

        let contain = request(ActionName::ContainUser, user, "deploy-bot", &[]);
        let run = apply(&desk, desk.plan(&contain).await.unwrap()).await;
        let contained = show();
        assert_eq!(contained["keys"], serde_json::json!(["Inactive", "Inactive"]));
        let deny = &contained["inline"]["quell-contain-INC-7"]["Statement"][0];
        assert_eq!((&deny["Effect"], &deny["Action"]), (&"Deny".into(), &"*".into()));
        apply(&desk, desk.undo(run.seq).await.unwrap()).await;
        assert_eq!(show(), before);

        let close = request(ActionName::ContainRole, role, "pay", &[("how", "both")]);
        let run = apply(&desk, desk.plan(&close).await.unwrap()).await;
        let closed = show();
        assert_eq!(closed["trust"]["Statement"][0]["Effect"], "Deny");
        assert_eq!(closed["role"]["quell-contain-INC-7"]["Statement"][0]["Effect"], "Deny");
        apply(&desk, desk.undo(run.seq).await.unwrap()).await;
        assert_eq!(show(), before);

        let revoke = request(ActionName::RevokeRoleSessions, role, "pay", &[]);
        let run = apply(&desk, desk.plan(&revoke).await.unwrap()).await;
        let revoked = show();
        let policies = revoked["role"].as_object().unwrap();
        let (_, policy) = policies.iter().find(|(n, _)| n.starts_with("quell-revoke-")).unwrap();
        let condition = &policy["Statement"][0]["Condition"]["DateLessThan"];
        assert!(condition["aws:TokenIssueTime"].is_string(), "{policy}");
        apply(&desk, desk.undo(run.seq).await.unwrap()).await;
        assert_eq!(show(), before);

        let for_good = request(ActionName::ContainUser, user, "deploy-bot", &[("delete-login", "yes")]);
        apply(&desk, desk.plan(&for_good).await.unwrap()).await;
        assert_eq!(show()["login"], false);
    });
}

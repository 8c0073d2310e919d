//! `revoke-role-sessions`: who holds a session of the role is out once the deny has spread, and not before.

use std::time::Duration;

use quell::action::{ActionName, Check, Choices, RefusalKind, Request, Verdict};
use quell::cloud::{Clock, ConnectOptions};
use quell::domain::{Resource, ResourceKind};
use quell::journal::What;
use quell::range::services::iam::Role;
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use super::thief::Thief;
use crate::support::desk::Desk;
use crate::support::ground::{Ground, PROD, VIRGINIA, options};
use crate::support::people;
use crate::support::room::with_room;

five_cases! {
    before_now: BEFORE_NOW;
    one_session: ONE_SESSION;
    one_person: ONE_PERSON;
}

fn request(ground: &Ground) -> Request {
    ground.request(ActionName::RevokeRoleSessions, ResourceKind::Role, VIRGINIA, "pay")
}

fn only(ground: &Ground, choice: &str, value: &str) -> Request {
    Request {
        choices: Choices::from([(choice.to_owned(), value.to_owned())]),
        ..request(ground)
    }
}

const BEFORE_NOW: Case = Case {
    request,
    calls: &["iam:PutRolePolicy"],
    applied,
    refusals: &[
        Refused {
            name: "unknown",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Role, "nobody"),
            kind: RefusalKind::Gone,
            says: "nobody",
        },
        Refused {
            name: "service-linked",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Role, "AWSServiceRoleForSupport"),
            kind: RefusalKind::WrongTarget,
            says: "its sessions cannot be revoked",
        },
        Refused {
            name: "of Identity Center",
            spoil: |_, request| {
                request.target = Resource::new(ResourceKind::Role, "AWSReservedSSO_Admin_0123456789abcdef");
            },
            kind: RefusalKind::WrongTarget,
            says: "IAM Identity Center",
        },
        Refused {
            name: "the responder's own",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Role, "quell-responder"),
            kind: RefusalKind::Unsafe,
            says: "lock you out",
        },
        Refused {
            name: "no room for the deny",
            spoil: |ground, _| {
                let padding = "x".repeat(10_100);
                let text =
                    format!(r#"{{"Statement":{{"Sid":"{padding}","Effect":"Allow","Action":"a:b","Resource":"*"}}}}"#);
                meddle(ground, |role| {
                    let policy = quell::range::policy::Policy::identity(&text).unwrap();
                    role.grants.inline.insert("full".to_owned(), policy);
                });
            },
            kind: RefusalKind::Unsafe,
            says: "of the 10240 characters",
        },
        Refused {
            name: "a role of another account",
            spoil: |_, request| {
                request.target = Resource::new(ResourceKind::Role, "arn:aws:iam::111111111111:role/team/pay");
            },
            kind: RefusalKind::WrongTarget,
            says: "is not in account 333333333333",
        },
        Refused {
            name: "an ARN that names no role",
            spoil: |_, request| {
                request.target = Resource::new(ResourceKind::Role, "arn:aws:iam::333333333333:user/deploy-bot");
            },
            kind: RefusalKind::WrongTarget,
            says: "names no role",
        },
        Refused {
            name: "a session that cannot be",
            spoil: |ground, request| *request = only(ground, "session", "*"),
            kind: RefusalKind::BadChoice,
            says: "session cannot be",
        },
        Refused {
            name: "two choices at once",
            spoil: |ground, request| {
                *request = only(ground, "session", "i-1");
                request.choices.insert("source-identity".to_owned(), "ann".to_owned());
            },
            kind: RefusalKind::BadChoice,
            says: "Both",
        },
    ],
    stale: &[
        Stale {
            name: "another role has the name",
            change: |ground, _| meddle(ground, |role| "AROAANOTHER000000000".clone_into(&mut role.id)),
            says: "iam:GetRole: it was",
        },
        Stale {
            name: "it was deleted",
            change: |ground, _| {
                ground.range.with_world(|world| {
                    let account = world.accounts.get_mut(&PROD.parse().unwrap()).unwrap();
                    account.iam.roles.remove("pay");
                });
            },
            says: "does not find it",
        },
    ],
    undo: Undo::Restores,
};

const ONE_SESSION: Case = Case {
    request: |ground| only(ground, "session", "thief"),
    applied: |ground, run| {
        let id = meddle(ground, |role| role.id.clone());
        assert_eq!(
            written(ground, run)["StringEquals"]["aws:userid"],
            format!("{id}:thief")
        );
    },
    ..BEFORE_NOW
};

const ONE_PERSON: Case = Case {
    request: |ground| only(ground, "source-identity", "mallory"),
    applied: |ground, run| {
        assert_eq!(written(ground, run)["StringEquals"]["aws:SourceIdentity"], "mallory");
    },
    ..BEFORE_NOW
};

fn meddle<T>(ground: &Ground, change: impl FnOnce(&mut Role) -> T) -> T {
    ground.range.with_world(|world| people::role(world, "pay", change))
}

/// The condition of the policy that the plan put there.
fn written(ground: &Ground, _: &Run) -> serde_json::Value {
    let text = meddle(ground, |role| {
        let name = role.grants.inline.keys().find(|n| n.starts_with("quell-revoke-INC-7-"));
        role.grants.inline[name.unwrap()].text.clone()
    });
    let policy: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(policy["Statement"][0]["Effect"], "Deny");
    policy["Statement"][0]["Condition"].clone()
}

fn applied(ground: &Ground, run: &Run) {
    let condition = written(ground, run);
    // The plan leaves it open; the intent says it.
    let intent = ground.records().into_iter().find_map(|record| match record.what {
        What::Intent { plan, mutation, .. } if plan == run.seq => Some((record.time, mutation)),
        _ => None,
    });
    let (sent, mutation) = intent.unwrap();
    let cut = sent + jiff::SignedDuration::from_secs(30);
    assert!(
        mutation.phrase().contains(&format!("issued before {cut:.0}")),
        "{}",
        mutation.phrase()
    );
    let planned = run.plan.draft.calls[0].phrase();
    assert!(
        planned.contains("issued before 30 seconds after this is sent"),
        "{planned}"
    );
    assert_eq!(condition["DateLessThan"]["aws:TokenIssueTime"], format!("{cut:.0}"));
    let draft = &run.plan.draft;
    let warned = |part: &str| draft.warnings.iter().any(|w| w.contains(part));
    for part in [
        "contain-role closes it",
        "replace its instance profile first",
        "pending until",
    ] {
        assert!(warned(part), "{part}: {:?}", draft.warnings);
    }
    let named = |part: &str| draft.neighbours.iter().any(|n| n.contains(part));
    assert!(named("pay-hosts"), "{:?}", draft.neighbours);
    assert!(named("no record that role pay was used"), "{:?}", draft.neighbours);
}

/// Until IAM's evaluation denies such a session, the revoke is pending, whatever AWS answered and whatever stands in the role; and for
/// so long the thief is in.
#[test]
fn revoke_says_pending() {
    with_room(async || {
        let ground = Ground::new().await;
        ground
            .range
            .with_world(|world| world.iam_delay = Duration::from_secs(150));
        let thief = Thief::new(&ground).session("thief").await.unwrap();
        assert!(thief.is_in().await);
        let plan = ground.plan(&request(&ground)).await.unwrap();
        let run = ground.apply(plan).await.unwrap();
        assert_eq!(run.trouble, None, "AWS accepted it");
        assert!(thief.is_in().await, "it has not spread yet");

        // Only the clock of the range moves, from look to look.
        let wait = || {
            let spread = Duration::from_secs(160);
            ground.range.with_world(|world| world.clock.advance(spread));
        };
        let looks: Vec<Vec<Check>> = ground.looks(&run, wait).await;
        let seen: Vec<&Verdict> = looks.iter().flatten().map(|check| &check.verdict).collect();
        assert!(
            matches!(&seen[0], Verdict::Pending(far) if far.contains("IAM's evaluation does not apply it yet")),
            "{seen:?}"
        );
        assert_eq!(seen.last(), Some(&&Verdict::Verified), "{seen:?}");
        assert!(!thief.is_in().await, "the thief is out");
        let line = looks[0][0].expectation.to_string();
        assert!(
            line.contains("is in force: IAM denies the sessions of role pay"),
            "{line}"
        );

        // As the plan says: whoever may assume the role can do so again.
        let again = Thief::new(&ground).session("thief").await.unwrap();
        assert!(again.is_in().await, "a session issued after the cut is not ended");
    });
}

#[test]
fn one_session_is_ended_and_its_neighbour_is_not() {
    with_room(async || {
        let ground = Ground::new().await;
        let key = Thief::new(&ground);
        let (thief, worker) = (
            key.session("thief").await.unwrap(),
            key.session("worker").await.unwrap(),
        );
        let plan = ground.plan(&only(&ground, "session", "thief")).await.unwrap();
        ground.apply(plan).await.unwrap();
        assert!(!thief.is_in().await);
        assert!(worker.is_in().await);
    });
}

/// The other half: a closed trust keeps new sessions from being made and leaves old ones alone; a deny is for all of them.
#[test]
fn a_contained_role_lets_nobody_in_again() {
    with_room(async || {
        let ground = Ground::new().await;
        let key = Thief::new(&ground);
        let thief = key.session("thief").await.unwrap();
        // By the ARN of the session, as a finding has it.
        let session = format!("arn:aws:sts::{PROD}:assumed-role/pay/thief");
        let contain = |how: &str| Request {
            action: ActionName::ContainRole,
            target: Resource::new(ResourceKind::Role, session.as_str()),
            ..only(&ground, "how", how)
        };
        ground
            .apply(ground.plan(&contain("trust")).await.unwrap())
            .await
            .unwrap();
        assert!(thief.is_in().await);
        let refused = key.session("again").await.err().unwrap();
        assert!(refused.contains("AccessDenied"), "{refused}");
        ground
            .apply(ground.plan(&contain("deny")).await.unwrap())
            .await
            .unwrap();
        assert!(!thief.is_in().await);
    });
}

/// A user's deny binds its key at once where it is in force; the role's session goes on, as the plan says.
#[test]
fn a_contained_user_is_out_and_the_role_that_it_assumed_is_named() {
    with_room(async || {
        let ground = Ground::new().await;
        let key = Thief::new(&ground);
        let thief = key.session("thief").await.unwrap();
        assert!(key.is_in().await && thief.is_in().await);
        let contain = ground.request(ActionName::ContainUser, ResourceKind::User, VIRGINIA, "deploy-bot");
        let plan = ground.plan(&contain).await.unwrap();
        let named = |part: &str| plan.draft.warnings.iter().any(|w| w.contains(part));
        assert!(named("role/team/pay"), "{:?}", plan.draft.warnings);
        ground.apply(plan).await.unwrap();
        assert!(key.session("again").await.is_err(), "the key is off");
        assert!(thief.is_in().await, "a role's session is another thing");
    });
}

/// A session's key is never switched off; whose it is, CloudTrail knows.
#[test]
fn a_sessions_key_is_routed_to_its_role() {
    with_room(async || {
        let ground = Ground::new().await;
        let thief = Thief::new(&ground).session("thief").await.unwrap();
        assert!(thief.is_in().await);
        let key = ground.range.with_world(|world| {
            let mine = world.sessions.values().find(|s| s.role == "pay").unwrap();
            mine.access_key.clone()
        });
        let request = ground.request(ActionName::DisableAccessKey, ResourceKind::AccessKey, VIRGINIA, &key);
        let refusal = ground.plan(&request).await.unwrap_err().to_string();
        for part in [
            "session thief of role pay",
            "revoke-role-sessions on role pay",
            "session=thief",
        ] {
            assert!(refusal.contains(part), "{refusal}");
        }
    });
}

/// However long a plan waits to be confirmed, sessions that were issued meanwhile end too: what it denies by is when it is sent.
#[test]
fn a_plan_that_waited_ends_the_sessions_of_meanwhile_too() {
    with_room(async || {
        let ground = Ground::new().await;
        let plan = ground.plan(&request(&ground)).await.unwrap();
        let wait = Duration::from_mins(10);
        ground.range.with_world(|world| world.clock.advance(wait));
        let thief = Thief::new(&ground).session("meanwhile").await.unwrap();
        assert!(thief.is_in().await);
        let run = ground.apply(plan).await.unwrap();
        assert_eq!(run.trouble, None);
        assert!(!thief.is_in().await);
        for check in ground.verify(&run).await {
            assert_eq!(check.verdict, Verdict::Verified, "{}", check.expectation);
        }
    });
}

/// A console beside the ground's own, whose clock says something else than AWS's.
async fn off_by(ground: &Ground, minutes: i64) -> Desk {
    let range = ground.range.clone();
    let clock = move || range.with_world(|world| world.now() + jiff::SignedDuration::from_mins(minutes));
    Desk::open(ConnectOptions {
        clock: Clock::new(clock),
        ..options(&ground.range, &ground.login, &ground.login.responder)
    })
    .await
}

/// AWS dates the sessions that it issues by its own clock. A cut by a clock that is four minutes behind would leave the last
/// three and a half minutes' sessions in; one by a clock that is ahead reaches further than it must, and so all of them.
#[test]
fn a_wrong_clock_leaves_no_session_in() {
    with_room(async || {
        for minutes in [-4, 4] {
            let ground = Ground::new().await;
            let desk = off_by(&ground, minutes).await;
            let at_aws = ground.range.with_world(|world| world.now());
            let thief = Thief::new(&ground).session("thief").await.unwrap();
            assert!(thief.is_in().await);
            let request = Request {
                at: desk.cloud.now(),
                ..request(&ground)
            };
            let run = desk
                .apply(desk.plan(&request).await.unwrap(), &mut |_| {})
                .await
                .unwrap();
            assert_eq!(run.trouble, None);
            assert!(!thief.is_in().await, "{minutes} minutes off");

            // What the intent says was sent, to the second.
            let ahead = jiff::SignedDuration::from_mins(minutes.max(0));
            let cut = at_aws + ahead + jiff::SignedDuration::from_secs(30);
            let sent = written(&ground, &run)["DateLessThan"]["aws:TokenIssueTime"].clone();
            assert_eq!(sent, format!("{cut:.0}"), "{minutes} minutes off");
            let intent = desk.records().into_iter().find_map(|record| match record.what {
                What::Intent { mutation, .. } => Some((record.time, mutation.phrase())),
                _ => None,
            });
            let (written_at, phrase) = intent.unwrap();
            assert!(phrase.contains(&format!("issued before {cut:.0}")), "{phrase}");
            assert_eq!(written_at, desk.cloud.now(), "the journal keeps its own time");
            let checks = desk.verify(&run, || {}).await;
            assert_eq!(checks.last().unwrap().verdict, Verdict::Verified, "{checks:?}");
        }
    });
}

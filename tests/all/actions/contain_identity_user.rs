//! `contain-identity-user`: a user with an assignment of its own, and two groups, one of which has an assignment.

use quell::action::{ActionName, Mutation, Plan, RefusalKind, Request, Verdict};
use quell::domain::{Resource, ResourceKind};
use quell::range::call::ApiError;
use quell::range::fault::{Fault, Kind};
use quell::range::services::sso::{Assignment, Store, User};
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, SEOUL, VIRGINIA};
use crate::support::room::with_room;

use crate::support::ground::MANAGEMENT;
pub const USER: &str = "906712345a-5f3c2a10-3c61-4d8e-9a27-0b1c2d3e4f50";
const OTHER: &str = "906712345a-11111111-3c61-4d8e-9a27-0b1c2d3e4f50";
const GROUPS: [&str; 2] = [
    "906712345a-22222222-3c61-4d8e-9a27-0b1c2d3e4f50",
    "906712345a-33333333-3c61-4d8e-9a27-0b1c2d3e4f50",
];
const MEMBERSHIPS: [&str; 3] = [
    "906712345a-44444444-3c61-4d8e-9a27-0b1c2d3e4f50",
    "906712345a-55555555-3c61-4d8e-9a27-0b1c2d3e4f50",
    "906712345a-66666666-3c61-4d8e-9a27-0b1c2d3e4f50",
];
const ADMIN: &str = "arn:aws:sso:::permissionSet/ssoins-7223a1b2c3d4e5f6/ps-1111aaaa2222bbbb";
const VIEWER: &str = "arn:aws:sso:::permissionSet/ssoins-7223a1b2c3d4e5f6/ps-3333cccc4444dddd";

five_cases! {
    user: CASE;
}

const CASE: Case = Case {
    request,
    calls: &[
        "organizations:CreatePolicy",
        "organizations:AttachPolicy",
        "sso:DeleteAccountAssignment",
        "identitystore:DeleteGroupMembership",
        "identitystore:DeleteGroupMembership",
    ],
    applied,
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::User, "deploy-bot"),
            kind: RefusalKind::WrongTarget,
            says: "a user, not an Identity Center user",
        },
        Refused {
            name: "neither an id nor a name",
            spoil: |_, request| request.target = Resource::new(ResourceKind::IdentityUser, "ann smith"),
            kind: RefusalKind::WrongTarget,
            says: "is not an Identity Center user name",
        },
        Refused {
            name: "a name that nobody has",
            spoil: |_, request| request.target = Resource::new(ResourceKind::IdentityUser, "eve@example.com"),
            kind: RefusalKind::Gone,
            says: "USER not found",
        },
        Refused {
            name: "unknown",
            spoil: |_, request| {
                request.target = Resource::new(ResourceKind::IdentityUser, GROUPS[0]);
            },
            kind: RefusalKind::Gone,
            says: "USER not found",
        },
        Refused {
            name: "asked in another region",
            spoil: |_, request| request.region = VIRGINIA.parse().unwrap(),
            kind: RefusalKind::Gone,
            says: "no instance of IAM Identity Center",
        },
        Refused {
            name: "oneself",
            spoil: |_, request| {
                "arn:aws:sts::222222222222:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ann"
                    .clone_into(&mut request.by);
            },
            kind: RefusalKind::Unsafe,
            says: "seems to be you",
        },
        Refused {
            name: "policies are not enabled",
            spoil: |ground, _| ground.range.with_world(|world| world.organization.scps.enabled = false),
            kind: RefusalKind::Unsafe,
            says: "not enabled",
        },
    ],
    stale: &[
        Stale {
            name: "it got another assignment",
            change: |ground, _| {
                center(ground, |center| {
                    center.assignments.insert(assignment("222222222222", VIEWER, USER));
                });
            },
            says: "sso:ListAccountAssignmentsForPrincipal: it was",
        },
        Stale {
            name: "it left a group",
            change: |ground, _| {
                center(ground, |center| {
                    center.memberships.remove(MEMBERSHIPS[0]);
                });
            },
            says: "identitystore:ListGroupMembershipsForMember: it was",
        },
    ],
    undo: Undo::Restores,
};

fn request(ground: &Ground) -> Request {
    Request {
        account: MANAGEMENT.parse().unwrap(),
        ..ground.request(ActionName::ContainIdentityUser, ResourceKind::IdentityUser, SEOUL, USER)
    }
}

fn assignment(account: &str, permission_set: &str, principal: &str) -> Assignment {
    Assignment {
        account: account.parse().unwrap(),
        permission_set: permission_set.to_owned(),
        principal: principal.to_owned(),
    }
}

/// The instance that every ground has.
pub fn instance() -> Store {
    let user = |name: &str| User {
        name: name.to_owned(),
        issuer: Some("https://idp.acme.example".to_owned()),
        disabled: false,
    };
    let member =
        |membership: &str, group: &str, user: &str| (membership.to_owned(), (group.to_owned(), user.to_owned()));
    Store {
        home: SEOUL.parse().unwrap(),
        instance: "arn:aws:sso:::instance/ssoins-7223a1b2c3d4e5f6".to_owned(),
        store: "d-906712345a".to_owned(),
        users: [(USER.to_owned(), user("ann")), (OTHER.to_owned(), user("bob"))].into(),
        groups: [
            (GROUPS[0].to_owned(), "ops".to_owned()),
            (GROUPS[1].to_owned(), "all".to_owned()),
        ]
        .into(),
        memberships: [
            member(MEMBERSHIPS[0], GROUPS[0], USER),
            member(MEMBERSHIPS[1], GROUPS[1], USER),
            member(MEMBERSHIPS[2], GROUPS[0], OTHER),
        ]
        .into(),
        assignments: [
            assignment(PROD, ADMIN, USER),
            assignment(MANAGEMENT, VIEWER, GROUPS[0]),
            assignment(PROD, VIEWER, OTHER),
        ]
        .into(),
        permission_sets: [
            (ADMIN.to_owned(), "Administrators".to_owned()),
            (VIEWER.to_owned(), "ViewOnly".to_owned()),
        ]
        .into(),
    }
}

fn center(ground: &Ground, change: impl FnOnce(&mut Store)) {
    ground
        .range
        .with_world(|world| change(world.identity_center.as_mut().unwrap()));
}

fn applied(ground: &Ground, run: &Run) {
    center(ground, |center| {
        assert!(
            center.memberships.values().all(|(_, user)| user == OTHER),
            "{:?}",
            center.memberships
        );
        assert!(
            center.assignments.iter().all(|a| a.principal != USER),
            "{:?}",
            center.assignments
        );
        assert_eq!(center.assignments.len(), 2, "nobody else loses anything");
    });
    ground.range.with_world(|world| {
        let scps = &world.organization.scps;
        let on = scps.on("r-1111");
        let made = on.iter().find(|id| *id != "p-FullAWSAccess").unwrap();
        let text = &scps.all[made].policy.text;
        assert!(text.contains(&format!(r#""identitystore:UserId":"{USER}""#)), "{text}");
    });
    // Whom and what it is about has its name on the plan, and its id beside it.
    assert_eq!(
        phrases(&run.plan)[0],
        "take Administrators in prod from ann (account 333333333333, ps-1111aaaa2222bbbb)"
    );
    assert_eq!(
        phrases(&run.plan)[1],
        format!(
            "take ann out of ops (group {}, membership {})",
            GROUPS[0], MEMBERSHIPS[0]
        )
    );
    // What only people can do stands on the plan in its order: the provider, the sessions, the user.
    let warnings = &run.plan.draft.warnings;
    let place = |part: &str| {
        warnings
            .iter()
            .position(|w| w.contains(part))
            .unwrap_or_else(|| panic!("{part}: {warnings:?}"))
    };
    let order = [
        "12 hours",
        "does not bind the management account",
        "at the identity provider",
        "end the portal sessions",
        "By hand, last",
    ];
    let places: Vec<usize> = order.into_iter().map(place).collect();
    assert!(places.is_sorted(), "{warnings:?}");
}

/// What the calls of Identity Center are in words.
fn phrases(plan: &Plan) -> Vec<String> {
    let calls = plan.draft.calls.iter();
    let own = calls.filter(|call| matches!(call.mutation, Mutation::Sso(_)));
    own.map(quell::action::PlannedCall::phrase).collect()
}

/// A name that cannot be read is no reason to wait: the id stands there instead.
#[test]
fn without_names_the_ids_are_shown() {
    with_room(async || {
        let ground = Ground::new().await;
        center(&ground, |center| {
            center.permission_sets.clear();
        });
        ground.range.fail(Fault {
            operation: Some("DescribeAccount".to_owned()),
            kind: Kind::Error(ApiError::new(400, "AccessDeniedException", "Not today.")),
            ..Fault::default()
        });
        let plan = ground.plan(&request(&ground)).await.unwrap();
        assert_eq!(
            phrases(&plan)[0],
            format!("{USER}: no longer ps-1111aaaa2222bbbb in account {PROD}")
        );
    });
}

/// What was done half by hand before is not done again, and is not undone.
#[test]
fn what_is_gone_already_is_left_to_whoever_took_it() {
    with_room(async || {
        let ground = Ground::new().await;
        center(&ground, |center| {
            center.assignments.remove(&assignment(PROD, ADMIN, USER));
            center.memberships.remove(MEMBERSHIPS[0]);
            center.memberships.remove(MEMBERSHIPS[1]);
        });
        let run = ground
            .apply(ground.plan(&request(&ground)).await.unwrap())
            .await
            .unwrap();
        assert_eq!(run.plan.draft.calls.len(), 2, "the denial alone");
        let again = ground.plan(&request(&ground)).await.unwrap_err();
        assert!(
            again.to_string().contains("is denied, and has no assignment"),
            "{again}"
        );
        let undo = ground.undo(run.seq).await.unwrap();
        assert_eq!(
            undo.permissions(),
            ["organizations:DeletePolicy", "organizations:DetachPolicy"]
        );
    });
}

#[test]
fn the_user_is_found_by_the_name_that_a_session_has() {
    with_room(async || {
        let ground = Ground::new().await;
        let by_id = ground.plan(&request(&ground)).await.unwrap();
        let named = Request {
            target: Resource::new(ResourceKind::IdentityUser, "ann"),
            ..request(&ground)
        };
        let by_name = ground.plan(&named).await.unwrap();
        assert_eq!(by_name.draft.calls, by_id.draft.calls);
        let before = ground.state();
        let run = ground.apply(by_name).await.unwrap();
        assert_eq!(run.trouble, None);
        applied(&ground, &run);
        let undo = ground.undo(run.seq).await.unwrap();
        assert_eq!(
            phrases(&undo),
            [
                "give Administrators in prod to ann again (account 333333333333, ps-1111aaaa2222bbbb)".to_owned(),
                format!("put ann into ops again (group {})", GROUPS[0]),
                format!("put ann into all again (group {})", GROUPS[1]),
            ]
        );
        let undone = ground.apply(undo).await.unwrap();
        assert_eq!(undone.trouble, None);
        for check in ground.verify(&undone).await {
            assert_eq!(check.verdict, Verdict::Verified, "{}", check.expectation);
        }
        assert_eq!(ground.state(), before);
    });
}

//! Steps of incidents that name several things: which one is planned, and when the step is done.

use super::super::chooser::Choice;
use super::super::playbook::{self, StepState, StepView};
use super::super::progress::{self, Progress};
use super::super::state::{Prompt, Screen};
use super::super::testing::{ME, apart, finding, found, merged, press, recorded, said};
use super::super::{Event, Mode, testing};
use super::*;
use crate::action::{Draft, Facts, Plan, Request};
use crate::domain::{Principal, Untrusted};
use crate::findings::incident::named_by;
use crate::journal::What;

/// An incident of three instances in three accounts, opened.
fn three() -> State {
    let mut state = merged([apart(1, 8.0), apart(2, 7.0), apart(3, 6.0)]);
    press(&mut state, "enter");
    state
}

fn choice(state: &State) -> &Choice {
    match &state.prompt {
        Some(Prompt::Target(choice)) => choice,
        other => panic!("{other:?}"),
    }
}

fn planned(state: &State) -> Request {
    match state.screen() {
        Screen::Plan(plan) => plan.request.clone(),
        other => panic!("{other:?}"),
    }
}

/// The journal says that a plan was confirmed, and that nothing was left to do.
fn went_out(state: &mut State, request: Request) {
    drafted(state, request, Draft::default());
}

/// The same of a plan that had this in it.
fn drafted(state: &mut State, request: Request, draft: Draft) {
    let seq = state.journal.last().map_or(0, |last| last.seq) + 1;
    let incident = request.incident.clone();
    let plan = Plan::new(request, draft, Facts::default());
    let what = What::Confirmed {
        digest: plan.digest(),
        plan: Box::new(plan),
        rule: None,
    };
    recorded(state, seq, ME, &incident, what);
}

fn isolate(state: &State) -> StepView {
    let Screen::Incident(open) = state.screen() else {
        panic!("{:?}", state.screen());
    };
    let steps = playbook::steps(state, &open.incident);
    steps.into_iter().find(|s| s.step == Step::Isolate).unwrap()
}

#[test]
fn each_of_several_is_chosen_by_hand_and_the_step_is_done_after_the_last() {
    let mut state = three();
    for (done, finding) in [apart(1, 8.0), apart(2, 7.0), apart(3, 6.0)].iter().enumerate() {
        let view = isolate(&state);
        assert_eq!(view.state, StepState::Todo);
        if done > 0 {
            assert!(view.note.starts_with(&format!("{done} of 3 done: ")), "{}", view.note);
        }
        assert!(press(&mut state, "i").is_empty(), "nothing is taken unasked");
        let all = choice(&state).all.iter().map(|t| t.resource.clone());
        let at = all
            .collect::<Vec<_>>()
            .iter()
            .position(|r| *r == finding.resource)
            .unwrap();
        for _ in 0..choice(&state).all.len() {
            press(&mut state, "up");
        }
        for _ in 0..at {
            press(&mut state, "j");
        }
        press(&mut state, "enter");
        let request = planned(&state);
        assert_eq!((&request.target, request.account), (&finding.resource, finding.account));
        went_out(&mut state, request);
        press(&mut state, "esc");
    }
    let view = isolate(&state);
    assert_eq!(view.state, StepState::Done);
    assert!(view.note.starts_with("3 of 3 done: "), "{}", view.note);
}

#[test]
fn the_first_of_two_plans_is_not_all_of_it() {
    let mut state = three();
    press(&mut state, "i");
    press(&mut state, "enter");
    let request = planned(&state);
    let first = Draft {
        then: Some("plan it again when the copies are complete".to_owned()),
        ..Draft::default()
    };
    drafted(&mut state, request.clone(), first);
    press(&mut state, "esc");
    let view = isolate(&state);
    assert_ne!(view.state, StepState::Done);
    assert!(
        view.note.contains("plan it again when the copies are complete"),
        "{}",
        view.note
    );
    went_out(&mut state, request);
    let view = isolate(&state);
    assert!(view.note.starts_with("1 of 3 done: "), "{}", view.note);
}

#[test]
fn the_cursor_stands_on_what_the_opened_finding_names() {
    let mut state = three();
    for number in [3, 1, 2] {
        let opened = apart(number, 1.0);
        let Some(Screen::Incident(open)) = state.screens.last_mut() else {
            panic!("no incident");
        };
        let member = open.incident.members.iter().find(|f| f.key() == opened.key());
        open.finding = Arc::clone(member.unwrap());
        press(&mut state, "s");
        let choice = choice(&state);
        assert_eq!(choice.all[choice.at].resource, opened.resource);
        assert!(press(&mut state, "esc").is_empty());
        assert!(state.prompt.is_none());
    }
}

#[test]
fn one_finding_may_name_several_and_a_name_in_another_account_is_another() {
    let mut first = apart(1, 8.0);
    first.others = vec![apart(9, 1.0).resource, first.resource.clone()];
    let elsewhere = Finding {
        resource: first.resource.clone(),
        ..apart(2, 7.0)
    };
    let incident = Incident {
        members: vec![
            Arc::new(first.clone()),
            Arc::new(elsewhere.clone()),
            Arc::new(first.clone()),
        ],
        ..Incident::alone(Arc::new(first.clone()))
    };
    let state = testing::state(Mode::Respond, Vec::new());
    let all = targets(&state, Step::Isolate, &incident);
    let isolated = all.iter().filter(|t| t.action == ActionName::IsolateInstance);
    let all: Vec<_> = isolated.map(|t| (&t.resource, t.finding.account)).collect();
    assert_eq!(
        all,
        [
            (&first.resource, first.account),
            (&first.others[0], first.account),
            (&elsewhere.resource, elsewhere.account)
        ]
    );
}

/// A finding that names so many instances beside its own, of which a rule that is too wide made one incident.
fn wide(others: usize) -> State {
    let mut first = apart(1, 8.0);
    let instance = |n| Resource::new(ResourceKind::Instance, format!("i-{n:017x}"));
    first.others = (0..others).map(|n| instance(n + 100)).collect();
    let mut state = merged([first]);
    press(&mut state, "enter");
    state
}

#[test]
fn of_very_many_things_some_are_named_and_all_are_counted_and_offered() {
    let mut state = wide(400);
    let step = isolate(&state);
    assert_eq!(step.state, StepState::Todo);
    assert!(step.note.starts_with("0 of 401 done: "), "{}", step.note);
    assert!(step.note.ends_with("; and 389 more"), "{}", step.note);
    press(&mut state, "i");
    let of_instance = |t: &&Target| t.action == ActionName::IsolateInstance;
    assert_eq!(choice(&state).all.iter().filter(of_instance).count(), 401);
}

#[test]
fn where_all_of_very_many_things_are_done_the_step_is_done() {
    let mut state = wide(59);
    for done in 0..60 {
        let said = isolate(&state).note;
        assert!(said.starts_with(&format!("{done} of 60 done: ")), "{said}");
        press(&mut state, "i");
        // The last first, so that what is done is not among the first that are looked at.
        let at = choice(&state).all.iter().rposition(|t| {
            t.action == ActionName::IsolateInstance
                && !state
                    .journal
                    .iter()
                    .any(|r| matches!(&r.what, What::Confirmed { plan, .. } if plan.request.target == t.resource))
        });
        if let (Some(Prompt::Target(choice)), Some(at)) = (&mut state.prompt, at) {
            choice.at = at;
        }
        press(&mut state, "enter");
        let request = planned(&state);
        went_out(&mut state, request);
        press(&mut state, "esc");
    }
    assert_eq!(isolate(&state).state, StepState::Done, "{}", isolate(&state).note);
}

#[test]
fn what_was_undone_is_not_done() {
    let mut state = three();
    press(&mut state, "i");
    press(&mut state, "enter");
    let request = planned(&state);
    went_out(&mut state, request.clone());
    let seq = state.journal.last().unwrap().seq;
    press(&mut state, "esc");
    assert!(isolate(&state).note.starts_with("1 of 3"));
    assert_eq!(isolate(&state).seq, Some(seq));
    went_out(
        &mut state,
        Request {
            undoes: Some(seq),
            ..request
        },
    );
    assert!(isolate(&state).note.starts_with("0 of 3"), "{}", isolate(&state).note);
}

/// A finding about nothing but this key, used by this principal.
fn on_key(key: &str, kind: &str, name: &str) -> Finding {
    Finding {
        resource: Resource::new(ResourceKind::AccessKey, key),
        others: Vec::new(),
        principal: Principal {
            access_key: Some(Untrusted::new(key)),
            name: Some(Untrusted::new(name)),
            kind: Some(Untrusted::new(kind)),
            remote_ip: Some(Untrusted::new("203.0.113.7")),
            remote_place: None,
        },
        ..finding("f-key", 8.0, 5)
    }
}

fn named(finding: &Finding) -> Vec<(String, bool)> {
    let all = named_by(finding).into_iter();
    all.map(|n| (format!("{} {}", n.resource.kind.word(), n.resource), n.plainly))
        .collect()
}

#[test]
fn what_is_behind_a_key_and_where_the_calls_came_from_is_named_too() {
    let said = |kind: &str, name: &str| named(&on_key("ASIAIOSFODNN7EXAMPLE", kind, name));
    let key = ("access key ASIAIOSFODNN7EXAMPLE".to_owned(), true);
    let account = on_key("ASIAIOSFODNN7EXAMPLE", "", "").account;
    let rest = [
        ("address 203.0.113.7".to_owned(), false),
        (format!("account {account}"), false),
    ];
    let with = |behind: &str| [&[key.clone(), (behind.to_owned(), true)], &rest[..]].concat();
    assert_eq!(said("AssumedRole", "web"), with("role web"));
    assert_eq!(said("IAMUser", "deploy-bot"), with("user deploy-bot"));
    assert_eq!(
        said("AWSService", "s3"),
        [std::slice::from_ref(&key), &rest[..]].concat()
    );
    // The root user is the account itself, so that the finding is about it.
    assert_eq!(said("Root", "root")[1], (rest[1].0.clone(), true));
}

#[test]
fn a_long_term_key_is_switched_off_and_a_sessions_key_is_not() {
    for (key, is_offered) in [("AKIAIOSFODNN7EXAMPLE", true), ("ASIAIOSFODNN7EXAMPLE", false)] {
        let mut state = testing::state(Mode::Respond, Vec::new());
        let found_one = on_key(key, "AssumedRole", "web");
        let incident = Incident::alone(Arc::new(found_one.clone()));
        let all = targets(&state, Step::Revoke, &incident);
        let offered = all.iter().any(|t| t.action == ActionName::DisableAccessKey);
        assert_eq!(offered, is_offered, "{key}");
        // Every other action that takes what is behind the key is offered for both.
        for action in action::ALL.iter().filter(|a| a.step() == Step::Revoke) {
            let takes_role = action.targets().contains(&ResourceKind::Role);
            let is_there = |t: &Target| t.action == action.name() && t.resource.kind == ResourceKind::Role;
            assert_eq!(all.iter().any(is_there), takes_role, "{}", action.name());
        }
        found(&mut state, [found_one]);
        testing::after(&mut state, 1);
        press(&mut state, "enter");
        press(&mut state, "x");
        if all.is_empty() {
            assert!(said(&state).contains("the key of a session"), "{}", said(&state));
        }
    }
}

#[test]
fn a_thing_is_done_by_any_of_its_actions_and_what_nobody_asked_for_does_not_count() {
    let finding = Arc::new(apart(1, 8.0));
    let target = |action, resource: &Resource, counts| Target {
        action,
        resource: resource.clone(),
        account: finding.account,
        region: finding.region.clone(),
        finding: Arc::clone(&finding),
        counts,
    };
    let account = Resource::new(ResourceKind::Account, finding.account.as_str());
    let all = [
        target(ActionName::IsolateInstance, &finding.resource, true),
        target(ActionName::SnapshotInstance, &finding.resource, false),
        target(ActionName::IsolateInstance, &account, false),
    ];
    let went = |state| {
        Some(Progress {
            state,
            action: ActionName::SnapshotInstance,
            resource: finding.resource.clone(),
            record: 3,
            undoes: None,
            evidence: None,
            missing: None,
            then: None,
        })
    };
    let things = |all, went| progress::things(all, went, |_| Ok(0));
    let nothing = [None, None, None];
    let one = things(&all, &nothing);
    assert_eq!((one.len(), one[0].ways.len(), one[0].state), (1, 2, StepState::Todo));
    let second = [None, went(StepState::Done), None];
    assert_eq!(things(&all, &second)[0].state, StepState::Done);
    let both = [went(StepState::Failed), went(StepState::Done), None];
    assert_eq!(things(&all, &both)[0].state, StepState::Failed);
    let unasked = [None, None, went(StepState::Done)];
    assert_eq!(things(&all, &unasked).len(), 2, "what was done is shown");
    // Where none stands for another, each that counts is to be done.
    let each = progress::things(&all, &nothing, Err);
    assert_eq!((each.len(), each[0].ways.len()), (1, 1), "the snapshot does not count");
    let second = progress::things(&all, &second, Err);
    let states: Vec<StepState> = second.iter().map(|thing| thing.state).collect();
    assert_eq!(states, [StepState::Todo, StepState::Done]);
}

#[test]
fn the_person_behind_a_role_of_identity_center_is_offered_and_the_role_does_not_count() {
    let mut finding = on_key(
        "ASIAIOSFODNN7EXAMPLE",
        "AssumedRole",
        "AWSReservedSSO_Admin_0123456789abcdef",
    );
    finding.others = vec![Resource::new(ResourceKind::IdentityUser, "ann@example.com")];
    let incident = Incident::alone(Arc::new(finding));
    let state = testing::state(Mode::Respond, Vec::new());
    let all = targets(&state, Step::Revoke, &incident);
    let person = all
        .iter()
        .find(|t| t.action == ActionName::ContainIdentityUser)
        .unwrap();
    assert_eq!(person.resource.id.raw(), "ann@example.com");
    assert_eq!(person.account.as_str(), testing::MANAGEMENT);
    assert!(person.counts);
    let role = all.iter().find(|t| t.action == ActionName::RevokeRoleSessions).unwrap();
    assert!(
        !role.counts,
        "it says which action reaches the person, and is not waited for"
    );
}

#[test]
fn the_management_account_is_what_aws_says_unless_it_is_configured() {
    let said: AccountId = "999999999999".parse().unwrap();
    let mut state = testing::state(Mode::Respond, Vec::new());
    testing::send(&mut state, Event::Organization(said));
    assert_eq!(state.management.unwrap().as_str(), testing::MANAGEMENT);
    state.management = None;
    testing::send(&mut state, Event::Organization(said));
    assert_eq!(state.management, Some(said));
}

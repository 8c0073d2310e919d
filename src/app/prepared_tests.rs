//! Plans made ahead: which, how many, and that opening one is a look at a plan like any other.

use super::super::incident::incident_id;
use super::super::plan::Stage as PlanStage;
use super::super::state::Screen;
use super::super::testing::{ME, after, finding, found, press, recorded, rule, send, state};
use super::super::{Event, Mode};
use super::*;
use crate::action::IamQuery;
use crate::action::{AccessKey, AccessKeyUse, Answer, KeyStatus, Policies, Query};
use crate::domain::{ResourceKind, Untrusted};
use crate::findings::Finding;
use crate::journal::What;

/// The key that a finding of this id is about: one of its own.
fn key(id: &str) -> String {
    let own = incident_id(&finding(id, 1.0, 5))
        .trim_start_matches("q-")
        .to_uppercase();
    format!("AKIAIOSF{own}AAAA")
}

/// Whether the finding's incident has a plan that is ready.
fn ready(state: &State, finding: &Finding) -> bool {
    let incident = state.incident_of(&finding.key()).unwrap();
    !super::ready(state, &incident).is_empty()
}

fn preparing() -> State {
    state(Mode::Respond, vec![rule(8.0, Deed::Prepare)])
}

/// A finding about nothing but a key.
fn on_key(id: &str, score: f64) -> Finding {
    Finding {
        resource: Resource::new(ResourceKind::AccessKey, key(id)),
        others: Vec::new(),
        ..finding(id, score, 5)
    }
}

fn reading(state: &State, query: Query) -> Reading {
    let (_, wanted) = state.prepared.reading.as_ref().unwrap();
    let user = "deploy-bot".parse().unwrap();
    let answer = match &query {
        Query::Iam(IamQuery::AccessKeyUse { .. }) => Answer::AccessKeyUse(AccessKeyUse {
            user: Some(user),
            last_used: None,
            service: Untrusted::new(""),
            region: Untrusted::new(""),
        }),
        Query::Iam(IamQuery::AccessKeys { .. }) => Answer::AccessKeys(vec![AccessKey {
            id: wanted.3.id.raw().parse().unwrap(),
            status: KeyStatus::Active,
            created_at: None,
        }]),
        Query::Iam(IamQuery::UserPolicies { .. }) => Answer::Policies(Policies::default()),
        Query::CloudTrail(_) => Answer::Trail(crate::action::Trail::default()),
        other => panic!("{other:?}"),
    };
    Reading {
        query,
        at: state.now,
        request_id: None,
        result: Ok(answer),
    }
}

/// Answers what is read ahead until nothing more is asked; how many rounds that took.
fn answer(state: &mut State, mut effects: Vec<Effect>) -> usize {
    let mut rounds = 0;
    while let Some(effect) = effects.pop() {
        let Effect::Prepare { number, queries, .. } = effect else {
            panic!("nothing but reads ahead: {effect:?}");
        };
        rounds += 1;
        let readings = queries.into_iter().map(|query| reading(state, query)).collect();
        effects = send(state, Event::Read { number, readings });
    }
    rounds
}

#[test]
fn the_step_opens_on_the_plan_while_its_facts_are_fresh() {
    let mut state = preparing();
    let bad = on_key("f-1", 8.0);
    let id = incident_id(&bad);
    found(&mut state, [on_key("f-0", 7.9), bad]);
    let effects = after(&mut state, 1);
    assert_eq!(answer(&mut state, effects), 2, "the key's user, then the user's keys");
    assert_eq!(super::ready(&state, &state.incident(&id).unwrap()), [Step::Revoke]);
    assert!(after(&mut state, 1).is_empty(), "made once");

    press(&mut state, "Enter");
    let views = crate::app::playbook::steps(&state, &state.incident(&id).unwrap());
    let revoke = views.iter().find(|view| view.step == Step::Revoke).unwrap();
    assert!(revoke.note.contains("plan ready, facts 0 min old"), "{}", revoke.note);
    // Several things could be done; the cursor stands on what was made ahead.
    press(&mut state, "x");
    let effects = press(&mut state, "Enter");
    assert!(
        !effects
            .iter()
            .any(|e| matches!(e, Effect::Read { .. } | Effect::Apply(_))),
        "{effects:?}"
    );
    let Screen::Plan(open) = state.screen() else {
        panic!("no plan")
    };
    assert!(matches!(&open.stage, PlanStage::Ready { plan, .. } if plan.before.iter().count() == 4));

    press(&mut state, "Esc");
    let effects = after(&mut state, 300);
    assert!(matches!(effects[..], [Effect::Prepare { .. }]), "{effects:?}");
    press(&mut state, "x");
    let effects = press(&mut state, "Enter");
    assert!(
        effects.iter().any(|e| matches!(e, Effect::Read { .. })),
        "older facts are read again: {effects:?}"
    );
}

#[test]
fn a_plan_stays_where_its_incident_joins_others() {
    let mut state = preparing();
    found(&mut state, [on_key("f-1", 8.0)]);
    let effects = after(&mut state, 1);
    answer(&mut state, effects);
    let worse = Finding {
        resource: on_key("f-1", 8.0).resource,
        ..on_key("f-2", 9.5)
    };
    found(&mut state, [worse.clone()]);
    let effects = after(&mut state, 1);
    assert!(
        !effects.iter().any(|e| matches!(e, Effect::Prepare { .. })),
        "{effects:?}"
    );
    assert_eq!(state.incident_of(&worse.key()).unwrap().members.len(), 2);
    assert!(ready(&state, &worse));
}

#[test]
fn old_facts_are_read_again_while_nobody_responds_and_not_for_ever() {
    let mut state = preparing();
    let bad = on_key("f-1", 8.0);
    let id = incident_id(&bad);
    found(&mut state, [bad.clone()]);
    let mut times = 0;
    loop {
        let effects = after(&mut state, 300);
        let views = crate::app::playbook::steps(&state, &state.incident(&id).unwrap());
        let revoke = views.iter().find(|view| view.step == Step::Revoke).unwrap();
        assert!(!revoke.note.contains("ready"), "{}", revoke.note);
        if effects.is_empty() {
            break;
        }
        answer(&mut state, effects);
        assert!(ready(&state, &bad));
        times += 1;
    }
    assert_eq!(times, TIMES);

    let mut state = preparing();
    found(&mut state, [bad.clone()]);
    let effects = after(&mut state, 1);
    answer(&mut state, effects);
    recorded(&mut state, 1, ME, &id, What::Claimed { from: None });
    assert!(after(&mut state, 300).is_empty(), "somebody is at it");
    assert!(!ready(&state, &bad));
}

#[test]
fn watch_prepares_nothing_and_neither_does_a_finding_without_a_target() {
    let mut watching = state(Mode::Watch, vec![rule(8.0, Deed::Prepare)]);
    found(&mut watching, [on_key("f-1", 8.5)]);
    assert!(after(&mut watching, 1).is_empty());

    let mut state = preparing();
    let nothing = Finding {
        resource: Resource::new(ResourceKind::Other, "payments"),
        others: Vec::new(),
        principal: crate::domain::Principal::default(),
        ..finding("f-1", 8.5, 5)
    };
    found(&mut state, [nothing]);
    assert!(after(&mut state, 1).is_empty());
}

#[test]
fn at_most_twenty_are_kept_the_worst_first() {
    let mut state = preparing();
    found(
        &mut state,
        (0..60).map(|n| on_key(&format!("f-{n}"), 8.0 + f64::from(n % 7) / 10.0)),
    );
    found(&mut state, [on_key("f-worst", 8.9)]);
    let mut made = 0;
    loop {
        let effects = after(&mut state, 1);
        if effects.is_empty() {
            break;
        }
        if made == 0 {
            let worst = incident_id(&on_key("f-worst", 8.9));
            let (_, target) = state.prepared.reading.as_ref().unwrap();
            assert_eq!(state.prepared.plans[target].request.incident, worst, "the worst first");
        }
        answer(&mut state, effects);
        made += 1;
    }
    assert_eq!((made, state.prepared.plans.len()), (MOST, MOST));
    let least = state.prepared.plans.values().map(|ahead| ahead.rank.0).min().unwrap();
    assert!(least >= Severity::from_score(8.4), "{least:?}");
    // A worse one takes the place of the least.
    found(&mut state, [on_key("f-new", 9.8)]);
    let effects = after(&mut state, 1);
    answer(
        &mut state,
        effects
            .into_iter()
            .filter(|e| matches!(e, Effect::Prepare { .. }))
            .collect(),
    );
    assert!(ready(&state, &on_key("f-new", 9.8)));
    assert_eq!(state.prepared.plans.len(), MOST);
}

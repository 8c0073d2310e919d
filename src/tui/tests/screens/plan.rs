//! Plans that are read, ready, mistyped, expired, refused.

use super::*;

#[test]
fn plan_reading() {
    let mut state = opened(Mode::Respond);
    let at = state.now;
    send(&mut state, Event::Key("i".parse().unwrap(), at));
    let effects = send(&mut state, Event::Key("Enter".parse().unwrap(), at));
    drop(effects);
    look("plan-reading", state);
}

#[test]
fn plan_ready() {
    look("plan-ready", planned());
}

#[test]
fn plan_ready_scrolled_and_mistyped() {
    let mut state = planned();
    drawn(&mut state, SIZES[0]);
    press(&mut state, &["End", "1", "2", "Enter", "7", "8"]);
    look("plan-mistyped", state);
}

#[test]
fn plan_expired() {
    let mut state = planned();
    let later = state.now.checked_add(jiff::SignedDuration::from_mins(16)).unwrap();
    send(&mut state, Event::Tick(later));
    look("plan-expired", state);
}

#[test]
fn plan_refused() {
    let mut state = opened(Mode::Respond);
    let at = state.now;
    send(&mut state, Event::Key("i".parse().unwrap(), at));
    let effects = send(&mut state, Event::Key("Enter".parse().unwrap(), at));
    for effect in effects {
        if let crate::app::Effect::Read { number, queries, .. } = effect {
            let failed = crate::action::ReadFailure {
                kind: crate::action::ReadFailureKind::NotFound,
                code: Some("InvalidInstanceID.NotFound".to_owned()),
                message: Untrusted::new(format!(
                    "DescribeInstances: The instance ID '{INSTANCE}' does not exist"
                )),
            };
            let readings = queries
                .into_iter()
                .map(|query| crate::action::Reading {
                    query,
                    at,
                    request_id: None,
                    result: Err(failed.clone()),
                })
                .collect();
            let more = send(&mut state, Event::Read { number, readings });
            answer(&mut state, more);
        }
    }
    look("plan-refused", state);
}

#[test]
fn plan_for_an_access_key() {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["x"]);
    look("plan-key", state);
}

#[test]
fn plan_for_a_notification() {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["m"]);
    look("plan-notify", state);
}

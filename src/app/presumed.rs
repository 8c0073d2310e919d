//! What is shown before AWS has said who the caller is: what the cache has of whoever it was last time.
//!
//! Owns: the way from that to a caller who is known, or to nothing where it is another. Must never: let anything be done for a caller
//! who is not known, or leave a finding on the screen that belongs to another.

use super::effect::Effect;
use super::list;
use super::state::{Identity, Screen, State, Tone};
use super::update::read_context;
use super::{alert, coverage, prepared, regroup, rules};
use crate::action::Facts;
use crate::findings::index::Index;

/// What is shown from now on is of whoever the caller was last time.
pub(super) fn presumed(state: &mut State, last: Identity) -> Vec<Effect> {
    state.presumed = Some(last);
    Vec::new()
}

/// AWS has said who the caller is. What it could not be asked before is asked now, for the incidents that are open already.
pub(super) fn identified(state: &mut State, identity: Identity) -> Vec<Effect> {
    state.fatal = None;
    state.identity = Some(identity);
    if state.presumed.take().is_none() {
        return Vec::new();
    }
    let zone = state.zone.clone();
    let mut number = state.next_read;
    let mut effects = Vec::new();
    for screen in &mut state.screens {
        if let Screen::Incident(open) = screen {
            number += 1;
            // An answer that is still on its way says only that nobody could be asked.
            (open.facts, open.reading) = (Facts::default(), None);
            effects.extend(read_context(open, number, &zone));
        }
    }
    state.next_read = number;
    effects
}

/// The caller is another than last time: everything that came of the cache goes. What the journal says stays.
pub(super) fn withdrawn(state: &mut State, told: String) -> Vec<Effect> {
    let muted = state.alerts.muted;
    state.presumed = None;
    state.index = Index::new();
    state.coverage = coverage::Book::default();
    state.account_names.clear();
    state.alerts = alert::Alerts::default();
    state.alerts.muted = muted;
    state.prepared = prepared::Prepared::default();
    state.rules = rules::Rules::of(&state.journal);
    regroup::anew(state);
    list::clear(state);
    state
        .screens
        .retain(|screen| matches!(screen, Screen::List | Screen::Journal(_) | Screen::Help(_)));
    state.prompt = None;
    state.say(Tone::Bad, told);
    Vec::new()
}

/// Whether nobody knows yet who the caller is, which is then said: nothing is done for a caller who is not known.
pub(super) fn is_unconfirmed(state: &mut State) -> bool {
    if state.presumed.is_none() || state.identity.is_some() {
        return false;
    }
    state.say(
        Tone::Bad,
        "AWS has not said yet who you are; until then this only shows what the cache has.",
    );
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::{after, finding, found, press, recorded, said, send, state};
    use crate::app::{Event, Mode};
    use crate::domain::IncidentId;
    use crate::findings::CoverageState;
    use crate::findings::{Coverage, Source};
    use crate::journal::What;

    fn who(account: &str) -> Identity {
        Identity {
            arn: format!("arn:aws:iam::{account}:user/oncall-1"),
            account: account.parse().unwrap(),
            endpoint: None,
            how: String::new(),
        }
    }

    /// A console that shows a critical finding from the cache, with the incident open.
    fn painted() -> (State, Vec<Effect>) {
        let mut state = state(Mode::Respond, Vec::new());
        state.identity = None;
        send(&mut state, Event::Presumed(who("222222222222")));
        send(
            &mut state,
            Event::Coverage(Coverage {
                account: "222222222222".parse().unwrap(),
                region: "us-east-1".parse().unwrap(),
                source: Source::GuardDuty,
                state: CoverageState::Stale,
                via: None,
                error: None,
            }),
        );
        found(&mut state, [finding("painted", 9.0, 5)]);
        after(&mut state, 1);
        let opened = press(&mut state, "enter");
        assert!(matches!(state.screen(), Screen::Incident(_)));
        (state, opened)
    }

    #[test]
    fn what_is_shown_ahead_is_looked_at_and_nothing_is_done() {
        let (mut state, opened) = painted();
        assert!(opened.iter().any(|effect| matches!(effect, Effect::Evidence { .. })));
        for key in ["c", "i", "m"] {
            assert!(press(&mut state, key).is_empty());
            assert!(
                said(&state).contains("has not said yet who you are"),
                "{}",
                said(&state)
            );
        }
        // Once it is known who it is, what could not be read is read.
        let effects = send(&mut state, Event::Identified(who("222222222222")));
        assert!(matches!(effects.as_slice(), [Effect::Read { .. }]), "{effects:?}");
        assert!(state.presumed.is_none() && state.list.total() == 1);
    }

    #[test]
    fn what_is_anothers_is_taken_away_and_said() {
        let (mut state, _) = painted();
        let id = state.incident_of(&finding("painted", 9.0, 5).key()).unwrap().id.clone();
        recorded(
            &mut state,
            1,
            super::super::testing::OTHER,
            &id,
            What::Claimed { from: None },
        );
        send(&mut state, Event::Withdrawn("It was another's.".to_owned()));
        assert_eq!(said(&state), "It was another's.");
        assert!(matches!(state.screen(), Screen::List));
        assert_eq!((state.list.total(), state.list.len()), (0, 0));
        assert_eq!(state.coverage.tally().total(), 0);
        assert!(state.presumed.is_none());
        // What comes afterwards is shown as in any console, and the journal's claim holds.
        send(&mut state, Event::Identified(who("333333333333")));
        found(&mut state, [finding("own", 8.0, 5), finding("painted", 9.0, 5)]);
        after(&mut state, 1);
        assert_eq!((state.list.total(), state.list.len()), (2, 2));
        let ids: [IncidentId; 1] = [id];
        assert!(state.claims.of(ids.iter().map(String::as_str)).owner.is_some());
    }
}

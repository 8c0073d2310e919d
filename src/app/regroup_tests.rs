//! Splitting what was merged, as the person at the keys sees it.

use super::super::testing::{after, apart, journaled, merged, press, said};
use super::*;

fn sizes(state: &State) -> Vec<usize> {
    let mut sizes: Vec<usize> = state
        .rows(0, usize::MAX)
        .iter()
        .map(|row| match row {
            Row::Incident(incident) => incident.members.len(),
            Row::Finding(_) => 1,
        })
        .collect();
    sizes.sort_unstable();
    sizes
}

#[test]
fn three_that_were_merged_at_once_are_three_again() {
    let mut state = merged([apart(1, 8.0), apart(2, 7.0), apart(3, 6.0)]);
    let effects = press(&mut state, "|");
    let splits = effects
        .iter()
        .filter(|e| matches!(e, Effect::Note { what: What::Split { findings, .. }, .. } if findings.len() == 1));
    assert_eq!(splits.count(), 2, "one record for each part");
    assert!(
        said(&state).starts_with("2 findings split off into "),
        "{}",
        said(&state)
    );
    journaled(&mut state, effects);
    after(&mut state, 1);
    assert_eq!(sizes(&state), [1, 1, 1]);
    assert!(press(&mut state, "|").is_empty());
    assert!(said(&state).contains("not merged by hand"), "{}", said(&state));
}

#[test]
fn what_was_split_off_together_by_an_older_quell_comes_apart_too() {
    let mut state = merged([apart(1, 8.0), apart(2, 7.0), apart(3, 6.0)]);
    let home = state.rows(0, usize::MAX)[0].lead().clone();
    let both = [apart(2, 7.0), apart(3, 6.0)];
    assert_ne!(home.id, both[0].id);
    let what = What::Split {
        findings: both.iter().map(reference).collect(),
        into: id_of(&both[0]),
    };
    let note = Effect::Note {
        incident: Some(id_of(&home)),
        what,
    };
    journaled(&mut state, vec![note]);
    after(&mut state, 1);
    assert_eq!(sizes(&state), [1, 2]);
    // The cursor goes to the pair.
    press(&mut state, "j");
    let effects = press(&mut state, "|");
    journaled(&mut state, effects);
    after(&mut state, 1);
    assert_eq!(sizes(&state), [1, 1, 1], "{}", said(&state));
}

//! One incident of very many findings: what a tick does with one finding more.

use super::*;

/// One instance, a bucket each, and a function that all share.
fn of_one(n: u32) -> Finding {
    let mut finding = on(&format!("f-{n:06}"), 8.0, 1000 - i64::from(n % 900), "i-1");
    finding.others = vec![
        Resource::new(ResourceKind::Bucket, format!("bucket-{n}")),
        Resource::new(ResourceKind::Function, "fn"),
    ];
    finding.digest = u64::from(n);
    finding
}

fn seconds(state: &mut State, seconds: i64) {
    let later = state.now.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
    send(state, Event::Tick(later));
}

fn incident(state: &State) -> Arc<Incident> {
    match &state.rows(0, 1)[0] {
        Row::Incident(incident) => Arc::clone(incident),
        Row::Finding(finding) => panic!("{finding:?}"),
    }
}

#[test]
fn one_finding_more_does_not_make_a_very_large_incident_anew_on_each_tick() {
    let mut state = state(Mode::Watch, Vec::new());
    found(&mut state, (0..1_500).map(of_one));
    seconds(&mut state, 1);
    let made = incident(&state);
    assert_eq!(made.members.len(), 1_500);
    found(&mut state, [of_one(1_500)]);
    for typed in ["", "sev>=high", "!archived"] {
        seconds(&mut state, 0);
        list_filter(&mut state, typed);
        assert!(Arc::ptr_eq(&made, &incident(&state)), "nothing was made again");
    }
    assert!(state.list.dirty, "it is not forgotten");
    seconds(&mut state, 2);
    assert_eq!(incident(&state).members.len(), 1_501);
    assert!(!state.list.dirty);
}

/// Each finding has a row of its own there, and only those that came are put where they belong.
#[test]
fn the_findings_of_a_very_large_incident_are_shown_as_they_come() {
    let mut state = state(Mode::Watch, Vec::new());
    found(&mut state, (0..1_200).map(of_one));
    seconds(&mut state, 1);
    show(&mut state, Kind::Findings);
    while work(&mut state) {}
    let mut worst = of_one(1_200);
    worst.severity = crate::domain::Severity::from_score(8.5);
    found(&mut state, [worst]);
    seconds(&mut state, 0);
    assert_eq!((state.list.total(), leads(&state)[0].as_str()), (1_201, "f-001200"));
    list_filter(&mut state, "is:grouped");
    assert_eq!(state.list.len(), 1_201);
}

/// One incident of very many findings, none of which passes, is made again each time that one of them changes.
#[test]
fn a_finding_that_the_filter_refused_is_asked_again_only_when_it_changed() {
    let mut state = state(Mode::Watch, Vec::new());
    let many = 200_usize;
    found(&mut state, (0..many).map(|n| on(&format!("f-{n}"), 5.0, 60, "i-1")));
    tick(&mut state, 0);
    assert_eq!((state.list.total(), state.list.len()), (1, 1));
    state.list.refused.asked = 0;
    set_filter(&mut state, "sev>=9").unwrap();
    assert_eq!((state.list.refused.asked, state.list.len()), (many, 0));
    found(&mut state, [on("another", 5.0, 50, "i-1")]);
    tick(&mut state, 1);
    assert_eq!(state.list.refused.asked, many + 1, "the new one alone");
    sort_by(&mut state, Sort::Age);
    assert_eq!(state.list.refused.asked, many + 1, "another order asks nothing");
    let worse = Finding {
        digest: 77,
        ..on("f-7", 9.5, 40, "i-1")
    };
    found(&mut state, [worse]);
    tick(&mut state, 2);
    assert_eq!(
        (state.list.refused.asked, state.list.len()),
        (many + 2, 1),
        "it passes now"
    );
    // Another filter knows nothing of what this one refused.
    set_filter(&mut state, "sev>=5").unwrap();
    assert_eq!(state.list.len(), 1);
}

/// What a filter asks of ages or of incidents is another thing a moment later.
#[test]
fn what_depends_on_more_than_the_finding_is_asked_each_time() {
    let mut state = state(Mode::Watch, Vec::new());
    found(&mut state, [on("f-1", 5.0, 60, "i-1")]);
    tick(&mut state, 0);
    set_filter(&mut state, "age>90m").unwrap();
    assert_eq!(state.list.len(), 0);
    tick(&mut state, 60);
    assert_eq!(state.list.len(), 1);
}

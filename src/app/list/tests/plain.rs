//! The rows against a plain sort and filter, turn by turn.

use proptest::prelude::*;

use super::*;

#[test]
fn another_order_comes_whole_and_in_slices_and_misses_nothing_that_arrives_meanwhile() {
    let mut state = state(Mode::Watch, Vec::new());
    state.list.slice = 10;
    let all = (0..35).map(|n| on(&format!("f-{n:02}"), 5.0, 100 - n, &format!("i-{n}")));
    found(&mut state, all.collect::<Vec<_>>());
    tick(&mut state, 0);
    while work(&mut state) {}
    let before = leads(&state);
    sort_by(&mut state, Sort::FirstSeen);
    assert!(state.list.is_sorting() && state.list.is_filtering());
    assert_eq!(
        (state.list.sort(), leads(&state)),
        ((Sort::FirstSeen, false), before.clone()),
        "the old order stays"
    );
    work(&mut state);
    // One that was sorted already becomes the newest, and another one comes.
    found(&mut state, [on("f-03", 5.0, 1, "i-3"), on("new", 5.0, 500, "i-new")]);
    tick(&mut state, 0);
    let mut turns = 0;
    while work(&mut state) {
        turns += 1;
    }
    assert!(turns > 6, "{turns}");
    assert_eq!(leads(&state), plain(&state));
    assert_eq!((leads(&state).len(), leads(&state)[0].as_str()), (36, "new"));
    // Turned round while it is on its way, it ends turned round.
    sort_by(&mut state, Sort::Findings);
    work(&mut state);
    sort_by(&mut state, Sort::Findings);
    assert_eq!(state.list.sort(), (Sort::Findings, true));
    show(&mut state, Kind::Findings);
    assert!(state.list.is_empty(), "an incident's row is no finding's");
    while work(&mut state) {}
    assert_eq!(leads(&state), plain(&state));
}

/// A step of a console's life.
#[derive(Clone, Debug)]
enum Step {
    Found(Vec<(u8, u8, u8, u8, bool)>),
    Tick(u16),
    Sort(usize),
    Filter(usize),
    Kind(bool),
    Work,
}

const FILTERS: [&str; 5] = [
    "",
    "!archived",
    "sev>=high",
    "resource:i-1",
    "is:grouped or sev>=critical",
];

fn step() -> impl Strategy<Value = Step> {
    let one = (0_u8..24, 0_u8..=100, 0_u8..250, 0_u8..12, prop::bool::weighted(0.1));
    prop_oneof![
        4 => proptest::collection::vec(one, 1..8).prop_map(Step::Found),
        3 => (0_u16..300).prop_map(Step::Tick),
        1 => (0..Sort::ALL.len()).prop_map(Step::Sort),
        1 => (0..FILTERS.len()).prop_map(Step::Filter),
        1 => any::<bool>().prop_map(Step::Kind),
        1 => Just(Step::Work),
    ]
}

fn take(state: &mut State, step: Step) {
    match step {
        Step::Found(all) => {
            let all = all.into_iter().map(|(n, tenths, ago, instance, archived)| {
                let mut finding = on(
                    &format!("f-{n}"),
                    f64::from(tenths) / 10.0,
                    i64::from(ago),
                    &format!("i-{instance}"),
                );
                finding.archived = archived;
                finding.digest =
                    u64::from(n) << 32 | u64::from(tenths) << 24 | u64::from(ago) << 8 | u64::from(instance);
                finding
            });
            found(state, all.collect::<Vec<_>>());
        }
        Step::Tick(minutes) => tick(state, i64::from(minutes)),
        Step::Sort(n) => sort_by(state, Sort::ALL[n]),
        Step::Filter(n) => set_filter(state, FILTERS[n]).unwrap(),
        Step::Kind(findings) => show(state, if findings { Kind::Findings } else { Kind::Incidents }),
        Step::Work => {
            work(state);
        }
    }
}

/// What the list should be: every row, asked and sorted anew.
fn plain(state: &State) -> Vec<String> {
    let view = state.view();
    let kind = state.list.kind;
    let mut rows: Vec<Slot> = match kind {
        Kind::Incidents => state.groups.all().collect(),
        Kind::Findings => (0..).take(state.index.len()).collect(),
    };
    let mut refused = asked::Refused::default();
    let mut matches = view.matcher(&state.list.filter, kind, &mut refused);
    rows.retain(|row| matches(*row));
    let (sort, reversed) = state.list.sort();
    let mut ranks = vec![0; state.index.len()];
    for row in &rows {
        let rank = order::rank(*row, sort, kind, &view).0;
        ranks[*row as usize] = if reversed { !rank } else { rank };
    }
    rows.sort_by(|a, b| order::compare(*a, *b, &ranks, (sort, reversed), kind, &view));
    rows.iter()
        .map(|row| view.lead(*row, kind).id.raw().to_owned())
        .collect()
}

proptest! {
    #[test]
    fn the_rows_are_those_of_a_plain_sort_and_filter(steps in proptest::collection::vec(step(), 1..30), slice in 1_usize..30) {
        let mut state = state(Mode::Watch, Vec::new());
        // Smaller than the list, so that findings arrive between the turns of a filter and of an order.
        state.list.slice = slice;
        let mut minutes = 0;
        for step in steps {
            // The clock does not run back.
            let step = match step {
                Step::Tick(n) => { minutes += n; Step::Tick(minutes) }
                other => other,
            };
            take(&mut state, step);
            if !state.list.dirty && !state.list.is_filtering() {
                prop_assert_eq!(leads(&state), plain(&state));
            }
        }
        tick(&mut state, i64::from(minutes));
        while work(&mut state) {}
        prop_assert_eq!(leads(&state), plain(&state));
        let seen: std::collections::BTreeSet<Slot> = state.list.all.iter().copied().collect();
        prop_assert_eq!(seen.len(), state.list.all.len());
    }
}

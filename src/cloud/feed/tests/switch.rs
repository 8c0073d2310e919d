//! Sources that are switched off: from the start, or while they are watched.

use super::*;
use crate::cloud::route::Route;
use crate::cloud::testing::range as drill;
use crate::range::services::guardduty::Detector;
use crate::range::world::Regional;

/// Rounds over one account and region.
async fn small() -> (Range, Rounds) {
    let (range, login) = drill();
    let only = crate::cloud::ConnectOptions {
        accounts: vec![account(PROD)],
        regions: vec![region(SEOUL)],
        ..options(&range, &login)
    };
    let rounds = Rounds::new(Cloud::connect(only).await.unwrap());
    (range, rounds)
}

/// The same, read as where there are very many lists.
async fn many() -> (Range, Rounds) {
    let (range, mut rounds) = small().await;
    super::look::narrow(&mut rounds);
    (range, rounds)
}

fn change(range: &Range, change: impl FnOnce(&mut Regional)) {
    range.with_world(|world| {
        let place = world.accounts.get_mut(&account(PROD)).unwrap();
        change(place.regions.get_mut(&region(SEOUL)).unwrap());
    });
}

fn switch(range: &Range, on: bool) {
    change(range, |place| {
        place.guardduty.detector.as_mut().unwrap().enabled = on;
    });
}

/// The calls to GuardDuty since the last time.
fn asked(range: &Range) -> Vec<String> {
    range.with_world(|world| {
        let log = std::mem::take(&mut world.log);
        let mine = log.into_iter().filter(|call| call.service == "guardduty");
        mine.map(|call| call.operation).collect()
    })
}

/// The last row of GuardDuty.
fn duty(told: &[Coverage]) -> &Coverage {
    told.iter().rfind(|row| row.source == Source::GuardDuty).unwrap()
}

#[tokio::test]
async fn a_detector_that_is_suspended_gives_its_findings_and_is_not_complete() {
    let (range, mut rounds) = small().await;
    switch(&range, false);
    let (findings, told, _) = round(&mut rounds).await;
    assert!(findings.iter().any(|f| f.source == Source::GuardDuty));
    let off = duty(&told);
    assert_eq!(off.state, CoverageState::Disabled);
    assert!(
        off.error.as_ref().unwrap().contains("GuardDuty is suspended"),
        "{off:?}"
    );
    // Every other refresh asks for it, and none asks for more than one thing.
    asked(&range);
    let mut all = Vec::new();
    for _ in 0..4 {
        let (_, told, _) = round(&mut rounds).await;
        assert_eq!(duty(&told).state, CoverageState::Disabled);
        all.extend(asked(&range));
    }
    all.sort();
    assert_eq!(all, ["GetDetector", "GetDetector", "ListFindings", "ListFindings"]);
    switch(&range, true);
    round(&mut rounds).await;
    let (_, told, complete) = round(&mut rounds).await;
    assert_eq!((duty(&told).state, complete), (CoverageState::Complete, true));
}

#[tokio::test]
async fn of_very_many_lists_none_waits_for_what_its_detector_says() {
    let (range, mut rounds) = many().await;
    switch(&range, false);
    let (_, told, _) = round(&mut rounds).await;
    let duties = told.iter().filter(|row| row.source == Source::GuardDuty);
    let states: Vec<_> = duties.map(|row| row.state).collect();
    let wanted = [CoverageState::Reading, CoverageState::Complete, CoverageState::Disabled];
    assert_eq!(states, wanted);
}

#[tokio::test]
async fn a_detector_that_is_suspended_meanwhile_is_a_gap_within_thirty_refreshes() {
    let (range, mut rounds) = small().await;
    let (_, told, complete) = round(&mut rounds).await;
    assert!(complete, "{told:?}");
    switch(&range, false);
    asked(&range);
    let mut gap = None;
    for refresh in 1..=30 {
        let (_, told, complete) = round(&mut rounds).await;
        let calls = asked(&range);
        if !complete {
            assert_eq!(calls, ["GetDetector"], "in place of a list");
            gap = Some((refresh, duty(&told).clone()));
            break;
        }
        assert!(!calls.contains(&"GetDetector".to_owned()), "{refresh}");
    }
    let (refresh, row) = gap.unwrap();
    assert_eq!((refresh, row.state), (30, CoverageState::Stale), "{row:?}");
    let why = row.error.unwrap();
    assert!(why.contains("was on before") && why.contains("suspended"), "{why}");
}

#[tokio::test]
async fn of_very_many_detectors_each_is_asked_after_its_lists_and_in_the_same_round() {
    let (range, mut rounds) = many().await;
    asked(&range);
    let (_, told, complete) = round(&mut rounds).await;
    assert!(complete);
    let calls = ["ListDetectors", "ListFindings", "GetFindings", "GetDetector"];
    assert_eq!(asked(&range), calls);
    let duties = told.iter().filter(|row| row.source == Source::GuardDuty);
    let states: Vec<_> = duties.map(|row| row.state).collect();
    let once = [CoverageState::Reading, CoverageState::Complete];
    assert_eq!(states, once, "nothing is told twice");
}

/// The same where each route is read again by itself: the round is told when the switch is known.
#[tokio::test]
async fn a_route_is_owed_until_its_detector_was_asked() {
    let (range, rounds) = many().await;
    switch(&range, false);
    let (tx, mut rx) = mpsc::channel(4096);
    let (again, wanted) = mpsc::unbounded_channel();
    let reading = tokio::spawn(rounds.go_on(std::time::Duration::from_hours(1), wanted, tx));
    let mut calls = Vec::new();
    for _ in 0..3 {
        let mut last = None;
        loop {
            match rx.recv().await.unwrap() {
                FeedEvent::Coverage(row) if row.source == Source::GuardDuty => last = Some(row.state),
                FeedEvent::Round { .. } => break,
                _ => {}
            }
        }
        assert_eq!(last, Some(CoverageState::Disabled));
        calls.push(asked(&range).len());
        again.send(()).unwrap();
    }
    assert_eq!(calls, [4, 1, 1]);
    reading.abort();
}

#[tokio::test]
async fn a_switch_that_gives_no_answer_is_asked_for_once_a_round() {
    let (range, mut rounds) = many().await;
    range.fail(Fault {
        service: Some("guardduty".to_owned()),
        operation: Some("GetDetector".to_owned()),
        kind: Kind::DropReply,
        ..Fault::default()
    });
    asked(&range);
    let (_, told, complete) = round(&mut rounds).await;
    assert!(!complete);
    assert_eq!(duty(&told).state, CoverageState::Partial, "{told:?}");
    assert_eq!(asked(&range).iter().filter(|call| *call == "GetDetector").count(), 1);
}

#[tokio::test]
async fn what_is_deleted_or_left_meanwhile_is_a_gap() {
    let (range, mut rounds) = small().await;
    assert!(round(&mut rounds).await.2);
    let mut detector: Option<Detector> = None;
    let mut since = None;
    change(&range, |place| {
        detector = place.guardduty.detector.take();
        since = place.securityhub.enabled.take();
    });
    // The first refresh finds that the detector is another's, the next that there is none.
    for _ in 0..3 {
        let (_, told, complete) = round(&mut rounds).await;
        assert!(!complete);
        for row in &told {
            assert_eq!(row.state, CoverageState::Stale, "{row:?}");
        }
    }
    let (_, told, _) = round(&mut rounds).await;
    for row in &told {
        assert!(row.error.as_ref().unwrap().contains("was on before"), "{row:?}");
    }
    change(&range, |place| {
        place.guardduty.detector = detector;
        place.securityhub.enabled = since;
    });
    let (findings, told, complete) = round(&mut rounds).await;
    assert!(complete && !findings.is_empty(), "{told:?}");
}

#[tokio::test]
async fn another_detector_is_read_whole_as_soon_as_it_is_met() {
    let (range, mut rounds) = small().await;
    assert!(round(&mut rounds).await.2);
    change(&range, |place| {
        place.guardduty.detector.as_mut().unwrap().id = "0123456789abcdef0123456789abcdef".to_owned();
    });
    let (_, told, complete) = round(&mut rounds).await;
    assert!(!complete);
    assert_eq!(duty(&told).state, CoverageState::Stale);
    asked(&range);
    let (findings, told, complete) = round(&mut rounds).await;
    assert!(complete, "{told:?}");
    let held = held(&range);
    let here = held
        .iter()
        .filter(|n| n.0 == Source::GuardDuty && n.1 == PROD && n.2 == SEOUL);
    assert!(here.clone().count() > 0 && here.clone().all(|name| read(&findings).contains(name)));
    assert_eq!(asked(&range)[0], "ListDetectors");
}

#[tokio::test]
async fn a_status_that_is_refused_is_told_and_nothing_is_read_again_for_it() {
    let (range, mut rounds) = small().await;
    range.fail(Fault {
        service: Some("guardduty".to_owned()),
        operation: Some("GetDetector".to_owned()),
        kind: Kind::Error(ApiError::new(403, "AccessDeniedException", "not you")),
        ..Fault::default()
    });
    let (findings, told, complete) = round(&mut rounds).await;
    assert!(!complete && findings.iter().any(|f| f.source == Source::GuardDuty));
    let unknown = duty(&told);
    assert_eq!(unknown.state, CoverageState::Partial);
    let why = unknown.error.as_ref().unwrap();
    assert!(why.contains("guardduty:GetDetector was refused"), "{why}");
    asked(&range);
    for _ in 0..4 {
        let (_, told, _) = round(&mut rounds).await;
        assert_eq!(duty(&told).state, CoverageState::Partial);
        assert_eq!(asked(&range).len(), 1);
    }
    range.heal();
    round(&mut rounds).await;
    assert_eq!(duty(&round(&mut rounds).await.1).state, CoverageState::Complete);
}

/// That an administrator's own detector is off says nothing of its members.
#[tokio::test]
async fn members_of_an_administrator_that_is_off_are_a_gap() {
    let (range, mut rounds) = small().await;
    switch(&range, false);
    let route = Route {
        source: Source::GuardDuty,
        via: account(PROD),
        region: region(SEOUL),
    };
    rounds.routes().add(&route, true, true);
    rounds
        .routes()
        .covers(&route, &[account("444444444444")], &[region(SEOUL)]);
    let (_, told, complete) = round(&mut rounds).await;
    let state = |id: &str| {
        let mut last = told.iter().rev();
        let fits = |row: &&Coverage| row.account == account(id) && row.source == Source::GuardDuty;
        last.find(fits).unwrap().state
    };
    assert!(!complete, "{told:?}");
    assert_eq!(state(PROD), CoverageState::Disabled, "{told:?}");
    assert_eq!(state("444444444444"), CoverageState::Partial, "{told:?}");
}

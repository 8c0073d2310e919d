//! Which of two routes a place is read by.

use super::*;

const ADMINISTRATOR: &str = "222222222222";
const MEMBER: &str = "333333333333";

fn route(via: &str) -> Route {
    Route {
        source: Source::GuardDuty,
        via: via.parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
    }
}

/// The administrator says that it shows the member.
fn covers(routes: &mut Routes) -> Vec<FeedEvent> {
    let route = route(ADMINISTRATOR);
    routes.covers(&route, &[MEMBER.parse().unwrap()], std::slice::from_ref(&route.region))
}

/// Everything is read along the administrator's route. Gives what is told of it.
fn read(routes: &mut Routes) -> Vec<FeedEvent> {
    let route = route(ADMINISTRATOR);
    let (memory, _) = routes.begin(&route).unwrap();
    routes.remember(&route).memory = Some(memory);
    let mut told = complete(routes, ADMINISTRATOR);
    told.extend(routes.read_whole(&route));
    told
}

/// The last row of the member's place: its state, and whether another shows it.
fn last(events: &[FeedEvent]) -> Option<(CoverageState, bool)> {
    let rows = events.iter().filter_map(|event| match event {
        FeedEvent::Coverage(row) => Some(row),
        FeedEvent::Findings(_)
        | FeedEvent::Accounts(_)
        | FeedEvent::Way { .. }
        | FeedEvent::Begins(_)
        | FeedEvent::Whole { .. }
        | FeedEvent::Round { .. } => None,
    });
    let mut rows = rows.filter(|row| row.account.as_str() == MEMBER);
    let row = rows.next_back()?;
    assert!(rows.next().is_none(), "the place has two rows: {events:?}");
    Some((row.state, row.via.is_some()))
}

fn refused(routes: &mut Routes, via: &str) -> Vec<FeedEvent> {
    routes.tell(&route(via), CoverageState::Refused, Some("no role".to_owned()))
}

fn complete(routes: &mut Routes, via: &str) -> Vec<FeedEvent> {
    routes.tell(&route(via), CoverageState::Complete, None)
}

const SHOWN: Option<(CoverageState, bool)> = Some((CoverageState::Complete, true));

/// Discovery looks: the place is read early, and then its administrator says that it shows it.
fn begun() -> Routes {
    let mut routes = Routes::default();
    routes.look();
    routes.add(&route(MEMBER), false, false).unwrap();
    routes.add(&route(ADMINISTRATOR), true, true).unwrap();
    assert_eq!(last(&covers(&mut routes)), None);
    routes
}

#[test]
fn a_place_that_refuses_itself_is_seen_through_its_administrator_whoever_ends_first() {
    for refused_first in [true, false] {
        let mut routes = begun();
        let told = if refused_first {
            let own = (CoverageState::Refused, false);
            assert_eq!(last(&refused(&mut routes, MEMBER)), Some(own));
            assert!(!routes.are_whole());
            complete(&mut routes, ADMINISTRATOR)
        } else {
            assert_eq!(last(&complete(&mut routes, ADMINISTRATOR)), None);
            refused(&mut routes, MEMBER)
        };
        assert_eq!(last(&told), SHOWN);
        assert!(routes.are_whole());
        assert_eq!(routes.order, [route(ADMINISTRATOR)]);
        assert_eq!(routes.gave_way(), [route(MEMBER)]);
        // At the next look it is not tried again, for its administrator still shows it.
        routes.look();
        assert!(routes.add(&route(MEMBER), false, false).is_none());
        assert!(routes.are_doubted());
        assert_eq!(last(&covers(&mut routes)), None);
        assert!(!routes.are_doubted());
    }
}

/// It was read so that nobody waits for the administrator; read for good, it would be a call more at each refresh.
#[test]
fn a_place_that_was_read_early_gives_way_when_its_administrator_was_read_whoever_ends_first() {
    let mut routes = begun();
    let own = Some((CoverageState::Complete, false));
    assert_eq!(last(&complete(&mut routes, MEMBER)), own);
    assert_eq!(last(&complete(&mut routes, ADMINISTRATOR)), SHOWN);
    assert_eq!(routes.order, [route(ADMINISTRATOR)]);
    // A long read of its own is not cut off.
    let mut routes = begun();
    assert_eq!(last(&complete(&mut routes, ADMINISTRATOR)), None);
    assert!(routes.order.contains(&route(MEMBER)));
    assert_eq!(last(&complete(&mut routes, MEMBER)), SHOWN);
    assert_eq!(routes.order, [route(ADMINISTRATOR)]);
}

#[test]
fn a_route_that_is_told_for_sure_is_kept_and_a_gap_of_both_is_the_place_s_own() {
    let mut routes = begun();
    assert!(routes.add(&route(MEMBER), false, true).is_none());
    complete(&mut routes, MEMBER);
    assert_eq!(last(&complete(&mut routes, ADMINISTRATOR)), None);
    assert!(routes.order.contains(&route(MEMBER)));
    let mut routes = begun();
    refused(&mut routes, MEMBER);
    assert_eq!(last(&refused(&mut routes, ADMINISTRATOR)), None);
    assert!(routes.order.contains(&route(MEMBER)));
}

#[test]
fn a_place_that_is_shown_stays_so_where_nobody_can_be_asked_and_goes_where_it_is_told() {
    let mut routes = Routes::default();
    routes.look();
    routes.add(&route(ADMINISTRATOR), true, true).unwrap();
    complete(&mut routes, ADMINISTRATOR);
    assert_eq!(last(&covers(&mut routes)), SHOWN);
    routes.look();
    assert!(routes.add(&route(MEMBER), false, false).is_none());
    assert!(routes.are_doubted());
    // Where the administrator cannot be read any more, nothing is left to trust in.
    refused(&mut routes, ADMINISTRATOR);
    assert!(routes.add(&route(MEMBER), false, false).is_some());
    assert!(!routes.are_doubted());
    // And where it says that it does not show the place, that is so.
    let mut routes = begun();
    complete(&mut routes, ADMINISTRATOR);
    refused(&mut routes, MEMBER);
    routes.look();
    assert!(routes.add(&route(MEMBER), false, true).is_some());
    assert_eq!(
        last(&refused(&mut routes, MEMBER)),
        Some((CoverageState::Refused, false))
    );
}

/// The first look could not ask for the members, so each is read by itself; the second could.
#[test]
fn what_was_read_for_want_of_an_answer_gives_way_when_it_comes() {
    let mut routes = Routes::default();
    routes.look();
    routes.add(&route(ADMINISTRATOR), true, true).unwrap();
    routes.add(&route(MEMBER), false, false).unwrap();
    complete(&mut routes, ADMINISTRATOR);
    routes.read_whole(&route(ADMINISTRATOR));
    complete(&mut routes, MEMBER);
    routes.look();
    let told = covers(&mut routes);
    assert_eq!(last(&told), SHOWN);
    assert!(matches!(told.last(), Some(FeedEvent::Whole { .. })), "{told:?}");
    assert_eq!(routes.order, [route(ADMINISTRATOR)]);
    // A read that was under way when it gave way tells nothing of the place.
    assert_eq!(last(&refused(&mut routes, MEMBER)), None);
}

/// What an account had before it joined was updated long ago: a refresh does not bring it.
#[test]
fn an_account_that_joins_late_is_complete_only_once_everything_was_read_again() {
    let mut routes = Routes::default();
    routes.look();
    routes.add(&route(ADMINISTRATOR), true, true).unwrap();
    read(&mut routes);
    assert!(routes.are_whole());
    routes.look();
    // The read that is under way began before.
    let administrator = route(ADMINISTRATOR);
    let (memory, _) = routes.begin(&administrator).unwrap();
    routes.remember(&administrator).began = 1;
    let told = covers(&mut routes);
    let reading = Some((CoverageState::Reading, true));
    assert_eq!(last(&told), reading);
    assert!(
        told.iter().all(|event| !matches!(event, FeedEvent::Whole { .. })),
        "{told:?}"
    );
    assert!(routes.is_late(&administrator) && !routes.are_whole());
    routes.remember(&administrator).memory = Some(memory);
    complete(&mut routes, ADMINISTRATOR);
    let told = routes.read_whole(&administrator);
    assert_eq!(last(&told), None, "it may have missed the account");
    assert!(
        matches!(&told[..], [FeedEvent::Whole { places, .. }] if places.len() == 1),
        "{told:?}"
    );
    assert!(routes.is_late(&administrator));
    // A read of everything after it has what the account had.
    let (memory, _) = routes.begin(&administrator).unwrap();
    assert!(memory.has_gap(), "everything is read");
    routes.remember(&administrator).memory = Some(memory);
    let told = read(&mut routes);
    assert_eq!(last(&told), SHOWN);
    assert!(
        matches!(told.last(), Some(FeedEvent::Whole { places, .. }) if places.len() == 2),
        "{told:?}"
    );
    assert!(!routes.is_late(&administrator) && routes.are_whole());
    // And one that is not there any more is waited for no longer.
    routes.look();
    let other: AccountId = "444444444444".parse().unwrap();
    routes.covers(&administrator, &[other], std::slice::from_ref(&administrator.region));
    assert!(routes.is_late(&administrator));
    let spot = (other, administrator.region.clone(), administrator.source);
    routes.uncover(&spot);
    assert!(!routes.is_late(&administrator));
}

//! Through administrators: delegated, pinned, or the caller itself; and what they do not see.

use std::collections::BTreeSet;

use super::gathered::{Spot, Told, told};
use crate::cloud::route::Route;
use crate::cloud::testing::{PROD, SEOUL, VIRGINIA, account, options, range, region, targets};
use crate::cloud::{Cloud, ConnectOptions, Discovery, HomeRegion, Way};
use crate::drill::Login;
use crate::findings::{CoverageState, Source};
use crate::range::Range;
use crate::range::call::ApiError;
use crate::range::fault::{Fault, Kind};
use crate::range::services::membership::Relationship;
use crate::range::services::securityhub::{Aggregator, LinkingMode};

const SECURITY: &str = "222222222222";
const MANAGEMENT: &str = "111111111111";
const DATA: &str = "444444444444";
const PRINCIPALS: [&str; 2] = ["guardduty.amazonaws.com", "securityhub.amazonaws.com"];

/// The security account administers both services for all others in both regions and gathers in Seoul; data's detector and hub in
/// Virginia are on, so that all could be seen.
pub fn administered() -> (Range, Login) {
    let (range, login) = range();
    range.with_world(|world| {
        let now = world.now();
        for code in [SEOUL, VIRGINIA] {
            let detector = world
                .regional(&account(PROD), &region(code))
                .unwrap()
                .guardduty
                .detector
                .clone();
            let data = world.regional(&account(DATA), &region(code)).unwrap();
            data.guardduty.detector = data.guardduty.detector.take().or(detector);
            data.securityhub.enabled.get_or_insert(now);
            let place = world.regional(&account(SECURITY), &region(code)).unwrap();
            for member in [MANAGEMENT, PROD, DATA] {
                place.guardduty.members.put(account(member), Relationship::Enabled, now);
                place
                    .securityhub
                    .members
                    .put(account(member), Relationship::Enabled, now);
            }
            place.securityhub.aggregator = (code == SEOUL).then(|| Aggregator {
                id: "12345678-1234-4123-8123-123456789012".to_owned(),
                mode: LinkingMode::AllRegions,
                regions: BTreeSet::new(),
            });
        }
        for principal in PRINCIPALS {
            world.organization.delegate(principal, account(SECURITY));
        }
    });
    (range, login)
}

fn pinned(options: ConnectOptions, discovery: Discovery) -> ConnectOptions {
    ConnectOptions { discovery, ..options }
}

async fn discovered(options: ConnectOptions) -> Told {
    told(&Cloud::connect(options).await.unwrap()).await
}

fn all(range: &Range) -> BTreeSet<Spot> {
    let targets = targets(range).into_iter();
    targets
        .flat_map(|(a, r)| Source::REGIONAL.map(|s| (s, a, r.clone())))
        .collect()
}

#[tokio::test]
async fn one_detector_a_region_and_one_hub_at_home_show_everything() {
    let (range, login) = administered();
    let told = discovered(options(&range, &login)).await;
    assert_eq!(told.spots(), all(&range), "{}", told.how);
    for code in [SEOUL, VIRGINIA] {
        assert_eq!(told.via(Source::GuardDuty, code), [SECURITY]);
    }
    assert_eq!(told.via(Source::SecurityHub, SEOUL), [SECURITY]);
    assert!(told.via(Source::SecurityHub, VIRGINIA).is_empty(), "{:?}", told.routes);
    assert!(told.remarks.is_empty() && !told.may_miss, "{:?}", told.remarks);
    let how = "GuardDuty through its delegated administrator acme-security (222222222222): 3 members in 2 regions; \
               Security Hub through its delegated administrator acme-security (222222222222) and its home region \
               ap-northeast-2: 3 members in 2 regions. Organizations lists 4 active accounts.";
    assert!(told.how.starts_with(how), "{}", told.how);
    // What the caller sees itself does not wait for the questions, and every region's hub is read until the home region is known.
    assert_eq!(told.routes[0].via, login.account);
    let meanwhile = |r: &&Route| r.source == Source::SecurityHub && r.via.as_str() == SECURITY;
    let meanwhile: Vec<&str> = told
        .meanwhile
        .iter()
        .filter(meanwhile)
        .map(|r| r.region.as_str())
        .collect();
    assert_eq!(meanwhile, [VIRGINIA]);
    // What is read before it is known for whom it speaks is not taken for long; the rest of the administrator's is.
    let long = told.long.iter().map(|r| (r.source, r.via.as_str(), r.region.as_str()));
    assert_eq!(long.collect::<Vec<_>>(), [(Source::GuardDuty, SECURITY, VIRGINIA)]);
}

#[tokio::test]
async fn a_member_that_is_not_enabled_is_read_by_its_own_role() {
    let (range, login) = administered();
    range.with_world(|world| {
        let now = world.now();
        let place = world.regional(&account(SECURITY), &region(VIRGINIA)).unwrap();
        place.guardduty.members.put(account(PROD), Relationship::Removed, now);
        place.securityhub.members.put(account(DATA), Relationship::Created, now);
    });
    let told = discovered(options(&range, &login)).await;
    assert_eq!(told.spots(), all(&range));
    assert_eq!(told.via(Source::GuardDuty, VIRGINIA), [SECURITY, PROD]);
    assert_eq!(told.via(Source::SecurityHub, VIRGINIA), [DATA]);
    assert!(
        told.how.contains("1 account read by its own role for GuardDuty"),
        "{}",
        told.how
    );
    let places: Vec<_> = told.remarks.iter().filter_map(|r| r.place.clone()).collect();
    assert!(
        places.contains(&(account(PROD), Some(region(VIRGINIA)))),
        "{:?}",
        told.remarks
    );
    assert!(!told.may_miss, "nothing is missing: {}", told.how);
}

#[tokio::test]
async fn without_an_aggregator_or_with_one_that_is_not_wanted_each_region_is_read() {
    for unwanted in [false, true] {
        let (range, login) = administered();
        if !unwanted {
            range.with_world(|w| {
                let place = w.regional(&account(SECURITY), &region(SEOUL)).unwrap();
                place.securityhub.aggregator = None;
            });
        }
        let discovery = Discovery {
            securityhub_home: unwanted.then_some(HomeRegion::None),
            ..Discovery::default()
        };
        let told = discovered(pinned(options(&range, &login), discovery)).await;
        assert_eq!(told.spots(), all(&range));
        for code in [SEOUL, VIRGINIA] {
            assert_eq!(told.via(Source::SecurityHub, code), [SECURITY]);
        }
    }
}

#[tokio::test]
async fn a_region_that_is_not_linked_is_read_by_itself() {
    let (range, login) = administered();
    range.with_world(|world| {
        let place = world.regional(&account(SECURITY), &region(SEOUL)).unwrap();
        let aggregator = place.securityhub.aggregator.as_mut().unwrap();
        aggregator.mode = LinkingMode::AllRegionsExceptSpecified;
        aggregator.regions.insert(region(VIRGINIA));
    });
    let told = discovered(options(&range, &login)).await;
    assert_eq!(told.spots(), all(&range));
    assert_eq!(told.via(Source::SecurityHub, VIRGINIA), [SECURITY]);
}

#[tokio::test]
async fn where_organizations_does_not_tell_the_members_of_the_own_account_do() {
    let (range, login) = administered();
    for operation in ["ListDelegatedAdministrators", "ListAccounts"] {
        range.fail(Fault {
            operation: Some(operation.to_owned()),
            kind: Kind::Error(ApiError::new(400, "AccessDeniedException", "On request.")),
            ..Fault::default()
        });
    }
    let told = discovered(options(&range, &login)).await;
    assert_eq!(told.spots(), all(&range), "{}", told.how);
    assert!(
        told.how.contains("your account 222222222222, which has members"),
        "{}",
        told.how
    );
    // There may be accounts that are no members.
    assert!(told.may_miss);
    assert!(told.names.contains_key(&account(DATA)));
}

#[tokio::test]
async fn members_that_may_not_be_listed_are_each_read_by_themselves() {
    let (range, login) = administered();
    range.fail(Fault {
        operation: Some("ListMembers".to_owned()),
        region: Some(region(VIRGINIA)),
        kind: Kind::Error(ApiError::new(403, "AccessDeniedException", "On request.")),
        ..Fault::default()
    });
    let told = discovered(options(&range, &login)).await;
    assert_eq!(told.spots(), all(&range));
    for source in Source::REGIONAL {
        let each = [MANAGEMENT, SECURITY, PROD, DATA];
        assert_eq!(told.via(source, VIRGINIA), each, "{source:?}");
        // They may have been seen before, so the feed is told that nobody could say.
        let unsure = |id: &str| {
            let fits = |r: &&Route| r.source == source && r.via.as_str() == id && r.region.as_str() == VIRGINIA;
            told.unsure.iter().any(|r| fits(&r))
        };
        assert!([MANAGEMENT, PROD, DATA].into_iter().all(unsure), "{:?}", told.unsure);
    }
    let no_member = told.remarks.iter().find(|r| r.sentence.contains("no enabled member"));
    assert_eq!(no_member, None, "nobody said that");
    let said = |part: &str| told.remarks.iter().any(|r| r.sentence.contains(part));
    assert!(
        said("members could not be listed") && said("AccessDeniedException"),
        "{:?}",
        told.remarks
    );
}

#[tokio::test]
async fn an_administrator_that_cannot_be_opened_is_named_and_each_account_read() {
    let (range, login) = administered();
    range.with_world(|world| {
        world.organization.delegate(PRINCIPALS[0], account(PROD));
        // PROD stands behind SECURITY in the list, so both are tried.
        for (id, other) in &mut world.accounts {
            if [SECURITY, PROD].contains(&id.as_str()) {
                other.iam.roles.remove("quell-reader");
            }
        }
    });
    // The caller's own account falls back to its own credentials, which may not read GuardDuty.
    let told = discovered(options(&range, &login)).await;
    assert_eq!(told.spots(), all(&range));
    let pinned = pinned(
        options(&range, &login),
        Discovery {
            guardduty_administrator: Some(account(PROD)),
            ..Discovery::default()
        },
    );
    let told = discovered(pinned).await;
    assert_eq!(told.spots(), all(&range));
    assert!(
        told.remarks
            .iter()
            .any(|r| r.sentence.starts_with("GuardDuty's administrator cannot be read")
                && r.place == Some((account(PROD), None))),
        "{:?}",
        told.remarks
    );
}

#[tokio::test]
async fn a_pinned_way_is_taken_and_what_it_leaves_out_is_named() {
    let (range, login) = administered();
    range.with_world(|world| {
        let now = world.now();
        let place = world.regional(&account(SECURITY), &region(VIRGINIA)).unwrap();
        place.guardduty.members.put(account(PROD), Relationship::Removed, now);
    });
    let discovery = Discovery {
        way: Way::Administrator,
        guardduty_administrator: Some(account(SECURITY)),
        securityhub_administrator: Some(account(SECURITY)),
        securityhub_home: Some(HomeRegion::At(region(SEOUL))),
        profiles: Vec::new(),
    };
    let told = discovered(pinned(options(&range, &login), discovery)).await;
    assert_eq!(told.spots(), all(&range));
    let [row] = told.without.as_slice() else {
        panic!("{:?}", told.without);
    };
    assert_eq!((row.account.as_str(), row.region.as_str()), (PROD, VIRGINIA));
    assert!(row.state.is_gap() && row.state == CoverageState::Partial);
    assert!(row.error.as_ref().unwrap().contains("does not see it"), "{row:?}");
    assert!(told.how.contains("as pinned"), "{}", told.how);
    // With the administrators pinned, every route is known before anything is asked.
    assert_eq!(told.routes.len(), 3);
}

#[tokio::test]
async fn a_home_region_that_gathers_nothing_is_named_and_each_region_read() {
    let (range, login) = administered();
    let discovery = Discovery {
        securityhub_home: Some(HomeRegion::At(region(VIRGINIA))),
        ..Discovery::default()
    };
    let told = discovered(pinned(options(&range, &login), discovery)).await;
    assert_eq!(told.spots(), all(&range));
    assert_eq!(told.via(Source::SecurityHub, VIRGINIA), [SECURITY]);
    assert!(
        told.remarks
            .iter()
            .any(|r| r.sentence.contains("home region that is pinned")),
        "{:?}",
        told.remarks
    );
}

#[tokio::test]
async fn a_pin_that_cannot_be_used_is_told() {
    let home = |code: &str| Discovery {
        securityhub_home: Some(HomeRegion::At(region(code))),
        ..Discovery::default()
    };
    // Nobody administers Security Hub.
    let (plain, to_plain) = range();
    for code in [VIRGINIA, "eu-west-1"] {
        let told = discovered(pinned(options(&plain, &to_plain), home(code))).await;
        assert!(
            told.how.contains("is pinned, but not used, because no administrator"),
            "{}",
            told.how
        );
        assert!(
            told.remarks.iter().any(|r| r.sentence.contains(code)),
            "{:?}",
            told.remarks
        );
    }
    let (range, login) = administered();
    let given = ConnectOptions {
        regions: vec![region(VIRGINIA)],
        ..options(&range, &login)
    };
    let told = discovered(pinned(given, home(SEOUL))).await;
    let why = "none of the regions that were asked for";
    assert!(told.how.contains(why) && !told.may_miss, "{}", told.how);
    assert!(
        told.remarks.iter().any(|r| r.sentence.contains(why)),
        "{:?}",
        told.remarks
    );
    range.with_world(|world| {
        let prod = world.accounts.get_mut(&account(PROD)).unwrap();
        prod.iam.roles.remove("quell-reader");
    });
    let discovery = Discovery {
        guardduty_administrator: Some(account(PROD)),
        ..Discovery::default()
    };
    let told = discovered(pinned(options(&range, &login), discovery)).await;
    assert!(
        told.how
            .contains("333333333333 is pinned as GuardDuty's administrator, but not used"),
        "{}",
        told.how
    );
    assert!(told.may_miss, "{}", told.how);
}

#[tokio::test]
async fn empty_pages_with_a_token_hide_nobody() {
    let (range, login) = administered();
    range.with_world(|world| {
        world.organization.empty_pages = 2;
        let pattern = world.accounts[&account(PROD)].clone();
        for n in 0..42 {
            let mut member = pattern.clone();
            member.id = account(&format!("5000000000{n:02}"));
            world.accounts.insert(member.id, member);
        }
    });
    let told = discovered(options(&range, &login)).await;
    assert_eq!(told.spots(), all(&range));
    assert_eq!((told.names.len(), told.may_miss), (46, false));
    assert!(told.how.contains("42 accounts read by their own roles"), "{}", told.how);
}

#[tokio::test]
async fn a_member_that_was_read_by_itself_first_is_still_called_a_member() {
    let (range, login) = range();
    range.with_world(|world| {
        let now = world.now();
        for code in [SEOUL, VIRGINIA] {
            let place = world.regional(&account(PROD), &region(code)).unwrap();
            for member in [MANAGEMENT, SECURITY] {
                place.guardduty.members.put(account(member), Relationship::Enabled, now);
            }
        }
        world.organization.delegate(PRINCIPALS[0], account(PROD));
    });
    let told = discovered(options(&range, &login)).await;
    // The caller's own account is read at once, before anybody knows who sees it.
    let early = |r: &Route| r.source == Source::GuardDuty && r.via.as_str() == SECURITY && r.region.as_str() == SEOUL;
    assert!(told.meanwhile.iter().any(early), "{:?}", told.meanwhile);
    assert_eq!(told.via(Source::GuardDuty, SEOUL), [PROD, DATA]);
    let said: Vec<_> = told
        .remarks
        .iter()
        .filter(|r| r.sentence.contains("no enabled member"))
        .collect();
    assert!(!said.is_empty());
    for remark in said {
        let (of, _) = remark.place.as_ref().unwrap();
        assert_eq!(of.as_str(), DATA, "{remark:?}");
    }
}

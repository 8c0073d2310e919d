//! What one reading makes of two versions of a finding.

use bytes::Bytes;

use crate::cloud::feed::Held;
use crate::findings::version::Told;
use crate::findings::{Finding, Place, Seen, asff, event};

fn place() -> Place {
    Place {
        account: "111122223333".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
    }
}

fn hub(product: &str, updated: &str, title: &str) -> Seen {
    let raw = format!(
        r#"{{"Id":"scan/i-1","ProductArn":"{product}","AwsAccountId":"111122223333","Region":"us-east-1","UpdatedAt":"{updated}",
        "CreatedAt":"2026-03-01T09:00:00Z","Title":"{title}"}}"#
    );
    Seen::read(Bytes::from(raw), |raw| asff::parse(raw, &place()))
}

fn merged(pages: Vec<Vec<Seen>>) -> Vec<Finding> {
    let mut held = Held::default();
    for page in pages {
        held.merge(page);
    }
    held.into_findings()
}

fn titles(found: &[Finding]) -> Vec<&str> {
    found.iter().map(|finding| finding.title.raw()).collect()
}

#[test]
fn each_products_finding_of_one_id_is_its_own() {
    let (early, late) = ("2026-03-01T10:00:00Z", "2026-03-01T10:05:00Z");
    let found = merged(vec![vec![hub("acme", early, "critical"), hub("beta", late, "low")]]);
    assert_eq!(titles(&found), ["critical", "low"]);
    assert!(
        found
            .iter()
            .all(|f| !f.doubts.iter().any(|doubt| doubt.contains("twice")))
    );
}

#[test]
fn what_has_no_time_of_its_own_takes_the_place_of_what_came_before_and_says_so() {
    for unreadable in ["2026/03/01 11:00", "", "01 Mar 2026"] {
        let old = hub("acme", "2026-03-01T10:00:00Z", "old");
        let found = merged(vec![vec![old], vec![hub("acme", unreadable, "new")]]);
        assert_eq!(titles(&found), ["new"], "{unreadable}");
        let says = |doubt: &String| doubt.contains("nothing says which is the later one");
        assert!(found[0].doubts.iter().any(says), "{:?}", found[0].doubts);
    }
}

#[test]
fn of_two_entries_of_one_time_the_worse_one_stays_and_says_that_nobody_knows() {
    let entry = |severity: u8| {
        let raw = format!(
            r#"{{"Id":"scan/i-1","ProductArn":"acme","AwsAccountId":"111122223333","Region":"us-east-1","Title":"{severity}",
            "UpdatedAt":"2026-03-01T10:00:00Z","Severity":{{"Normalized":{severity}}}}}"#
        );
        Seen::read(Bytes::from(raw), |raw| asff::parse(raw, &place()))
    };
    for order in [[20, 80, 80], [80, 20, 80], [80, 80, 20]] {
        let found = merged(vec![order.map(entry).to_vec()]);
        assert_eq!(titles(&found), ["80"]);
        let doubts = found[0]
            .doubts
            .iter()
            .filter(|doubt| doubt.contains("which is the later one"));
        assert_eq!(doubts.count(), 1, "{order:?}: {:?}", found[0].doubts);
    }
    let same = merged(vec![vec![entry(20), entry(20)]]);
    assert!(!same[0].doubts.iter().any(|doubt| doubt.contains("later one")));
}

#[test]
fn the_later_one_stays_in_whatever_order_they_come() {
    let at = |time: &str| time.parse().ok();
    let same = "2026-03-01T10:00:00Z";
    let page = || hub("acme", same, "read").told(Told::read(at("2026-03-01T10:06:00Z").unwrap()));
    let event = || hub("acme", same, "event").told(Told::by_event(at("2026-03-01T10:05:00Z")));
    for order in [vec![page(), event()], vec![event(), page()]] {
        let found = merged(vec![order]);
        assert_eq!(titles(&found), ["read"]);
        assert!(!found[0].doubts.iter().any(|doubt| doubt.contains("twice")));
    }
}

#[test]
fn an_incident_of_events_goes_on_since_its_first() {
    let told = |time: &str| {
        let raw = format!(
            r#"{{"detail-type":"Pump down","source":"acme.pump","id":"e","account":"111122223333","region":"us-east-1","time":"{time}",
            "detail":{{"id":"p1","severity":"critical"}}}}"#
        );
        event::read(&Bytes::from(raw), &place()).unwrap()
    };
    let (first, last) = ("2026-03-01T10:00:00Z", "2026-03-01T12:00:00Z");
    for order in [[first, last], [last, first]] {
        let found = merged(order.map(told).to_vec());
        assert_eq!(found.len(), 1);
        let times = [found[0].first_seen, found[0].updated_at].map(|at| at.unwrap().to_string());
        assert_eq!(times, [first, last]);
    }
}

/// `quell findings` and the console say the same of a page that a later version does not have.
#[test]
fn a_page_that_a_later_version_of_an_event_does_not_have_is_over() {
    let message = |minute: u32, page: u32, of: u32| {
        let raw = format!(
            r#"{{"detail-type":"AWS Health Event","source":"aws.health","id":"e","account":"111122223333","region":"eu-west-1",
            "time":"2026-03-01T10:{minute:02}:00Z","detail":{{"eventArn":"arn:aws:health:eu-west-1::event/EC2/X/1",
            "statusCode":"closed","page":"{page}","totalPages":"{of}"}}}}"#
        );
        Seen::read(
            Bytes::from(raw.replace("closed", if minute > 5 { "closed" } else { "open" })),
            |raw| event::parse(raw, &place()),
        )
    };
    let all = vec![message(1, 1, 2), message(1, 2, 2), message(9, 1, 1)];
    let backwards: Vec<Seen> = all.iter().rev().cloned().collect();
    for page in [all, backwards] {
        let found = merged(vec![page]);
        assert_eq!(found.iter().map(|f| f.archived).collect::<Vec<_>>(), [true, true]);
    }
}

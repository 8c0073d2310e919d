//! What an administrator sees of its members, and what a member does not see.

use aws_sdk_guardduty::error::ProvideErrorMetadata;
use aws_sdk_organizations::types::DelegatedAdministrator;
use serde_json::json;

use crate::domain::{AccountId, Region};
use crate::range::Range;
use crate::range::services::guardduty::Detector;
use crate::range::services::membership::Relationship;
use crate::range::services::securityhub::{Aggregator, LinkingMode};
use crate::range::testing::{self, MANAGEMENT, PROD, SECURITY, id};
use crate::range::world::World;

const SEOUL: &str = "ap-northeast-2";
const VIRGINIA: &str = "us-east-1";

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

fn detector_of(account: &str) -> String {
    format!("{account}00000000000000000000")
}

/// Every account has a detector, a hub and one finding of each service in both regions; the security account administers both
/// services; prod is its member in Seoul, and in Virginia known but not enabled.
fn world() -> World {
    let mut world = testing::world();
    let now = world.now();
    for account in [MANAGEMENT, SECURITY, PROD] {
        for code in [SEOUL, VIRGINIA] {
            let place = world.regional(&id(account), &region(code)).unwrap();
            place.guardduty.detector = Some(Detector {
                id: detector_of(account),
                created: now,
                enabled: true,
            });
            place.guardduty.put(
                json!({"id": format!("{account}-{code}"), "severity": 5.0, "type": "Recon:EC2/Portscan",
                "accountId": account, "updatedAt": "2026-03-01T00:00:00.000Z", "service": {"archived": false}}),
            );
            place.securityhub.enabled = Some(now);
            place
                .securityhub
                .put(json!({"Id": format!("{account}-{code}"), "AwsAccountId": account,
                "ProductArn": format!("arn:aws:securityhub:{code}::product/aws/inspector"),
                "Severity": {"Normalized": 70, "Label": "HIGH"}, "Workflow": {"Status": "NEW"}, "RecordState": "ACTIVE",
                "UpdatedAt": "2026-03-01T00:00:00.000Z"}));
        }
    }
    let security = id(SECURITY);
    for (code, relationship) in [(SEOUL, Relationship::Enabled), (VIRGINIA, Relationship::Created)] {
        let place = world.regional(&security, &region(code)).unwrap();
        place.guardduty.members.put(id(PROD), relationship, now);
        place.securityhub.members.put(id(PROD), Relationship::Enabled, now);
    }
    for principal in ["guardduty.amazonaws.com", "securityhub.amazonaws.com"] {
        world.organization.delegate(principal, security);
    }
    world
}

fn guardduty(range: &Range, account: &str, region: &str) -> aws_sdk_guardduty::Client {
    aws_sdk_guardduty::Client::new(&testing::admin(range, account, region))
}

fn securityhub(range: &Range, account: &str, region: &str) -> aws_sdk_securityhub::Client {
    aws_sdk_securityhub::Client::new(&testing::admin(range, account, region))
}

async fn listed(range: &Range, account: &str, region: &str) -> Vec<String> {
    let client = guardduty(range, account, region);
    let list = client.list_findings().detector_id(detector_of(account)).send().await;
    let mut ids = list.unwrap().finding_ids.unwrap();
    ids.sort();
    let got = client.get_findings().detector_id(detector_of(account));
    let got = got.set_finding_ids(Some(ids.clone())).send().await.unwrap();
    assert_eq!(got.findings().len(), ids.len());
    ids
}

#[tokio::test]
async fn a_detector_of_the_administrator_shows_enabled_members() {
    let range = Range::new(world());
    let both = ["222222222222-ap-northeast-2", "333333333333-ap-northeast-2"];
    assert_eq!(listed(&range, SECURITY, SEOUL).await, both);
    assert_eq!(listed(&range, SECURITY, VIRGINIA).await, ["222222222222-us-east-1"]);
    assert_eq!(listed(&range, PROD, SEOUL).await, ["333333333333-ap-northeast-2"]);
    // A member whose detector is off is not seen, whatever the relationship says.
    range.with_world(|w| w.regional(&id(PROD), &region(SEOUL)).unwrap().guardduty.detector = None);
    assert_eq!(listed(&range, SECURITY, SEOUL).await, ["222222222222-ap-northeast-2"]);
}

#[tokio::test]
async fn members_and_administrators_name_one_another() {
    let range = Range::new(world());
    let (above, below) = (guardduty(&range, SECURITY, VIRGINIA), guardduty(&range, PROD, SEOUL));
    let members = |only: &str| {
        let call = above.list_members().detector_id(detector_of(SECURITY));
        call.only_associated(only).send()
    };
    assert!(members("true").await.unwrap().members().is_empty());
    let all = members("FALSE").await.unwrap();
    let member = &all.members()[0];
    assert_eq!(
        (
            member.account_id(),
            member.relationship_status(),
            member.administrator_id()
        ),
        (Some(PROD), Some("Created"), Some(SECURITY))
    );
    assert!(
        members("perhaps")
            .await
            .unwrap_err()
            .into_service_error()
            .is_bad_request_exception()
    );
    let who = below
        .get_administrator_account()
        .detector_id(detector_of(PROD))
        .send()
        .await;
    let who = who.unwrap().administrator.unwrap();
    assert_eq!(
        (who.account_id(), who.relationship_status()),
        (Some(SECURITY), Some("Enabled"))
    );
    let nobody = above.get_administrator_account().detector_id(detector_of(SECURITY));
    let nobody = nobody.send().await.unwrap();
    assert_eq!(nobody.administrator.and_then(|a| a.account_id), None);
    let management = guardduty(&range, MANAGEMENT, SEOUL);
    let admins = management.list_organization_admin_accounts().send().await.unwrap();
    assert_eq!(admins.admin_accounts()[0].admin_account_id(), Some(SECURITY));
    let refused = below.list_organization_admin_accounts().send().await.unwrap_err();
    assert!(refused.into_service_error().is_bad_request_exception());
}

#[tokio::test]
async fn the_administrator_archives_for_a_member_that_may_not() {
    let range = Range::new(world());
    let finding = "333333333333-ap-northeast-2";
    let archive = |account| {
        let client = guardduty(&range, account, SEOUL);
        let call = client.archive_findings().detector_id(detector_of(account));
        call.finding_ids(finding).send()
    };
    assert!(
        archive(PROD)
            .await
            .unwrap_err()
            .into_service_error()
            .is_bad_request_exception()
    );
    archive(SECURITY).await.unwrap();
    range.with_world(|w| {
        let prod = &w.regional(&id(PROD), &region(SEOUL)).unwrap().guardduty;
        assert_eq!(prod.findings[finding]["service"]["archived"], true);
    });
}

async fn got(range: &Range, account: &str, region: &str) -> Vec<String> {
    let found = Box::pin(securityhub(range, account, region).get_findings().send())
        .await
        .unwrap();
    found.findings().iter().map(|f| f.id().unwrap().to_owned()).collect()
}

fn aggregate(world: &mut World, mode: LinkingMode, regions: &[&str]) {
    let home = world.regional(&id(SECURITY), &region(SEOUL)).unwrap();
    home.securityhub.aggregator = Some(Aggregator {
        id: "123e4567-e89b-42d3-a456-426652340000".to_owned(),
        mode,
        regions: regions.iter().map(|r| region(r)).collect(),
    });
}

#[tokio::test]
async fn the_home_region_shows_the_linked_regions() {
    let here = ["222222222222-ap-northeast-2", "333333333333-ap-northeast-2"];
    let both = [
        "222222222222-ap-northeast-2",
        "222222222222-us-east-1",
        "333333333333-ap-northeast-2",
        "333333333333-us-east-1",
    ];
    for (mode, named, links) in [
        (LinkingMode::AllRegions, &[][..], true),
        (LinkingMode::NoRegions, &[], false),
        (LinkingMode::SpecifiedRegions, &[VIRGINIA], true),
        (LinkingMode::SpecifiedRegions, &["eu-west-1"], false),
        (LinkingMode::AllRegionsExceptSpecified, &[VIRGINIA], false),
    ] {
        let mut world = world();
        aggregate(&mut world, mode, named);
        let range = Range::new(world);
        let expected: &[&str] = if links { &both } else { &here };
        assert_eq!(got(&range, SECURITY, SEOUL).await, expected, "{mode:?} {named:?}");
        // A linked region sees itself alone, a member what is its own.
        assert_eq!(got(&range, SECURITY, VIRGINIA).await, [both[1], both[3]]);
        let own: &[&str] = if links { &both[2..] } else { &both[2..3] };
        assert_eq!(got(&range, PROD, SEOUL).await, own);
        // Any region tells of the aggregator.
        let client = securityhub(&range, SECURITY, VIRGINIA);
        let list = client.list_finding_aggregators().send().await.unwrap();
        let arn = list.finding_aggregators()[0].finding_aggregator_arn().unwrap();
        let told = client
            .get_finding_aggregator()
            .finding_aggregator_arn(arn)
            .send()
            .await
            .unwrap();
        assert_eq!(
            (
                told.finding_aggregation_region(),
                told.region_linking_mode(),
                told.regions()
            ),
            (
                Some(SEOUL),
                Some(mode.as_str()),
                &named.iter().map(|r| (*r).to_owned()).collect::<Vec<_>>()[..]
            )
        );
        let other = client
            .get_finding_aggregator()
            .finding_aggregator_arn(arn.replace("123e", "0000"));
        let error = other.send().await.unwrap_err().into_service_error();
        assert!(error.is_resource_not_found_exception(), "{error:?}");
    }
}

#[tokio::test]
async fn the_administrator_claims_a_members_finding_of_a_linked_region() {
    let mut world = world();
    aggregate(&mut world, LinkingMode::AllRegions, &[]);
    let range = Range::new(world);
    let product = "arn:aws:securityhub:us-east-1::product/aws/inspector";
    let claim = |account: &'static str, finding: &'static str| {
        use aws_sdk_securityhub::types as t;
        let client = securityhub(&range, account, SEOUL);
        let identifier = t::AwsSecurityFindingIdentifier::builder()
            .id(finding)
            .product_arn(product);
        let note = t::NoteUpdate::builder()
            .text("김민준 is on it")
            .updated_by("quell")
            .build();
        let status = t::WorkflowUpdate::builder().status(t::WorkflowStatus::Notified).build();
        let call = client.batch_update_findings().note(note).workflow(status);
        call.finding_identifiers(identifier.build())
            .user_defined_fields("quell", "q-1")
            .send()
    };
    let answer = claim(SECURITY, "333333333333-us-east-1").await.unwrap();
    assert_eq!(
        (answer.processed_findings().len(), answer.unprocessed_findings().len()),
        (1, 0)
    );
    // The management account is nobody's member, and prod sees nobody but itself.
    for (account, finding) in [(SECURITY, "111111111111-us-east-1"), (PROD, "222222222222-us-east-1")] {
        let answer = claim(account, finding).await.unwrap();
        assert_eq!(answer.unprocessed_findings()[0].error_code(), Some("FindingNotFound"));
    }
    range.with_world(|w| {
        let hub = &w.regional(&id(PROD), &region(VIRGINIA)).unwrap().securityhub;
        let finding = &hub.findings["333333333333-us-east-1"];
        assert_eq!(finding["Note"]["Text"], "김민준 is on it");
        assert_eq!(finding["Workflow"]["Status"], "NOTIFIED");
        assert_eq!(finding["UserDefinedFields"]["quell"], "q-1");
    });
}

#[tokio::test]
async fn security_hub_names_members_and_administrators() {
    let range = Range::new(world());
    let members = securityhub(&range, SECURITY, SEOUL)
        .list_members()
        .send()
        .await
        .unwrap();
    let member = &members.members()[0];
    assert_eq!(
        (member.account_id(), member.member_status()),
        (Some(PROD), Some("Enabled"))
    );
    assert_eq!(member.updated_at().unwrap().to_string(), "2026-03-01T00:00:00Z");
    let who = securityhub(&range, PROD, SEOUL)
        .get_administrator_account()
        .send()
        .await
        .unwrap();
    assert_eq!(who.administrator().unwrap().account_id(), Some(SECURITY));
    let client = securityhub(&range, MANAGEMENT, SEOUL);
    let nobody = client.get_administrator_account().send().await.unwrap();
    assert!(nobody.administrator().is_none());
    let admins = client.list_organization_admin_accounts().send().await.unwrap();
    assert_eq!(admins.admin_accounts()[0].account_id(), Some(SECURITY));
    let client = securityhub(&range, PROD, SEOUL);
    let refused = client.list_organization_admin_accounts().send().await.unwrap_err();
    assert!(refused.into_service_error().is_invalid_access_exception());
    assert!(
        client
            .list_finding_aggregators()
            .send()
            .await
            .unwrap()
            .finding_aggregators()
            .is_empty()
    );
}

fn organizations(range: &Range, account: &str) -> aws_sdk_organizations::Client {
    aws_sdk_organizations::Client::new(&testing::admin(range, account, VIRGINIA))
}

#[tokio::test]
async fn administrators_are_listed_by_the_service_that_they_administer() {
    let mut world = world();
    world.organization.delegate("guardduty.amazonaws.com", id(PROD));
    let range = Range::new(world);
    // A delegated administrator may ask, whatever it administers.
    let orgs = organizations(&range, PROD);
    let ids =
        |list: &[DelegatedAdministrator]| -> Vec<AccountId> { list.iter().map(|a| id(a.id().unwrap())).collect() };
    for (principal, expected) in [
        (None, vec![id(SECURITY), id(PROD)]),
        (Some("guardduty.amazonaws.com"), vec![id(SECURITY), id(PROD)]),
        (Some("securityhub.amazonaws.com"), vec![id(SECURITY)]),
        (Some("macie.amazonaws.com"), vec![]),
    ] {
        let call = orgs.list_delegated_administrators();
        let list = call
            .set_service_principal(principal.map(str::to_owned))
            .send()
            .await
            .unwrap();
        assert_eq!(ids(list.delegated_administrators()), expected, "{principal:?}");
    }
    let services = orgs
        .list_delegated_services_for_account()
        .account_id(PROD)
        .send()
        .await
        .unwrap();
    let names: Vec<_> = services
        .delegated_services()
        .iter()
        .map(|s| s.service_principal())
        .collect();
    assert_eq!(names, [Some("guardduty.amazonaws.com")]);
    let none = orgs
        .list_delegated_services_for_account()
        .account_id(MANAGEMENT)
        .send()
        .await;
    assert_eq!(none.unwrap_err().code(), Some("AccountNotRegisteredException"));
}

#[tokio::test]
async fn an_empty_page_may_still_have_a_token() {
    let mut world = testing::world();
    for n in 0..42 {
        world.add_account(id(&format!("4000000000{n:02}")), "member", "m@acme.example", "");
    }
    world.organization.empty_pages = 2;
    let range = Range::new(world);
    let orgs = organizations(&range, SECURITY);
    let (mut sizes, mut token) = (Vec::new(), None);
    loop {
        let page = orgs.list_accounts().set_next_token(token).send().await.unwrap();
        sizes.push(page.accounts().len());
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [20, 0, 20, 0, 5]);
}

//! GuardDuty through the SDK's own client.

use std::collections::BTreeSet;

use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::types::{Condition, Finding, FindingCriteria, OrderBy, SortCriteria};

use super::bench::{Bench, PROD, SEOUL, VIRGINIA, code};

async fn client(bench: &Bench, account: &str, region: &str) -> (Client, Option<String>) {
    let client = Client::new(&bench.respond(account, region).await);
    let detectors = client.list_detectors().send().await.unwrap().detector_ids.unwrap();
    (client, detectors.into_iter().next())
}

fn sort(attribute: &str, order: OrderBy) -> SortCriteria {
    SortCriteria::builder()
        .attribute_name(attribute)
        .order_by(order)
        .build()
}

/// All ids that meet a condition, in pages of seven.
async fn list(client: &Client, detector: &str, criterion: Option<(&str, Condition)>) -> Vec<String> {
    let criteria = criterion.map(|(name, condition)| FindingCriteria::builder().criterion(name, condition).build());
    let (mut ids, mut token) = (Vec::new(), None);
    loop {
        let page = client
            .list_findings()
            .detector_id(detector)
            .set_finding_criteria(criteria.clone())
            .sort_criteria(sort("severity", OrderBy::Desc))
            .max_results(7)
            .set_next_token(token)
            .send()
            .await
            .unwrap();
        ids.extend(page.finding_ids.unwrap());
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return ids;
        }
    }
}

async fn get(client: &Client, detector: &str, ids: &[String]) -> Vec<Finding> {
    let mut found = Vec::new();
    for ids in ids.chunks(50) {
        let answer = client
            .get_findings()
            .detector_id(detector)
            .set_finding_ids(Some(ids.to_vec()))
            .send()
            .await
            .unwrap();
        found.extend(answer.findings.unwrap());
    }
    found
}

#[tokio::test]
async fn pages_give_every_finding_once_and_the_worst_first() {
    let bench = Bench::new();
    let (client, detector) = client(&bench, PROD, VIRGINIA).await;
    let detector = detector.unwrap();
    let ids = list(&client, &detector, None).await;
    let stored = bench.range.with_world(|world| {
        let prod = &world.accounts[&PROD.parse().unwrap()];
        prod.regions[&VIRGINIA.parse().unwrap()].guardduty.findings.len()
    });
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (stored, stored));
    let severities: Vec<f64> = get(&client, &detector, &ids)
        .await
        .iter()
        .map(|f| f.severity.unwrap())
        .collect();
    assert!(severities.is_sorted_by(|a, b| a >= b), "{severities:?}");
    assert!(severities[0] >= 9.0);
}

#[tokio::test]
async fn what_arrives_while_paging_is_there_at_the_next_look() {
    let bench = Bench::new();
    let (client, detector) = client(&bench, PROD, SEOUL).await;
    let detector = detector.unwrap();
    let before = list(&client, &detector, None).await;
    bench.advance(300);
    let after = list(&client, &detector, None).await;
    assert!(after.len() >= before.len() + 6, "{} {}", before.len(), after.len());
    let since = Condition::builder().greater_than(1_772_323_200_000).build();
    let new = list(&client, &detector, Some(("updatedAt", since))).await;
    assert_eq!(new.len(), after.len() - before.len());
}

#[tokio::test]
async fn criteria_choose_by_severity_type_and_nested_attributes() {
    let bench = Bench::new();
    let (client, detector) = client(&bench, PROD, SEOUL).await;
    let detector = detector.unwrap();
    let all = list(&client, &detector, None).await;
    let high = Condition::builder().greater_than_or_equal(7).build();
    let high = list(&client, &detector, Some(("severity", high))).await;
    assert!(!high.is_empty() && high.len() < all.len());
    let kind = Condition::builder().equals("Backdoor:EC2/C&CActivity.B!DNS").build();
    let kind = list(&client, &detector, Some(("type", kind))).await;
    let finding = &get(&client, &detector, &kind).await[0];
    let instance = finding.resource.as_ref().unwrap().instance_details.as_ref().unwrap();
    assert_eq!(instance.network_interfaces.as_ref().unwrap().len(), 2);
    let same = Condition::builder()
        .equals(instance.instance_id.as_deref().unwrap())
        .build();
    let same = list(&client, &detector, Some(("resource.instanceDetails.instanceId", same))).await;
    assert!(same.len() >= 3 && same.contains(&kind[0]), "{same:?}");
    let others = Condition::builder()
        .not_equals(finding.r#type.as_deref().unwrap())
        .build();
    let others = list(&client, &detector, Some(("type", others))).await;
    assert_eq!(others.len(), all.len() - 1);
}

#[tokio::test]
async fn archived_findings_are_known_as_such_and_come_back() {
    let bench = Bench::new();
    let (client, detector) = client(&bench, PROD, SEOUL).await;
    let detector = detector.unwrap();
    let all = list(&client, &detector, None).await;
    client
        .archive_findings()
        .detector_id(&detector)
        .finding_ids(&all[0])
        .send()
        .await
        .unwrap();
    let archived = |on: bool| Condition::builder().equals(on.to_string()).build();
    assert_eq!(
        list(&client, &detector, Some(("service.archived", archived(true)))).await,
        all[..1]
    );
    client
        .unarchive_findings()
        .detector_id(&detector)
        .finding_ids(&all[0])
        .send()
        .await
        .unwrap();
    let open = list(&client, &detector, Some(("service.archived", archived(false)))).await;
    assert_eq!(open.len(), all.len());
}

#[tokio::test]
async fn unknown_ids_are_left_out_and_unknown_detectors_refused() {
    let bench = Bench::new();
    let (client, detector) = client(&bench, PROD, SEOUL).await;
    let detector = detector.unwrap();
    assert!(get(&client, &detector, &["0".repeat(32)]).await.is_empty());
    let wrong = client.list_findings().detector_id("0".repeat(32)).send().await;
    assert_eq!(code(wrong), "BadRequestException");
    let too_many = client
        .list_findings()
        .detector_id(&detector)
        .max_results(51)
        .send()
        .await;
    assert_eq!(code(too_many), "BadRequestException");
    let nowhere = client
        .list_findings()
        .detector_id(&detector)
        .sort_criteria(sort("colour", OrderBy::Asc))
        .send()
        .await;
    assert_eq!(code(nowhere), "BadRequestException");
}

#[tokio::test]
async fn an_account_without_guardduty_has_no_detector() {
    let bench = Bench::new();
    assert_eq!(client(&bench, "444444444444", VIRGINIA).await.1, None);
}

#[tokio::test]
async fn a_sequence_about_a_bucket_takes_nobody_for_its_actor() {
    let bench = Bench::new();
    for (region, kind, user) in [
        (SEOUL, "AttackSequence:S3/CompromisedData", None),
        (
            VIRGINIA,
            "AttackSequence:IAM/CompromisedCredentials",
            Some("deploy-bot"),
        ),
    ] {
        let (client, detector) = client(&bench, PROD, region).await;
        let detector = detector.unwrap();
        let of_kind = Condition::builder().equals(kind).build();
        let ids = list(&client, &detector, Some(("type", of_kind))).await;
        let found = get(&client, &detector, &ids[..1]).await;
        let sequence = found[0].service().unwrap().detection().unwrap().sequence().unwrap();
        let [actor] = sequence.actors() else {
            panic!("{:?}", sequence.actors())
        };
        assert_eq!(actor.user().and_then(|u| u.name()), user, "{kind}");
    }
}

//! Security Hub through the SDK's own client.

#![allow(clippy::large_futures, reason = "the SDK's Security Hub types are that large")]

use aws_sdk_securityhub::Client;
use aws_sdk_securityhub::types::{
    AwsSecurityFinding, AwsSecurityFindingFilters, AwsSecurityFindingIdentifier, Resource, Severity, SeverityLabel,
    SortCriterion, SortOrder, StringFilter, StringFilterComparison, WorkflowStatus, WorkflowUpdate,
};

use super::bench::{Bench, PROD, SEOUL, VIRGINIA, code, with_room};

async fn client(bench: &Bench, account: &str, region: &str) -> Client {
    Client::new(&bench.respond(account, region).await)
}

fn is(comparison: StringFilterComparison, value: &str) -> StringFilter {
    StringFilter::builder().comparison(comparison).value(value).build()
}

async fn all(client: &Client, filters: Option<AwsSecurityFindingFilters>) -> Vec<AwsSecurityFinding> {
    let (mut found, mut token) = (Vec::new(), None);
    loop {
        let page = client
            .get_findings()
            .set_filters(filters.clone())
            .sort_criteria(
                SortCriterion::builder()
                    .field("SeverityNormalized")
                    .sort_order(SortOrder::Descending)
                    .build(),
            )
            .max_results(2)
            .set_next_token(token)
            .send()
            .await
            .unwrap();
        found.extend(page.findings.unwrap());
        token = page.next_token;
        if token.is_none() {
            return found;
        }
    }
}

fn normalized(finding: &AwsSecurityFinding) -> i32 {
    finding.severity.as_ref().unwrap().normalized.unwrap()
}

#[test]
fn pages_give_every_finding_once_and_the_worst_first() {
    with_room(async || {
        let bench = Bench::new();
        let client = client(&bench, PROD, SEOUL).await;
        let found = all(&client, None).await;
        let mut ids: Vec<&str> = found.iter().map(|f| f.id.as_deref().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert!(ids.len() >= 6 && ids.len() == found.len(), "{ids:?}");
        assert!(found.is_sorted_by(|a, b| normalized(a) >= normalized(b)));
    });
}

#[test]
fn filters_join_values_by_or_and_attributes_by_and() {
    with_room(async || {
        let bench = Bench::new();
        let client = client(&bench, PROD, SEOUL).await;
        let equals = StringFilterComparison::Equals;
        let filters = AwsSecurityFindingFilters::builder()
            .severity_label(is(equals.clone(), "HIGH"))
            .severity_label(is(equals.clone(), "LOW"))
            .resource_type(is(equals, "AwsEc2Instance"))
            .generator_id(is(StringFilterComparison::NotEquals, "security-control/EC2.9"))
            .build();
        let found = all(&client, Some(filters)).await;
        let controls: Vec<&str> = found.iter().map(|f| f.generator_id.as_deref().unwrap()).collect();
        assert_eq!(
            controls,
            [
                "security-control/EC2.8",
                "security-control/EC2.8",
                "security-control/EC2.17"
            ]
        );
        let prefix = AwsSecurityFindingFilters::builder()
            .title(is(StringFilterComparison::Prefix, "S3 general"))
            .build();
        assert_eq!(all(&client, Some(prefix)).await.len(), 2);
        let field = SortCriterion::builder().field("Colour").build();
        let unknown = client.get_findings().sort_criteria(field).send().await;
        assert_eq!(code(unknown), "InvalidInputException");
    });
}

#[test]
fn an_imported_finding_appears_and_a_workflow_update_survives_the_next_import() {
    with_room(imported_and_updated);
}

async fn imported_and_updated() {
    let bench = Bench::new();
    // The responder role may not import; the product does, with a key of its own.
    let key = bench.range.with_world(|world| {
        let prod = &world.accounts[&PROD.parse().unwrap()];
        prod.iam.users["svc-backup-2"].keys[0].clone()
    });
    let product = Client::new(&crate::range::testing::config(
        &bench.range,
        &key.id,
        &key.secret,
        None,
        SEOUL,
    ));
    let arn = format!("arn:aws:securityhub:{SEOUL}:{PROD}:product/{PROD}/default");
    let finding = AwsSecurityFinding::builder()
        .schema_version("2018-10-08")
        .id("scanner/1")
        .product_arn(&arn)
        .generator_id("scanner")
        .aws_account_id(PROD)
        .created_at("2026-02-28T10:00:00Z")
        .updated_at("2026-02-28T10:00:00Z")
        .title("알 수 없는 프로세스")
        .description("An unknown process.")
        .severity(Severity::builder().label(SeverityLabel::Critical).build())
        .resources(Resource::builder().r#type("Other").id("host-1").build())
        .build();
    let import = async || {
        product
            .batch_import_findings()
            .findings(finding.clone())
            .send()
            .await
            .unwrap()
    };
    assert_eq!(import().await.success_count, Some(1));
    let client = client(&bench, PROD, SEOUL).await;
    client
        .batch_update_findings()
        .finding_identifiers(
            AwsSecurityFindingIdentifier::builder()
                .id("scanner/1")
                .product_arn(&arn)
                .build(),
        )
        .workflow(WorkflowUpdate::builder().status(WorkflowStatus::Notified).build())
        .send()
        .await
        .unwrap();
    import().await;
    let worst = &all(&client, None).await[0];
    assert_eq!((worst.id.as_deref(), normalized(worst)), (Some("scanner/1"), 90));
    assert_eq!(worst.workflow.as_ref().unwrap().status, Some(WorkflowStatus::Notified));
}

#[test]
fn an_account_without_security_hub_is_refused() {
    with_room(async || {
        let bench = Bench::new();
        let off = client(&bench, "444444444444", VIRGINIA).await;
        assert_eq!(code(off.describe_hub().send().await), "InvalidAccessException");
        assert_eq!(code(off.get_findings().send().await), "InvalidAccessException");
        let on = client(&bench, PROD, VIRGINIA).await;
        let hub = on.describe_hub().send().await.unwrap().hub_arn.unwrap();
        assert!(hub.ends_with("hub/default"), "{hub}");
    });
}

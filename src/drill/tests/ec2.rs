//! EC2 through the SDK's own client: instances, interfaces, attributes, tags, snapshots.

use std::collections::BTreeSet;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    AttributeBooleanValue, AttributeValue, CopyTagsFromSource, EbsInstanceBlockDeviceSpecification, Filter, Instance,
    InstanceAttributeName, InstanceBlockDeviceMappingSpecification, InstanceSpecification, ResourceType, SnapshotState,
    Tag, TagSpecification,
};

use super::bench::{Bench, PROD, SEOUL, VIRGINIA, code};

pub async fn client(bench: &Bench) -> Client {
    Client::new(&bench.respond(PROD, SEOUL).await)
}

pub fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// The instance with two interfaces, as AWS shows it.
pub async fn web(client: &Client) -> Instance {
    let answer = client
        .describe_instances()
        .filters(filter("tag:Name", "결제-웹-01"))
        .send()
        .await
        .unwrap();
    let mut reservations = answer.reservations.unwrap();
    assert_eq!(reservations.len(), 1);
    reservations.remove(0).instances.unwrap().remove(0)
}

#[tokio::test]
async fn an_instance_shows_interfaces_volumes_profile_and_tags() {
    let bench = Bench::new();
    let web = web(&client(&bench).await).await;
    let enis = web.network_interfaces();
    assert_eq!(enis.len(), 2);
    let indexes: Vec<i32> = enis
        .iter()
        .map(|e| e.attachment().unwrap().device_index().unwrap())
        .collect();
    assert_eq!(indexes, [0, 1]);
    assert!(enis.iter().all(|e| e.ipv6_addresses().len() == 1));
    assert_eq!(web.block_device_mappings().len(), 2);
    assert!(web.public_ip_address().is_some());
    assert!(
        web.iam_instance_profile()
            .unwrap()
            .arn()
            .unwrap()
            .ends_with(":instance-profile/web-instance")
    );
    assert!(web.tags().iter().any(|t| t.key() == Some("aws:autoscaling:groupName")));
}

#[tokio::test]
async fn pages_of_instances_give_each_once() {
    let bench = Bench::new();
    let client = Client::new(&bench.respond(PROD, VIRGINIA).await);
    let mut pages = client.describe_instances().max_results(30).into_paginator().send();
    let (mut ids, mut count) = (BTreeSet::new(), 0);
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        for instance in page
            .reservations()
            .iter()
            .flat_map(aws_sdk_ec2::types::Reservation::instances)
        {
            ids.insert(instance.instance_id().unwrap().to_owned());
        }
        count += 1;
    }
    assert_eq!((ids.len(), count), (100, 4));
}

#[tokio::test]
async fn ids_that_lead_nowhere_are_errors_in_ec2s_words() {
    let bench = Bench::new();
    let client = client(&bench).await;
    let instance = |id: &str| client.describe_instances().instance_ids(id).send();
    assert_eq!(
        code(instance("i-00000000000000000").await),
        "InvalidInstanceID.NotFound"
    );
    for malformed in ["web", "i-xyz", "eni-00000000000000000"] {
        assert_eq!(code(instance(malformed).await), "InvalidInstanceID.Malformed");
    }
    let eni = client
        .describe_network_interfaces()
        .network_interface_ids("eni-00000000000000000");
    assert_eq!(code(eni.send().await), "InvalidNetworkInterfaceID.NotFound");
    let group = client.describe_security_groups().group_ids("sg-00000000000000000");
    assert_eq!(code(group.send().await), "InvalidGroup.NotFound");
}

#[tokio::test]
async fn protections_are_set_and_read_back() {
    let bench = Bench::new();
    let client = client(&bench).await;
    let web = web(&client).await;
    let id = web.instance_id().unwrap();
    let yes = AttributeBooleanValue::builder().value(true).build();
    let protect = client
        .modify_instance_attribute()
        .instance_id(id)
        .disable_api_termination(yes);
    assert_eq!(code(protect.clone().dry_run(true).send().await), "DryRunOperation");
    let read = |name| {
        client
            .describe_instance_attribute()
            .instance_id(id)
            .attribute(name)
            .send()
    };
    let before = read(InstanceAttributeName::DisableApiTermination).await.unwrap();
    assert_eq!(before.disable_api_termination.unwrap().value, Some(false));
    protect.send().await.unwrap();
    let after = read(InstanceAttributeName::DisableApiTermination).await.unwrap();
    assert_eq!(after.disable_api_termination.unwrap().value, Some(true));
    let behavior = AttributeValue::builder().value("terminate").build();
    let change = client
        .modify_instance_attribute()
        .instance_id(id)
        .instance_initiated_shutdown_behavior(behavior);
    change.send().await.unwrap();
    let after = read(InstanceAttributeName::InstanceInitiatedShutdownBehavior)
        .await
        .unwrap();
    assert_eq!(
        after.instance_initiated_shutdown_behavior.unwrap().value.as_deref(),
        Some("terminate")
    );
    let mapping = InstanceBlockDeviceMappingSpecification::builder()
        .device_name("/dev/xvda")
        .ebs(
            EbsInstanceBlockDeviceSpecification::builder()
                .delete_on_termination(false)
                .build(),
        )
        .build();
    client
        .modify_instance_attribute()
        .instance_id(id)
        .block_device_mappings(mapping)
        .send()
        .await
        .unwrap();
    let keeps =
        |m: &aws_sdk_ec2::types::InstanceBlockDeviceMapping| m.ebs().unwrap().delete_on_termination() == Some(false);
    assert!(super::ec2::web(&client).await.block_device_mappings().iter().all(keeps));
}

#[tokio::test]
async fn a_protected_instance_is_not_terminated_even_by_an_administrator() {
    let bench = Bench::new();
    let responder = client(&bench).await;
    let web = web(&responder).await;
    let id = web.instance_id().unwrap();
    // Terminating is not among the responder's permissions.
    assert_eq!(
        code(responder.terminate_instances().instance_ids(id).send().await),
        "UnauthorizedOperation"
    );
    let yes = AttributeBooleanValue::builder().value(true).build();
    responder
        .modify_instance_attribute()
        .instance_id(id)
        .disable_api_termination(yes)
        .send()
        .await
        .unwrap();
    let key = bench
        .range
        .with_world(|world| world.accounts[&PROD.parse().unwrap()].iam.users["svc-backup-2"].keys[0].clone());
    let backdoor = Client::new(&crate::range::testing::config(
        &bench.range,
        &key.id,
        &key.secret,
        None,
        SEOUL,
    ));
    assert_eq!(
        code(backdoor.terminate_instances().instance_ids(id).send().await),
        "OperationNotPermitted"
    );
}

#[tokio::test]
async fn tags_come_and_go_within_awss_limits() {
    let bench = Bench::new();
    let client = client(&bench).await;
    let web = web(&client).await;
    let id = web.instance_id().unwrap();
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    client
        .create_tags()
        .resources(id)
        .tags(tag("quell:case", "q-1"))
        .send()
        .await
        .unwrap();
    let read = async || {
        client
            .describe_tags()
            .filters(filter("resource-id", id))
            .send()
            .await
            .unwrap()
            .tags
            .unwrap()
    };
    assert!(
        read()
            .await
            .iter()
            .any(|t| t.key() == Some("quell:case") && t.value() == Some("q-1"))
    );
    client
        .delete_tags()
        .resources(id)
        .tags(Tag::builder().key("quell:case").build())
        .send()
        .await
        .unwrap();
    assert!(!read().await.iter().any(|t| t.key() == Some("quell:case")));
    for (key, value) in [
        ("aws:x", "1".to_owned()),
        (&"k".repeat(129), "1".to_owned()),
        ("k", "v".repeat(257)),
    ] {
        let refused = client.create_tags().resources(id).tags(tag(key, &value)).send().await;
        assert_eq!(code(refused), "InvalidParameterValue", "{key}");
    }
    let many = (0..50).map(|n| tag(&format!("k{n}"), "")).collect();
    let refused = client.create_tags().resources(id).set_tags(Some(many)).send().await;
    assert_eq!(code(refused), "TagLimitExceeded");
}

#[tokio::test]
async fn a_hostile_tag_comes_as_valid_xml() {
    let bench = Bench::new();
    let client = client(&bench).await;
    let answer = client
        .describe_instances()
        .filters(filter("tag:Name", "bastion"))
        .send()
        .await
        .unwrap();
    let tags = answer.reservations()[0].instances()[0].tags();
    let note = tags.iter().find(|t| t.key() == Some("note")).unwrap().value().unwrap();
    assert!(note.contains("all clear") && note.contains('\u{202e}'), "{note:?}");
}

#[tokio::test]
async fn snapshots_are_one_a_volume_and_progress_with_the_clock() {
    let bench = Bench::new();
    let client = client(&bench).await;
    let web = web(&client).await;
    let tags = TagSpecification::builder()
        .resource_type(ResourceType::Snapshot)
        .tags(Tag::builder().key("quell:case").value("q-1").build())
        .build();
    let instance = |without_boot| {
        InstanceSpecification::builder()
            .instance_id(web.instance_id().unwrap())
            .exclude_boot_volume(without_boot)
            .build()
    };
    let create = client
        .create_snapshots()
        .tag_specifications(tags)
        .copy_tags_from_source(CopyTagsFromSource::Volume);
    let made = create
        .clone()
        .instance_specification(instance(false))
        .send()
        .await
        .unwrap();
    assert_eq!(made.snapshots().len(), 2);
    assert!(
        made.snapshots()
            .iter()
            .all(|s| s.state() == Some(&SnapshotState::Pending))
    );
    let read = async || {
        let mut found = client
            .describe_snapshots()
            .owner_ids("self")
            .filters(filter("tag:quell:case", "q-1"))
            .send()
            .await
            .unwrap()
            .snapshots
            .unwrap();
        found.sort_by_key(aws_sdk_ec2::types::Snapshot::volume_size);
        found
            .into_iter()
            .map(|s| (s.volume_size.unwrap(), s.progress.unwrap(), s.state.unwrap()))
            .collect::<Vec<_>>()
    };
    let row = |size, progress: &str, state| (size, progress.to_owned(), state);
    assert_eq!(
        read().await,
        [
            row(30, "0%", SnapshotState::Pending),
            row(100, "0%", SnapshotState::Pending)
        ]
    );
    bench.advance(45);
    assert_eq!(
        read().await,
        [
            row(30, "100%", SnapshotState::Completed),
            row(100, "50%", SnapshotState::Pending)
        ]
    );
    bench.advance(45);
    assert_eq!(read().await[1], row(100, "100%", SnapshotState::Completed));
    let copied = client
        .describe_snapshots()
        .filters(filter("tag:Retention", "7y"))
        .send()
        .await
        .unwrap();
    assert_eq!(copied.snapshots().len(), 1);
    let data_only = create.instance_specification(instance(true)).send().await.unwrap();
    assert_eq!(data_only.snapshots().len(), 1);
}

#[tokio::test]
async fn the_network_shows_ipv6_nat_and_elastic_addresses() {
    let bench = Bench::new();
    let client = client(&bench).await;
    let web = web(&client).await;
    let vpc = web.vpc_id().unwrap();
    let vpcs = client.describe_vpcs().vpc_ids(vpc).send().await.unwrap();
    assert_eq!(vpcs.vpcs()[0].ipv6_cidr_block_association_set().len(), 1);
    let tables = client
        .describe_route_tables()
        .filters(filter("vpc-id", vpc))
        .send()
        .await
        .unwrap();
    let nat = |r: &aws_sdk_ec2::types::Route| r.nat_gateway_id().is_some();
    assert_eq!(
        tables
            .route_tables()
            .iter()
            .filter(|t| t.routes().iter().any(nat))
            .count(),
        1
    );
    let own = filter("instance-id", web.instance_id().unwrap());
    let addresses = client.describe_addresses().filters(own).send().await.unwrap();
    assert_eq!(addresses.addresses()[0].public_ip(), web.public_ip_address());
    let subnets = client
        .describe_subnets()
        .filters(filter("vpc-id", vpc))
        .send()
        .await
        .unwrap();
    assert_eq!(subnets.subnets().len(), 3);
    let volumes = filter("attachment.instance-id", web.instance_id().unwrap());
    assert_eq!(
        client
            .describe_volumes()
            .filters(volumes)
            .send()
            .await
            .unwrap()
            .volumes()
            .len(),
        2
    );
    let regions = client.describe_regions().send().await.unwrap();
    assert_eq!(regions.regions().len(), 2);
}

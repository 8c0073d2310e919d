//! Security groups and the interfaces that carry them, through the SDK's own client.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, ResourceType, SecurityGroup, Tag, TagSpecification, UserIdGroupPair,
};

use super::bench::{Bench, code};
use super::ec2::{client, filter, web};

async fn create(client: &Client, name: &str, vpc: &str) -> String {
    let tags = TagSpecification::builder()
        .resource_type(ResourceType::SecurityGroup)
        .tags(Tag::builder().key("quell:case").value("q-1").build())
        .build();
    let made = client
        .create_security_group()
        .group_name(name)
        .description("Made by a test")
        .vpc_id(vpc)
        .tag_specifications(tags)
        .send()
        .await
        .unwrap();
    made.group_id.unwrap()
}

async fn read(client: &Client, id: &str) -> SecurityGroup {
    let answer = client.describe_security_groups().group_ids(id).send().await.unwrap();
    answer.security_groups.unwrap().remove(0)
}

/// Everything, over IPv4 and IPv6.
fn everything() -> IpPermission {
    IpPermission::builder()
        .ip_protocol("-1")
        .ip_ranges(IpRange::builder().cidr_ip("0.0.0.0/0").build())
        .ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build())
        .build()
}

#[tokio::test]
async fn a_new_group_in_a_dual_stack_vpc_lets_everything_out_until_it_is_revoked() {
    let bench = Bench::new();
    let client = client(&bench).await;
    let vpc = web(&client).await.vpc_id.unwrap();
    let id = create(&client, "quell-sealed", &vpc).await;
    let group = read(&client, &id).await;
    let egress = &group.ip_permissions_egress()[0];
    assert_eq!(group.ip_permissions().len(), 0);
    assert_eq!((egress.ip_protocol(), egress.from_port()), (Some("-1"), None));
    assert_eq!((egress.ip_ranges().len(), egress.ipv6_ranges().len()), (1, 1));
    assert!(group.tags().iter().any(|t| t.key() == Some("quell:case")));
    let revoke = client
        .revoke_security_group_egress()
        .group_id(&id)
        .ip_permissions(everything());
    revoke.clone().send().await.unwrap();
    assert!(read(&client, &id).await.ip_permissions_egress().is_empty());
    assert_eq!(code(revoke.send().await), "InvalidPermission.NotFound");
    let again = client
        .create_security_group()
        .group_name("quell-sealed")
        .description("x")
        .vpc_id(&vpc);
    assert_eq!(code(again.send().await), "InvalidGroup.Duplicate");
}

#[tokio::test]
async fn rules_are_added_once_and_read_back() {
    let bench = Bench::new();
    let client = client(&bench).await;
    let vpc = web(&client).await.vpc_id.unwrap();
    let id = create(&client, "quell-conversion", &vpc).await;
    let ingress = client
        .authorize_security_group_ingress()
        .group_id(&id)
        .ip_permissions(everything());
    let made = ingress.clone().send().await.unwrap();
    assert_eq!(made.security_group_rules().len(), 2);
    assert_eq!(code(ingress.send().await), "InvalidPermission.Duplicate");
    let egress = client
        .authorize_security_group_egress()
        .group_id(&id)
        .ip_permissions(everything());
    assert_eq!(code(egress.send().await), "InvalidPermission.Duplicate");
    let peer = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(8080)
        .to_port(8081)
        .user_id_group_pairs(UserIdGroupPair::builder().group_id(&id).build())
        .build();
    client
        .authorize_security_group_ingress()
        .group_id(&id)
        .ip_permissions(peer)
        .send()
        .await
        .unwrap();
    let group = read(&client, &id).await;
    let ports = group
        .ip_permissions()
        .iter()
        .find(|p| p.ip_protocol() == Some("tcp"))
        .unwrap();
    assert_eq!((ports.from_port(), ports.to_port()), (Some(8080), Some(8081)));
    assert_eq!(ports.user_id_group_pairs()[0].group_id(), Some(id.as_str()));
    let rules = client
        .describe_security_group_rules()
        .filters(filter("group-id", &id))
        .send()
        .await
        .unwrap();
    assert_eq!(rules.security_group_rules().len(), 5);
    for bad in ["0.0.0.0/33", "0.0.0.0", "not-a-range"] {
        let permission = IpPermission::builder()
            .ip_protocol("-1")
            .ip_ranges(IpRange::builder().cidr_ip(bad).build())
            .build();
        let refused = client
            .authorize_security_group_ingress()
            .group_id(&id)
            .ip_permissions(permission)
            .send()
            .await;
        assert_eq!(code(refused), "InvalidParameterValue", "{bad}");
    }
}

#[tokio::test]
async fn each_interface_has_its_own_groups_swapped_and_put_back() {
    let bench = Bench::new();
    let client = client(&bench).await;
    let before = web(&client).await;
    let id = before.instance_id().unwrap();
    let sealed = create(&client, "quell-sealed", before.vpc_id().unwrap()).await;
    let set = async |eni: &str, groups: Vec<String>| {
        let call = client.modify_network_interface_attribute().network_interface_id(eni);
        call.set_groups(Some(groups)).send().await
    };
    let groups = async || -> Vec<(String, Vec<String>)> {
        let own = filter("attachment.instance-id", id);
        let answer = client.describe_network_interfaces().filters(own).send().await.unwrap();
        let ids = |eni: &aws_sdk_ec2::types::NetworkInterface| {
            eni.groups().iter().map(|g| g.group_id().unwrap().to_owned()).collect()
        };
        answer
            .network_interfaces()
            .iter()
            .map(|e| (e.network_interface_id().unwrap().to_owned(), ids(e)))
            .collect()
    };
    let recorded = groups().await;
    assert_eq!(recorded.len(), 2);
    assert_ne!(recorded[0].1, recorded[1].1);
    for (eni, _) in &recorded {
        set(eni, vec![sealed.clone()]).await.unwrap();
    }
    assert!(groups().await.iter().all(|(_, ids)| *ids == [sealed.clone()]));
    assert_eq!(
        code(client.delete_security_group().group_id(&sealed).send().await),
        "DependencyViolation"
    );
    for (eni, ids) in &recorded {
        set(eni, ids.clone()).await.unwrap();
    }
    assert_eq!(groups().await, recorded);
    client.delete_security_group().group_id(&sealed).send().await.unwrap();
    assert_eq!(code(set(&recorded[0].0, vec![sealed]).await), "InvalidGroup.NotFound");
}

#[tokio::test]
async fn groups_for_the_whole_instance_are_refused_where_it_has_two_interfaces() {
    let bench = Bench::new();
    let client = client(&bench).await;
    let web = web(&client).await;
    let group = web.security_groups()[0].group_id().unwrap();
    let change = client
        .modify_instance_attribute()
        .instance_id(web.instance_id().unwrap())
        .groups(group);
    assert_eq!(code(change.send().await), "InvalidInstanceID");
}

#[tokio::test]
async fn an_interface_takes_five_groups_and_none_of_another_network() {
    let bench = Bench::new();
    let client = client(&bench).await;
    let web = web(&client).await;
    let eni = web.network_interfaces()[0].network_interface_id().unwrap();
    let mut groups = Vec::new();
    for number in 0..6 {
        groups.push(create(&client, &format!("g{number}"), web.vpc_id().unwrap()).await);
    }
    let set = |groups: Vec<String>| {
        let call = client.modify_network_interface_attribute().network_interface_id(eni);
        call.set_groups(Some(groups)).send()
    };
    assert_eq!(
        code(set(groups.clone()).await),
        "SecurityGroupsPerInterfaceLimitExceeded"
    );
    set(groups[..5].to_vec()).await.unwrap();
    let foreign = bench.range.with_world(|world| {
        // A second network in the same account and region, made here because the drill has only one.
        let account = world.accounts.get_mut(&super::bench::PROD.parse().unwrap()).unwrap();
        let store = &mut account
            .regions
            .get_mut(&super::bench::SEOUL.parse().unwrap())
            .unwrap()
            .ec2;
        let mut group = store.groups[&groups[5]].clone();
        group.id = "sg-0ffffffffffffffff".to_owned();
        group.vpc = "vpc-0ffffffffffffffff".to_owned();
        store.groups.insert(group.id.clone(), group.clone());
        group.id
    });
    assert_eq!(code(set(vec![foreign]).await), "InvalidGroup.NotFound");
}

//! Changes to the network around an instance: Elastic IPs, network ACLs, the one narrow way out.

use std::collections::BTreeMap;

use aws_sdk_ec2::operation::RequestId as _;
use aws_sdk_ec2::types::{IpPermission, ResourceType, RuleAction, UserIdGroupPair};

use super::classify::{Done, Sent, done, error, not_made, refused, unreadable};
use super::ec2::tagged;
use crate::action::{Made, NetworkCall, Ref};
use crate::cloud::session::ResponderSession;
use crate::domain::{AclAssociationId, AclId, AllocationId, GroupId, InterfaceId, Untrusted, VpcId};

pub(super) async fn send(session: &ResponderSession, call: &NetworkCall, made: &Made) -> Sent {
    match call {
        NetworkCall::DisassociateAddress { association, .. } => {
            let call = session
                .ec2()
                .disassociate_address()
                .association_id(association.as_str());
            let answer = call.send().await.map_err(error("ec2:DisassociateAddress", &[]))?;
            Ok(done(answer.request_id()))
        }
        NetworkCall::AssociateAddress {
            allocation,
            interface,
            private_ip,
            ..
        } => associate(session, allocation, interface, private_ip).await,
        NetworkCall::AllowHttpsTo { group, to } => allow_https(session, group, to, made).await,
        NetworkCall::CreateNetworkAcl { vpc, tags } => create_acl(session, vpc, tags).await,
        NetworkCall::ReplaceNetworkAclAssociation { association, acl, .. } => {
            replace_acl(session, association, acl, made).await
        }
        NetworkCall::CreateNetworkAclEntry {
            acl,
            number,
            egress,
            cidr,
        } => deny(session, acl, *number, *egress, cidr).await,
        NetworkCall::DeleteNetworkAclEntry { acl, number, egress } => {
            let call = session.ec2().delete_network_acl_entry().network_acl_id(acl.as_str());
            let answer = call.rule_number(*number).egress(*egress).send().await;
            let answer = answer.map_err(error("ec2:DeleteNetworkAclEntry", &[]))?;
            Ok(done(answer.request_id()))
        }
    }
}

/// Without leave to take the address from another interface: somebody else may use it by now.
async fn associate(
    session: &ResponderSession,
    allocation: &AllocationId,
    interface: &InterfaceId,
    private_ip: &str,
) -> Sent {
    let answer = session
        .ec2()
        .associate_address()
        .allocation_id(allocation.as_str())
        .network_interface_id(interface.as_str())
        .private_ip_address(private_ip)
        .allow_reassociation(false)
        .send()
        .await
        .map_err(error("ec2:AssociateAddress", &[]))?;
    Ok(done(answer.request_id()))
}

async fn allow_https(session: &ResponderSession, group: &Ref, to: &[GroupId], made: &Made) -> Sent {
    let group = group.resolve(made).map_err(|e| not_made(&e))?;
    // Without a peer the rule would be refused; it must never become one for everywhere.
    if to.is_empty() {
        return refused(Untrusted::new("no group is named to let HTTPS out to"));
    }
    let peers = to
        .iter()
        .map(|id| UserIdGroupPair::builder().group_id(id.as_str()).build());
    let rule = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(443)
        .to_port(443)
        .set_user_id_group_pairs(Some(peers.collect()));
    let answer = session
        .ec2()
        .authorize_security_group_egress()
        .group_id(group)
        .ip_permissions(rule.build())
        .send()
        .await
        .map_err(error("ec2:AuthorizeSecurityGroupEgress", &[]))?;
    Ok(done(answer.request_id()))
}

async fn create_acl(session: &ResponderSession, vpc: &VpcId, of: &BTreeMap<String, String>) -> Sent {
    const CALL: &str = "ec2:CreateNetworkAcl";
    let answer = session
        .ec2()
        .create_network_acl()
        .vpc_id(vpc.as_str())
        .set_tag_specifications(tagged(ResourceType::NetworkAcl, of))
        .send()
        .await
        .map_err(error(CALL, &[]))?;
    let id = answer.network_acl().and_then(|acl| acl.network_acl_id());
    let id = id.filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| unreadable(CALL, "networkAclId", answer.request_id()))?;
    Ok(Done {
        made: BTreeMap::from([("acl".to_owned(), id.to_owned())]),
        ..done(answer.request_id())
    })
}

async fn replace_acl(session: &ResponderSession, association: &AclAssociationId, acl: &Ref, made: &Made) -> Sent {
    let acl = acl.resolve(made).map_err(|e| not_made(&e))?;
    let answer = session
        .ec2()
        .replace_network_acl_association()
        .association_id(association.as_str())
        .network_acl_id(acl)
        .send()
        .await
        .map_err(error("ec2:ReplaceNetworkAclAssociation", &[]))?;
    Ok(done(answer.request_id()))
}

async fn deny(session: &ResponderSession, acl: &AclId, number: i32, egress: bool, cidr: &str) -> Sent {
    let call = session
        .ec2()
        .create_network_acl_entry()
        .network_acl_id(acl.as_str())
        .rule_number(number)
        .egress(egress)
        .protocol("-1")
        .rule_action(RuleAction::Deny);
    let call = if cidr.contains(':') {
        call.ipv6_cidr_block(cidr)
    } else {
        call.cidr_block(cidr)
    };
    let answer = call.send().await.map_err(error("ec2:CreateNetworkAclEntry", &[]))?;
    Ok(done(answer.request_id()))
}

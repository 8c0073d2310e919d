//! What EC2 is asked, by query.

use super::{Found, instance, interface, network, storage};
use crate::action::Ec2Query;
use crate::cloud::session::Session;
use crate::domain::Region;

pub(super) async fn ask(session: &Session, region: &Region, query: &Ec2Query) -> Found {
    let client = &session.ec2(region);
    match query {
        Ec2Query::Instance { id } => instance::instance(client, id).await,
        Ec2Query::TerminationProtection { id } => instance::protection(client, id).await,
        Ec2Query::StopProtection { id } => instance::stop_protection(client, id).await,
        Ec2Query::Interfaces { of } => interface::interfaces(client, "attachment.instance-id", of.as_str()).await,
        Ec2Query::InterfacesUsing { group } => interface::interfaces(client, "group-id", group.as_str()).await,
        Ec2Query::Volumes { of } => storage::volumes(client, of).await,
        Ec2Query::Snapshots { ids } => storage::snapshots(client, ids).await,
        Ec2Query::Vpc { id } => network::vpc(client, id).await,
        Ec2Query::ContainmentGroups { vpc } => network::containment_groups(client, vpc).await,
        Ec2Query::Groups { ids } => network::groups(client, ids).await,
        Ec2Query::ShutdownBehavior { id } => instance::shutdown_behavior(client, id).await,
        Ec2Query::InstanceType { name } => instance::instance_type(client, name).await,
        Ec2Query::ProfileAssociations { of } => instance::profile_associations(client, of).await,
        Ec2Query::SpotRequests { of } => instance::spot_requests(client, of).await,
        Ec2Query::Routes { subnet, vpc } => network::routes(client, subnet, vpc).await,
    }
}

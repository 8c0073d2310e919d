//! EC2's errors in EC2's words ("Error codes for the Amazon EC2 API").

use crate::range::call::ApiError;

/// A client error: HTTP 400.
pub fn client(code: &str, message: impl Into<String>) -> ApiError {
    ApiError::new(400, code, message)
}

/// A required parameter is not there.
pub fn missing(name: &str) -> ApiError {
    client(
        "MissingParameter",
        format!("The request must contain the parameter {name}"),
    )
}

/// A value is not one that the parameter takes.
pub fn invalid(value: &str, name: &str) -> ApiError {
    client(
        "InvalidParameterValue",
        format!("Value ({value}) for parameter {name} is invalid."),
    )
}

/// Prefix of an id, AWS's noun for it, and the codes for one that does not exist and one that cannot be.
const KINDS: &[(&str, &str, &str, &str)] = &[
    (
        "i",
        "instance ID",
        "InvalidInstanceID.NotFound",
        "InvalidInstanceID.Malformed",
    ),
    (
        "eni",
        "networkInterface ID",
        "InvalidNetworkInterfaceID.NotFound",
        "InvalidNetworkInterfaceId.Malformed",
    ),
    (
        "sg",
        "security group",
        "InvalidGroup.NotFound",
        "InvalidGroupId.Malformed",
    ),
    ("vol", "volume", "InvalidVolume.NotFound", "InvalidVolumeID.Malformed"),
    (
        "snap",
        "snapshot",
        "InvalidSnapshot.NotFound",
        "InvalidSnapshotID.Malformed",
    ),
    ("vpc", "vpc ID", "InvalidVpcID.NotFound", "InvalidVpcId.Malformed"),
    (
        "subnet",
        "subnet ID",
        "InvalidSubnetID.NotFound",
        "InvalidSubnetId.Malformed",
    ),
    (
        "rtb",
        "routeTable ID",
        "InvalidRouteTableID.NotFound",
        "InvalidRouteTableId.Malformed",
    ),
    (
        "acl",
        "networkAcl ID",
        "InvalidNetworkAclID.NotFound",
        "InvalidNetworkAclId.Malformed",
    ),
    (
        "vpce",
        "Vpc Endpoint Id",
        "InvalidVpcEndpointId.NotFound",
        "InvalidVpcEndpointId.Malformed",
    ),
    (
        "eipalloc",
        "allocation ID",
        "InvalidAllocationID.NotFound",
        "InvalidAllocationID.Malformed",
    ),
];

/// An id that is not in the store, or cannot be one. The operation wants ids with this prefix.
pub fn no_such(prefix: &str, id: &str) -> ApiError {
    let Some((_, noun, missing, malformed)) = KINDS.iter().find(|(known, ..)| *known == prefix) else {
        return client("InvalidID", format!("The ID '{id}' is not valid"));
    };
    // Ids have eight or seventeen hex digits ("Resource IDs" in the EC2 User Guide).
    let shaped = id
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('-'))
        .is_some_and(|rest| matches!(rest.len(), 8 | 17) && rest.bytes().all(|b| b.is_ascii_hexdigit()));
    if shaped {
        client(missing, format!("The {noun} '{id}' does not exist"))
    } else {
        client(malformed, format!("Invalid id: \"{id}\""))
    }
}

/// An id that is not in the store, where the operation takes resources of any kind.
pub fn no_such_resource(id: &str) -> ApiError {
    no_such(id.rsplit_once('-').map_or("", |(prefix, _)| prefix), id)
}

/// The request would have worked, but it said `DryRun`.
pub fn dry_run() -> ApiError {
    ApiError::new(
        412,
        "DryRunOperation",
        "Request would have succeeded, but DryRun flag is set.",
    )
}

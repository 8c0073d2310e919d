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

/// The id of a resource is not in the store, or does not have the shape of one.
pub fn no_such(id: &str) -> ApiError {
    let (prefix, rest) = id.rsplit_once('-').unwrap_or(("", ""));
    let (noun, code) = match prefix {
        "i" => ("instance ID", "InvalidInstanceID"),
        "eni" => ("networkInterface ID", "InvalidNetworkInterfaceID"),
        "sg" => ("security group", "InvalidGroup"),
        "vol" => ("volume", "InvalidVolume"),
        "snap" => ("snapshot", "InvalidSnapshot"),
        "vpc" => ("vpc ID", "InvalidVpcID"),
        "subnet" => ("subnet ID", "InvalidSubnetID"),
        "rtb" => ("routeTable ID", "InvalidRouteTableID"),
        "eipalloc" => ("allocation ID", "InvalidAllocationID"),
        _ => return client("InvalidID", format!("The ID '{id}' is not valid")),
    };
    let shaped = matches!(rest.len(), 8 | 17) && rest.bytes().all(|b| b.is_ascii_hexdigit());
    if !shaped && prefix == "i" {
        return malformed_instance(id);
    }
    if !shaped && prefix == "sg" {
        return client("InvalidGroupId.Malformed", format!("Invalid id: \"{id}\""));
    }
    client(&format!("{code}.NotFound"), format!("The {noun} '{id}' does not exist"))
}

/// An instance id that cannot be one.
pub fn malformed_instance(id: &str) -> ApiError {
    client("InvalidInstanceID.Malformed", format!("Invalid id: \"{id}\""))
}

/// The request would have worked, but it said `DryRun`.
pub fn dry_run() -> ApiError {
    ApiError::new(
        412,
        "DryRunOperation",
        "Request would have succeeded, but DryRun flag is set.",
    )
}

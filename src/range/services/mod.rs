//! The services of the range, one folder or file each, and the registry that the door looks them up in.
//!
//! Owns: what the wire, IAM and the log must know of a service. Must never: hold state (that is the world's).

pub mod autoscaling;
pub mod cloudtrail;
pub mod ec2;
pub mod elb;
pub mod events;
pub mod guardduty;
pub mod iam;
pub mod kept;
pub mod kms;
pub mod lambda;
pub mod listing;
pub mod membership;
pub mod organizations;
pub mod paging;
pub mod rds;
pub mod s3;
pub mod secretsmanager;
pub mod securityhub;
pub mod sns;
pub mod sqs;
pub mod ssm;
pub mod sso;
pub mod sts;
pub mod waf;
pub mod wildcard;

use super::call::{Answer, Call};
use super::wire::rest_xml::Way;
use super::world::World;

/// One service.
#[derive(Debug)]
pub struct Service {
    /// The name in a signature's credential scope, which is also the prefix of its IAM actions.
    pub name: &'static str,
    pub protocol: Protocol,
    /// Whether it has one endpoint for all regions (IAM, Organizations); its region is not checked then.
    pub global: bool,
    /// Everything that it understands; anything else is answered as an unknown operation.
    pub operations: &'static [Operation],
    /// Does the work, once the caller is known and allowed.
    pub handle: fn(&mut World, &Call) -> Answer,
}

/// How a service speaks.
#[derive(Debug)]
pub enum Protocol {
    /// Form-encoded in, XML out, lists as `member`.
    Query { xmlns: &'static str },
    /// Form-encoded in, XML out, lists as `item`, errors of their own shape.
    Ec2 { xmlns: &'static str },
    /// As JSON 1.1, but errors have a namespace, and in a header the code of the query protocol (shape, code).
    Json10 {
        target: &'static str,
        namespace: &'static str,
        query_codes: &'static [(&'static str, &'static str)],
    },
    /// JSON both ways; `X-Amz-Target` is this prefix, a dot, and the operation.
    Json11 { target: &'static str },
    /// JSON both ways; method and path tell the operation. Errors carry their sentence under the `message` key given here.
    RestJson {
        routes: &'static [Route],
        message: &'static str,
    },
    /// XML or bytes both ways; method, host, path and query tell the operation. S3 speaks it.
    RestXml { ways: &'static [Way] },
}

/// One way into a REST service. The template's labels stand in braces, as in botocore's models: `/detector/{detectorId}`.
#[derive(Debug)]
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub operation: &'static str,
}

/// A route; a short form for tables.
pub const fn route(method: &'static str, path: &'static str, operation: &'static str) -> Route {
    Route {
        method,
        path,
        operation,
    }
}

/// One operation. The IAM action that it needs has its name, but for the few that `authorize` knows better.
#[derive(Debug)]
pub struct Operation {
    pub name: &'static str,
    /// Whether it changes the world.
    pub mutating: bool,
}

/// An operation that only reads.
pub const fn reads(name: &'static str) -> Operation {
    Operation { name, mutating: false }
}

/// An operation that changes something.
pub const fn writes(name: &'static str) -> Operation {
    Operation { name, mutating: true }
}

impl Service {
    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|o| o.name == name)
    }
}

/// All services, in order of their names.
pub const ALL: &[&Service] = &[
    &cloudtrail::SERVICE,
    &autoscaling::SERVICE,
    &ec2::SERVICE,
    &elb::SERVICE,
    &events::SERVICE,
    &guardduty::SERVICE,
    &iam::SERVICE,
    &kms::SERVICE,
    &organizations::SERVICE,
    &rds::SERVICE,
    &secretsmanager::SERVICE,
    &lambda::SERVICE,
    &s3::SERVICE,
    &securityhub::SERVICE,
    &sns::SERVICE,
    &sqs::SERVICE,
    &ssm::SERVICE,
    &sso::SERVICE,
    &sso::STORE,
    &sts::SERVICE,
    &waf::SERVICE,
];

/// The service with this name in a credential scope.
pub fn by_name(name: &str) -> Option<&'static Service> {
    ALL.iter().find(|s| s.name == name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_consistent() {
        for service in ALL {
            assert_eq!(by_name(service.name).map(|s| s.name), Some(service.name));
            if let Protocol::RestJson { routes, .. } = &service.protocol {
                for route in *routes {
                    assert!(service.operation(route.operation).is_some(), "{}", route.operation);
                }
            }
            if let Protocol::RestXml { ways } = &service.protocol {
                for way in *ways {
                    assert!(service.operation(way.operation).is_some(), "{}", way.operation);
                }
            }
        }
    }
}

//! Security Hub of the range.

use super::{Protocol, Service};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// What one account has in one region.
#[derive(Clone, Debug, Default)]
pub struct Store {}

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "securityhub",
    protocol: Protocol::RestJson {
        routes: &[],
        message: "Message",
    },
    global: false,
    operations: &[],
    handle,
};

fn handle(_: &mut World, call: &Call) -> Answer {
    Err(ApiError::new(400, "UnknownOperationException", call.operation))
}

//! Changes through ssm.

use super::classify::Sent;
use crate::action::{Made, SsmCall};
use crate::cloud::session::ResponderSession;

#[expect(
    clippy::unused_async,
    reason = "nothing is changed yet, and its neighbours wait for answers"
)]
pub(super) async fn send(_session: &ResponderSession, call: &SsmCall, _made: &Made) -> Sent {
    match *call {}
}

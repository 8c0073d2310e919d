//! Changes through lambda.

use super::classify::Sent;
use crate::action::{LambdaCall, Made};
use crate::cloud::session::ResponderSession;

#[expect(
    clippy::unused_async,
    reason = "nothing is changed yet, and its neighbours wait for answers"
)]
pub(super) async fn send(_session: &ResponderSession, call: &LambdaCall, _made: &Made) -> Sent {
    match *call {}
}

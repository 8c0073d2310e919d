//! Changes through sso.

use super::classify::Sent;
use crate::action::{Made, SsoCall};
use crate::cloud::session::ResponderSession;

#[expect(
    clippy::unused_async,
    reason = "nothing is changed yet, and its neighbours wait for answers"
)]
pub(super) async fn send(_session: &ResponderSession, call: &SsoCall, _made: &Made) -> Sent {
    match *call {}
}

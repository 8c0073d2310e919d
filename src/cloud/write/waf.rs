//! Changes through waf.

use super::classify::Sent;
use crate::action::{Made, WafCall};
use crate::cloud::session::ResponderSession;

#[expect(
    clippy::unused_async,
    reason = "nothing is changed yet, and its neighbours wait for answers"
)]
pub(super) async fn send(_session: &ResponderSession, call: &WafCall, _made: &Made) -> Sent {
    match *call {}
}

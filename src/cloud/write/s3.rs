//! Changes through s3.

use super::classify::Sent;
use crate::action::{Made, S3Call};
use crate::cloud::session::ResponderSession;

#[expect(
    clippy::unused_async,
    reason = "nothing is changed yet, and its neighbours wait for answers"
)]
pub(super) async fn send(_session: &ResponderSession, call: &S3Call, _made: &Made) -> Sent {
    match *call {}
}

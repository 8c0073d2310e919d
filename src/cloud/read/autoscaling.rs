//! What autoscaling is asked, by query.

use super::Found;
use crate::action::AutoScalingQuery;
use crate::cloud::session::Session;
use crate::domain::Region;

#[expect(
    clippy::unused_async,
    reason = "nothing is asked yet, and its neighbours wait for answers"
)]
pub(super) async fn ask(_session: &Session, _region: &Region, query: &AutoScalingQuery) -> Found {
    match *query {}
}

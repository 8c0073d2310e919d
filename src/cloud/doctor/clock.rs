//! The machine's clock beside AWS's.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Examined, Health};
use crate::cloud::capture::Capture;
use crate::cloud::connect::Cloud;

/// A clock that is more than five minutes off makes AWS refuse signatures (`SigV4`).
const FAR_OFF: i64 = 300;
/// From here on it is worth saying.
const OFF: i64 = 60;

/// Compares them by the date of an answer.
pub(super) async fn compare(cloud: &Cloud) -> Examined {
    let capture = Capture::head();
    let ours = cloud.now().as_second();
    let call = aws_sdk_sts::Client::new(&cloud.base).get_caller_identity().customize();
    // Whether the call goes well was settled when connecting; here only the answer's date counts.
    let _ = call.interceptor(capture.clone()).send().await;
    let Some(date) = capture.take().date else {
        return Examined::ok("clock", "The answers carry no date, so the clock was not compared.");
    };
    off_by(seconds(date).saturating_sub(ours))
}

fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}

fn off_by(seconds: i64) -> Examined {
    let way = if seconds > 0 { "behind" } else { "ahead of" };
    let off = seconds.abs();
    let health = match off {
        0..OFF => return Examined::ok("clock", format!("The clock is within {OFF} seconds of AWS's.")),
        OFF..FAR_OFF => Health::Warning,
        _ => Health::Problem,
    };
    Examined::new(
        "clock",
        health,
        format!("The clock is {off} seconds {way} AWS's; from {FAR_OFF} seconds on AWS refuses requests."),
        "Set the clock, or let it be set by NTP.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_judged_by_what_aws_allows() {
        for (seconds, health) in [
            (0, Health::Ok),
            (-59, Health::Ok),
            (60, Health::Warning),
            (-301, Health::Problem),
        ] {
            assert_eq!(off_by(seconds).health, health, "{seconds}");
        }
        assert!(off_by(400).sentence.contains("400 seconds behind"));
    }
}

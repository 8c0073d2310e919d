//! `quell drill serve`: the range on a loopback port, for `quell respond`, the AWS CLI and boto3.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::args::PlayArgs;
use super::desk;
use super::drill;
use super::exit::{Exit, Failure};
use super::out;
use crate::range::fault::Fault;
use crate::range::{Quotas, serve};

/// What `quell drill serve --help` ends with.
pub const EXAMPLES: &str = "\
Examples:
  quell drill serve leaked-key --port 4600 > range.env &
  . ./range.env && aws sts get-caller-identity
  quell drill serve --quotas --latency 200ms
  quell drill serve --fail service=guardduty,operation=ListFindings,region=us-east-1,page=2,times=1,kind=cut

A fault names what a call must fit (service, operation, account, region, page), how many fitting calls go well first (skip) and how
many fail then (times; all without it), and how (kind): throttle, 5xx, 403, cut, abort, corrupt, drop, repeat-token, fewer.

When it is stopped it says on standard error how often each operation was asked for.";

/// What calls meet on their way.
#[derive(Clone, Debug, Default, Args)]
pub struct Weather {
    /// Throttle as AWS does, with its published quotas.
    #[arg(long)]
    pub quotas: bool,
    /// How long every answer takes, such as 200ms.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub latency: Option<Duration>,
    /// Let calls fail (repeatable); see below.
    #[arg(long = "fail", value_name = "FAULT")]
    pub faults: Vec<Fault>,
}

/// `200ms` or `2s`, up to a minute.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = match unit {
        "ms" => 1,
        "s" => 1000,
        _ => return Err(format!("expected a time such as 200ms or 2s, not {text:?}")),
    };
    let milliseconds = number.parse::<u64>().ok().and_then(|n| n.checked_mul(unit));
    milliseconds
        .filter(|m| *m <= 60_000)
        .map(Duration::from_millis)
        .ok_or_else(|| format!("expected a time of at most 60s, not {text:?}"))
}

/// Serves until it is stopped. Prints how to reach the range as shell exports, then one line when it is ready.
pub fn run(play: &PlayArgs, port: u16, weather: &Weather) -> Result<Exit, Failure> {
    let drill = drill::Drill::read(play)?;
    let range = drill.raise()?;
    if weather.quotas {
        range.throttle(Quotas::real());
    }
    range.latency(weather.latency.unwrap_or_default());
    for fault in &weather.faults {
        range.fail(fault.clone());
    }
    let login = &drill.login;
    desk::runtime()?.block_on(async {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .map_err(|e| Failure::new(format!("port {port} cannot be used: {e}")).hint("Give another --port, or 0."))?;
        let port = listener.local_addr().map_err(Failure::new)?.port();
        let region = drill.region()?;
        out::result(format!(
            "export AWS_ENDPOINT_URL=http://127.0.0.1:{port}\n\
             export AWS_ACCESS_KEY_ID={}\n\
             export AWS_SECRET_ACCESS_KEY={}\n\
             export AWS_REGION={region}\n\
             export AWS_DEFAULT_REGION={region}\n",
            login.responder.access_key, login.responder.secret_key
        ))?;
        out::result(format!(
            "# ready: {} on 127.0.0.1:{port}; Ctrl-C stops it\n",
            drill.name
        ))?;
        let mut ended = signal(SignalKind::terminate()).map_err(Failure::new)?;
        tokio::select! {
            never = serve(range.clone(), listener) => match never {},
            _ = tokio::signal::ctrl_c() => {}
            _ = ended.recv() => {}
        }
        out::note(range.calls().to_string().trim_end());
        Ok(Exit::Done)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_as_they_are_typed() {
        assert_eq!(duration("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(duration("2s"), Ok(Duration::from_secs(2)));
        for wrong in ["", "200", "ms", "2h", "-1s", "61s", "99999999999999999999ms"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}

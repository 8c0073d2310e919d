//! `quell drill serve`: the range on a loopback port, for `quell respond`, the AWS CLI and boto3.

use std::net::{Ipv4Addr, SocketAddr};

use super::args::PlayArgs;
use super::desk;
use super::drill;
use super::exit::{Exit, Failure};
use super::out;
use crate::range::serve;

/// Serves until it is stopped. Prints how to reach the range as shell exports, then one line when it is ready.
pub fn run(play: &PlayArgs, port: u16) -> Result<Exit, Failure> {
    let drill = drill::Drill::read(play)?;
    let range = drill.raise()?;
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
        tokio::select! {
            never = serve(range, listener) => match never {},
            _ = tokio::signal::ctrl_c() => {}
        }
        Ok(Exit::Done)
    })
}

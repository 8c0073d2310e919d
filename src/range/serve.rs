//! The way in for everybody else's clients: HTTP/1.1 on a listener that the caller bound.
//!
//! Owns: connections. Must never: read more than a request may hold, or stop because one connection went wrong.

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::Range;
use super::body::Sent;

/// Bytes of one request's body.
const MAX_BODY: usize = 4 << 20;
/// A client that does not finish its headers is let go after this.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// A client that does not finish its body is let go after this.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// The answer was lost on purpose: the connection is closed without one.
#[derive(Debug, thiserror::Error)]
#[error("the reply was dropped")]
struct Dropped;

/// Serves the range until the future is dropped.
pub async fn serve(range: Range, listener: TcpListener) -> Infallible {
    loop {
        // What fails to be accepted is the client's loss; the listener goes on.
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let range = range.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(range.clone(), request, peer.ip()));
            // A broken connection concerns only the client that broke it.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIMEOUT)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(range: Range, request: Request<Incoming>, from: IpAddr) -> Result<Response<Sent>, Dropped> {
    let (parts, body) = request.into_parts();
    // A length that is announced as too large is not waited for.
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Ok(refused(StatusCode::PAYLOAD_TOO_LARGE));
    }
    let body = match timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return Ok(refused(StatusCode::PAYLOAD_TOO_LARGE)),
        Err(_) => return Ok(refused(StatusCode::REQUEST_TIMEOUT)),
    };
    let mut request = Request::from_parts(parts, body);
    request.extensions_mut().insert(from);
    range.exchange_in_time(&request).await.map(Sent::of).ok_or(Dropped)
}

fn refused(status: StatusCode) -> Response<Sent> {
    let mut response = Response::default();
    *response.status_mut() = status;
    Sent::of(response)
}

//! The body of an answer on its way to a client: all of it, or a part and then a broken connection.
//!
//! Owns: the last step of `fault::Kind::Abort`. Must never: break a body that no fault asked to break.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use hyper::body::{Body, Frame, SizeHint};

use super::fault::Broken;

/// The connection was broken on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the connection was broken off")]
pub struct BrokenOff;

/// A body in one piece.
#[derive(Debug)]
pub struct Sent {
    rest: Option<Bytes>,
    broken: bool,
}

impl Sent {
    /// The body of an answer, which breaks off where the answer says so.
    pub fn of(response: Response<Bytes>) -> Response<Self> {
        let broken = response.extensions().get::<Broken>().is_some();
        response.map(|bytes| Self {
            rest: Some(bytes).filter(|b| !b.is_empty()),
            broken,
        })
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        Poll::Ready(match self.rest.take() {
            Some(bytes) => Some(Ok(Frame::data(bytes))),
            None if self.broken => {
                self.broken = false;
                Some(Err(BrokenOff))
            }
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && !self.broken
    }

    fn size_hint(&self) -> SizeHint {
        // A broken body does not say how long it will be, for its header has said something else.
        if self.broken {
            return SizeHint::default();
        }
        SizeHint::with_exact(self.rest.as_ref().map_or(0, |b| b.len() as u64))
    }
}

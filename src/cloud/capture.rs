//! Takes a response's body as it comes, so that a finding can be kept byte for byte.
//!
//! Owns: the interceptor. What the SDK's parser gets of a good answer is an empty object: the parser would build every shape that
//! AWS knows only to be thrown away, costs more than the network, and gives up on a whole page for one value of the wrong type.
//! An error's body goes to the SDK as it came. Must never: change a request, or take a body that did not all arrive for a whole one.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use aws_sdk_sts::operation::RequestId as _;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, SizeHint};

use crate::findings::page::MAX_BODY;

/// The most that is read of an answer that is an error.
const MAX_ERROR: usize = 1024 * 1024;
/// What the SDK parses instead of a good answer. All lists of the answers that are captured may be absent.
const NOTHING: Bytes = Bytes::from_static(b"{}");

/// What came back for one call.
#[derive(Clone, Debug, Default)]
pub(super) struct Captured {
    /// The HTTP status of the last response; 0 where none came.
    pub status: u16,
    /// The whole body of a good answer, or `None` where it did not all arrive.
    pub body: Option<Bytes>,
    pub request_id: Option<String>,
    /// The server's clock, from the `Date` header.
    pub date: Option<SystemTime>,
}

/// Given to one call; asked for the result when the call has ended, however it ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Capture {
    captured: Arc<Mutex<Captured>>,
    /// Whether the body is left to the SDK.
    head_only: bool,
}

impl Capture {
    /// One that takes no body, for answers that the SDK is to read.
    pub fn head() -> Self {
        Self {
            head_only: true,
            ..Self::default()
        }
    }

    /// What was captured. The next call to it gives nothing.
    pub fn take(&self) -> Captured {
        self.with(std::mem::take)
    }

    fn with<T>(&self, change: impl FnOnce(&mut Captured) -> T) -> T {
        change(&mut self.captured.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for Capture {
    fn name(&self) -> &'static str {
        "capture"
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // A retry must not be mistaken for the attempt before it.
        self.take();
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response_mut();
        self.with(|captured| {
            *captured = Captured {
                status: response.status().as_u16(),
                body: None,
                request_id: response.request_id().map(str::to_owned),
                date: response.headers().get("date").and_then(date),
            };
        });
        if self.head_only {
            return Ok(());
        }
        let good = response.status().is_success();
        let expected = response.headers().get("content-length").and_then(|n| n.parse().ok());
        let body = std::mem::replace(response.body_mut(), SdkBody::taken());
        let taken = Taken {
            body,
            expected,
            limit: if good { MAX_BODY } else { MAX_ERROR },
            got: Got::Nothing,
            good: good.then(|| self.clone()),
            ended: false,
        };
        *response.body_mut() = SdkBody::from_body_1_x(taken);
        Ok(())
    }
}

fn date(header: &str) -> Option<SystemTime> {
    DateTime::from_str(header, Format::HttpDate).ok()?.try_into().ok()
}

/// Why a body is not taken.
#[derive(Debug, thiserror::Error)]
enum BadBody {
    #[error("the answer said that it has {said} bytes, but {came} arrived")]
    Cut { said: u64, came: usize },
    #[error("the answer is larger than {} MiB", .0 >> 20)]
    TooBig(usize),
}

/// What arrived so far. A body that comes in one piece is not copied.
enum Got {
    Nothing,
    One(Bytes),
    Many(BytesMut),
}

impl Got {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(bytes) => bytes.len(),
            Self::Many(bytes) => bytes.len(),
        }
    }

    fn add(&mut self, more: Bytes, expected: Option<u64>) {
        *self = match std::mem::replace(self, Self::Nothing) {
            Self::Nothing => Self::One(more),
            Self::One(first) => {
                // What a header promises is believed up to a page's usual size, so that a lie costs no memory.
                let said = expected.and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
                let room = said.min(1024 * 1024).max(first.len() + more.len());
                let mut all = BytesMut::with_capacity(room);
                all.extend_from_slice(&first);
                all.extend_from_slice(&more);
                Self::Many(all)
            }
            Self::Many(mut all) => {
                all.extend_from_slice(&more);
                Self::Many(all)
            }
        };
    }

    fn take(&mut self) -> Bytes {
        match std::mem::replace(self, Self::Nothing) {
            Self::Nothing => Bytes::new(),
            Self::One(bytes) => bytes,
            Self::Many(bytes) => bytes.freeze(),
        }
    }
}

/// A body that is taken whole before the SDK sees any of it.
struct Taken {
    body: SdkBody,
    expected: Option<u64>,
    limit: usize,
    got: Got,
    /// Where a good answer's body goes. An error's goes on to the SDK.
    good: Option<Capture>,
    ended: bool,
}

impl Taken {
    fn whole(&mut self) -> Result<Bytes, BadBody> {
        let came = self.got.len();
        match self.expected {
            // Only an error's body may be shorter than it says: its status has told enough.
            Some(said) if self.good.is_some() && said != came as u64 => Err(BadBody::Cut { said, came }),
            _ => Ok(self.got.take()),
        }
    }
}

impl Body for Taken {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        loop {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => frame,
                Some(Err(error)) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => break,
            };
            if let Ok(data) = frame.into_data() {
                if data.len() > self.limit - self.got.len() {
                    self.ended = true;
                    return Poll::Ready(Some(Err(BadBody::TooBig(self.limit).into())));
                }
                let expected = self.expected;
                self.got.add(data, expected);
            }
        }
        self.ended = true;
        Poll::Ready(Some(match self.whole() {
            Ok(all) => {
                let Some(capture) = self.good.take() else {
                    return Poll::Ready(Some(Ok(Frame::data(all))));
                };
                capture.with(|captured| captured.body = Some(all));
                Ok(Frame::data(NOTHING))
            }
            Err(cut) => Err(cut.into()),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

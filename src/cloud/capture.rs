//! Keeps a response's body as it came, so that a finding can be kept byte for byte.
//!
//! Owns: the interceptor. Must never: change a request or a response.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_sdk_sts::operation::RequestId as _;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use bytes::Bytes;

/// What came back for one call.
#[derive(Clone, Debug, Default)]
pub(super) struct Captured {
    /// The HTTP status of the last response; 0 where none came.
    pub status: u16,
    /// The whole body, or `None` where it did not all arrive.
    pub body: Option<Bytes>,
    pub request_id: Option<String>,
    /// The server's clock, from the `Date` header.
    pub date: Option<SystemTime>,
}

/// Given to one call; asked for the result when the call has ended, however it ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Capture(Arc<Mutex<Captured>>);

impl Capture {
    /// What was captured. The next call to it gives nothing.
    pub fn take(&self) -> Captured {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
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

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Captured {
            status: response.status().as_u16(),
            body: response.body().bytes().map(Bytes::copy_from_slice),
            request_id: response.request_id().map(str::to_owned),
            date: response.headers().get("date").and_then(date),
        };
        Ok(())
    }
}

fn date(header: &str) -> Option<SystemTime> {
    DateTime::from_str(header, Format::HttpDate).ok()?.try_into().ok()
}

//! Keeps a copy of an answer's body as it came, and leaves the body to the SDK.
//!
//! Must never: change a byte, or pass a body that was cut off for a whole one.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_sts::operation::RequestId as _;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;

/// What came back for one call: the last attempt's body.
#[derive(Clone, Debug, Default)]
pub(super) struct Came {
    pub body: Option<Bytes>,
    pub request_id: Option<String>,
}

/// Given to one call; asked for the result when the call has ended, however it ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Copied(Arc<Mutex<Came>>);

impl Copied {
    /// What came. The next call to it gives nothing.
    pub fn take(&self) -> Came {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for Copied {
    fn name(&self) -> &'static str {
        "copied"
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
        let Some(body) = response.body().bytes() else {
            return Ok(());
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Came {
            body: Some(Bytes::copy_from_slice(body)),
            request_id: response.request_id().map(str::to_owned),
        };
        Ok(())
    }
}

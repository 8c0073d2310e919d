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

/// Whether a body that is XML ends with the element that it begins with. A JSON body is checked by the SDK, which reads all of it.
pub(super) fn is_whole(body: &[u8]) -> bool {
    let mut rest = body.trim_ascii();
    if !rest.starts_with(b"<") {
        return true;
    }
    if rest.starts_with(b"<?") {
        let Some(end) = rest.windows(2).position(|two| two == b"?>") else {
            return false;
        };
        rest = rest[end + 2..].trim_ascii_start();
    }
    let Some(begun) = rest.strip_prefix(b"<") else {
        return false;
    };
    let length = begun
        .iter()
        .position(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))
        .unwrap_or(begun.len());
    let closing = [b"</", &begun[..length], b">"].concat();
    rest.ends_with(&closing) || (rest.ends_with(b"/>") && !begun.contains(&b'<'))
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn a_cut_answer_is_not_whole() {
        assert!(is_whole(b"<?xml version=\"1.0\"?>\n<A xmlns=\"x\"><b>1</b></A>\n"));
        assert!(is_whole(b"<A/>"));
        assert!(is_whole(b"{\"Events\":[]}"));
        assert!(!is_whole(b"<?xml version=\"1.0\"?>\n<A><b>1</b>"));
        assert!(!is_whole(b"<A><b/>"));
        assert!(!is_whole(b"<?xml version"));
    }
}

//! A change counts as accepted only when AWS's answer arrived whole.
//!
//! Owns: the check, for answers whose body the SDK does not look into, such as that of `CreateTags`. Must never: let a page of
//! something on the way pass for AWS's word.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Refuses a success whose XML does not end as AWS's does. The SDK then reports a response error, which is *unknown*.
#[derive(Clone, Copy, Debug)]
pub(in crate::cloud) struct Whole;

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for Whole {
    fn name(&self) -> &'static str {
        "whole"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if !response.status().is_success() || response.body().bytes().is_some_and(is_whole) {
            Ok(())
        } else {
            Err("the answer did not arrive whole".into())
        }
    }
}

/// EC2, IAM and SNS all answer with an element named after the call: `</CreateTagsResponse>` is the last of it.
fn is_whole(body: &[u8]) -> bool {
    body.trim_ascii_end().ends_with(b"Response>")
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn a_cut_answer_and_a_page_of_html_are_not_whole() {
        assert!(is_whole(
            b"<CreateTagsResponse><return>true</return></CreateTagsResponse>\n"
        ));
        assert!(!is_whole(b"<CreateTagsResponse><return>true</ret"));
        assert!(!is_whole(b"<html><body>Please log in</body></html>"));
        assert!(!is_whole(b""));
    }
}

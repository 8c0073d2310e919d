//! An answer in XML counts only when it arrived whole.
//!
//! The SDK reads XML as far as it comes: of an answer that was cut it makes a shorter list without a word, and into one such as that of
//! `CreateTags` it does not look at all.
//!
//! Owns: the check of the answer's end. Must never: let a part of an answer, or a page of something on the way, pass for AWS's word.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Refuses a success whose XML does not end as that of the query protocols does: EC2, IAM, RDS, SNS, Auto Scaling and Elastic Load
/// Balancing. The SDK then reports a response error, which of a change is *unknown*; a read is tried again.
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
        ends_well(context, is_whole)
    }
}

/// Refuses a success of S3 whose XML does not end with the element that it begins with. What is no XML is the reader's business: a
/// bucket's policy, or an object.
#[derive(Clone, Copy, Debug)]
pub(in crate::cloud) struct WholeDocument;

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for WholeDocument {
    fn name(&self) -> &'static str {
        "whole document"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // A body that streams has no bytes yet.
        let is_streamed = context.response().body().bytes().is_none();
        if is_streamed {
            return Ok(());
        }
        ends_well(context, is_whole_document)
    }
}

fn ends_well(
    context: &AfterDeserializationInterceptorContextRef<'_>,
    is_whole: fn(&[u8]) -> bool,
) -> Result<(), BoxError> {
    let response = context.response();
    if !response.status().is_success() || response.body().bytes().is_some_and(is_whole) {
        Ok(())
    } else {
        Err("the answer did not arrive whole".into())
    }
}

/// They all answer with an element named after the call: `</CreateTagsResponse>` is the last of it.
fn is_whole(body: &[u8]) -> bool {
    body.trim_ascii_end().ends_with(b"Response>")
}

/// Whether a body that is XML ends with the element that it begins with. What is no XML, such as JSON, is for its reader to check.
pub(in crate::cloud) fn is_whole_document(body: &[u8]) -> bool {
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
    let Some(tag) = rest.strip_prefix(b"<") else {
        return false;
    };
    let name = tag.split(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'));
    let name = name.into_iter().next().unwrap_or_default();
    // An element without anything in it may be closed where it is opened.
    let only = tag.ends_with(b"/>") && tag.iter().position(|byte| *byte == b'>') == tag.len().checked_sub(1);
    let closed = tag.strip_suffix(b">").and_then(|tag| tag.strip_suffix(name));
    !name.is_empty() && (only || closed.is_some_and(|tag| tag.ends_with(b"</")))
}

#[cfg(test)]
mod tests {
    use super::{is_whole, is_whole_document};

    #[test]
    fn a_cut_answer_and_a_page_of_html_are_not_whole() {
        assert!(is_whole(
            b"<CreateTagsResponse><return>true</return></CreateTagsResponse>\n"
        ));
        assert!(!is_whole(b"<CreateTagsResponse><return>true</ret"));
        assert!(!is_whole(b"<html><body>Please log in</body></html>"));
        assert!(!is_whole(b""));
    }

    #[test]
    fn a_document_is_whole_at_its_last_byte_only() {
        let list: &[u8] =
            b"<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"http://s3\"><Name>a</Name></ListBucketResult>";
        for end in 1..list.len() {
            assert!(!is_whole_document(&list[..end]), "{end}");
        }
        assert!(is_whole_document(list) && is_whole_document(b"<A><B/></A>\n") && is_whole_document(b"<A/>"));
        assert!(is_whole_document(
            b"<?xml version=\"1.0\"?>\n<A xmlns=\"x\"><b>1</b></A>\n"
        ));
        assert!(!is_whole_document(b"<?xml version=\"1.0\"?>\n<A><b>1</b>"));
        assert!(!is_whole_document(b"<A><B/>") && !is_whole_document(b"<A><AA></AA>"));
        // A bucket's policy is no XML, and some answers have nothing in them.
        assert!(is_whole_document(b"{\"Version\"") && is_whole_document(b""));
    }
}

//! The one thing that reading uses up: messages of quell's own queue.
//!
//! Owns: their deletion, which needs no permit, because it changes nothing but quell's own inbox. What it needs is the cache's
//! receipt: it is taken by value and made only by a transaction that has ended.

use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;

use crate::cloud::errors::CallError;
use crate::cloud::feed::queue::Handle;
use crate::cloud::session::QueueSession;
use crate::findings::cache::Stored;

const CALL: &str = "sqs:DeleteMessageBatch";

/// Deletes the messages whose content is stored, ten at most as SQS allows, and says how many of them could not be deleted.
pub(in crate::cloud) async fn delete_messages(
    session: &QueueSession,
    stored: Stored<Vec<Handle>>,
) -> Result<usize, CallError> {
    let handles = stored.into_token();
    if handles.is_empty() {
        return Ok(0);
    }
    let mut call = session.client().delete_message_batch().queue_url(session.url());
    for (number, Handle(handle)) in handles.into_iter().enumerate() {
        let entry = DeleteMessageBatchRequestEntry::builder()
            .id(number.to_string())
            .receipt_handle(handle)
            .build()
            .map_err(|e| CallError::malformed(CALL, e.to_string()))?;
        call = call.entries(entry);
    }
    let answer = call.send().await.map_err(|e| CallError::from_sdk(CALL, &e))?;
    Ok(answer.failed().len())
}

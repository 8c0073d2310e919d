//! SQS, as its clients see it.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, MessageSystemAttributeName, QueueAttributeName};

use crate::range::Range;
use crate::range::testing::{self, PROD, SECURITY};

const SEOUL: &str = "ap-northeast-2";

async fn with_queue() -> (Range, Client, String) {
    let range = Range::new(testing::world());
    let client = Client::new(&testing::admin(&range, SECURITY, SEOUL));
    let made = client.create_queue().queue_name("quell-events").send().await.unwrap();
    (range, client, made.queue_url.unwrap())
}

async fn send(client: &Client, url: &str, body: &str) {
    let sent = client.send_message().queue_url(url).message_body(body).send().await;
    assert_eq!(sent.unwrap().md5_of_message_body().map(str::len), Some(32));
}

/// Bodies and receipts of what comes at once.
async fn receive(client: &Client, url: &str) -> Vec<(String, String)> {
    let call = client.receive_message().queue_url(url).max_number_of_messages(10);
    let got = call.send().await.unwrap().messages.unwrap_or_default();
    got.into_iter()
        .map(|m| (m.body.unwrap(), m.receipt_handle.unwrap()))
        .collect()
}

#[tokio::test]
async fn a_message_that_is_not_deleted_comes_again() {
    let (range, client, url) = with_queue().await;
    send(&client, &url, "하나").await;
    send(&client, &url, "둘").await;
    let first = receive(&client, &url).await;
    assert_eq!(first.iter().map(|m| m.0.as_str()).collect::<Vec<_>>(), ["하나", "둘"]);
    assert!(receive(&client, &url).await.is_empty(), "both are with their receiver");
    let delete = |receipt: &str| client.delete_message().queue_url(&url).receipt_handle(receipt).send();
    delete(&first[0].1).await.unwrap();
    range.with_world(|w| w.clock.advance(Duration::from_secs(30)));
    let second = receive(&client, &url).await;
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].0, "둘");
    assert_ne!(second[0].1, first[1].1, "each receiving has its own receipt");
    // The earlier receipt deletes nothing, which is no error.
    delete(&first[1].1).await.unwrap();
    delete(&second[0].1).await.unwrap();
    delete(&second[0].1).await.unwrap();
    let error = delete("nonsense").await.unwrap_err().into_service_error();
    assert!(error.is_receipt_handle_is_invalid(), "{error:?}");
    range.with_world(|w| w.clock.advance(Duration::from_mins(1)));
    assert!(receive(&client, &url).await.is_empty());
}

#[tokio::test]
async fn a_batch_says_of_each_entry_what_became_of_it() {
    let (_range, client, url) = with_queue().await;
    send(&client, &url, "one").await;
    let receipt = receive(&client, &url).await.remove(0).1;
    let entry = |id: &str, receipt: &str| {
        let entry = DeleteMessageBatchRequestEntry::builder().id(id);
        entry.receipt_handle(receipt).build().unwrap()
    };
    let batch = |entries| {
        client
            .delete_message_batch()
            .queue_url(&url)
            .set_entries(Some(entries))
            .send()
    };
    let answer = batch(vec![entry("a", &receipt), entry("b", "nonsense")]).await.unwrap();
    assert_eq!(answer.successful()[0].id(), "a");
    assert_eq!(
        (answer.failed()[0].id(), answer.failed()[0].code()),
        ("b", "ReceiptHandleIsInvalid")
    );
    let twice = batch(vec![entry("a", &receipt), entry("a", &receipt)]).await;
    assert!(
        twice
            .unwrap_err()
            .into_service_error()
            .is_batch_entry_ids_not_distinct()
    );
    assert!(
        batch(vec![])
            .await
            .unwrap_err()
            .into_service_error()
            .is_empty_batch_request()
    );
}

#[tokio::test]
async fn a_queue_tells_of_itself() {
    let (_range, client, url) = with_queue().await;
    for body in ["one", "two", "three"] {
        send(&client, &url, body).await;
    }
    let one = client.receive_message().queue_url(&url);
    let one = one
        .message_system_attribute_names(MessageSystemAttributeName::All)
        .send()
        .await
        .unwrap();
    let message = &one.messages()[0];
    assert_eq!(message.md5_of_body(), Some("f97c5d29941bfb1b2fdab0874906ab82"));
    let attributes = message.attributes().unwrap();
    assert_eq!(attributes[&MessageSystemAttributeName::ApproximateReceiveCount], "1");
    assert_eq!(attributes[&MessageSystemAttributeName::SentTimestamp], "1772323200000");
    let all = client.get_queue_attributes().queue_url(&url);
    let all = all.attribute_names(QueueAttributeName::All).send().await.unwrap();
    let all = all.attributes().unwrap();
    assert_eq!(all[&QueueAttributeName::ApproximateNumberOfMessages], "2");
    assert_eq!(all[&QueueAttributeName::ApproximateNumberOfMessagesNotVisible], "1");
    assert_eq!(all[&QueueAttributeName::VisibilityTimeout], "30");
    assert_eq!(
        all[&QueueAttributeName::QueueArn],
        "arn:aws:sqs:ap-northeast-2:222222222222:quell-events"
    );
    let found = client.get_queue_url().queue_name("quell-events").send().await.unwrap();
    assert_eq!(found.queue_url(), Some(url.as_str()));
    client.purge_queue().queue_url(&url).send().await.unwrap();
    assert!(receive(&client, &url).await.is_empty());
}

#[tokio::test]
async fn errors_have_both_protocols_codes() {
    let (range, client, url) = with_queue().await;
    let missing = client.get_queue_url().queue_name("other").send().await.unwrap_err();
    let missing = missing.into_service_error();
    assert!(missing.is_queue_does_not_exist(), "{missing:?}");
    assert_eq!(missing.code(), Some("AWS.SimpleQueueService.NonExistentQueue"));
    let many = client
        .receive_message()
        .queue_url(&url)
        .max_number_of_messages(11)
        .send()
        .await;
    assert_eq!(many.unwrap_err().code(), Some("InvalidParameterValue"));
    // No queue policy lets another account in.
    let stranger = Client::new(&testing::admin(&range, PROD, SEOUL));
    let refused = stranger.receive_message().queue_url(&url).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDenied"));
    let forged = Client::new(&testing::config(&range, testing::KEYS[1].1, "wrong", None, SEOUL));
    let refused = forged.receive_message().queue_url(&url).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("SignatureDoesNotMatch"));
}

#[tokio::test]
async fn a_long_poll_gets_what_is_sent_meanwhile() {
    let (_range, client, url) = with_queue().await;
    let poll = client.receive_message().queue_url(&url).wait_time_seconds(20).send();
    let (got, ()) = tokio::join!(poll, send(&client, &url, "late"));
    assert_eq!(got.unwrap().messages()[0].body(), Some("late"));
}

//! Failures on request, as the SDK meets them.

use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};

use crate::range::Range;
use crate::range::call::ApiError;
use crate::range::fault::{Fault, Kind};
use crate::range::testing::{self, PROD};

fn topics(range: &Range) -> usize {
    range.with_world(|world| {
        world
            .log
            .iter()
            .filter(|c| c.operation == "CreateTopic" && c.error.is_none())
            .count()
    })
}

fn failing(kind: Kind) -> (Range, aws_sdk_sns::Client) {
    let range = Range::new(testing::world());
    range.fail(Fault {
        service: Some("sns".to_owned()),
        operation: Some("CreateTopic".to_owned()),
        times: 1,
        kind,
        ..Fault::default()
    });
    let sns = aws_sdk_sns::Client::new(&testing::admin(&range, PROD, "us-east-1"));
    (range, sns)
}

#[tokio::test]
async fn a_refused_call_does_nothing_and_the_next_goes_well() {
    let internal = ApiError::new(500, "InternalError", "x");
    for (kind, code) in [(Kind::Throttle, "Throttling"), (Kind::Error(internal), "InternalError")] {
        let (range, sns) = failing(kind);
        let error = sns.create_topic().name("a").send().await.unwrap_err();
        assert_eq!((error.code(), topics(&range)), (Some(code), 0));
        sns.create_topic().name("a").send().await.unwrap();
    }
}

#[tokio::test]
async fn a_lost_or_cut_reply_hides_that_the_work_was_done() {
    let (range, sns) = failing(Kind::DropReply);
    let error = sns.create_topic().name("a").send().await.unwrap_err();
    assert!(matches!(error, SdkError::DispatchFailure(_)), "{error:?}");
    assert_eq!(topics(&range), 1);
    let (range, sns) = failing(Kind::CutBody(90));
    let error = sns.create_topic().name("a").send().await.unwrap_err();
    assert!(
        matches!(error, SdkError::ResponseError(_) | SdkError::ServiceError(_)),
        "{error:?}"
    );
    assert_eq!(topics(&range), 1);
}

//! The errors of SQS: the names of the JSON protocol, and beside each the code that clients of the older query protocol know.
//!
//! Source: the service's model, `awsQueryError` of each error shape.

use crate::range::call::ApiError;

/// From the error's shape to the query protocol's code, where they differ.
pub const QUERY_CODES: &[(&str, &str)] = &[
    ("AccessDeniedException", "AccessDenied"),
    (
        "BatchEntryIdsNotDistinct",
        "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
    ),
    ("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"),
    ("ExpiredTokenException", "ExpiredToken"),
    ("InvalidParameterValueException", "InvalidParameterValue"),
    ("InvalidSignatureException", "SignatureDoesNotMatch"),
    ("MissingRequiredParameterException", "MissingParameter"),
    ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
    ("QueueNameExists", "QueueAlreadyExists"),
    (
        "TooManyEntriesInBatchRequest",
        "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
    ),
    ("UnknownOperationException", "InvalidAction"),
    ("UnrecognizedClientException", "InvalidClientTokenId"),
];

pub fn no_queue() -> ApiError {
    ApiError::new(400, "QueueDoesNotExist", "The specified queue does not exist.")
}

pub fn missing(parameter: &str) -> ApiError {
    ApiError::new(
        400,
        "MissingRequiredParameterException",
        format!("The request must contain the parameter {parameter}."),
    )
}

pub fn out_of_range(parameter: &str, value: i64, from: i64, to: i64) -> ApiError {
    ApiError::new(
        400,
        "InvalidParameterValueException",
        format!(
            "Value {value} for parameter {parameter} is invalid. Reason: Must be between {from} and {to}, if provided."
        ),
    )
}

pub fn bad_receipt(receipt: &str) -> ApiError {
    ApiError::new(
        400,
        "ReceiptHandleIsInvalid",
        format!("The input receipt handle \"{receipt}\" is not a valid receipt handle."),
    )
}

//! Keys and signatures.

use aws_sdk_sts::error::ProvideErrorMetadata;
use bytes::Bytes;

use crate::range::Range;
use crate::range::testing::{self, PROD};

#[tokio::test]
async fn a_user_learns_who_it_is_and_its_key_is_noted_as_used() {
    let range = Range::new(testing::world());
    let config = testing::admin(&range, PROD, "ap-northeast-2");
    let who = aws_sdk_sts::Client::new(&config)
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(who.arn(), Some("arn:aws:iam::333333333333:user/admin"));
    let iam = aws_sdk_iam::Client::new(&config);
    let keys = iam.list_access_keys().send().await.unwrap();
    let id = keys.access_key_metadata()[0].access_key_id().unwrap();
    let used = iam.get_access_key_last_used().access_key_id(id).send().await.unwrap();
    assert_eq!(used.user_name(), Some("admin"));
    assert_eq!(used.access_key_last_used().unwrap().service_name(), "iam");
}

#[tokio::test]
async fn unknown_inactive_and_forged_keys_are_refused() {
    let range = Range::new(testing::world());
    let ask = async |key: &str, secret: &str| {
        let config = testing::config(&range, key, secret, None, "us-east-1");
        let error = aws_sdk_sts::Client::new(&config)
            .get_caller_identity()
            .send()
            .await
            .unwrap_err();
        let status = error.raw_response().unwrap().status().as_u16();
        (status, error.code().unwrap().to_owned())
    };
    let (_, key, secret) = testing::KEYS[2];
    assert_eq!(
        ask("AKIANOBODY1111111111", secret).await,
        (403, "InvalidClientTokenId".to_owned())
    );
    assert_eq!(
        ask(key, "not-the-secret").await,
        (403, "SignatureDoesNotMatch".to_owned())
    );

    let iam = aws_sdk_iam::Client::new(&testing::admin(&range, PROD, "us-east-1"));
    let disable = iam.update_access_key().access_key_id(key).status("Inactive".into());
    disable.user_name("admin").send().await.unwrap();
    assert_eq!(ask(key, secret).await, (403, "InvalidClientTokenId".to_owned()));
    assert!(range.with_world(|world| world.log.iter().any(|c| c.operation == "UpdateAccessKey" && c.mutating)));
}

#[tokio::test]
async fn a_region_that_is_not_enabled_knows_nobody() {
    let range = Range::new(testing::world());
    let config = testing::admin(&range, PROD, "eu-south-2");
    let error = aws_sdk_sts::Client::new(&config)
        .get_caller_identity()
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidClientTokenId"));
}

#[test]
fn an_unsigned_request_is_told_so_in_a_language_its_client_reads() {
    let range = Range::new(testing::world());
    let ask = |host: &str, target: Option<&str>| {
        let mut request = http::Request::post("/").header("host", host);
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        let response = range.answer(&request.body(Bytes::from("Action=GetCallerIdentity")).unwrap());
        assert!(response.headers().contains_key("x-amzn-requestid"));
        let body = String::from_utf8(response.body().to_vec()).unwrap();
        (response.status().as_u16(), body)
    };
    let (status, body) = ask("sts.us-east-1.amazonaws.com", None);
    assert!(
        status == 403 && body.contains("<Code>MissingAuthenticationToken</Code>"),
        "{body}"
    );
    let (status, body) = ask("ec2.us-east-1.amazonaws.com", None);
    assert!(
        status == 401 && body.contains("<Response><Errors><Error><Code>AuthFailure"),
        "{body}"
    );
    let (status, body) = ask("127.0.0.1", Some("AWSOrganizationsV20161128.ListAccounts"));
    assert!(
        status == 400 && body.contains("MissingAuthenticationTokenException"),
        "{body}"
    );
}

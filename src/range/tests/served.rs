//! The range on a loopback port.

use aws_sdk_sts::error::ProvideErrorMetadata;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::range::fault::{Fault, Kind};
use crate::range::testing::{self, PROD};
use crate::range::{Range, serve};

async fn open(range: &Range) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(serve(range.clone(), listener));
    address
}

async fn raw(address: &str, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn the_sdk_over_a_real_socket() {
    let range = Range::new(testing::world());
    let address = open(&range).await;
    let config = testing::admin(&range, PROD, "us-east-1")
        .into_builder()
        .endpoint_url(format!("http://{address}"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let sts = aws_sdk_sts::Client::new(&config);
    assert_eq!(sts.get_caller_identity().send().await.unwrap().account(), Some(PROD));
    range.fail(Fault {
        times: 1,
        kind: Kind::DropReply,
        ..Fault::default()
    });
    let error = sts.get_caller_identity().send().await.unwrap_err();
    assert!(
        error.as_service_error().is_none() && error.code().is_none(),
        "{error:?}"
    );
    assert!(sts.get_caller_identity().send().await.is_ok());
}

#[tokio::test]
async fn bad_input_closes_one_connection_and_not_the_door() {
    let range = Range::new(testing::world());
    let address = open(&range).await;
    assert!(
        raw(&address, b"\x16\x03\x01\x00\xff garbage\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 400")
    );
    let head = b"POST / HTTP/1.1\r\nhost: sts.amazonaws.com\r\nconnection: close\r\n";
    let forged = [
        head.as_slice(),
        b"authorization: AWS4-HMAC-SHA256 Credential=////,,=\r\ncontent-length: 0\r\n\r\n",
    ]
    .concat();
    assert!(raw(&address, &forged).await.contains("MissingAuthenticationToken"));
    let large = [head.as_slice(), b"content-length: 99999999999\r\n\r\n"].concat();
    assert!(raw(&address, &large).await.starts_with("HTTP/1.1 413"));
}

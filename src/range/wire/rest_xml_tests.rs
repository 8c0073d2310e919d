//! Which request is which operation, and what is sent back.

use serde_json::json;

use super::*;

const WAYS: &[Way] = &[
    way(On::Service, "GET", "", "ListBuckets"),
    way(On::Account, "GET", "", "GetAccountPublicAccessBlock"),
    way(On::Bucket, "HEAD", "", "HeadBucket"),
    taking(Takes::Policy, way(On::Bucket, "PUT", "policy", "PutBucketPolicy")),
    taking(
        Takes::Xml,
        way(On::Bucket, "PUT", "publicAccessBlock", "PutBucketPublicAccessBlock"),
    ),
    taking(Takes::Bytes, way(On::Object, "PUT", "", "PutObject")),
];

fn read(method: &Method, host: &str, path: &str, query: &str, body: &[u8]) -> Result<Decoded, ApiError> {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-meta-case", "INC-7".parse().unwrap());
    decode(
        WAYS,
        &Received {
            method,
            host,
            path,
            query,
            target: None,
            headers: &headers,
            body,
        },
    )
}

#[test]
fn a_bucket_is_found_in_the_host_and_in_the_path() {
    for (host, path) in [
        ("acme.example.s3.us-east-1.amazonaws.com", "/a%20b/c"),
        ("acme.example.s3-us-west-2.amazonaws.com", "/a%20b/c"),
        ("acme.example.localhost:4566", "/a%20b/c"),
        ("127.0.0.1:4566", "/acme.example/a%20b/c"),
        ("s3.us-east-1.amazonaws.com", "/acme.example/a%20b/c"),
    ] {
        let put = read(&Method::PUT, host, path, "x-id=PutObject", b"\x00\xffzip").unwrap();
        assert_eq!(put.operation, "PutObject", "{host}");
        assert_eq!(
            (&put.params["Bucket"], &put.params["Key"]),
            (&json!("acme.example"), &json!("a b/c")),
            "{host}"
        );
        assert_eq!(put.params["Metadata"]["case"], "INC-7");
        assert_eq!(put.body, b"\x00\xffzip");
    }
    let head = read(&Method::HEAD, "127.0.0.1:4566", "/acme", "", b"").unwrap();
    assert_eq!(
        (head.operation.as_str(), &head.params["Bucket"]),
        ("HeadBucket", &json!("acme"))
    );
    let list = read(&Method::GET, "s3.us-east-1.amazonaws.com", "/", "x-id=ListBuckets", b"").unwrap();
    assert_eq!(list.operation, "ListBuckets");
}

#[test]
fn documents_and_policies_become_parameters() {
    let xml = b"<PublicAccessBlockConfiguration xmlns=\"x\"><BlockPublicAcls>true</BlockPublicAcls><A>1</A><A>2 &amp; 3</A><B/></PublicAccessBlockConfiguration>";
    let put = read(&Method::PUT, "h", "/acme", "publicAccessBlock", xml).unwrap();
    let expected = json!({"BlockPublicAcls": "true", "A": ["1", "2 & 3"], "B": ""});
    assert_eq!(put.params["PublicAccessBlockConfiguration"], expected);
    let put = read(&Method::PUT, "h", "/acme", "policy=", b"{\"a\": 1}").unwrap();
    assert_eq!(put.params["Policy"], "{\"a\": 1}");
    for (query, body) in [
        ("publicAccessBlock", &b"<a><b></a>"[..]),
        ("publicAccessBlock", b"<a>"),
        ("policy", b"\xff"),
    ] {
        assert_eq!(
            read(&Method::PUT, "h", "/acme", query, body).unwrap_err().code,
            "MalformedXML"
        );
    }
}

#[test]
fn a_part_that_is_not_known_is_not_the_bucket_itself() {
    assert_eq!(
        read(&Method::HEAD, "h", "/acme", "cors", b"").unwrap_err().code,
        "NotImplemented"
    );
    assert_eq!(read(&Method::DELETE, "h", "/acme", "", b"").unwrap_err().status, 501);
}

#[test]
fn a_head_has_no_body_and_lists_repeat_their_element() {
    let error = Err(ApiError::new(
        404,
        "NoSuchBucket",
        "The specified bucket does not exist",
    ));
    assert!(encode(&Method::HEAD, &error, "id").body().is_empty());
    let said = encode(&Method::GET, &error, "id");
    assert!(String::from_utf8_lossy(said.body()).contains("<Error><Code>NoSuchBucket</Code>"));
    let list = Ok(json!({"xml": {"R": {"C": [{"K": "a"}, {"K": "b", "@t": "x"}], "N": null}}}));
    let said = encode(&Method::GET, &list, "id");
    let text = String::from_utf8_lossy(said.body()).into_owned();
    assert!(text.ends_with("<C><K>a</K></C><C t=\"x\"><K>b</K></C></R>"), "{text}");
}

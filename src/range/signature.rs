//! Signature Version 4, as the one who checks it.
//!
//! Owns: the `Authorization` header and the arithmetic over a request. Must never: keep or print a secret.
//! After "Authenticating Requests (AWS Signature Version 4)" in the IAM User Guide.

use std::fmt::Write;

use bytes::Bytes;
use http::Request;
use sha2::{Digest, Sha256};

use super::wire::percent_decoded;

/// What the `Authorization` header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub access_key: String,
    /// `YYYYMMDD`
    pub date: String,
    pub region: String,
    pub service: String,
    pub signed_headers: Vec<String>,
    pub signature: String,
}

impl Claim {
    /// Reads the header; nothing where it is not of this scheme or lacks a part.
    pub fn parse(header: &str) -> Option<Self> {
        let fields = header.strip_prefix("AWS4-HMAC-SHA256")?;
        let (mut credential, mut headers, mut signature) = (None, None, None);
        for field in fields.split(',') {
            let (key, value) = field.trim().split_once('=')?;
            match key {
                "Credential" => credential = Some(value),
                "SignedHeaders" => headers = Some(value),
                "Signature" => signature = Some(value),
                _ => return None,
            }
        }
        let mut scope = credential?.rsplitn(5, '/');
        let terminator = scope.next()?;
        let service = scope.next()?;
        let region = scope.next()?;
        let date = scope.next()?;
        let access_key = scope.next()?;
        (terminator == "aws4_request" && !access_key.is_empty()).then(|| Self {
            access_key: access_key.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: headers.unwrap_or_default().split(';').map(str::to_owned).collect(),
            signature: signature.unwrap_or_default().to_owned(),
        })
    }

    /// Whether the signature is the one that this secret makes for this request.
    pub fn verify(&self, request: &Request<Bytes>, secret: &str) -> bool {
        let Some(date) = header(request, "x-amz-date") else {
            return false;
        };
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{date}\n{}/{}/{}/aws4_request\n{}",
            self.date,
            self.region,
            self.service,
            hex(&Sha256::digest(self.canonical(request)))
        );
        let key = [&self.region, &self.service, "aws4_request"].into_iter().fold(
            hmac(format!("AWS4{secret}").as_bytes(), self.date.as_bytes()),
            |key, part| hmac(&key, part.as_bytes()),
        );
        date.starts_with(&self.date)
            && (self.service != "s3" || body_is_as_said(request))
            && self.signed_headers.iter().any(|h| h == "host")
            && hex(&hmac(&key, to_sign.as_bytes())) == self.signature
    }

    fn canonical(&self, request: &Request<Bytes>) -> String {
        let path = request.uri().path();
        // S3 alone signs the path as it is sent, and takes the client's word for the body's sum, which is checked by itself.
        let (path, sum) = if self.service == "s3" {
            let said = header(request, "x-amz-content-sha256").map(str::to_owned);
            (encoded(&percent_decoded(path), b"/"), said)
        } else {
            (encoded(path, b"/"), None)
        };
        let sum = sum.unwrap_or_else(|| hex(&Sha256::digest(request.body())));
        let mut text = format!(
            "{}\n{}\n{}\n",
            request.method(),
            path,
            canonical_query(request.uri().query().unwrap_or_default())
        );
        for name in &self.signed_headers {
            let value = header_values(request, name);
            let _ = writeln!(text, "{name}:{value}");
        }
        let _ = write!(text, "\n{}\n{sum}", self.signed_headers.join(";"));
        text
    }
}

/// Whether the body has the sum that an S3 client says; it may also say that it does not sign the body (S3 API reference,
/// "Authenticating Requests").
fn body_is_as_said(request: &Request<Bytes>) -> bool {
    header(request, "x-amz-content-sha256").is_some_and(|said| {
        said == "UNSIGNED-PAYLOAD" || said.starts_with("STREAMING-") || said == hex(&Sha256::digest(request.body()))
    })
}

/// One header's text.
pub fn header<'r>(request: &'r Request<Bytes>, name: &str) -> Option<&'r str> {
    request.headers().get(name)?.to_str().ok()
}

/// A header's values joined by commas, inner runs of blanks made one; the host from the URL where there is no such header.
fn header_values(request: &Request<Bytes>, name: &str) -> String {
    let values: Vec<String> = request
        .headers()
        .get_all(name)
        .iter()
        .map(|v| {
            let text = String::from_utf8_lossy(v.as_bytes());
            text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect();
    if values.is_empty() && name == "host" {
        return request.uri().authority().map(ToString::to_string).unwrap_or_default();
    }
    values.join(",")
}

fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|p| !p.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (
                encoded(&percent_decoded(key), b""),
                encoded(&percent_decoded(value), b""),
            )
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(k, v)| format!("{k}={v}")).collect();
    pairs.join("&")
}

/// Percent-encoded as RFC 3986 has it, but for the bytes given.
pub fn encoded(text: &str, keep: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// HMAC (RFC 2104) over SHA-256.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new()
        .chain_update(block.map(|b| b ^ 0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(block.map(|b| b ^ 0x5c))
        .chain_update(inner)
        .finalize()
        .into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_gives_the_vectors_of_rfc_4231() {
        assert_eq!(
            hex(&hmac(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(&hmac(
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First"
            )),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    /// The example of the AWS General Reference, "Examples of the complete Signature Version 4 signing process".
    #[test]
    fn the_documented_example_verifies() {
        let request = Request::get("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .header("x-amz-date", "20150830T123600Z")
            .body(Bytes::new())
            .unwrap();
        let claim = Claim::parse(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        )
        .unwrap();
        assert!(claim.verify(&request, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
        assert!(!claim.verify(&request, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEZ"));
    }

    #[test]
    fn what_is_no_claim() {
        for header in [
            "",
            "Bearer x",
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 Credential=a/b/c",
            "AWS4-HMAC-SHA256 x=y",
        ] {
            assert_eq!(Claim::parse(header), None, "{header}");
        }
    }
}

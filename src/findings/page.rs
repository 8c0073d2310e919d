//! Splits one response body into its findings, byte for byte.
//!
//! Owns: the shape of a page and its limits. Must never: answer with fewer findings than the body holds. A body that is cut,
//! malformed, too big or too deep is an error that says where, never a shorter or an empty page.

use serde::Deserialize;
use serde_json::value::RawValue;

/// The largest body that is looked at.
pub const MAX_BODY: usize = 64 * 1024 * 1024;
/// The deepest nesting; AWS's own findings stay below 20.
pub const MAX_DEPTH: usize = 128;

/// The findings of one page. Each is exactly the bytes that stand in the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    pub findings: Vec<&'a [u8]>,
    /// Where the next page starts. An empty token, which GuardDuty sends with the last page, is none.
    pub next_token: Option<String>,
}

/// The answer of GuardDuty's `ListFindings` or `ListDetectors`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids {
    pub ids: Vec<String>,
    /// Where the next page starts.
    pub next_token: Option<String>,
}

/// The body is not a page: what is wrong and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not a page of findings: {message} (line {line}, column {column})")]
pub struct BadPage {
    /// In plain words.
    pub message: String,
    /// From 1.
    pub line: usize,
    /// In bytes, from 1.
    pub column: usize,
}

#[derive(Deserialize)]
struct GuardDutyBody<'a> {
    #[serde(borrow)]
    findings: Vec<&'a RawValue>,
    #[serde(rename = "nextToken")]
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct SecurityHubBody<'a> {
    #[serde(borrow, rename = "Findings")]
    findings: Vec<&'a RawValue>,
    #[serde(rename = "NextToken")]
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct ListBody {
    #[serde(rename = "findingIds")]
    ids: Vec<String>,
    #[serde(rename = "nextToken")]
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct DetectorsBody {
    #[serde(rename = "detectorIds")]
    ids: Vec<String>,
    #[serde(rename = "nextToken")]
    next_token: Option<String>,
}

/// The findings of GuardDuty's `GetFindings`.
pub fn guardduty_page(body: &[u8]) -> Result<Page<'_>, BadPage> {
    let read: GuardDutyBody<'_> = read(body)?;
    Ok(page(&read.findings, read.next_token))
}

/// The findings of Security Hub's `GetFindings`.
pub fn securityhub_page(body: &[u8]) -> Result<Page<'_>, BadPage> {
    let read: SecurityHubBody<'_> = read(body)?;
    Ok(page(&read.findings, read.next_token))
}

/// The ids of GuardDuty's `ListFindings`.
pub fn listed_ids(body: &[u8]) -> Result<Ids, BadPage> {
    let read: ListBody = read(body)?;
    Ok(Ids {
        ids: read.ids,
        next_token: some_token(read.next_token),
    })
}

/// The ids of GuardDuty's `ListDetectors`. An answer without the list is no answer, since an empty list means that GuardDuty is
/// not enabled.
pub fn listed_detectors(body: &[u8]) -> Result<Ids, BadPage> {
    let read: DetectorsBody = read(body)?;
    Ok(Ids {
        ids: read.ids,
        next_token: some_token(read.next_token),
    })
}

fn page<'a>(findings: &[&'a RawValue], next_token: Option<String>) -> Page<'a> {
    Page {
        findings: findings.iter().map(|raw| raw.get().as_bytes()).collect(),
        next_token: some_token(next_token),
    }
}

fn some_token(token: Option<String>) -> Option<String> {
    token.filter(|token| !token.is_empty())
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, BadPage> {
    if body.len() > MAX_BODY {
        return Err(bad_at(
            body,
            MAX_BODY,
            format!("it is larger than {} MiB", MAX_BODY >> 20),
        ));
    }
    if let Some(at) = too_deep(body) {
        return Err(bad_at(body, at, format!("it is nested deeper than {MAX_DEPTH} levels")));
    }
    // A derived reader would take a list for a struct; a page is an object.
    let start = body.iter().position(|b| !b.is_ascii_whitespace());
    match start.map(|at| (at, body[at])) {
        None => return Err(bad_at(body, body.len(), "it is empty".to_owned())),
        Some((_, b'{')) => {}
        Some((at, _)) => return Err(bad_at(body, at, "it is not a JSON object".to_owned())),
    }
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let mut message = error.to_string();
        if let Some(at) = message.rfind(" at line ") {
            message.truncate(at);
        }
        if error.is_eof() {
            message = format!("it ends too early, {message}");
        }
        BadPage { message, line, column }
    })
}

fn bad_at(body: &[u8], at: usize, message: String) -> BadPage {
    let before = &body[..at.min(body.len())];
    let start = before.iter().rposition(|&b| b == b'\n').map_or(0, |n| n + 1);
    BadPage {
        message,
        line: before.split(|&b| b == b'\n').count(),
        column: before.len() - start + 1,
    }
}

/// Where the nesting goes past the limit. Raw values are skipped without recursion, so the limit has to be kept here.
pub(super) fn too_deep(body: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, &byte) in body.iter().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Some(at);
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::findings::samples;

    fn body(list: &str, token: &str, findings: &[&[u8]]) -> Vec<u8> {
        let mut body = format!("{{\"{list}\": [").into_bytes();
        body.extend_from_slice(&findings.join(&b" ,\n"[..]));
        body.extend_from_slice(format!("], \"{token}\": \"t-1\"}}").as_bytes());
        body
    }

    #[test]
    fn only_a_list_that_is_there_and_empty_means_no_detector() {
        let none = Ids {
            ids: Vec::new(),
            next_token: None,
        };
        assert_eq!(listed_detectors(br#"{"detectorIds":[]}"#), Ok(none));
        for body in ["", "{}", "null", r#"{"detectorIds":null}"#, r#"{"detectorIds":["#] {
            assert!(listed_detectors(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn every_finding_keeps_its_bytes() {
        let samples: Vec<&[u8]> = samples::GUARDDUTY.iter().map(|(_, raw)| raw.trim_ascii()).collect();
        let body_text = body("findings", "nextToken", &samples);
        let page = guardduty_page(&body_text).unwrap();
        assert_eq!(page.findings, samples);
        assert_eq!(page.next_token.as_deref(), Some("t-1"));

        let samples: Vec<&[u8]> = samples::ASFF.iter().map(|(_, raw)| raw.trim_ascii()).collect();
        let body_text = body("Findings", "NextToken", &samples);
        assert_eq!(securityhub_page(&body_text).unwrap().findings, samples);
    }

    #[test]
    fn a_cut_at_any_byte_is_an_error() {
        let odd: [&[u8]; 3] = [br#"{"id": "a]}", "n": 1}"#, b"{}", b"null"];
        let whole = body("findings", "nextToken", &odd);
        assert_eq!(guardduty_page(&whole).unwrap().findings.len(), 3);
        let list = br#"{"findingIds": ["a", "b"], "nextToken": ""}"#;
        assert_eq!(listed_ids(list).unwrap().next_token, None);
        for end in 0..whole.len() {
            assert!(guardduty_page(&whole[..end]).is_err(), "cut at {end}");
        }
        for end in 0..list.len() {
            assert!(listed_ids(&list[..end]).is_err(), "cut at {end}");
        }
        let real = body("findings", "nextToken", &[samples::GUARDDUTY[0].1.trim_ascii()]);
        for end in 0..real.len() {
            assert!(guardduty_page(&real[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn other_shapes_are_named_with_their_place() {
        let deep = format!("{{\"findings\": [{}{}]}}", "[".repeat(200), "]".repeat(200));
        for (body, says) in [
            ("", "it is empty (line 1, column 1)"),
            ("[[], null]", "not a JSON object (line 1, column 1)"),
            ("{\"message\": \"no\"}", "missing field `findings`"),
            ("{\"findings\": null}", "invalid type: null"),
            ("{\"findings\": []} {}", "trailing characters (line 1, column 18)"),
            (
                "{\n\"findings\": [{\"a\": 1},",
                "it ends too early, EOF while parsing a value (line 2",
            ),
            ("{\"findings\": [], \"findings\": []}", "duplicate field"),
            (deep.as_str(), "nested deeper than 128 levels (line 1, column 141)"),
        ] {
            let error = guardduty_page(body.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        assert!(guardduty_page(b"{\"findings\": [\"\xff\"]}").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_split_or_fail(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = guardduty_page(&bytes);
            let _ = securityhub_page(&bytes);
            let _ = listed_ids(&bytes);
        }

        #[test]
        fn json_of_any_kind_keeps_its_bytes(texts in proptest::collection::vec(".*", 0..6), gap in "[ \n\t]{0,3}") {
            let quoted: Vec<String> = texts.iter().map(|t| format!("{{{gap}\"id\":{gap}{}}}", serde_json::to_string(t).unwrap())).collect();
            let body = format!("{{\"Findings\":[{}]}}", quoted.join(&format!("{gap},{gap}")));
            let page = securityhub_page(body.as_bytes()).unwrap();
            let expected: Vec<&[u8]> = quoted.iter().map(String::as_bytes).collect();
            prop_assert_eq!(page.findings, expected);
        }
    }
}

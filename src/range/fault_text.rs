//! A fault as a person writes it: `service=guardduty,operation=ListFindings,region=us-east-1,page=2,times=1,kind=cut`.
//!
//! Owns: the words. Must never: take a word that it does not know for one that it does.

use std::str::FromStr;

use super::fault::{Fault, Kind};
use super::services;

/// The words for kinds, with the bytes or findings that some of them count by default.
const KINDS: &str = "throttle, 5xx, 403, cut, abort, corrupt, drop, repeat-token or fewer (cut:N, abort:N and fewer:N count bytes \
    or findings)";

/// The bytes that arrive where none are said: enough to look like an answer, too few to be one.
const BYTES: usize = 100;

impl FromStr for Fault {
    type Err = String;

    /// A list of `key=value`, joined by commas. What is left out fits any call; `times` left out is all of them.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut fault = Self::default();
        for part in text.split(',') {
            let (key, value) = part
                .trim()
                .split_once('=')
                .ok_or_else(|| format!("{part:?} is not of the form key=value"))?;
            match key {
                "service" => fault.service = Some(service(value)?),
                "operation" => fault.operation = Some(value.to_owned()),
                "account" => fault.account = Some(value.parse().map_err(|e| format!("{e}"))?),
                "region" => fault.region = Some(value.parse().map_err(|e| format!("{e}"))?),
                "page" => fault.page = Some(number(key, value)?).filter(|page| *page > 0),
                "skip" => fault.skip = number(key, value)?,
                "times" => fault.times = number(key, value)?,
                "kind" => fault.kind = kind(value)?,
                _ => {
                    return Err(format!(
                        "{key:?} is not known; expected service, operation, account, region, page, skip, times or kind"
                    ));
                }
            }
            if key == "page" && fault.page.is_none() {
                return Err("pages count from 1".to_owned());
            }
        }
        if let (Some(service), Some(operation)) = (&fault.service, &fault.operation) {
            let known = services::by_name(service).is_some_and(|s| s.operation(operation).is_some());
            if !known {
                return Err(format!("the range's {service} has no operation {operation:?}"));
            }
        }
        Ok(fault)
    }
}

fn service(name: &str) -> Result<String, String> {
    let known = || services::ALL.iter().map(|s| s.name).collect::<Vec<_>>().join(", ");
    services::by_name(name)
        .map(|s| s.name.to_owned())
        .ok_or_else(|| format!("the range has no service {name:?}; it has {}", known()))
}

fn number<N: FromStr>(key: &str, value: &str) -> Result<N, String> {
    value.parse().map_err(|_| format!("{key} is a number, not {value:?}"))
}

fn kind(text: &str) -> Result<Kind, String> {
    let (word, count) = match text.split_once(':') {
        Some((word, count)) => (word, Some(number(word, count)?)),
        None => (text, None),
    };
    Ok(match (word, count) {
        ("cut", count) => Kind::CutBody(count.unwrap_or(BYTES)),
        ("abort", count) => Kind::Abort(count.unwrap_or(BYTES)),
        ("fewer", count) => Kind::Fewer(count.unwrap_or(1)),
        ("throttle", None) => Kind::Throttle,
        ("5xx", None) => Kind::Internal,
        ("403", None) => Kind::Denied,
        ("corrupt", None) => Kind::Corrupt,
        ("drop", None) => Kind::DropReply,
        ("repeat-token", None) => Kind::RepeatToken,
        _ => return Err(format!("{text:?} is not a kind of failure; expected {KINDS}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_in_words() {
        let text = "service=guardduty,operation=ListFindings,account=111111111111,region=us-east-1,page=2,skip=3,times=1,kind=cut:7";
        let expected = Fault {
            service: Some("guardduty".to_owned()),
            operation: Some("ListFindings".to_owned()),
            account: Some("111111111111".parse().unwrap()),
            region: Some("us-east-1".parse().unwrap()),
            page: Some(2),
            skip: 3,
            times: 1,
            kind: Kind::CutBody(7),
        };
        assert_eq!(text.parse(), Ok(expected));
        assert_eq!("kind=fewer".parse::<Fault>().unwrap().kind, Kind::Fewer(1));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, says) in [
            ("", "key=value"),
            ("service=s4", "no service \"s4\""),
            ("service=guardduty,operation=GetFinding", "no operation \"GetFinding\""),
            ("page=0", "from 1"),
            ("times=often", "times is a number"),
            ("kind=throttle:3", "not a kind of failure"),
            ("colour=red", "expected service"),
            ("region=nowhere at all", "not a region code"),
        ] {
            let error = text.parse::<Fault>().unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}

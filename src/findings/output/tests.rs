use unicode_width::UnicodeWidthStr;

use super::*;
use crate::findings::{Coverage, CoverageState, samples};

const NASTY: &str = "=cmd|'/c calc'!A0, \"q\"\x1b]52;c;aGk=\x07\u{9b}2J\u{202e}\u{7f}\u{e0001}한국어 ✓";

fn nasty() -> Finding {
    let mut finding = samples::finding();
    finding.title = Untrusted::new(NASTY);
    finding.resource.id = Untrusted::new("\tkey,with\r\nlines");
    finding
}

fn text(write: impl Fn(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What a terminal would obey: none of it may be in any output.
fn is_quiet(text: &str) -> bool {
    !text
        .chars()
        .any(|c| (c.is_control() && c != '\n' && c != '\r') || matches!(c, '\u{202e}' | '\u{e0001}'))
}

#[test]
fn json_is_lossless_and_quiet() {
    let coverage = [Coverage {
        account: "222222222222".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        source: Source::SecurityHub,
        state: CoverageState::Refused,
        via: None,
        error: Some("AccessDenied\u{1b}".to_owned()),
    }];
    let finding = nasty();
    let way = Way {
        how: "Not listed\u{1b}",
        may_miss: true,
    };
    let printed = text(|out| json(out, &[&finding, &finding], &coverage, way));
    assert!(is_quiet(&printed), "{printed:?}");
    let read: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let row = &read["findings"][1];
    assert_eq!(row["title"], NASTY);
    assert_eq!(row["resource"], "\tkey,with\r\nlines");
    assert_eq!(
        (&row["source"], &row["severity_label"]),
        (&"guardduty".into(), &"high".into())
    );
    assert_eq!(row["severity"], 8.0);
    assert_eq!(row["archived"], false);
    let mut keys: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    let expected =
        "account archived arn first_seen id region resource severity severity_label source title type updated_at";
    assert_eq!(keys.join(" "), expected);
    let gap = &read["coverage"][0];
    assert_eq!(
        (&gap["state"], &gap["error"]),
        (&"refused".into(), &"AccessDenied\u{1b}".into())
    );

    assert_eq!(
        (&read["may_miss"], &read["way"]),
        (&true.into(), &"Not listed\u{1b}".into())
    );

    let empty: [&Finding; 0] = [];
    let none = Way {
        how: "",
        may_miss: false,
    };
    let printed = text(|out| json(out, &empty, &[], none));
    let read: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(
        read,
        serde_json::json!({"findings": [], "coverage": [], "may_miss": false, "way": ""})
    );
}

#[test]
fn json_lines_are_one_finding_a_line() {
    let printed = text(|out| jsonl(out, &[nasty(), nasty()]));
    assert_eq!(printed.lines().count(), 2);
    for line in printed.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(row["title"], NASTY);
    }
}

#[test]
fn csv_quotes_and_neutralises() {
    let printed = text(|out| csv(out, &[nasty()]));
    assert!(is_quiet(&printed), "{printed:?}");
    let lines: Vec<&str> = printed.split("\r\n").collect();
    assert_eq!((lines.len(), lines[2]), (3, ""));
    assert!(lines[0].starts_with("id,arn,source,account,region,type,severity,"));
    assert!(
        lines[1].contains(",\"'=cmd|'/c calc'!A0, \"\"q\"\"␛]52;"),
        "{}",
        lines[1]
    );
    assert!(lines[1].contains(",\"'␉key,with␍␊lines\","), "{}", lines[1]);
    assert!(lines[1].ends_with("Z,false"), "{}", lines[1]);
    for start in ["=", "+", "-", "@", "\t", "\r"] {
        let mut finding = samples::finding();
        finding.id = Untrusted::new(format!("{start}1"));
        let printed = text(|out| csv(out, &[&finding]));
        assert!(printed.lines().nth(1).unwrap().starts_with('\''), "{start:?}");
    }
}

#[test]
fn the_table_lines_up_at_any_width() {
    let mut korean = samples::finding();
    korean.resource.id = Untrusted::new("운영-서버-이름이-아주-길어서-잘려야-합니다");
    korean.title = Untrusted::new("운영 서버가 채굴 풀과 통신합니다".repeat(9));
    let findings = [samples::finding(), korean, nasty()];
    let now = "2026-11-20T05:12:00Z".parse().unwrap();
    let names = |_: &AccountId| Some("운영");
    for width in [80, 120, 200, usize::MAX] {
        let printed = text(|out| table(out, &findings, width, &names, now));
        assert!(is_quiet(&printed) && !printed.contains('\r'), "{printed:?}");
        let column = printed.lines().next().unwrap().find("TITLE").unwrap();
        for (line, title) in printed.lines().skip(1).zip(["", "운영", "=cmd"]) {
            assert!(line.width() <= width, "{} > {width}: {line}", line.width());
            let (mut cells, mut bytes) = (0, 0);
            while cells < column {
                let c = line[bytes..].chars().next().unwrap();
                cells += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
                bytes += c.len_utf8();
            }
            assert!(cells == column && line[bytes..].starts_with(title), "{line}");
        }
        assert!(printed.contains("◆ HIGH 2h  운영"), "{printed}");
    }
}

#[test]
fn ages_and_cuts() {
    let now: Time = "2026-11-20T03:00:00Z".parse().unwrap();
    for (at, says) in [
        ("2026-11-20T03:00:30Z", "0s"),
        ("2026-11-20T02:59:01Z", "59s"),
        ("2026-11-20T02:00:01Z", "59m"),
        ("2026-11-19T03:00:01Z", "23h"),
        ("2026-10-20T03:00:00Z", "31d"),
    ] {
        assert_eq!(age(at.parse().unwrap(), now), says);
    }
    for (given, width, cut) in [
        ("abc", 5, "abc  "),
        ("abcdef", 4, "abc…"),
        ("서버실", 4, "서… "),
        ("x", 0, ""),
    ] {
        assert_eq!(fit(given, width), cut);
    }
}

#[test]
fn what_is_put_aside_says_so_and_what_is_old_is_in_years() {
    let mut aside = samples::finding();
    aside.archived = true;
    aside.updated_at = Some("1970-01-01T00:00:12Z".parse().unwrap());
    let now = "2026-11-20T05:12:00Z".parse().unwrap();
    let both = [aside, samples::finding()];
    let printed = text(|out| table(out, &both, 120, &|_| None, now));
    let lines: Vec<&str> = printed.lines().collect();
    assert!(
        lines[1].contains(" 56y ") && lines[1].contains("(archived) "),
        "{printed}"
    );
    assert!(!lines[2].contains("archived"), "{printed}");
    for (days, said) in [(999, "999d"), (1_000, "2y")] {
        let at = "2020-01-01T00:00:00Z".parse::<crate::domain::Time>().unwrap();
        let later = at.checked_add(jiff::SignedDuration::from_hours(24 * days)).unwrap();
        assert_eq!(age(at, later), said);
    }
}

//! Every shape of an export, alone and mixed, and what is said of what is none.

use super::*;
use crate::findings::{Source, samples};

fn text(raw: &[u8]) -> String {
    std::str::from_utf8(raw).unwrap().trim().to_owned()
}

fn one_line(raw: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(raw).unwrap();
    value.to_string()
}

fn read_text(text: impl Into<String>) -> Imported {
    read("a.json", &Bytes::from(text.into()))
}

fn told(imported: &Imported) -> Vec<String> {
    imported.faults.iter().map(ToString::to_string).collect()
}

#[test]
fn every_shape_that_findings_are_exported_in_is_read() {
    let guardduty: Vec<String> = samples::GUARDDUTY.iter().map(|(_, raw)| text(raw)).collect();
    let asff: Vec<String> = samples::ASFF.iter().map(|(_, raw)| text(raw)).collect();
    let lines: Vec<String> = samples::GUARDDUTY.iter().map(|(_, raw)| one_line(raw)).collect();
    let event = format!(
        r#"{{"detail-type":"GuardDuty Finding","source":"aws.guardduty","detail":{}}}"#,
        guardduty[0]
    );
    for (shape, content, expected) in [
        (
            "API",
            format!(r#"{{"findings":[{}],"nextToken":""}}"#, guardduty.join(",")),
            guardduty.len(),
        ),
        (
            "CLI",
            format!("{{\n \"Findings\": [\n{}\n]}}", asff.join(",\n")),
            asff.len(),
        ),
        ("array", format!("[{}]", asff.join(",")), asff.len()),
        ("bare", guardduty[0].clone(), 1),
        ("JSON lines", lines.join("\n"), lines.len()),
        ("CRLF", lines.join("\r\n"), lines.len()),
        ("BOM", format!("\u{feff}{}", lines.join("\n")), lines.len()),
        ("event", event.clone(), 1),
        (
            "mixed",
            format!("{}\n{event}\n[{}]\n{}", guardduty[0], asff[0], lines[1]),
            4,
        ),
    ] {
        let imported = read_text(content);
        assert_eq!(told(&imported), Vec::<String>::new(), "{shape}");
        assert_eq!(imported.findings.len(), expected, "{shape}");
        assert!(
            imported
                .findings
                .iter()
                .all(|seen| seen.finding.kind.raw() != "Unreadable"),
            "{shape}"
        );
    }
    let bare = read_text(guardduty[0].clone());
    assert_eq!(bare.findings[0].raw, guardduty[0].as_bytes());
    assert_eq!(
        read_text(asff[0].clone()).findings[0].finding.source,
        Source::SecurityHub
    );
}

#[test]
fn what_is_no_finding_is_named_with_its_place_and_the_rest_is_read() {
    let finding = one_line(samples::GUARDDUTY[0].1);
    let content = format!("{finding}\n{{\"a\": 1}}\n{finding}\n  \"é\" 12\n{{\"broken\": \n{finding}\n[[3]]\n");
    let imported = read_text(content);
    assert_eq!(imported.findings.len(), 3);
    assert_eq!(imported.misunderstood, 5);
    let told = told(&imported).join("\n");
    for part in [
        "a.json:2:1: it is no finding and no event; its fields are a",
        "a.json:4:3: it is neither",
        "a.json:4:7: it is neither",
        "a.json:7:1: it is not JSON",
        "a.json:7:3: it is neither",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[test]
fn a_cut_anywhere_is_told_and_never_gives_more_than_there_was() {
    let one = one_line(samples::GUARDDUTY[0].1);
    for (head, tail) in [
        ("{\"Findings\": [", "], \"NextToken\": null}"),
        ("{\"x\": [1], \"findings\": [", "]}"),
        ("[", "]"),
        ("[\n", "\n]"),
        ("[{\"findings\":[", "]}]"),
    ] {
        let whole = format!("{head}{one},\n{one}{tail}");
        let ends = [head.len() + one.len(), head.len() + 2 * one.len() + 2];
        for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            let imported = read_text(&whole[..end]);
            let before = ends.iter().filter(|done| **done <= end).count();
            assert_eq!(
                (imported.findings.len(), imported.misunderstood),
                (before, 1),
                "{head} cut at {end}"
            );
        }
        assert_eq!(read_text(whole).findings.len(), 2);
    }
}

#[test]
fn a_page_that_is_not_the_last_says_so() {
    let one = one_line(samples::GUARDDUTY[0].1);
    for (token, more) in [
        ("\"nextToken\": \"t\"", true),
        ("\"NextToken\": \"t\"", true),
        ("\"nextToken\": \"\"", false),
        ("\"NextToken\": null", false),
    ] {
        let imported = read_text(format!("{{\"findings\": [{one}],\n{token}}}"));
        assert_eq!(
            (imported.findings.len(), imported.misunderstood),
            (1, usize::from(more)),
            "{token}"
        );
        if more {
            assert!(told(&imported)[0].starts_with("a.json:2:14: it is one page of several"));
        }
    }
}

#[test]
fn what_people_give_by_mistake_has_a_sentence() {
    for (content, why) in [
        (&b"\x1f\x8b\x08\x00"[..], "gunzip"),
        (b"\xff\xfe{\0", "UTF-16"),
        (b"PK\x03\x04", "zip"),
        (b" \n", "empty"),
        (b"<html>", "not JSON"),
    ] {
        let imported = read("x", &Bytes::copy_from_slice(content));
        assert!(
            imported.misunderstood == 1 && told(&imported)[0].contains(why),
            "{:?}",
            told(&imported)
        );
    }
    let deep = format!("{{\"findings\":{}{}}}", "[".repeat(50_000), "]".repeat(50_000));
    let imported = read_text(deep);
    assert!(told(&imported)[0].contains("deeper"), "{:?}", told(&imported));
    // Pages in pages that break somewhere: neither the stack nor the square of the length.
    for (page, times, faults) in [
        ("{\"findings\":", 40_000, 1),
        ("{\"findings\":\n", 5_000, 66),
        ("[\n", 5_000, 66),
    ] {
        let one = one_line(samples::GUARDDUTY[0].1);
        let imported = read_text(format!("{one}\n{}", page.repeat(times)));
        assert_eq!(imported.findings.len(), 1, "{page:?}");
        assert!(
            (1..=130).contains(&imported.misunderstood),
            "{page:?}: {}",
            imported.misunderstood
        );
        assert!(imported.misunderstood >= faults, "{page:?}: {}", imported.misunderstood);
    }
    let many = "{\"x\":1}\n".repeat(1000);
    let imported = read_text(many);
    assert_eq!((imported.misunderstood, imported.faults.len()), (1000, MAX_TOLD));
}

#[test]
fn what_is_written_beside_a_list_of_findings_makes_it_no_finding() {
    let (gd, asff) = (text(samples::GUARDDUTY[0].1), text(samples::ASFF[0].1));
    for (name, inner) in [("accountId", &gd), ("awsAccountId", &asff), ("AwsAccountId", &asff)] {
        let imported = read_text(format!(
            r#"{{"{name}":"111122223333","region":"us-east-1","findings":[{inner}]}}"#
        ));
        assert_eq!(told(&imported), Vec::<String>::new(), "{name}");
        assert_eq!(imported.findings[0].raw.as_ref(), inner.as_bytes(), "{name}");
    }
    // Which of both is meant nobody can tell: it is named, and not taken for one.
    let both = read_text(format!(
        r#"{{"accountId":"111122223333","id":"x","type":"T","findings":[{gd}]}}"#
    ));
    assert_eq!((both.findings.len(), both.misunderstood), (0, 1));
}

#[test]
fn bytes_that_are_not_utf_8_are_read_and_said() {
    let event = |title: &str| {
        format!(
            "\u{feff}[\n{{\"detail-type\":\"Outage\",\"source\":\"acme\",\"account\":\"111122223333\",\"detail\":{{\"id\":\"p1\",\n\"title\":\"{title}\"}}}}]"
        )
    };
    assert_eq!(read_text(event("café crème")).garbled, None);
    // é and è as Latin-1 has them.
    let mut latin = event("caf@ cr@me").into_bytes();
    for (byte, letter) in latin.iter_mut().filter(|byte| **byte == b'@').zip([0xe9, 0xe8]) {
        *byte = letter;
    }
    let read = read("a.json", &Bytes::from(latin));
    assert_eq!((read.findings.len(), read.misunderstood, read.faults.len()), (1, 0, 0));
    let said = read.garbled.map(|fault| fault.to_string()).unwrap_or_default();
    assert!(
        said.starts_with("a.json:3:13: here the first of 2 bytes that are not UTF-8"),
        "{said}"
    );
}

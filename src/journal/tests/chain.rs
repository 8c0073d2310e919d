//! The chain: what is changed, taken out, moved or spliced is found.

use std::io::Write;
use std::process::{Command, Stdio};

use super::super::chain::verify_from;
use super::*;

#[test]
fn a_chain_verifies_and_its_head_is_the_last_line() {
    let place = Place::new();
    let bytes = twenty(&place);
    let found = verify(&bytes);
    assert!(found.problems.is_empty() && found.torn == 0);
    assert_eq!(found.head.seq, 20);
    let last = lines(&bytes)[19];
    assert_eq!(found.head.hash, hash(&last[..last.len() - 1]));
    assert_eq!(verify(b"").head, Head::default());
}

/// What a person would do with `sha256sum` and a loop.
#[test]
fn the_chain_is_what_sha256sum_says() {
    let place = Place::new();
    let bytes = twenty(&place);
    let mut expected = "0".repeat(64);
    for line in lines(&bytes) {
        let value: serde_json::Value = serde_json::from_slice(line).unwrap();
        assert_eq!(value["prev"].as_str().unwrap(), expected);
        expected = sha256sum(&line[..line.len() - 1]);
    }
    assert_eq!(verify(&bytes).head.hash, expected);
}

fn sha256sum(bytes: &[u8]) -> String {
    let programs: [(&str, &[&str]); 2] = [("sha256sum", &[]), ("shasum", &["-a", "256"])];
    for (program, arguments) in programs {
        let spawned = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut child) = spawned else { continue };
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        let output = child.wait_with_output().unwrap();
        return String::from_utf8(output.stdout).unwrap()[..64].to_owned();
    }
    panic!("neither sha256sum nor shasum is here; install coreutils")
}

/// Each bit before the last line changes what the next line vouches for. The last line has no next: a change of it is found
/// because it is no record any more, or because the head is not the one that was noted elsewhere.
#[test]
fn every_bit_flip_detected() {
    let place = Place::new();
    let bytes = twenty(&place);
    let noted = verify(&bytes).head;
    let all = lines(&bytes);
    let (mut start, mut head, mut flips, mut by_head_alone) = (0, Head::default(), 0_u32, 0_u32);
    for (index, line) in all.iter().enumerate() {
        // The lines before are whole and those after the next are never reached, so only two lines are read for each flip.
        let next = all.get(index + 1).map_or(0, |l| l.len());
        let window = &bytes[start..start + line.len() + next];
        let mut changed = window.to_vec();
        for bit in 0..line.len() * 8 {
            changed[bit / 8] ^= 1 << (bit % 8);
            let found = verify_from(&head, &changed);
            if index + 1 < all.len() {
                let problem = found
                    .problems
                    .first()
                    .expect("a flip before the last line breaks the chain");
                let named = usize::try_from(problem.seq).unwrap();
                assert!(
                    named == index + 1 || named == index + 2,
                    "bit {bit} of line {}: {problem}",
                    index + 1
                );
            } else if found.problems.is_empty() && found.torn == 0 {
                assert_ne!(found.head, noted, "bit {bit} of the last line");
                by_head_alone += 1;
            }
            changed[bit / 8] ^= 1 << (bit % 8);
            flips += 1;
        }
        head = Head {
            seq: head.seq + 1,
            hash: hash(&line[..line.len() - 1]),
        };
        start += line.len();
    }
    assert_eq!(flips as usize, bytes.len() * 8);
    assert!(
        by_head_alone > 0,
        "a chain that vouches for its own last line would be new"
    );
    println!("{flips} bits flipped, all found; {by_head_alone} in the last line, only by a head kept elsewhere");
}

#[test]
fn deleted_reordered_and_spliced_records_are_found() {
    let place = Place::new();
    let bytes = twenty(&place);
    let all = lines(&bytes);
    let mut edits = 0;
    for first in 0..all.len() - 1 {
        let mut deleted = all.clone();
        deleted.remove(first);
        assert_found(&deleted, first + 1);
        let mut doubled = all.clone();
        doubled.insert(first, all[first]);
        assert_found(&doubled, first + 2);
        edits += 2;
        for second in first + 1..all.len() {
            let mut swapped = all.clone();
            swapped.swap(first, second);
            assert_found(&swapped, first + 1);
            edits += 1;
        }
    }
    println!("{edits} edits, all found");
}

#[test]
fn a_record_of_another_journal_does_not_fit() {
    let (one, other) = (Place::new(), Place::new());
    let bytes = twenty(&one);
    let mut writer = other.open().unwrap();
    for number in 0..20 {
        note(&mut writer, &format!("elsewhere {number}")).unwrap();
    }
    let strange = other.bytes();
    for index in 0..19 {
        let mut spliced = lines(&bytes);
        spliced[index] = lines(&strange)[index];
        assert_found(&spliced, index + 1);
    }
}

/// A rewritten record with its hash, and all later ones, made anew is consistent: only a head kept elsewhere shows it.
#[test]
fn a_rewrite_from_the_start_is_consistent_and_has_another_head() {
    let (one, other) = (Place::new(), Place::new());
    for (place, text) in [(&one, "as it was"), (&other, "as it suits")] {
        let mut writer = place.open().unwrap();
        note(&mut writer, text).unwrap();
        note(&mut writer, "after").unwrap();
    }
    let (was, is) = (verify(&one.bytes()), verify(&other.bytes()));
    assert!(is.problems.is_empty());
    assert_ne!(was.head.hash, is.head.hash);
}

/// The problem stands at the line of the edit or the one after it.
fn assert_found(edited: &[&[u8]], line: usize) {
    let found = verify(&edited.concat());
    let problem = found.problems.first().expect("the edit is found");
    assert!(
        problem.line == line || problem.line == line + 1,
        "edit at {line}: {problem}"
    );
}

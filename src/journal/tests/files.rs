//! The file: crashes, other writers, other people, full disks.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::sync::{Arc, Barrier};

use super::*;

/// The name of the child's test below, and how it is told where to work.
const THIS_TEST: &str = "journal::tests::files::fsync_error_poisons_journal";
const CHILD_PLACE: &str = "QUELL_TEST_LIMITED_JOURNAL";

#[test]
fn torn_tail_recovery() {
    let whole = Place::new();
    let bytes = twenty(&whole);
    let last = lines(&bytes)[19].len();
    let kept = bytes.len() - last;
    let mut cuts = 0;
    for cut in kept..bytes.len() {
        let place = Place::new();
        drop(place.open().unwrap());
        fs::write(place.file(), &bytes[..cut]).unwrap();
        let torn = &bytes[kept..cut];
        assert_eq!(verify(&bytes[..cut]).torn, torn.len());

        let mut writer = place.open().unwrap();
        let found = verify(&place.bytes());
        assert!(found.problems.is_empty() && found.torn == 0, "cut at {cut}");
        assert_eq!(
            &place.bytes()[..kept],
            &bytes[..kept],
            "the acknowledged records are untouched"
        );
        if torn.is_empty() {
            assert_eq!(found.records.len(), 19);
        } else {
            let What::Recovered { set_aside, bytes } = &found.records[19].what else {
                panic!("no record names what was set aside");
            };
            assert_eq!(*bytes, torn.len());
            assert_eq!(fs::read(place.path().join(set_aside)).unwrap(), torn);
        }
        note(&mut writer, "on we go").unwrap();
        assert!(verify(&place.bytes()).problems.is_empty());
        cuts += 1;
    }
    println!("{cuts} cuts, all recovered");
}

#[test]
fn a_journal_that_does_not_verify_is_not_written_to() {
    let place = Place::new();
    let mut bytes = twenty(&place);
    let at = bytes.iter().position(|b| *b == b'q').unwrap();
    bytes[at] = b'Q';
    fs::write(place.file(), &bytes).unwrap();
    assert!(matches!(place.open(), Err(JournalError::Broken { .. })));
    assert_eq!(place.bytes(), bytes);
}

#[test]
fn two_writers_make_one_chain() {
    let place = Place::new();
    let start = Arc::new(Barrier::new(2));
    let threads: Vec<_> = (0..2)
        .map(|thread| {
            let (mut writer, start) = (place.open().unwrap(), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                for number in 0..25 {
                    note(&mut writer, &format!("writer {thread} note {number}")).unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let found = verify(&place.bytes());
    assert!(found.problems.is_empty() && found.torn == 0);
    assert_eq!(found.records.len(), 50);
}

#[test]
fn a_writer_goes_on_after_what_another_appended() {
    let place = Place::new();
    let (mut one, mut other) = (place.open().unwrap(), place.open().unwrap());
    for turn in 0..3 {
        assert_eq!(note(&mut one, "one").unwrap().seq, turn * 2 + 1);
        assert_eq!(note(&mut other, "other").unwrap().seq, turn * 2 + 2);
    }
}

#[test]
fn a_lock_that_another_holds_is_named_and_not_waited_for_without_end() {
    let place = Place::new();
    let mut writer = place.open().unwrap().impatient();
    note(&mut writer, "one").unwrap();
    let other = fs::File::open(place.file()).unwrap();
    other.lock().unwrap();
    let error = note(&mut writer, "two").unwrap_err();
    let said = error.to_string();
    assert!(matches!(error, JournalError::Held { seconds: 10, .. }), "{said}");
    assert!(said.contains(&place.file().display().to_string()), "{said}");
    assert!(said.contains("another process"), "{said}");
    // Nothing was written, so the writer goes on once the file is free.
    other.unlock().unwrap();
    assert_eq!(note(&mut writer, "two").unwrap().seq, 2);
    assert_eq!(verify(&place.bytes()).records.len(), 2);
}

#[test]
fn a_file_that_shrank_stops_the_writer() {
    let place = Place::new();
    let mut writer = place.open().unwrap();
    note(&mut writer, "one").unwrap();
    fs::write(place.file(), b"").unwrap();
    assert!(matches!(note(&mut writer, "two"), Err(JournalError::Broken { .. })));
    assert!(matches!(note(&mut writer, "three"), Err(JournalError::Poisoned { .. })));
}

#[test]
fn only_the_owner_can_read() {
    let place = Place::new();
    let inner = place.path().join("deep/live");
    drop(Writer::open(&inner, WHO, at(0)).unwrap());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(&place.path().join("deep")), 0o700);
    assert_eq!(mode(&inner.join(FILE_NAME)), 0o600);
}

#[test]
fn unsafe_places_are_refused() {
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let refused = |place: &Path| {
        let error = Writer::open(place, WHO, at(0)).unwrap_err();
        assert!(matches!(error, JournalError::Unsafe { .. }), "{error}");
    };

    let shared = Place::new();
    set(shared.path(), 0o750);
    refused(shared.path());

    let readable = Place::new();
    drop(readable.open().unwrap());
    set(&readable.file(), 0o640);
    refused(readable.path());

    let linked = Place::new();
    let real = Place::new();
    symlink(real.path(), linked.path().join("live")).unwrap();
    refused(&linked.path().join("live"));
    assert!(!real.file().exists());

    let pipe = Place::new();
    let made = Command::new("mkfifo")
        .args(["-m", "600"])
        .arg(pipe.file())
        .status()
        .unwrap();
    assert!(made.success());
    refused(pipe.path());
}

#[test]
fn a_link_in_place_of_the_file_is_not_followed() {
    let place = Place::new();
    let elsewhere = place.path().join("elsewhere");
    fs::write(&elsewhere, b"").unwrap();
    symlink(&elsewhere, place.file()).unwrap();
    assert!(matches!(place.open(), Err(JournalError::Io { .. })));
    assert_eq!(fs::read(&elsewhere).unwrap(), b"");
}

/// A process that may not make files larger than a limit sees what a full disk shows: a write that ends half way. The test
/// runs itself again in such a process.
#[test]
fn fsync_error_poisons_journal() {
    if let Some(place) = std::env::var_os(CHILD_PLACE) {
        return fill_a_limited_file(Path::new(&place));
    }
    let place = Place::new();
    let program = std::env::current_exe().unwrap();
    // The shell ignores the signal that comes with the limit, and its child inherits that, so that the write fails instead.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "sh"])
        .arg(program)
        .args([THIS_TEST, "--exact", "--nocapture"])
        .env(CHILD_PLACE, place.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");

    let left = verify(&place.bytes());
    assert!(left.problems.is_empty() && !left.records.is_empty());
    assert!(left.torn > 0, "the limit cut a record in two");
    drop(place.open().unwrap());
    let after = verify(&place.bytes());
    assert_eq!(after.records.len(), left.records.len() + 1);
    assert!(matches!(after.records.last().unwrap().what, What::Recovered { .. }));
}

fn fill_a_limited_file(place: &Path) {
    let mut writer = Writer::open(place, WHO, at(0)).unwrap();
    let (mut underway, _) = writer.begin(confirmed(2), at(1)).unwrap();
    let error = (0..1000)
        .find_map(|_| note(&mut writer, &"x".repeat(100)).err())
        .expect("the limit is reached");
    assert!(matches!(error, JournalError::Io { what: "written", .. }), "{error}");
    let size = fs::metadata(writer.path()).unwrap().len();
    for _ in 0..3 {
        let refused = writer.intent(&mut underway, at(2), at(2)).unwrap_err();
        assert!(
            matches!(refused, JournalError::Poisoned { .. } | JournalError::OutOfTurn(_)),
            "{refused}"
        );
        assert!(matches!(note(&mut writer, "small"), Err(JournalError::Poisoned { .. })));
    }
    assert_eq!(fs::metadata(writer.path()).unwrap().len(), size);
}

#[test]
fn a_private_file_is_not_written_through_a_link() {
    let place = Place::new();
    let (target, file) = (place.path().join("somebody-elses"), place.path().join("report.md"));
    fs::write(&target, "theirs").unwrap();
    let beside = place.path().join(format!("report.md.{}.new", std::process::id()));
    symlink(&target, &beside).unwrap();
    write_private(&file, b"ours").unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"theirs");
    assert_eq!(fs::read(&file).unwrap(), b"ours");
    assert!(fs::symlink_metadata(&file).unwrap().is_file());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

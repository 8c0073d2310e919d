//! What a record must agree with: the mode of the journal, and the plans that it has already.

use super::*;

fn opened(mode: Mode) -> What {
    What::Opened {
        mode,
        version: "0.1.0".to_owned(),
        endpoint: None,
    }
}

#[test]
fn a_plan_is_confirmed_once_whoever_tries_again() {
    let place = Place::new();
    let mut writer = place.open().unwrap();
    let mut beside = place.open().unwrap();
    let (underway, _) = writer.begin(confirmed(1), at(1)).unwrap();
    let before = place.bytes();
    let mut later = place.open().unwrap();
    for (who, writer) in [
        ("the same", &mut writer),
        ("beside", &mut beside),
        ("later", &mut later),
    ] {
        let again = writer.begin(confirmed(1), at(2));
        assert!(
            matches!(again, Err(JournalError::AlreadyConfirmed { seq }) if seq == underway.seq()),
            "{who}: {again:?}"
        );
    }
    assert_eq!(place.bytes(), before, "nothing was written");
    // The refusal says nothing about the disk: the journal goes on, and so does another plan.
    note(&mut beside, "still here").unwrap();
    writer.begin(confirmed(2), at(3)).unwrap();
}

#[test]
fn a_drill_and_real_accounts_never_share_a_journal() {
    for (first, second) in [(Mode::Drill, Mode::Live), (Mode::Live, Mode::Drill)] {
        let place = Place::new();
        let mut writer = place.open().unwrap();
        let mut beside = place.open().unwrap();
        writer.note(at(0), None, opened(first)).unwrap();
        let before = place.bytes();
        let mut later = place.open().unwrap();
        for writer in [&mut writer, &mut beside, &mut later] {
            let refused = writer.note(at(1), None, opened(second)).unwrap_err();
            assert!(
                matches!(refused, JournalError::OtherMode { is, .. } if is == first),
                "{refused}"
            );
        }
        assert_eq!(place.bytes(), before);
        later.note(at(2), None, opened(first)).unwrap();
    }
}

//! The bytes by which a terminal is made to ring or to notify.
//!
//! Owns: the two escape sequences. Must never: let text end a sequence or begin one.

use std::fmt::Write;

use crate::app::alert::Alert;
use crate::app::duty::Desktop;

/// What the terminal is sent for an alert. Its text cannot end the sequence or begin another: control characters are gone, and so are
/// semicolons, which part the fields of OSC 777 and would make OSC 9 a command of its own in some terminals.
pub fn sequence(alert: &Alert) -> String {
    let text: String = alert
        .text
        .chars()
        .map(|c| if c.is_control() || c == ';' { ' ' } else { c })
        .collect();
    let mut sent = String::new();
    match alert.desktop {
        Desktop::Off => {}
        Desktop::Osc9 => {
            let _ = write!(sent, "\u{1b}]9;quell: {text}\u{1b}\\");
        }
        Desktop::Osc777 => {
            let _ = write!(sent, "\u{1b}]777;notify;quell;{text}\u{1b}\\");
        }
    }
    if alert.bell {
        sent.push('\u{7}');
    }
    sent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_sequence() {
        let hostile = "a\u{7}b\u{1b}]0;pwned\u{1b}\\c\u{9c}d;e\n";
        for (desktop, start, end) in [
            (Desktop::Osc9, "\u{1b}]9;quell: ", "\u{1b}\\\u{7}"),
            (Desktop::Osc777, "\u{1b}]777;notify;quell;", "\u{1b}\\\u{7}"),
        ] {
            let sent = sequence(&Alert {
                text: hostile.to_owned(),
                bell: true,
                desktop,
            });
            let text = sent.strip_prefix(start).unwrap().strip_suffix(end).unwrap();
            assert!(!text.contains(|c: char| c.is_control() || c == ';'), "{text:?}");
            assert!(text.starts_with("a b ]0 pwned"), "{text:?}");
        }
    }

    #[test]
    fn a_bell_alone_is_one_byte_and_off_is_none() {
        let alert = |bell| Alert {
            text: "new".to_owned(),
            bell,
            desktop: Desktop::Off,
        };
        assert_eq!(sequence(&alert(true)), "\u{7}");
        assert_eq!(sequence(&alert(false)), "");
    }
}

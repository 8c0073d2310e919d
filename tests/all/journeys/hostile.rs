//! What others wrote never speaks to the terminal.

use super::{ENTER, ESC, LARGE, Person, TAB, filter, pane, quit};

#[test]
fn no_escape_sequence_is_not_ours() {
    let person = Person::new();
    let mut screen = person.drills(&[], LARGE);
    let before = screen.bytes().len();
    // The bastion's tag clears screens, colours them red, and turns text round.
    filter(&mut screen, "type~Recon:EC2/PortProbe");
    // Its own JSON, and not that of the worst finding of its incident.
    screen.press(TAB);
    screen.see("Tab incidents");
    screen.press(ENTER);
    screen.see("[Finding]");
    pane(&mut screen, "Context");
    screen.see("instance i-");
    pane(&mut screen, "Raw JSON");
    screen.press("/");
    screen.see("Enter find");
    screen.press("[31mall");
    screen.press(ENTER);
    screen.see_gone("Enter find");
    let shown = screen.see("[2J");
    assert!(shown.contains("⟨U+202E⟩dnetxe ton"), "shown, not obeyed:\n{shown}");
    screen.press(ESC);
    screen.see("filter: type~");
    let all = quit(screen);
    let text = std::str::from_utf8(&all[before..]).expect("frames are UTF-8");
    // The console itself rings once for the critical incidents of its first reading. A second bell would be somebody else's.
    assert_eq!(foreign(&text.replacen('\u{7}', "", 1)), Vec::<String>::new());
}

/// The control sequences and characters that drawing a frame has no use for.
fn foreign(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| (c.is_control() && !matches!(c, '\r' | '\n')) || is_invisible(c)) {
        rest = &rest[at..];
        let Some(sequence) = rest.strip_prefix("\x1b[") else {
            found.push(rest.chars().take(12).collect());
            rest = &rest[rest.chars().next().map_or(1, char::len_utf8)..];
            continue;
        };
        let end = sequence
            .find(|c: char| ('@'..='~').contains(&c))
            .unwrap_or(sequence.len() - 1);
        let (parameters, last) = (&sequence[..end], &sequence[end..=end]);
        let ours = match last {
            // Colours, the cursor's place.
            "m" | "H" => parameters.chars().all(|c| c.is_ascii_digit() || c == ';'),
            // The cursor, one frame as one update, and the way out.
            "h" | "l" | "r" => ["?25", "?2026", "?1007", "?2004", "?1049"].contains(&parameters),
            _ => false,
        };
        if !ours {
            found.push(rest.chars().take(12).collect());
        }
        rest = &sequence[end + 1..];
    }
    found
}

/// Characters that turn text round or hide in it.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[test]
fn the_check_finds_what_it_looks_for() {
    for bad in [
        "\x1b]52;c;aGk=\x07",
        "\x1b[2J",
        "a\u{202e}b",
        "\u{9b}31m",
        "\x1bP+q\x1b\\",
        "\x1b[6n",
        "\x1b[?1000h",
    ] {
        assert_ne!(foreign(bad), Vec::<String>::new(), "{bad:?}");
    }
    assert_eq!(
        foreign("\x1b[?2026h\x1b[3;1H\x1b[38;5;9mx\x1b[0m\x1b[?25l\x1b[?2026l"),
        Vec::<String>::new()
    );
}

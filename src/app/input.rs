//! A line that is being typed: the filter, a command, the confirmation.

use tui_input::{Input, InputRequest};

use super::key::{Code, Key};

/// The longest line that can be typed or pasted, in characters.
const MAX_CHARS: usize = 500;

/// A line editor. Characters of any width; control characters cannot get in.
#[derive(Clone, Debug, Default)]
pub struct LineEdit {
    input: Input,
}

impl LineEdit {
    /// A line with a text, the cursor at its end.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            input: Input::new(text.to_owned()),
        }
    }

    /// A line with a text, the cursor before this character of it.
    #[must_use]
    pub fn at(text: &str, cursor: usize) -> Self {
        Self {
            input: Input::new(text.to_owned()).with_cursor(cursor),
        }
    }

    /// What is typed so far.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// The cursor's place, in columns.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.input.visual_cursor()
    }

    /// What stands before the cursor.
    #[must_use]
    pub fn before(&self) -> &str {
        let text = self.text();
        let end = text
            .char_indices()
            .nth(self.input.cursor())
            .map_or(text.len(), |(at, _)| at);
        &text[..end]
    }

    /// Takes an editing key; says whether it was one.
    pub fn key(&mut self, key: Key) -> bool {
        let request = match (key.code, key.ctrl, key.alt) {
            (Code::Char(c), false, false) => return self.insert(c),
            (Code::Backspace, false, _) | (Code::Char('h'), true, _) => InputRequest::DeletePrevChar,
            (Code::Backspace | Code::Char('w'), true, _) => InputRequest::DeletePrevWord,
            (Code::Delete, ..) => InputRequest::DeleteNextChar,
            (Code::Left, ..) | (Code::Char('b'), true, _) => InputRequest::GoToPrevChar,
            (Code::Right, ..) | (Code::Char('f'), true, _) => InputRequest::GoToNextChar,
            (Code::Home, ..) | (Code::Char('a'), true, _) => InputRequest::GoToStart,
            (Code::End, ..) | (Code::Char('e'), true, _) => InputRequest::GoToEnd,
            (Code::Char('u'), true, _) => InputRequest::DeleteLine,
            (Code::Char('k'), true, _) => InputRequest::DeleteTillEnd,
            _ => return false,
        };
        self.input.handle(request);
        true
    }

    /// Inserts pasted text: its first line, without control characters.
    pub fn paste(&mut self, text: &str) {
        for c in text.lines().next().unwrap_or_default().chars() {
            self.insert(c);
        }
    }

    fn insert(&mut self, c: char) -> bool {
        if !c.is_control() && self.text().chars().count() < MAX_CHARS {
            self.input.handle(InputRequest::InsertChar(c));
        }
        true
    }
}

//! Why a source was not read to its end, for whoever shows a row beside its account and region.
//!
//! Owns: leaving out what stands beside the reason. Must never: change what the reason itself says.

use super::{Coverage, CoverageState, Source};

/// What a row's text says where not one page was asked for, after the account.
pub const NOTHING: &str = "nothing can be read";

impl Coverage {
    /// Its text without the account that it was read in and without its region, which stand beside it where it is shown. `None` where it has no text. Not safe to show as it is.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let mut said = self.error.clone()?;
        let by = self.via.unwrap_or(self.account);
        for place in [
            format!("In {by} {}, ", self.region),
            format!("In {by} {}: ", self.region),
            format!("In {by} "),
        ] {
            said = said.replace(&place, "");
        }
        let mut letters = said.chars();
        // A call's name or an error code begins with a capital anyway.
        Some(match letters.next() {
            Some(first) => first.to_uppercase().chain(letters).collect(),
            None => said,
        })
    }

    /// The same, without the name of the queue too: what a row has room for.
    #[must_use]
    pub fn in_short(&self) -> Option<String> {
        let said = self.reason()?;
        let queue = said.strip_prefix("Queue ").and_then(|named| named.split_once(": "));
        match queue.filter(|_| self.source == Source::EventBridge) {
            Some((_, rest)) => Some(rest.to_owned()),
            None => Some(said),
        }
    }

    /// Why not one page was read, where that is so. Not safe to show as it is.
    #[must_use]
    pub fn why_nothing(&self) -> Option<String> {
        if self.state == CoverageState::Complete {
            return None;
        }
        let by = self.via.unwrap_or(self.account);
        let said = self.error.as_deref()?.strip_prefix(&format!("In {by} {NOTHING}: "))?;
        Some(said.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(error: &str, via: Option<&str>) -> Coverage {
        Coverage {
            account: "111111111111".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            source: Source::GuardDuty,
            state: CoverageState::Partial,
            via: via.map(|via| via.parse().unwrap()),
            error: Some(error.to_owned()),
        }
    }

    #[test]
    fn what_stands_beside_a_reason_is_left_out_of_it() {
        for (error, via, wanted) in [
            ("In 111111111111 us-east-1, page 1: cut", None, "Page 1: cut"),
            (
                "In 111111111111 us-east-1, page 1: cut; In 111111111111 us-east-1, page 4: cut",
                None,
                "Page 1: cut; page 4: cut",
            ),
            ("In 333333333333 us-east-1: denied", Some("333333333333"), "Denied"),
            (
                "In 111111111111 nothing can be read: denied",
                None,
                "Nothing can be read: denied",
            ),
            // Another place is no repetition.
            (
                "In 222222222222 us-east-1, page 1: cut",
                None,
                "In 222222222222 us-east-1, page 1: cut",
            ),
        ] {
            assert_eq!(row(error, via).reason().as_deref(), Some(wanted));
        }
        let queue = Coverage {
            source: Source::EventBridge,
            ..row("Queue q: 1 message: none", None)
        };
        assert_eq!(queue.in_short().as_deref(), Some("1 message: none"));
        assert_eq!(queue.reason(), queue.error);
        assert_eq!(row("Queue q: cut", None).in_short().as_deref(), Some("Queue q: cut"));
    }

    #[test]
    fn nothing_is_told_from_a_part() {
        let nothing = row("In 111111111111 nothing can be read: denied", None);
        assert_eq!(nothing.why_nothing().as_deref(), Some("denied"));
        assert_eq!(row("In 111111111111 us-east-1, page 1: cut", None).why_nothing(), None);
    }
}

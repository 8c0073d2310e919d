//! Pages: reading until there is no token, and never in a circle.
//!
//! Owns: the rule for tokens. Must never: end early because a page is empty, which AWS's pages may be.

use std::collections::HashSet;

/// The most pages that one question is followed through. At 100 items a page it is a million items.
const MAX_PAGES: usize = 10_000;

/// The tokens of one question, in the order they came.
#[derive(Debug, Default)]
pub(super) struct Pages {
    seen: HashSet<String>,
}

/// Why the next page must not be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Circle {
    /// The same page would be read again and again.
    #[error("page {page} ends with a token that an earlier page had")]
    Repeated { page: usize },
    /// There is no end.
    #[error("there are more than {MAX_PAGES} pages")]
    TooMany,
}

impl Pages {
    /// The number of the page that is read now, from 1.
    pub fn number(&self) -> usize {
        self.seen.len() + 1
    }

    /// The token to go on with, if there is one. An empty token is none, as in AWS's own paginators.
    pub fn next(&mut self, token: Option<&str>) -> Result<Option<String>, Circle> {
        let Some(token) = token.filter(|t| !t.is_empty()) else {
            return Ok(None);
        };
        let page = self.number();
        if page >= MAX_PAGES {
            return Err(Circle::TooMany);
        }
        if self.seen.insert(token.to_owned()) {
            Ok(Some(token.to_owned()))
        } else {
            Err(Circle::Repeated { page })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_found() {
        let mut pages = Pages::default();
        assert_eq!(pages.next(Some("a")), Ok(Some("a".to_owned())));
        assert_eq!(pages.next(Some("b")), Ok(Some("b".to_owned())));
        assert_eq!(pages.next(Some("a")), Err(Circle::Repeated { page: 3 }));
        assert_eq!(pages.next(Some("")), Ok(None));
        assert_eq!(pages.next(None), Ok(None));
    }
}

//! A whole list out of pages.
//!
//! Owns: the loop. Must never: take a list in a circle, or one whose page was cut, for a whole one.

use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;

/// One page: what is on it, and the token of the next.
pub(super) struct Page<T> {
    /// Absent where the answer has no list at all: it was cut on its way. An empty page has an empty list.
    pub items: Option<Vec<T>>,
    pub next: Option<String>,
}

/// Reads page after page. The whole list, or why it is not whole.
pub(super) async fn whole<T, F, R>(call: &'static str, mut page: F) -> Result<Vec<T>, CallError>
where
    F: FnMut(Option<String>) -> R,
    R: Future<Output = Result<Page<T>, CallError>>,
{
    let (mut all, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let got = page(token).await?;
        let items = got.items;
        all.extend(items.ok_or_else(|| CallError::malformed(call, "the answer has no list"))?);
        let next = pages.next(got.next.as_deref());
        token = next.map_err(|circle| CallError::malformed(call, circle.to_string()))?;
        if token.is_none() {
            return Ok(all);
        }
    }
}

//! Which known word a mistyped one was meant to be.

/// The known word that the fewest changed, added or left out letters lead to; none where more than a third would have to change.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = word.chars().take(64).collect();
    let most = typed.len().div_ceil(3);
    known
        .into_iter()
        .map(|candidate| (distance(&typed, candidate), candidate))
        .filter(|(changes, _)| *changes <= most)
        .min_by_key(|(changes, _)| *changes)
        .map(|(_, candidate)| candidate)
}

fn distance(typed: &[char], candidate: &str) -> usize {
    let mut row: Vec<usize> = (0..=typed.len()).collect();
    for (line, meant) in candidate.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], line + 1);
        for (at, letter) in typed.iter().enumerate() {
            let changed = corner + usize::from(*letter != meant);
            corner = row[at + 1];
            row[at + 1] = changed.min(corner + 1).min(row[at] + 1);
        }
    }
    row[typed.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["quit", "sort", "snapshot"];
        assert_eq!(nearest("qiut", known), Some("quit"));
        assert_eq!(nearest("snapshots", known), Some("snapshot"));
        assert_eq!(nearest("fly", known), None);
        assert_eq!(nearest("", known), None);
    }
}

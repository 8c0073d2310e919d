//! The one pattern language that AWS's filters share.

/// Matches `*` (any run) and `?` (any one character), case-sensitively.
pub fn wildcard(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t, mut star, mut mark) = (0, 0, None, 0);
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some(p);
            mark = t;
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some(at) = star {
            p = at + 1;
            mark += 1;
            t = mark;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_as_in_aws_filters() {
        assert!(wildcard("web-*", "web-01"));
        assert!(wildcard("*결제*", "x결제y"));
        assert!(wildcard("i-?", "i-1"));
        assert!(!wildcard("web", "web-01"));
        assert!(!wildcard("?", ""));
    }
}

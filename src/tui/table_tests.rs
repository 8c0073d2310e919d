//! The columns at every width, and the heading.

use super::*;

#[test]
fn the_columns_fill_the_width_and_never_more() {
    for chosen in [&Column::ALL[..], &Column::DEFAULT[..], &[Column::Sev, Column::Age][..]] {
        for width in 76..220 {
            let table = Table::of(chosen, width);
            let used: usize = table.columns.iter().map(|(_, wide)| wide + 1).sum();
            assert_eq!(used + GUTTER, width, "{chosen:?} at {width}");
            assert_eq!(table.columns.len() + table.hidden, chosen.len());
        }
    }
}

#[test]
fn what_happened_gives_way_last() {
    let table = Table::of(&Column::ALL, 80);
    assert!(table.hidden > 0, "{:?}", table.columns);
    let kept: Vec<Column> = table.columns.iter().map(|(c, _)| *c).collect();
    for needed in [Column::Sla, Column::Sev, Column::Incident] {
        assert!(kept.contains(&needed), "{kept:?}");
    }
    for width in [80, 81, 95, 120, 200] {
        let table = Table::of(&Column::DEFAULT, width);
        let incident = table.columns.iter().find(|(c, _)| *c == Column::Incident);
        assert!(incident.is_some_and(|(_, wide)| *wide >= LEAST), "{width}");
        assert!(table.columns.iter().any(|(c, _)| *c == Column::Who), "{width}");
    }
}

#[test]
fn the_heading_says_what_is_sorted_by_and_which_way() {
    let theme = Theme::load("plain").unwrap();
    let heading = |chosen: &[Column], how| {
        let spans = Table::of(chosen, 120).heading(how, &theme);
        spans.iter().map(|span| span.content.as_ref()).collect::<String>()
    };
    assert!(heading(&Column::DEFAULT, (Sort::Severity, false)).contains("SEV ▼"));
    assert!(heading(&Column::DEFAULT, (Sort::Age, true)).contains("AGE▲"));
    // What is typed as `age` is what the column of that name shows and what `age<2h` asks for.
    let typed = Sort::ALL.into_iter().find(|sort| sort.word() == "age");
    assert_eq!(typed, Some(Sort::Age));
    assert!(heading(&Column::DEFAULT, (Sort::Account, true)).contains("WHERE ▲"));
    assert!(!heading(&Column::DEFAULT, (Sort::Urgency, false)).contains('▼'));
    assert!(heading(&Column::ALL, (Sort::Severity, false)).contains("SEV ▼"));
    assert!(heading(&[Column::Score, Column::Incident], (Sort::Severity, false)).contains("SCORE▼"));
}

use super::json::unquote;
use super::*;

fn read<T>(text: &str, f: impl Fn(&Object<'_>) -> T) -> (T, Vec<String>) {
    let doubts = Doubts::default();
    let value = f(&Object::root(text, &doubts).unwrap());
    (value, doubts.into_vec())
}

#[test]
fn wrong_types_become_doubts_and_the_rest_is_read() {
    let text =
        r#"{"a": 7, "B": "x", "n": "8.5", "o": [], "f": "true", "t": "yesterday", "bad": "\ud800!", "big": 1e999}"#;
    let (got, doubts) = read(text, |o| {
        assert!(o.object("o").is_empty());
        assert_eq!(o.time("t"), None);
        assert_eq!(o.number("big"), None);
        (
            o.text("a"),
            o.text("b"),
            o.number("n"),
            o.flag("f"),
            o.text("bad"),
            o.text("none"),
        )
    });
    let text = |t: &str| Some(t.to_owned());
    assert_eq!(
        got,
        (text("7"), text("x"), Some(8.5), Some(true), text("\u{fffd}!"), None)
    );
    assert_eq!(
        doubts,
        [
            "o is not an object",
            "t is not a time",
            "big is not a number",
            "a is not a string",
            "n is a number written as a string",
            "f is not true or false",
            "bad holds half a character"
        ]
    );
}

#[test]
fn times_are_read_in_every_form() {
    for text in [
        r#"{"t": "2026-11-20T03:12:00Z"}"#,
        r#"{"t": "2026-11-20T12:12:00+09:00"}"#,
        r#"{"t": 1795144320}"#,
        r#"{"t": 1795144320000}"#,
        r#"{"t": "1795144320"}"#,
    ] {
        let (time, doubts) = read(text, |o| o.time("t"));
        assert_eq!(time.unwrap().to_string(), "2026-11-20T03:12:00Z", "{text}");
        assert!(doubts.is_empty());
    }
}

#[test]
fn surrogate_pairs_and_escapes_survive_beside_a_broken_one() {
    assert_eq!(unquote(r#""\ud83d\ude00\n\udc00x\u0041""#), "😀\n\u{fffd}xA");
    assert_eq!(unquote(r#""\ud800\"\\""#), "\u{fffd}\"\\");
}

#[test]
fn deep_nesting_does_not_recurse() {
    let deep = format!(r#"{{"x": {}1{}, "t": "ok"}}"#, "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(read(&deep, |o| o.text("t")).0.as_deref(), Some("ok"));
}

#[test]
fn what_is_not_an_object_says_so() {
    let doubts = Doubts::default();
    for bad in ["", "[]", "7", "{\"a\":", "{} x"] {
        assert!(Object::root(bad, &doubts).is_err(), "{bad}");
    }
}

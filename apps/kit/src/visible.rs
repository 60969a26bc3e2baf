use std::borrow::Cow;
use std::fmt::Write as _;

/// A text for a terminal: control characters, which names in files may hold, are written out as
/// `\u{1b}`, and the terminal does not obey them. Ends of lines and tabs are left.
pub fn visible(text: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if !text.contains(is_hidden) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_hidden(c) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "{}", c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_not_told_what_to_do() {
        assert_eq!(visible("a\tb\nc \u{e9}"), "a\tb\nc \u{e9}");
        assert_eq!(
            visible("\u{1b}[2Jx\r\u{7f}\u{9b}"),
            "\\u{1b}[2Jx\\r\\u{7f}\\u{9b}"
        );
    }
}

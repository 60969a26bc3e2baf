use std::fmt::{Display, Write};

/// JSON as it is being written, without spaces to speak of.
#[derive(Debug, Default)]
pub(super) struct Json {
    out: String,
    /// Whether something stands before, from which the next thing must be kept apart.
    is_behind: bool,
}

impl Json {
    pub(super) fn finish(self) -> String {
        self.out
    }

    fn apart(&mut self) {
        if self.is_behind {
            self.out.push_str(", ");
        }
        self.is_behind = true;
    }

    /// An object, with what `fill` puts in.
    pub(super) fn object(&mut self, fill: impl FnOnce(&mut Json)) {
        self.enclosed('{', '}', fill);
    }

    /// A list, with what `fill` puts in.
    pub(super) fn list(&mut self, fill: impl FnOnce(&mut Json)) {
        self.enclosed('[', ']', fill);
    }

    fn enclosed(&mut self, open: char, close: char, fill: impl FnOnce(&mut Json)) {
        self.apart();
        self.out.push(open);
        self.is_behind = false;
        fill(self);
        self.out.push(close);
        self.is_behind = true;
    }

    /// The name of what comes next.
    pub(super) fn name(&mut self, name: &str) -> &mut Json {
        self.text(name);
        self.out.push_str(": ");
        self.is_behind = false;
        self
    }

    pub(super) fn null(&mut self) {
        self.plain("null");
    }

    /// An integer or a truth value.
    pub(super) fn plain(&mut self, value: impl Display) {
        self.apart();
        // Writing to a text does not fail.
        let _ = write!(self.out, "{value}");
    }

    pub(super) fn number(&mut self, number: f64) {
        if number.is_finite() {
            self.apart();
            let _ = write!(self.out, "{number:?}");
        } else if number.is_nan() {
            self.text("nan");
        } else {
            self.text(if number > 0.0 { "inf" } else { "-inf" });
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.apart();
        self.out.push('"');
        for letter in text.chars() {
            match letter {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                control if control < ' ' => {
                    let _ = write!(self.out, "\\u{:04x}", control as u32);
                }
                other => self.out.push(other),
            }
        }
        self.out.push('"');
    }
}

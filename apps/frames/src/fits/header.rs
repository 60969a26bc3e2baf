/// The size of a block, which headers and data fill up to.
pub(super) const BLOCK: usize = 2880;

const CARD: usize = 80;

/// The most characters of a text.
const LONGEST_TEXT: usize = 67;

/// A header: cards of 80 characters with a name and a value each.
#[derive(Debug, Default)]
pub(super) struct Header {
    bytes: Vec<u8>,
}

impl Header {
    /// A header for a primary HDU, or an extension of this kind, with so many bits per value
    /// (negative for reals) and these axes, the first varies fastest.
    pub(super) fn new(extension: Option<&str>, bits: i64, axes: &[u64]) -> Header {
        let mut header = Header::default();
        match extension {
            None => header.logical("SIMPLE", true),
            Some(kind) => header.text("XTENSION", kind),
        }
        header.integer("BITPIX", bits);
        header.integer("NAXIS", axes.len() as i64);
        for (i, &axis) in axes.iter().enumerate() {
            header.integer(&format!("NAXIS{}", i + 1), axis as i64);
        }
        if extension.is_some() {
            header.integer("PCOUNT", 0);
            header.integer("GCOUNT", 1);
        } else {
            header.logical("EXTEND", true);
        }
        header
    }

    pub(super) fn logical(&mut self, name: &str, value: bool) {
        self.card(name, &format!("{:>20}", if value { "T" } else { "F" }));
    }

    pub(super) fn integer(&mut self, name: &str, value: i64) {
        self.card(name, &format!("{value:>20}"));
    }

    /// A number that is not finite cannot be written: there is no card.
    pub(super) fn real(&mut self, name: &str, value: f64) {
        if value.is_finite() {
            self.card(name, &format!("{:>20}", real(value)));
        }
    }

    /// A text, of which what is not plain ASCII is shown as question marks.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let plain = |c: char| if matches!(c, ' '..='~') { c } else { '?' };
        let mut quoted = String::new();
        for c in value.chars().map(plain) {
            let doubled = if c == '\'' { 2 } else { 1 };
            if quoted.len() + doubled > LONGEST_TEXT {
                break;
            }
            quoted.extend(std::iter::repeat_n(c, doubled));
        }
        self.card(name, &format!("'{quoted:<8}'"));
    }

    fn card(&mut self, name: &str, value: &str) {
        let card = format!("{name:<8}= {value}");
        self.bytes.extend_from_slice(card.as_bytes());
        self.fill(CARD);
    }

    fn fill(&mut self, size: usize) {
        self.bytes
            .resize(self.bytes.len().next_multiple_of(size), b' ');
    }

    /// All of the header, in whole blocks.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(b"END");
        self.fill(CARD);
        self.fill(BLOCK);
        self.bytes
    }
}

/// A number with a decimal point, which gives the same number when it is read.
fn real(value: f64) -> String {
    let text = format!("{value:?}");
    match text.split_once('e') {
        None => text,
        Some((digits, exponent)) if digits.contains('.') => format!("{digits}E{exponent}"),
        Some((digits, exponent)) => format!("{digits}.0E{exponent}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_have_the_fixed_form() {
        let mut header = Header::new(Some("IMAGE"), -64, &[3]);
        header.real("CDELT1", -0.2);
        header.real("CDELT2", 1e-7);
        header.real("OVERFLOW", f64::NAN);
        header.text("OBJECT", "it's ü");
        header.text("LONG", &"'".repeat(80));
        let bytes = header.into_bytes();
        assert_eq!(bytes.len(), BLOCK);
        let cards: Vec<&str> = bytes
            .chunks(CARD)
            .map(|card| std::str::from_utf8(card).unwrap().trim_end())
            .collect();
        assert_eq!(cards[0], "XTENSION= 'IMAGE   '");
        assert_eq!(cards[1], "BITPIX  =                  -64");
        assert_eq!(cards[6], "CDELT1  =                 -0.2");
        assert_eq!(cards[7], "CDELT2  =               1.0E-7");
        assert_eq!(cards[8], "OBJECT  = 'it''s ? '");
        assert_eq!(cards[9].len(), 10 + 2 + 66);
        assert_eq!(cards[10], "END");
    }
}

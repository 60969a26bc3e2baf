//! Names as people see them.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;

/// A name for a line on a terminal, unambiguous whatever its bytes are, and as a shell would read
/// it: as it is where that is plain, else in quotes. Blanks at its ends or side by side, control
/// characters and bytes that are no text are shown by their numbers.
pub fn quoted(name: &OsStr) -> String {
    let bytes = name.as_bytes();
    let Ok(text) = std::str::from_utf8(bytes) else {
        return escaped(bytes);
    };
    let plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,#^{}".contains(c);
    let printable = |c: char| c.is_alphanumeric() || (' '..='~').contains(&c) && c != '\'';
    let blanks = text.starts_with(' ') || text.ends_with(' ') || text.contains("  ");
    if !text.is_empty() && !text.starts_with('#') && text.chars().all(plain) {
        text.to_owned()
    } else if text.chars().all(printable) && !blanks {
        format!("'{text}'")
    } else {
        escaped(bytes)
    }
}

/// Words of a command, in one line.
pub fn command(words: &[std::ffi::OsString]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    words.join(" ")
}

/// In the form `$'...'` of shells.
fn escaped(bytes: &[u8]) -> String {
    let mut out = "$'".to_owned();
    let mut after_blank = true;
    for piece in bytes.utf8_chunks().flat_map(|chunk| pieces(&chunk)) {
        match piece {
            Piece::Letter(c) if c.is_alphanumeric() => out.push(c),
            Piece::Letter(c @ ('\'' | '\\')) => out.extend(['\\', c]),
            Piece::Letter(' ') if !after_blank => out.push(' '),
            Piece::Letter(c) if ('!'..='~').contains(&c) => out.push(c),
            Piece::Letter(c) => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(out, "\\x{byte:02x}");
                }
            }
            Piece::Byte(byte) => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
        after_blank = matches!(piece, Piece::Letter(' '));
    }
    if out.ends_with(' ') {
        out.pop();
        out.push_str("\\x20");
    }
    out + "'"
}

#[derive(Clone, Copy)]
enum Piece {
    Letter(char),
    Byte(u8),
}

fn pieces<'b>(chunk: &std::str::Utf8Chunk<'b>) -> impl Iterator<Item = Piece> + use<'b> {
    let letters = chunk.valid().chars().map(Piece::Letter);
    letters.chain(chunk.invalid().iter().copied().map(Piece::Byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_and_fit_a_line() {
        for (name, shown) in [
            (&b"data/17.h5"[..], "data/17.h5"),
            (b"a b", "'a b'"),
            (b"a;b", "'a;b'"),
            (b"", "''"),
            (b" a", "$'\\x20a'"),
            (b"a ", "$'a\\x20'"),
            (b"a  b c", "$'a \\x20b c'"),
            (b"it's", "$'it\\'s'"),
            (b"tab\there\n", "$'tab\\x09here\\x0a'"),
            (b"lat\xe9", "$'lat\\xe9'"),
            ("\u{e9}".as_bytes(), "\u{e9}"),
            ("e\u{301}".as_bytes(), "$'e\\xcc\\x81'"),
            (b"\x1b[31m", "$'\\x1b[31m'"),
        ] {
            assert_eq!(quoted(OsStr::from_bytes(name)), shown);
        }
    }
}

//! Colours on terminals: those of clap, so that all messages look alike.

use std::io::{Stderr, stderr};

use anstream::{AutoStream, ColorChoice};
use clap::builder::styling::{AnsiColor, Style, Styles};

/// A word that says that something is wrong.
pub(crate) fn error(word: &str) -> String {
    painted(word, *Styles::styled().get_error(), &stderr())
}

/// A word that says that something may be wrong.
pub(crate) fn warning(word: &str) -> String {
    painted(word, AnsiColor::Yellow.on_default().bold(), &stderr())
}

/// The word in colour where standard error is a terminal that has some, and nobody has asked for
/// none (`NO_COLOR`).
fn painted(word: &str, style: Style, out: &Stderr) -> String {
    match AutoStream::choice(out) {
        ColorChoice::Never => word.to_owned(),
        _ => format!("{style}{word}{style:#}"),
    }
}

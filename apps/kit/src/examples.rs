//! Examples of help, so that each fits a terminal of 80 columns and can be copied as it stands:
//! clap would break them at any space.

use clap::Command;

/// The columns that every terminal has.
const WIDTH: usize = 80;

/// The command and those below it, with examples that fit.
pub(crate) fn fitted(command: Command) -> Command {
    let short = command.get_after_help().map(|text| fit(&text.to_string()));
    let long = command.get_after_long_help();
    let long = long.map(|text| fit(&text.to_string()));
    let command = match short {
        Some(text) => command.after_help(text),
        None => command,
    };
    let command = match long {
        Some(text) => command.after_long_help(text),
        None => command,
    };
    command.mut_subcommands(fitted)
}

/// A text in which the paragraph of examples fits; all else stays.
fn fit(text: &str) -> String {
    let (examples, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let Some(examples) = examples.strip_prefix("Examples:\n") else {
        return text.to_owned();
    };
    let mut fitted = "Examples:".to_owned();
    for line in one_each(examples) {
        if line.chars().count() + 2 <= WIDTH {
            fitted.push_str("\n  ");
            fitted.push_str(&line);
            continue;
        }
        let (command, note) = line.split_once("   ").unwrap_or((&line, ""));
        if !note.is_empty() {
            fitted.push_str("\n  # ");
            fitted.push_str(note.trim());
        }
        fitted += &broken(command);
    }
    match rest {
        "" => fitted,
        rest => format!("{fitted}\n\n{rest}"),
    }
}

/// The examples without what breaks their lines.
fn one_each(examples: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in examples.lines() {
        match all.last_mut().filter(|before| before.ends_with('\\')) {
            Some(before) => {
                before.pop();
                *before = format!("{} {}", before.trim_end(), line.trim());
            }
            None => all.push(line.trim().to_owned()),
        }
    }
    all
}

/// A command over as many lines as it needs, broken as a shell takes it: before a flag, so that its
/// value stays with it, unless both are longer than a line.
fn broken(command: &str) -> String {
    let (mut lines, mut column) = (String::new(), WIDTH);
    for part in parts(command) {
        let fits_alone = 6 + part.chars().count() + 2 <= WIDTH;
        let pieces = if fits_alone {
            vec![part.as_str()]
        } else {
            part.split(' ').collect()
        };
        for piece in pieces {
            let length = piece.chars().count() + 1;
            // Room for the backslash.
            if column + length + 2 > WIDTH {
                let is_first = lines.is_empty();
                lines += if is_first { "\n  " } else { " \\\n      " };
                column = if is_first { 2 } else { 6 };
            } else {
                lines.push(' ');
            }
            lines += piece;
            column += length;
        }
    }
    lines
}

/// A command cut before each flag that is not inside quotes.
fn parts(command: &str) -> Vec<String> {
    let (mut parts, mut is_quoted) = (Vec::<String>::new(), false);
    for word in command.split(' ') {
        match parts.last_mut() {
            Some(part) if is_quoted || !word.starts_with('-') => {
                part.push(' ');
                part.push_str(word);
            }
            _ => parts.push(word.to_owned()),
        }
        is_quoted ^= word.matches(['\'', '"']).count() % 2 == 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_and_what_does_not_is_broken_between_words() {
        let text = "Examples:\n  short      and what it does\n  program --first 1 --second 2 \
                    'a quoted word that is long and -stays' \\\n    --third 3 --fourth     a \
                    note\n\n\
                    Another  paragraph";
        let expected = "Examples:\n  short      and what it does\n  # a note\n  program --first 1 \
                        --second 2 'a quoted word that is long and -stays' \\\n      --third 3 \
                        --fourth\n\nAnother  paragraph";
        assert_eq!(fit(text), expected);
        assert_eq!(fit("No examples:\n  a  b"), "No examples:\n  a  b");
    }
}

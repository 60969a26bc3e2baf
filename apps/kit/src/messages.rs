use std::io::Write;

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::colours;
use crate::launcher::{started_rank, started_ranks};
use crate::visible::visible;

/// Messages on standard error: warnings, with `-v` also what is being done, with `-vv` in detail.
/// On several ranks each line says which rank speaks.
struct Messages {
    prefix: String,
}

/// Sends messages of this program to standard error. Called once, before the first message.
pub fn show_messages(verbosity: u8) {
    let prefix = match started_ranks() {
        Some(ranks) if ranks > 1 => format!("RANK{} ", started_rank()),
        _ => String::new(),
    };
    let level = match verbosity {
        0 => LevelFilter::Warn,
        1 => LevelFilter::Info,
        _ => LevelFilter::Debug,
    };
    // It fails only when messages are shown already.
    if log::set_boxed_logger(Box::new(Messages { prefix })).is_ok() {
        log::set_max_level(level);
    }
}

impl Log for Messages {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("jobwise") || metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let level = match record.level() {
                Level::Error | Level::Warn => colours::warning("warning:") + " ",
                Level::Info | Level::Debug | Level::Trace => String::new(),
            };
            // Messages are a courtesy: a closed standard error must not end the run.
            let text = record.args().to_string();
            let _ = writeln!(
                std::io::stderr(),
                "{}{level}{}",
                self.prefix,
                visible(&text)
            );
        }
    }

    fn flush(&self) {}
}

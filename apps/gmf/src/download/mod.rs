//! Raw data from the archive of the EISCAT radars.
//!
//! The archive's schedule is a page with a table; its rows are *nodes* of data, and those up to
//! each row `info` form the product of one instrument. A second server packs nodes into one ZIP
//! file.
//!
//! | file | one idea |
//! |---|---|
//! | `schedule` | which nodes an instrument has, out of the page |
//! | `server` | one request: time-outs, and errors in words |
//! | `transfer` | one file, whatever happens on the way: parts, retries, checks |
//! | `part` | the file on its way, and which version of the remote file it is a part of |

mod part;
mod schedule;
mod server;
mod transfer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jobwise_core::{Cancel, Observer};

pub use schedule::Product;

use crate::{Error, Result};
use server::Server;

/// Most bytes of a schedule.
const LONGEST_SCHEDULE: u64 = 16 << 20;

/// What to fetch, and from where.
#[derive(Clone, Debug)]
pub struct Request {
    /// The day, YYYYMMDD.
    pub day: String,
    /// The experiment with its version and owner, like `leo_bpark_2.1u_NO`.
    pub mode: String,
    /// The instrument, in any case.
    pub instrument: String,
    /// Address of the schedule.
    pub schedule_url: String,
    /// Address of the server of the data.
    pub data_url: String,
    /// How long the server may say nothing.
    pub patience: Duration,
    /// The pause before the first retry; each further one is twice as long.
    pub pause: Duration,
}

impl Request {
    /// Checks that day, mode and instrument can be parts of an address and of a file's name.
    ///
    /// # Errors
    /// One of them cannot.
    pub fn check(&self) -> Result<()> {
        if jiff::civil::Date::strptime("%Y%m%d", &self.day).is_err() || self.day.len() != 8 {
            return Err(Error::Request(format!(
                "{:?} is no day: write it like 20220408",
                self.day
            )));
        }
        for (name, text) in [("mode", &self.mode), ("instrument", &self.instrument)] {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.@+".contains(c);
            if text.is_empty() || text.starts_with('.') || !text.chars().all(allowed) {
                return Err(Error::Request(format!(
                    "{text:?} is no {name}: letters, digits and _-.@+ only"
                )));
            }
        }
        Ok(())
    }

    /// Where the file goes below `directory`.
    pub fn file(&self, directory: &Path) -> PathBuf {
        directory.join(format!(
            "{}-{}-{}.zip",
            self.mode, self.day, self.instrument
        ))
    }

    /// Asks the schedule for the product.
    ///
    /// # Errors
    /// The server does not answer, or the schedule has no such product; the message names those it
    /// has.
    pub fn product(&self, cancel: &Cancel) -> Result<Option<Product>> {
        let url = format!(
            "{}?exp={}&date={}&dl=1",
            self.schedule_url, self.mode, self.day
        );
        let server = Server::new(self.patience);
        let Some(page) =
            transfer::retried(self.pause, cancel, || server.page(&url, LONGEST_SCHEDULE))?
        else {
            return Ok(None);
        };
        schedule::find(&page, self).map(Some)
    }

    /// The address of a product's file.
    pub fn address(&self, product: &Product) -> String {
        let data = self.data_url.trim_end_matches('/');
        format!(
            "{data}/{}/{}{}.zip",
            product.nodes.join(";"),
            self.mode,
            self.day
        )
    }
}

/// Fetches a product into `file`, which appears when it is complete; `false` when cancelled. What
/// has arrived lies in `file.part` until then, and the next attempt goes on behind it if the server
/// allows that and still has the same file.
///
/// # Errors
/// The server refuses or fails again and again, sends something else, or the file cannot be
/// written.
pub fn fetch(
    request: &Request,
    product: &Product,
    file: &Path,
    cancel: &Cancel,
    observer: &dyn Observer,
) -> Result<bool> {
    let server = Server::new(request.patience);
    transfer::fetch(
        &server,
        &request.address(product),
        file,
        request.pause,
        cancel,
        observer,
    )
}

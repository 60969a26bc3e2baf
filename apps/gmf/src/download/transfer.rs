//! One file, whatever happens on the way.

use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use jobwise_core::{Cancel, Observer, Progress};
use ureq::Body;
use ureq::http::{HeaderMap, Response};

use super::part::{Part, Version};
use super::server::{Failed, Server, failed};
use crate::{Error, Result};

/// Attempts in a row that bring nothing new.
const ATTEMPTS: u32 = 5;

/// Bytes read at once.
const PIECE: usize = 1 << 16;

/// Tries until it works, lasts, or was tried often enough; `None` when cancelled.
pub(super) fn retried<T>(
    pause: Duration,
    cancel: &Cancel,
    mut attempt: impl FnMut() -> Result<T, Failed>,
) -> Result<Option<T>> {
    let mut tried = 0;
    loop {
        tried += 1;
        match attempt() {
            Ok(value) => return Ok(Some(value)),
            Err(Failed::Lasting(error)) => return Err(error),
            Err(Failed::Passing(problem)) => {
                if !again(&problem, tried, pause, cancel)? {
                    return Ok(None);
                }
            }
        }
    }
}

/// Waits before the next attempt, twice as long each time; false when cancelled.
fn again(problem: &str, tried: u32, pause: Duration, cancel: &Cancel) -> Result<bool> {
    if tried >= ATTEMPTS {
        return Err(Error::Request(format!(
            "{problem}; given up after {tried} attempts: run again later"
        )));
    }
    let until = Instant::now() + pause * (1 << (tried - 1));
    log::warn!("{problem}; trying again");
    while Instant::now() < until && !cancel.is_cancelled() {
        std::thread::sleep(Duration::from_millis(20).min(until - Instant::now().min(until)));
    }
    Ok(!cancel.is_cancelled())
}

/// Fetches `url` into `destination`; false when cancelled.
pub(super) fn fetch(
    server: &Server,
    url: &str,
    destination: &Path,
    pause: Duration,
    cancel: &Cancel,
    observer: &dyn Observer,
) -> Result<bool> {
    let mut part = Part::open(destination)?;
    let mut tried = 0;
    loop {
        let before = part.length();
        match attempt(server, url, &mut part, cancel, observer) {
            Ok(true) => break,
            Ok(false) => return Ok(false),
            Err(Failed::Lasting(error)) => return Err(error),
            Err(Failed::Passing(problem)) => {
                // Only an attempt that brings nothing counts.
                tried = if part.length() > before { 1 } else { tried + 1 };
                if !again(&problem, tried, pause, cancel)? {
                    return Ok(false);
                }
            }
        }
    }
    if !part.is_zip()? {
        part.discard()?;
        return Err(Error::Request(format!(
            "{url}: what the server sent is no ZIP file"
        )));
    }
    part.commit()?;
    Ok(true)
}

/// One request; true when the file is complete, false when cancelled.
fn attempt(
    server: &Server,
    url: &str,
    part: &mut Part,
    cancel: &Cancel,
    observer: &dyn Observer,
) -> Result<bool, Failed> {
    let mut headers = Vec::new();
    if let Some(mark) = part.mark(url) {
        headers.push(("Range", format!("bytes={}-", part.length())));
        headers.push(("If-Range", mark.to_owned()));
    }
    let response = server.get(url, &headers)?;
    let total = match response.status().as_u16() {
        206 => continued(url, part, &response)?,
        416 => {
            // All is here already, or it is a part of something else.
            let length = part.length();
            if range(response.headers()).is_some_and(|(_, total)| total == Some(length))
                && length > 0
            {
                return Ok(true);
            }
            part.restart(None)?;
            return Err(Failed::Passing(format!(
                "{url}: the server has another file by now"
            )));
        }
        _ => {
            if part.length() > 0 {
                log::warn!("{url}: the server sends the file from its beginning");
            }
            part.restart(version(url, response.headers()))?;
            response.body().content_length()
        }
    };
    receive(url, part, response, total, cancel, observer)
}

/// Checks that an answer goes on where the part ends; the length of the whole.
fn continued(url: &str, part: &mut Part, response: &Response<Body>) -> Result<Option<u64>, Failed> {
    let here = range(response.headers());
    let same = match (part.mark(url), version(url, response.headers())) {
        (Some(mark), Some(version)) => version.mark == mark,
        (mark, _) => mark.is_some(),
    };
    match here {
        Some((Some(start), total)) if same && start == part.length() => Ok(total),
        _ => {
            part.restart(None)?;
            Err(Failed::Passing(format!(
                "{url}: the server sends another part than was asked for"
            )))
        }
    }
}

/// Appends the body of an answer; true when the file is complete, false when cancelled.
fn receive(
    url: &str,
    part: &mut Part,
    response: Response<Body>,
    total: Option<u64>,
    cancel: &Cancel,
    observer: &dyn Observer,
) -> Result<bool, Failed> {
    let mut body = response
        .into_body()
        .into_with_config()
        .limit(u64::MAX)
        .reader();
    let mut buffer = vec![0; PIECE];
    loop {
        if cancel.is_cancelled() {
            return Ok(false);
        }
        observer.progress(Progress {
            total: total.map_or(0, megabytes),
            done: megabytes(part.length()),
            ..Progress::default()
        });
        let count = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(url, &ureq::Error::from(error))),
        };
        part.append(&buffer[..count])?;
    }
    match total {
        Some(total) if part.length() != total => Err(Failed::Passing(format!(
            "{url}: {} bytes arrived of {total}",
            part.length()
        ))),
        _ => Ok(true),
    }
}

fn megabytes(bytes: u64) -> usize {
    (bytes / 1_000_000) as usize
}

/// The version of an answer's file: an `ETag` unless it is weak, else the date.
fn version(url: &str, headers: &HeaderMap) -> Option<Version> {
    let header = |name: &str| headers.get(name)?.to_str().ok();
    let strong = |mark: &&str| mark.starts_with('"');
    let mark = header("etag")
        .filter(strong)
        .or_else(|| header("last-modified"))?;
    Some(Version {
        url: url.to_owned(),
        mark: mark.to_owned(),
    })
}

/// `Content-Range: bytes START-END/TOTAL`: start and total, where they are told.
fn range(headers: &HeaderMap) -> Option<(Option<u64>, Option<u64>)> {
    let text = headers.get("content-range")?.to_str().ok()?;
    let (span, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let start = span
        .split_once('-')
        .and_then(|(start, _)| start.parse().ok());
    Some((start, total.parse().ok()))
}

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::compressed::content;
use super::error::{Error, Problem};
use super::form::Form;
use super::frames::{Input, Source};
use super::mapped::{self, Mapped};
use super::network::{self, Sender};
use super::options::{Access, Options};

/// Standard input, and what messages call it.
const STANDARD: (&str, &str) = ("-", "standard input");

/// Whether there is something under that name that can be opened, without opening it: so that a
/// program notices before it begins, and not after an hour, that its last file is missing. Senders
/// are not called.
///
/// # Errors
/// The name has no extension of G3 files, there is nothing of that name, it is a directory or a
/// device, or it may not be read.
pub fn check(name: impl AsRef<Path>) -> Result<(), Error> {
    let name = name.as_ref();
    let known = if network::is_address(name) {
        network::address(name).map(drop)
    } else if name == Path::new(STANDARD.0) {
        Ok(())
    } else {
        form_of(name).map(drop)
    };
    known.map_err(|problem| Error::new(&Arc::from(name), problem))
}

/// The form of what lies under that name, and whether it is a regular file.
fn form_of(path: &Path) -> Result<(Form, bool), Problem> {
    let form = Form::of(path);
    let found = match fs::metadata(path) {
        // What is wrong with the name is told first: it is the user's own.
        Err(_) if form.is_none() => return Err(Problem::Name),
        found => found?.file_type(),
    };
    if found.is_file() {
        let form = form.ok_or(Problem::Name)?;
        File::open(path)?;
        return Ok((form, true));
    }
    if found.is_fifo() || found.is_char_device() {
        return Ok((form.unwrap_or(Form::Plain), false));
    }
    Err(Problem::Kind(if found.is_dir() {
        "a directory"
    } else if found.is_socket() {
        "a socket"
    } else {
        "a device"
    }))
}

/// Opens a file, a FIFO, standard input (`-`), a sender that is called (`tcp://HOST:PORT`), or one
/// who calls (`tcp://*:PORT`).
///
/// Files are read as memory where they are plain ([`Options::access`]), and as streams otherwise.
/// The name says how a file is compressed; names of FIFOs may be any, and what comes is plain then.
///
/// # Errors
/// As [`check`]; or the sender is not there in time.
pub fn open(name: impl AsRef<Path>, options: &Options) -> Result<Input, Error> {
    let name = name.as_ref();
    let file: Arc<Path> = if name == Path::new(STANDARD.0) {
        Path::new(STANDARD.1).into()
    } else {
        name.into()
    };
    match source(name, options) {
        Ok((source, form)) => Ok(Input::new(file, source, form, options)),
        Err(problem) => Err(Error::new(&file, problem)),
    }
}

/// A stretch of a plain file, as memory; `None` where the file is shorter.
///
/// # Errors
/// The system refuses; the message names the file.
pub(crate) fn stretch(name: &Path, offset: u64, length: u64) -> Result<Option<Bytes>, Error> {
    let failed = |error: io::Error| Error::new(&Arc::from(name), error);
    let file = File::open(name).map_err(failed)?;
    let is = file.metadata().map_err(failed)?.len();
    if offset.checked_add(length).is_none_or(|end| end > is) {
        return Ok(None);
    }
    mapped::stretch(&file, offset, length as usize)
        .map(Some)
        .map_err(failed)
}

fn source(name: &Path, options: &Options) -> Result<(Source, Form), Problem> {
    if network::is_address(name) {
        let sender = Sender::new(name)?;
        let stream = Box::new(BufReader::with_capacity(
            1 << 16,
            sender.connection(options.timeout)?,
        ));
        let sender = Some(sender);
        return Ok((Source::Stream { stream, sender }, Form::Plain));
    }
    let streamed = |stream| Source::Stream {
        stream,
        sender: None,
    };
    if name == Path::new(STANDARD.0) {
        return Ok((streamed(content(io::stdin(), Form::Plain)?), Form::Plain));
    }
    let (form, is_regular) = form_of(name)?;
    let file = File::open(name)?;
    let source = match form {
        // A file without content cannot be mapped.
        _ if is_regular && file.metadata()?.len() == 0 => Source::Mapped(Mapped::default()),
        Form::Plain if is_regular && options.access == Access::Mapped => {
            Source::Mapped(Mapped::new(&file)?)
        }
        form => streamed(content(file, form)?),
    };
    Ok((source, form))
}

//! What compressed files hold: all members, streams or frames of them, one after the other.

use std::io::{self, BufRead, BufReader, Read};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::{CONCATENATED, Stream};

use super::Form;

/// Memory that an xz stream may ask for: what the highest preset needs takes a quarter.
const XZ_MEMORY: u64 = 256 << 20;

/// The logarithm of the greatest window that a zstd frame may ask for.
const ZSTD_WINDOW: u32 = 27;

/// The content of `file`. Memory does not depend on what the file says, but for a window of at most
/// 256 MiB.
///
/// Reading fails where the data are damaged, where they are cut, and where something else stands
/// behind them.
///
/// # Errors
/// The library refuses.
pub(super) fn content(
    file: impl Read + Send + 'static,
    form: Form,
) -> io::Result<Box<dyn BufRead + Send>> {
    let file = BufReader::with_capacity(1 << 16, file);
    Ok(match form {
        Form::Plain => Box::new(file),
        Form::Gzip => whole(MultiGzDecoder::new(file), form),
        Form::Bzip2 => whole(MultiBzDecoder::new(file), form),
        Form::Xz => {
            let stream = Stream::new_stream_decoder(XZ_MEMORY, CONCATENATED)?;
            whole(XzDecoder::new_stream(file, stream), form)
        }
        Form::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(file)?;
            decoder.window_log_max(ZSTD_WINDOW)?;
            whole(decoder, form)
        }
    })
}

fn whole(decoder: impl Read + Send + 'static, form: Form) -> Box<dyn BufRead + Send> {
    let whole = Whole { decoder, form };
    Box::new(BufReader::with_capacity(1 << 16, whole))
}

/// A decoder whose errors say what they are about, and never look like the end of the data.
struct Whole<D> {
    decoder: D,
    form: Form,
}

impl<D: Read> Read for Whole<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(buffer).map_err(|error| {
            let is_of_the_system =
                error.raw_os_error().is_some() || error.kind() == io::ErrorKind::Interrupted;
            if is_of_the_system {
                return error;
            }
            let what = if error.kind() == io::ErrorKind::UnexpectedEof {
                "cut"
            } else {
                "damaged"
            };
            let text = format!("the {} data are {what}: {error}", self.form);
            io::Error::new(io::ErrorKind::InvalidData, text)
        })
    }
}

//! Bytes into a file, compressed as its name says.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use bzip2::write::BzEncoder;
use flate2::write::GzEncoder;
use liblzma::stream::{Check, Stream};
use liblzma::write::XzEncoder;

use crate::input::Form;

/// Of xz.
const PRESET: u32 = 6;

/// Writes to a file.
pub(super) enum Compressor {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
    Bzip2(BzEncoder<BufWriter<File>>),
    Xz(XzEncoder<BufWriter<File>>),
    Zstd(zstd::Encoder<'static, BufWriter<File>>),
}

impl Compressor {
    /// With the levels that spt3g has: gzip 6, bzip2 9, xz 6 with CRC-64; zstd 3 with checksums.
    pub(super) fn new(file: File, form: Form) -> io::Result<Compressor> {
        let file = BufWriter::with_capacity(1 << 16, file);
        Ok(match form {
            Form::Plain => Compressor::Plain(file),
            Form::Gzip => Compressor::Gzip(GzEncoder::new(file, flate2::Compression::new(6))),
            Form::Bzip2 => Compressor::Bzip2(BzEncoder::new(file, bzip2::Compression::new(9))),
            Form::Xz => {
                let stream = Stream::new_easy_encoder(PRESET, Check::Crc64)?;
                Compressor::Xz(XzEncoder::new_stream(file, stream))
            }
            Form::Zstd => {
                let mut encoder = zstd::Encoder::new(file, 3)?;
                encoder.include_checksum(true)?;
                Compressor::Zstd(encoder)
            }
        })
    }

    fn inner(&mut self) -> &mut dyn Write {
        match self {
            Compressor::Plain(writer) => writer,
            Compressor::Gzip(writer) => writer,
            Compressor::Bzip2(writer) => writer,
            Compressor::Xz(writer) => writer,
            Compressor::Zstd(writer) => writer,
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.inner().write_all(bytes)
    }

    /// What was written so far goes on its way.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.inner().flush()
    }

    /// Ends the compressed data. All has then gone to the system.
    pub(super) fn finish(self) -> io::Result<File> {
        let writer = match self {
            Compressor::Plain(writer) => writer,
            Compressor::Gzip(writer) => writer.finish()?,
            Compressor::Bzip2(writer) => writer.finish()?,
            Compressor::Xz(writer) => writer.finish()?,
            Compressor::Zstd(writer) => writer.finish()?,
        };
        writer.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

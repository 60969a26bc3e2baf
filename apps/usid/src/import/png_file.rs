use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use jobwise_hdf5::Error as Stored;
use jobwise_hdf5::element::{Kind, Order};
use ndarray::Array2;
use png::{BitDepth, ColorType, Decoder, Limits, Transformations};

use super::picture::{colour_warning, grey, unpacked};
use super::{INFLATION, Picture, believable, wrong};
use crate::Result;
use crate::format::{Element, Scalar};

/// Reads a PNG file: grey of any depth, or the luminance of a colour picture.
pub(super) fn read(path: &Path, bytes: u64) -> Result<Picture> {
    let damaged = |error: png::DecodingError| wrong(path, &format!("cannot be decoded: {error}"));
    let most = bytes.saturating_mul(INFLATION);
    let file = BufReader::new(File::open(path).map_err(Stored::io(path))?);
    let limits = Limits {
        bytes: usize::try_from(most).unwrap_or(usize::MAX),
    };
    let mut decoder = Decoder::new_with_limits(file, limits);
    let header = decoder.read_header_info().map_err(damaged)?;
    let few = match (header.color_type, header.bit_depth as usize) {
        (ColorType::Grayscale, bits) if bits < 8 => Some(bits),
        _ => None,
    };
    // A palette becomes colours. Grey numbers of fewer than 8 bits would be scaled: they stay as
    // they are.
    decoder.set_transformations(match few {
        Some(_) => Transformations::IDENTITY,
        None => Transformations::EXPAND,
    });
    let mut reader = decoder.read_info().map_err(damaged)?;
    let shape = [reader.info().height as usize, reader.info().width as usize];
    let (colour, depth) = reader.output_color_type();
    let kind = match depth {
        BitDepth::Sixteen => Kind::U16,
        _ => Kind::U8,
    };
    let samples = colour.samples();
    let size = believable(path, shape, samples * kind.size(), most)?;
    let mut raw = vec![0; size];
    let frame = reader.next_frame(&mut raw).map_err(damaged)?;
    let scalar = Scalar::Of(kind);
    scalar.reorder(Order::Big, &mut raw);
    let mut numbers = Vec::with_capacity(size / kind.size());
    Element::Real(scalar).decode(&raw, &mut numbers);
    if let Some(bits) = few {
        numbers = unpacked(&numbers[..frame.buffer_size()], bits, shape[1]);
    }
    let pixels = Array2::from_shape_vec((shape[0], shape[1]), grey(numbers, samples))
        .map_err(|error| wrong(path, &error.to_string()))?;
    let mut picture = Picture::new(pixels, scalar);
    picture.warnings.extend(colour_warning(samples));
    Ok(picture)
}

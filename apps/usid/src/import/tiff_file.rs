use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use jobwise_hdf5::Error as Stored;
use jobwise_hdf5::element::Kind;
use ndarray::Array2;
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

use super::as_stored::AsStored;
use super::picture::{colour_warning, grey, unpacked};
use super::tiff_says::Says;
use super::{INFLATION, Picture, believable, wrong};
use crate::Result;
use crate::format::Scalar;

/// Reads a page of a TIFF file: grey, or the luminance of a colour picture, integers or floats.
pub(super) fn read(path: &Path, bytes: u64, which: Option<usize>) -> Result<Picture> {
    let page = which.unwrap_or(0);
    let damaged = |error: tiff::TiffError| wrong(path, &format!("cannot be decoded: {error}"));
    let most = bytes.saturating_mul(INFLATION);
    let file = BufReader::new(File::open(path).map_err(Stored::io(path))?);
    let file = AsStored::new(file).map_err(Stored::io(path))?;
    let is_white = file.is_white(page);
    let mut limits = Limits::default();
    limits.decoding_buffer_size = usize::try_from(most).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new(file).map_err(damaged)?.with_limits(limits);
    let says = Says::of(&mut decoder);
    // ImageJ keeps the pictures of a large stack one after the other, with one directory for all.
    let together = says.pictures > 1 && !decoder.more_images();
    if together && page >= says.pictures {
        let problem = format!(
            "has {} pictures: there is no picture {page} (the first is 0)",
            says.pictures
        );
        return Err(wrong(path, &problem));
    }
    for passed in 0..if together { 0 } else { page } {
        if !decoder.more_images() {
            let problem = format!(
                "has {} pages: there is no page {page} (the first is 0)",
                passed + 1
            );
            return Err(wrong(path, &problem));
        }
        decoder.next_image().map_err(damaged)?;
    }
    let (width, height) = decoder.dimensions().map_err(damaged)?;
    let shape = [height as usize, width as usize];
    let colour = decoder.colortype().map_err(damaged)?;
    let (samples, bits) = match colour {
        ColorType::Gray(bits) => (1, bits),
        ColorType::GrayA(bits) => (2, bits),
        ColorType::RGB(bits) => (3, bits),
        ColorType::RGBA(bits) => (4, bits),
        other => {
            let problem = format!("has pixels of type {other:?}; readable are grey and RGB");
            return Err(wrong(path, &problem));
        }
    };
    believable(path, shape, samples * usize::from(bits).div_ceil(8), most)?;
    if together && page > 0 {
        pass(&mut decoder, page, shape, samples * usize::from(bits) / 8)
            .map_err(|problem| wrong(path, &problem))?;
    }
    let mut decoded = DecodingResult::U8(Vec::new());
    let layout = decoder
        .read_image_to_buffer(&mut decoded)
        .map_err(damaged)?;
    let (mut numbers, scalar, coarse) = numbers(decoded);
    if layout.planes > 1 {
        numbers = interleaved(&numbers, layout.planes);
    }
    let whole = shape[0].saturating_mul(shape[1]).saturating_mul(samples);
    if samples > 1 && numbers.len() < whole {
        let problem =
            "has its colours in planes apart (PlanarConfiguration 2) that are not all there";
        return Err(wrong(path, problem));
    }
    if samples == 1 && bits < 8 {
        numbers = unpacked(&numbers, bits.into(), width as usize);
    }
    let pixels = Array2::from_shape_vec((shape[0], shape[1]), grey(numbers, samples))
        .map_err(|error| wrong(path, &error.to_string()))?;
    let mut picture = Picture::new(pixels, scalar);
    picture.losses.coarse = coarse;
    if is_white && samples == 1 {
        let white = "says that its smallest number is white (MinIsWhite): the numbers are kept as \
                     they are stored, so \
                     that it may look inverted";
        picture.warnings.push(white.to_owned());
    }
    picture.warnings.extend(colour_warning(samples));
    picture.scales = says.scales;
    if which.is_none() && (together || decoder.more_images()) {
        let more = "has several pages: the first is taken, --page chooses another (from 0)";
        picture.warnings.push(more.to_owned());
    }
    Ok(picture)
}

/// Goes to a picture of a stack that has one directory for all: its numbers lie behind those of
/// the earlier ones.
fn pass<R: Read + Seek>(
    decoder: &mut Decoder<AsStored<R>>,
    page: usize,
    shape: [usize; 2],
    pixel_bytes: usize,
) -> std::result::Result<(), String> {
    let packing: Option<u32> = decoder.find_tag_unsigned(Tag::Compression).ok().flatten();
    let picture = shape
        .iter()
        .try_fold(pixel_bytes, |all, &side| all.checked_mul(side));
    let before = picture.and_then(|bytes| bytes.checked_mul(page));
    match before {
        Some(before) if before > 0 && packing.unwrap_or(1) == 1 => {
            decoder.inner().look_further(before as u64);
            Ok(())
        }
        _ => Err(
            "is a stack of ImageJ that is packed and has one directory for all pictures, so that \
             only the first is \
             found: save it without compression"
                .to_owned(),
        ),
    }
}

/// Numbers plane by plane, as numbers pixel by pixel.
fn interleaved(numbers: &[f64], planes: usize) -> Vec<f64> {
    let pixels = numbers.len() / planes;
    let pixel = |at: usize| (0..planes).map(move |plane| numbers[plane * pixels + at]);
    (0..pixels).flat_map(pixel).collect()
}

/// The numbers, what they were, and how many of them a 64-bit float does not hold.
fn numbers(decoded: DecodingResult) -> (Vec<f64>, Scalar, usize) {
    macro_rules! all {
        ($($variant:ident),*) => {
            match decoded {
                DecodingResult::F16(numbers) => (
                    numbers.into_iter().map(half::f16::to_f64).collect(),
                    Scalar::Half,
                    0,
                ),
                DecodingResult::F32(numbers) => (
                    numbers.into_iter().map(f64::from).collect(),
                    Scalar::F32,
                    0,
                ),
                DecodingResult::F64(numbers) => (numbers, Scalar::F64, 0),
                $(DecodingResult::$variant(numbers) => {
                    let is_exact = |x: i128| x as f64 as i128 == x;
                    let coarse = numbers.iter().filter(|&&x| !is_exact(x.into())).count();
                    #[allow(clippy::cast_lossless)]
                    let wide = numbers.into_iter().map(|x| x as f64).collect();
                    (wide, Scalar::Of(Kind::$variant), coarse)
                })*
            }
        };
    }
    all!(U8, U16, U32, U64, I8, I16, I32, I64)
}

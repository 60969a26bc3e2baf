use ndarray::Array2;

use crate::format::{Losses, Scalar};

/// A picture as other programs know it: rows from top to bottom, each from left to right.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The pixels, row by row.
    pub pixels: Array2<f64>,
    /// What a pixel was in the file.
    pub scalar: Scalar,
    /// Where the rows and the columns lie, if the file says so.
    pub scales: [Option<Scale>; 2],
    /// What the pixels are, and in which units, if the file says so.
    pub quantity: [Option<String>; 2],
    /// What the file's numbers lost when they became pixels.
    pub losses: Losses,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Where pixels lie along an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Where the first one lies.
    pub offset: f64,
    /// From one to the next.
    pub step: f64,
    /// In which units.
    pub units: Option<String>,
}

impl Picture {
    /// A picture without anything known about it.
    pub(super) fn new(pixels: Array2<f64>, scalar: Scalar) -> Picture {
        Picture {
            pixels,
            scalar,
            scales: [None, None],
            quantity: [None, None],
            losses: Losses::default(),
            warnings: Vec::new(),
        }
    }

    /// The smallest and the largest pixel that is a number; NaN where there is none.
    pub fn limits(&self) -> (f64, f64) {
        let numbers = || self.pixels.iter().copied();
        // Of a number and a NaN, the number.
        (
            numbers().fold(f64::NAN, f64::min),
            numbers().fold(f64::NAN, f64::max),
        )
    }
}

/// Light of a colour as the eye weighs it (ITU-R BT.601), of pixels of `samples` numbers: 1 grey, 2
/// grey and opacity, 3 or 4 red, green, blue and opacity. Opacity is left out.
pub(super) fn grey(numbers: Vec<f64>, samples: usize) -> Vec<f64> {
    match samples {
        1 => numbers,
        2 => numbers.chunks_exact(2).map(|pixel| pixel[0]).collect(),
        _ => numbers
            .chunks_exact(samples)
            .map(|pixel| 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2])
            .collect(),
    }
}

/// What there is to say about a picture of so many numbers per pixel.
pub(super) fn colour_warning(samples: usize) -> Option<String> {
    match samples {
        1 => None,
        2 => Some("its opacity is left out".to_owned()),
        _ => Some("is a colour picture: its luminance is taken".to_owned()),
    }
}

/// Numbers of fewer than 8 bits each, of which every row of `width` begins with a new byte, the
/// first in its highest bits.
pub(super) fn unpacked(bytes: &[f64], bits: usize, width: usize) -> Vec<f64> {
    let row = (width * bits).div_ceil(8).max(1);
    let number = |row: &[f64], place: usize| {
        let byte = row[place * bits / 8] as u8;
        let shift = 8 - bits - place * bits % 8;
        f64::from(byte >> shift & ((1 << bits) - 1))
    };
    bytes
        .chunks_exact(row)
        .flat_map(|row| (0..width).map(move |place| number(row, place)))
        .collect()
}

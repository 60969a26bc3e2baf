use ndarray::Array2;

use super::{Dimension, Element, Losses, Main, SourceRows};
use crate::{Error, Result};

/// A picture: a main dataset of one column whose positions are a grid of two dimensions.
#[derive(Clone, Debug)]
pub struct Image {
    /// The pixels, x (the dimension that changes slowest) first.
    pub pixels: Array2<f64>,
    /// The slow dimension.
    pub x: Dimension,
    /// The fast dimension.
    pub y: Dimension,
    /// What the numbers of the file lost when they became pixels.
    pub losses: Losses,
}

impl Image {
    /// Reads a main dataset as a picture, whichever dimension its file names first.
    ///
    /// Dimensions of one value are passed over. Where the positions have one dimension only, as in
    /// a list of pixels, the picture is taken for a square.
    ///
    /// # Errors
    /// The cells are not real numbers, there are several columns, or the positions are no picture.
    pub fn of(main: &Main) -> Result<Image> {
        let [x, y] = Image::sides_of(main)?;
        let shape = (x.len(), y.len());
        let (numbers, losses) = SourceRows::of(main)?.numbers(0..main.positions())?;
        let pixels = Array2::from_shape_vec(shape, numbers);
        let pixels = pixels.map_err(|error| wrong(main, &error.to_string()))?;
        Ok(Image {
            pixels,
            x,
            y,
            losses,
        })
    }

    /// How many pixels it has along x and y.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub(crate) fn shape_of(main: &Main) -> Result<(usize, usize)> {
        let [x, y] = Image::sides_of(main)?;
        Ok((x.len(), y.len()))
    }

    fn sides_of(main: &Main) -> Result<[Dimension; 2]> {
        if main.width() != 1 {
            let width = main.width();
            return Err(wrong(main, &format!("it has {width} columns, not 1")));
        }
        if !matches!(main.element(), Element::Real(_)) {
            let element = main.element();
            let problem = format!("its cells are {element}, not real numbers");
            return Err(wrong(main, &problem));
        }
        sides(main.position_dimensions()?).map_err(|problem| wrong(main, &problem))
    }

    /// The pixel of a position (a row of the main dataset).
    pub fn pixel(&self, position: usize) -> (usize, usize) {
        (position / self.y.len(), position % self.y.len())
    }

    /// The position of a pixel.
    pub fn position(&self, (x, y): (usize, usize)) -> usize {
        x * self.y.len() + y
    }
}

fn wrong(main: &Main, problem: &str) -> Error {
    Error::Format {
        path: main.dataset().filename().into(),
        object: main.path(),
        problem: format!("is no picture: {problem}"),
    }
}

/// The two dimensions of a picture, slow and fast; or why there are none.
fn sides(dimensions: Vec<Dimension>) -> Result<[Dimension; 2], String> {
    if let Ok(two) = <[Dimension; 2]>::try_from(dimensions.clone()) {
        return Ok(two);
    }
    let long: Vec<Dimension> = dimensions.into_iter().filter(|d| d.len() != 1).collect();
    match <[Dimension; 2]>::try_from(long) {
        Ok(two) => Ok(two),
        Err(mut one) if one.len() == 1 => {
            let pixels = one.remove(0).len();
            let side = pixels.isqrt();
            if side * side != pixels {
                return Err(format!(
                    "its {pixels} positions have one dimension and make no square"
                ));
            }
            let indices = || (0..side).map(|k| k as f64).collect();
            Ok(["X", "Y"].map(|name| Dimension::new(name, "pixel", indices())))
        }
        Err(several) => {
            let lengths: Vec<usize> = several.iter().map(Dimension::len).collect();
            Err(format!(
                "its positions have the dimensions {lengths:?}, not two"
            ))
        }
    }
}

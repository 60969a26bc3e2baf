use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use jobwise_hdf5::Error as Stored;
use jobwise_hdf5::element::{Kind, Order};
use ndarray::Array2;

use super::axes::Axes;
use super::{Picture, Which, believable, wrong};
use crate::Result;
use crate::format::{Element, Scalar};

/// What the header of an NPY file says.
#[derive(Debug, PartialEq)]
struct Header {
    scalar: Scalar,
    order: Order,
    is_fortran: bool,
    shape: Vec<usize>,
}

/// Reads an array of real numbers as a picture, or one of a stack.
pub(super) fn read(path: &Path, bytes: u64, which: &Which) -> Result<Picture> {
    let failed = || Stored::io(path);
    let mut file = BufReader::new(File::open(path).map_err(failed())?);
    let mut start = [0; 8];
    file.read_exact(&mut start).map_err(failed())?;
    // From version 2 on, the header's length has four bytes.
    let mut length = [0; 4];
    let digits = if start[6] == 1 { 2 } else { 4 };
    file.read_exact(&mut length[..digits]).map_err(failed())?;
    let length = u64::from(u32::from_le_bytes(length));
    let data = 8 + digits as u64 + length;
    let Some(rest) = bytes.checked_sub(data).filter(|_| length < 1 << 16) else {
        return Err(wrong(
            path,
            "is damaged: its header is longer than the file",
        ));
    };
    let mut header = vec![0; length as usize];
    file.read_exact(&mut header).map_err(failed())?;
    let header = String::from_utf8_lossy(&header);
    let header = parse(&header).map_err(|problem| wrong(path, &problem))?;
    let named = |problem: String| wrong(path, &problem);
    let axes = Axes::of(&header.shape, &[], which.axis).map_err(named)?;
    let place = axes.place(which.page).map_err(named)?;
    let size = header.scalar.size();
    believable(path, axes.picture(), size, rest)?;
    // The array is read from its first number of the picture to the last one.
    let strides = strides(&header).ok_or_else(|| wrong(path, "is larger than a file can be"))?;
    let last = header.shape.iter().zip(&place).zip(&strides).enumerate();
    let reach: u64 = last
        .map(|(axis, ((&extent, &at), stride))| {
            stride * if axes.counts(axis) { at } else { extent - 1 } as u64
        })
        .sum();
    let first: u64 = place
        .iter()
        .zip(&strides)
        .map(|(&at, stride)| at as u64 * stride)
        .sum();
    let span = (reach + 1 - first).saturating_mul(size as u64);
    let skipped = first.saturating_mul(size as u64);
    if skipped.saturating_add(span) > rest {
        return Err(wrong(path, "is shorter than its header says"));
    }
    std::io::copy(&mut file.by_ref().take(skipped), &mut std::io::sink()).map_err(failed())?;
    let mut raw = vec![0; span as usize];
    file.read_exact(&mut raw).map_err(failed())?;
    let [rows, columns] = axes.picture();
    let [down, along] = [axes.rows, axes.columns].map(|axis| strides[axis] as usize * size);
    let mut picked = Vec::with_capacity(rows * columns * size);
    for row in 0..rows {
        for column in 0..columns {
            picked.extend_from_slice(&raw[row * down + column * along..][..size]);
        }
    }
    drop(raw);
    let mut numbers = Vec::with_capacity(rows * columns);
    header.scalar.reorder(header.order, &mut picked);
    let losses = Element::Real(header.scalar).decode(&picked, &mut numbers);
    let pixels = Array2::from_shape_vec((rows, columns), numbers)
        .map_err(|error| wrong(path, &error.to_string()))?;
    let mut picture = Picture::new(pixels, header.scalar);
    picture.losses = losses;
    Ok(picture)
}

/// Numbers from one place of each axis to the next; `None` where the array has more than a number
/// can count.
fn strides(header: &Header) -> Option<Vec<u64>> {
    let axes = header.shape.len();
    let mut strides = vec![1; axes];
    let mut next = 1u64;
    for number in 0..axes {
        let axis = if header.is_fortran {
            number
        } else {
            axes - 1 - number
        };
        strides[axis] = next;
        next = next.checked_mul(header.shape[axis] as u64)?;
    }
    Some(strides)
}

/// Reads the header, a Python dictionary of three entries.
fn parse(header: &str) -> Result<Header, String> {
    let entry = |key: &str| {
        let quoted = [format!("'{key}':"), format!("\"{key}\":")];
        let place = quoted
            .iter()
            .find_map(|key| Some(header.find(key)? + key.len()));
        place
            .map(|place| header[place..].trim_start())
            .ok_or_else(|| format!("is damaged: its header has no {key}"))
    };
    let descr = entry("descr")?;
    let name = descr
        .strip_prefix(['\'', '"'])
        .and_then(|rest| rest.split(['\'', '"']).next())
        .ok_or("holds records, not numbers")?;
    let shape = entry("shape")?
        .strip_prefix('(')
        .and_then(|rest| rest.split(')').next())
        .ok_or("is damaged: its header has no readable shape")?;
    let shape: Result<Vec<usize>, _> = shape
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::parse)
        .collect();
    let (scalar, order) = scalar(name).ok_or_else(|| {
        format!("holds elements of type {name}; readable are real numbers of 1 to 8 bytes")
    })?;
    Ok(Header {
        scalar,
        order,
        is_fortran: entry("fortran_order")?.starts_with("True"),
        shape: shape.map_err(|_| "is damaged: its header has no readable shape")?,
    })
}

/// The number of a type's name, such as `<f4`, and its byte order.
fn scalar(name: &str) -> Option<(Scalar, Order)> {
    let order = match name.chars().next()? {
        '<' | '|' | '=' => Order::Little,
        '>' => Order::Big,
        _ => return None,
    };
    let (class, size) = (name.get(1..2)?, name.get(2..)?.parse().ok()?);
    let scalar = match (class, size) {
        ("f", 2) => Scalar::Half,
        ("b", 1) => Scalar::Of(Kind::U8),
        ("f" | "i" | "u", size) => Scalar::Of(Kind::find(class == "f", class == "u", size)?),
        _ => return None,
    };
    Some((scalar, order))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_numpy_writes_them() {
        let text = "{'descr': '>u2', 'fortran_order': True, 'shape': (3, 4), }          \n";
        let expected = Header {
            scalar: Scalar::Of(Kind::U16),
            order: Order::Big,
            is_fortran: true,
            shape: vec![3, 4],
        };
        assert_eq!(parse(text), Ok(expected));
        for (text, word) in [
            (
                "{'descr': '<c8', 'fortran_order': False, 'shape': (3, 4)}",
                "<c8",
            ),
            (
                "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)}",
                "records",
            ),
            (
                "{'descr': '<f4', 'fortran_order': False, 'shape': (3, -4)}",
                "shape",
            ),
            ("{'descr': '<f4', 'shape': (3, 4)}", "fortran_order"),
            (
                "{'descr': '\u{e9}f4', 'fortran_order': False, 'shape': (3, 4)}",
                "type",
            ),
        ] {
            assert!(parse(text).unwrap_err().contains(word), "{text}");
        }
    }
}

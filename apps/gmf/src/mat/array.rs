use std::io::{self, Read};
use std::path::Path;

use num_complex::Complex;

use super::element::{Order, Tag, kind};
use super::storage::Storage;
use crate::{Error, Result};

/// The most dimensions that MATLAB's own functions handle with ease are far fewer.
const MOST_DIMENSIONS: u32 = 32;

/// Bytes of a name: MATLAB allows 63 characters.
const LONGEST_NAME: u32 = 256;

/// Bytes decoded at once.
const PIECE: usize = 1 << 16;

/// What an array holds in MATLAB, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Text,
    Numbers,
    /// Cells, structures, objects, sparse matrices.
    Other,
}

/// An array of a file, its values still unread.
pub struct Array<'a> {
    path: &'a Path,
    order: Order,
    body: Box<dyn Read + 'a>,
    /// Bytes of the body that are unread.
    left: u64,
    name: String,
    class: Class,
    is_complex: bool,
    dimensions: Vec<u64>,
}

impl<'a> Array<'a> {
    /// Reads the header of an array whose body has `left` bytes.
    pub(super) fn read(
        path: &'a Path,
        order: Order,
        body: Box<dyn Read + 'a>,
        left: u64,
    ) -> Result<Array<'a>> {
        let mut array = Array {
            path,
            order,
            body,
            left,
            name: "an array".to_owned(),
            class: Class::Other,
            is_complex: false,
            dimensions: Vec::new(),
        };
        let flags = array.small(kind::UINT32, 8, "flags")?;
        let [a, b, c, d, ..] = flags[..] else {
            return Err(array.wrong("its flags are cut off"));
        };
        let flags = order.u32([a, b, c, d]);
        array.is_complex = flags & 0x800 != 0;
        array.class = match flags & 0xff {
            4 => Class::Text,
            6..=15 => Class::Numbers,
            _ => Class::Other,
        };
        if array.class == Class::Other {
            return Ok(array);
        }
        let sizes = array.small(kind::INT32, MOST_DIMENSIONS * 4, "dimensions")?;
        let (sizes, rest) = sizes.as_chunks::<4>();
        for &size in sizes {
            let size = i32::try_from(order.u32(size))
                .map_err(|_| array.wrong("a dimension is negative"))?;
            array.dimensions.push(u64::from(size.unsigned_abs()));
        }
        let count = array
            .dimensions
            .iter()
            .try_fold(1u64, |n, &size| n.checked_mul(size));
        if array.dimensions.len() < 2 || !rest.is_empty() || count.is_none() {
            return Err(array.wrong("its dimensions are impossible"));
        }
        let name = array.small(kind::INT8, LONGEST_NAME, "name")?;
        array.name = String::from_utf8_lossy(&name).into_owned();
        Ok(array)
    }

    /// The variable's name; of cells, structures and the like, which are not read further, a
    /// description.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of elements: the product of the dimensions.
    pub fn count(&self) -> u64 {
        // The product was checked when the header was read.
        self.dimensions.iter().product()
    }

    /// Whether all dimensions but one are 1 (or one is 0).
    pub fn is_vector(&self) -> bool {
        self.dimensions.iter().filter(|&&size| size != 1).count() <= 1 || self.count() == 0
    }

    /// The characters of a text, column by column, at most `at_most`.
    ///
    /// # Errors
    /// The array is no text, is longer, or is damaged.
    pub fn text(mut self, at_most: u64) -> Result<String> {
        if self.class != Class::Text {
            return Err(self.wrong("is no text"));
        }
        let count = self.count();
        if count > at_most {
            return Err(self.wrong(format!(
                "is a text of {count} characters, more than {at_most}"
            )));
        }
        let tag = self.tag("characters")?;
        // No character has more than four bytes.
        if u64::from(tag.length) > 4 * count {
            return Err(self.wrong("has more bytes than characters"));
        }
        let bytes = self.data(tag, "characters")?;
        Ok(match tag.kind {
            kind::UINT16 | kind::UTF16 => {
                let units = bytes
                    .as_chunks::<2>()
                    .0
                    .iter()
                    .map(|&[a, b]| match self.order {
                        Order::Little => u16::from_le_bytes([a, b]),
                        Order::Big => u16::from_be_bytes([a, b]),
                    });
                String::from_utf16_lossy(&units.collect::<Vec<_>>())
            }
            kind::UINT8 | kind::INT8 | kind::UTF8 => String::from_utf8_lossy(&bytes).into_owned(),
            other => return Err(self.wrong(format!("has characters stored as type {other}"))),
        })
    }

    /// The values of a real array, column by column: all of them, at most `at_most`.
    ///
    /// # Errors
    /// The array holds no numbers, is complex or longer, or is damaged.
    pub fn numbers(mut self, at_most: usize) -> Result<Vec<f64>> {
        let count = self.count();
        if self.class != Class::Numbers || self.is_complex {
            return Err(self.wrong("is no array of real numbers"));
        }
        if count > at_most as u64 {
            return Err(self.wrong(format!("has {count} values, more than {at_most}")));
        }
        let mut values = Vec::with_capacity(count as usize);
        self.part("values", |_, value| values.push(value))?;
        Ok(values)
    }

    /// The first values of an array, column by column, at most `at_most`: `convert` makes each real
    /// and imaginary part a `T`. MATLAB stores an array without imaginary part where that is zero
    /// throughout, so it is then zero.
    ///
    /// # Errors
    /// The array holds no numbers or is damaged; what lies behind the values that are taken is
    /// checked for its length only.
    pub fn complex<T: Copy + Default>(
        mut self,
        at_most: usize,
        mut convert: impl FnMut(f64) -> T,
    ) -> Result<Vec<Complex<T>>> {
        if self.class != Class::Numbers {
            return Err(self.wrong("is no array of numbers"));
        }
        let mut values = Vec::with_capacity(self.count().min(at_most as u64) as usize);
        self.part("real part", |i, value| {
            if i < at_most {
                values.push(Complex::new(convert(value), T::default()));
            }
        })?;
        if self.is_complex {
            self.part("imaginary part", |i, value| {
                if let Some(z) = values.get_mut(i) {
                    z.im = convert(value);
                }
            })?;
        }
        Ok(values)
    }

    /// Reads one part, which has a number for each element: calls `each` with its place and the
    /// number.
    fn part(&mut self, what: &str, mut each: impl FnMut(usize, f64)) -> Result<()> {
        let tag = self.tag(what)?;
        let Some(storage) = Storage::of(tag.kind) else {
            return Err(self.wrong(format!("its {what} is stored as type {}", tag.kind)));
        };
        let count = self.count();
        if count.checked_mul(storage.size() as u64) != Some(tag.length.into()) {
            return Err(self.wrong(format!(
                "its {what} has {} bytes for {count} numbers of {}",
                tag.length,
                storage.size()
            )));
        }
        if let Some(bytes) = tag.inline {
            let mut at = 0..;
            storage.numbers(self.order, &bytes[..tag.length as usize], |value| {
                at.by_ref().take(1).for_each(|i| each(i, value));
            });
            return Ok(());
        }
        let mut buffer = vec![0; PIECE];
        let (mut left, mut at) = (tag.length as usize, 0);
        while left > 0 {
            let piece = &mut buffer[..left.min(PIECE)];
            self.fill(piece, what)?;
            storage.numbers(self.order, piece, |value| {
                each(at, value);
                at += 1;
            });
            left -= left.min(PIECE);
        }
        self.pass(tag.padding(), what)
    }

    /// A short element that must be of type `wanted`.
    fn small(&mut self, wanted: u32, at_most: u32, what: &str) -> Result<Vec<u8>> {
        let tag = self.tag(what)?;
        if tag.kind != wanted || tag.length > at_most {
            return Err(self.wrong(format!(
                "its {what} are of type {} with {} bytes",
                tag.kind, tag.length
            )));
        }
        self.data(tag, what)
    }

    /// The next tag, its length checked against what is left of the array.
    fn tag(&mut self, what: &str) -> Result<Tag> {
        let tag = Tag::read(&mut self.body, self.order).map_err(|e| self.broken(&e, what))?;
        let tag = tag.ok_or_else(|| self.wrong(format!("ends before its {what}")))?;
        self.left = self.left.saturating_sub(8);
        let fits = match tag.inline {
            Some(_) => tag.length <= 4,
            None => u64::from(tag.length) <= self.left,
        };
        if fits {
            Ok(tag)
        } else {
            Err(self.wrong(format!(
                "its {what} claim {} bytes, but {} are left",
                tag.length, self.left
            )))
        }
    }

    /// The data of an element whose length the caller has bounded.
    fn data(&mut self, tag: Tag, what: &str) -> Result<Vec<u8>> {
        let length = tag.length as usize;
        if let Some(bytes) = tag.inline {
            return Ok(bytes[..length].to_vec());
        }
        let mut data = vec![0; length];
        self.fill(&mut data, what)?;
        self.pass(tag.padding(), what)?;
        Ok(data)
    }

    fn fill(&mut self, buffer: &mut [u8], what: &str) -> Result<()> {
        self.body
            .read_exact(buffer)
            .map_err(|e| self.broken(&e, what))?;
        self.left = self.left.saturating_sub(buffer.len() as u64);
        Ok(())
    }

    /// Passes over padding; the last element of an array may go without.
    fn pass(&mut self, padding: u64, what: &str) -> Result<()> {
        let padding = padding.min(self.left) as usize;
        self.fill(&mut [0; 8][..padding], what)
    }

    fn wrong(&self, problem: impl AsRef<str>) -> Error {
        Error::Format {
            path: self.path.to_path_buf(),
            problem: format!("{}: {}", self.name, problem.as_ref()),
        }
    }

    fn broken(&self, error: &io::Error, what: &str) -> Error {
        self.wrong(match error.kind() {
            io::ErrorKind::UnexpectedEof => format!("the file is cut off within its {what}"),
            _ => format!("the file is damaged within its {what}: {error}"),
        })
    }
}

impl std::fmt::Debug for Array<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Array")
            .field("name", &self.name)
            .field("class", &self.class)
            .field("is_complex", &self.is_complex)
            .field("dimensions", &self.dimensions)
            .finish_non_exhaustive()
    }
}

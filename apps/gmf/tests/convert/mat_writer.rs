//! Writes MATLAB files of version 5, also wrong ones.

use std::io::Write;

use bzip2::write::BzEncoder;
use flate2::write::ZlibEncoder;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Little,
    Big,
}

/// How numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    I8 = 1,
    U8 = 2,
    I16 = 3,
    U16 = 4,
    I32 = 5,
    U32 = 6,
    F32 = 7,
    F64 = 9,
    I64 = 12,
    U64 = 13,
}

pub(crate) const STORAGE: [Stored; 10] = [
    Stored::I8,
    Stored::U8,
    Stored::I16,
    Stored::U16,
    Stored::I32,
    Stored::U32,
    Stored::F32,
    Stored::F64,
    Stored::I64,
    Stored::U64,
];

pub(crate) const CLASS_TEXT: u32 = 4;
pub(crate) const CLASS_DOUBLE: u32 = 6;
const COMPLEX: u32 = 0x800;

pub(crate) struct Mat {
    order: Order,
    pub(crate) bytes: Vec<u8>,
}

impl Mat {
    pub(crate) fn new(order: Order) -> Mat {
        let mut bytes = b"MATLAB 5.0 MAT-file, written by a test".to_vec();
        bytes.resize(124, b' ');
        bytes.extend(match order {
            Order::Little => *b"\x00\x01IM",
            Order::Big => *b"\x01\x00MI",
        });
        Mat { order, bytes }
    }

    pub(crate) fn word(&self, word: u32) -> [u8; 4] {
        match self.order {
            Order::Little => word.to_le_bytes(),
            Order::Big => word.to_be_bytes(),
        }
    }

    /// An element, in the small form where it fits.
    pub(crate) fn element(&self, kind: u32, data: &[u8]) -> Vec<u8> {
        let length = data.len() as u32;
        if (1..=4).contains(&length) {
            let mut element = self.word(length << 16 | kind).to_vec();
            element.extend(data);
            element.resize(8, 0);
            return element;
        }
        let mut element = [self.word(kind), self.word(length)].concat();
        element.extend(data);
        element.resize(element.len().next_multiple_of(8), 0);
        element
    }

    pub(crate) fn numbers(&self, stored: Stored, values: &[f64]) -> Vec<u8> {
        let mut data = Vec::new();
        for &value in values {
            let mut bytes = match stored {
                Stored::I8 => (value as i8).to_le_bytes().to_vec(),
                Stored::U8 => (value as u8).to_le_bytes().to_vec(),
                Stored::I16 => (value as i16).to_le_bytes().to_vec(),
                Stored::U16 => (value as u16).to_le_bytes().to_vec(),
                Stored::I32 => (value as i32).to_le_bytes().to_vec(),
                Stored::U32 => (value as u32).to_le_bytes().to_vec(),
                Stored::F32 => (value as f32).to_le_bytes().to_vec(),
                Stored::F64 => value.to_le_bytes().to_vec(),
                Stored::I64 => (value as i64).to_le_bytes().to_vec(),
                Stored::U64 => (value as u64).to_le_bytes().to_vec(),
            };
            if self.order == Order::Big {
                bytes.reverse();
            }
            data.extend(bytes);
        }
        self.element(stored as u32, &data)
    }

    /// The header of an array: flags, dimensions, name.
    pub(crate) fn header(&self, flags: u32, dimensions: &[u32], name: &str) -> Vec<u8> {
        let sizes: Vec<u8> = dimensions.iter().flat_map(|&n| self.word(n)).collect();
        [
            self.element(6, &[self.word(flags), [0; 4]].concat()),
            self.element(5, &sizes),
            self.element(1, name.as_bytes()),
        ]
        .concat()
    }

    /// Appends an array that consists of these bytes.
    pub(crate) fn array(mut self, body: &[u8]) -> Mat {
        let tag = [self.word(14), self.word(body.len() as u32)].concat();
        self.bytes.extend(tag);
        self.bytes.extend(body);
        self
    }

    pub(crate) fn real(self, name: &str, stored: Stored, values: &[f64]) -> Mat {
        let mut body = self.header(CLASS_DOUBLE, &[1, values.len() as u32], name);
        body.extend(self.numbers(stored, values));
        self.array(&body)
    }

    /// A column of complex numbers.
    pub(crate) fn complex(self, name: &str, stored: Stored, values: &[(f64, f64)]) -> Mat {
        let mut body = self.header(CLASS_DOUBLE | COMPLEX, &[values.len() as u32, 1], name);
        let (re, im): (Vec<f64>, Vec<f64>) = values.iter().copied().unzip();
        body.extend(self.numbers(stored, &re));
        body.extend(self.numbers(stored, &im));
        self.array(&body)
    }

    /// A text stored as units of 16 bits.
    pub(crate) fn text(self, name: &str, text: &str) -> Mat {
        let units: Vec<f64> = text.encode_utf16().map(f64::from).collect();
        let mut body = self.header(CLASS_TEXT, &[1, units.len() as u32], name);
        body.extend(self.numbers(Stored::U16, &units));
        self.array(&body)
    }

    /// The same with every array deflated.
    pub(crate) fn deflated(&self) -> Mat {
        let mut mat = Mat::new(self.order);
        let mut rest = &self.bytes[128..];
        while !rest.is_empty() {
            let length = [rest[4], rest[5], rest[6], rest[7]];
            let length = 8 + match self.order {
                Order::Little => u32::from_le_bytes(length),
                Order::Big => u32::from_be_bytes(length),
            } as usize;
            let (array, after) = rest.split_at(length);
            mat = mat.element_deflated(array);
            rest = after;
        }
        mat
    }

    pub(crate) fn element_deflated(mut self, content: &[u8]) -> Mat {
        let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        let data = encoder.finish().unwrap();
        let tag = [self.word(15), self.word(data.len() as u32)].concat();
        self.bytes.extend(tag);
        self.bytes.extend(data);
        self
    }
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

//! Heads of netCDF files in the classic format with offsets of 64 bits (CDF-2): big-endian, lists
//! of dimensions, attributes and variables, then the values of one variable after the other.

/// A value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(f64),
    Float(f32),
    Integer(i32),
    Bytes(Vec<i8>),
}

/// A name and a value.
pub(super) type Attribute = (&'static str, Value);

/// What the numbers of a variable are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Byte,
    Integer,
    Float,
    Double,
}

pub(super) struct Variable {
    pub(super) name: &'static str,
    /// Places in the list of dimensions.
    pub(super) dimensions: Vec<usize>,
    pub(super) kind: Kind,
    pub(super) attributes: Vec<Attribute>,
}

pub(super) struct Head {
    pub(super) dimensions: Vec<(&'static str, usize)>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) variables: Vec<Variable>,
}

impl Kind {
    pub(super) fn bytes(self) -> usize {
        match self {
            Kind::Byte => 1,
            Kind::Integer | Kind::Float => 4,
            Kind::Double => 8,
        }
    }

    fn code(self) -> u32 {
        match self {
            Kind::Byte => 1,
            Kind::Integer => 4,
            Kind::Float => 5,
            Kind::Double => 6,
        }
    }
}

/// Codes of lists, and of text.
const DIMENSIONS: u32 = 10;
const VARIABLES: u32 = 11;
const ATTRIBUTES: u32 = 12;
const TEXT: u32 = 2;

impl Head {
    /// The bytes of the head, where the values of each variable begin, and where the file ends.
    pub(super) fn encode(&self) -> (Vec<u8>, Vec<u64>, u64) {
        let length = self.bytes(&vec![0; self.variables.len()]).len() as u64;
        let mut next = length;
        let begins: Vec<u64> = self
            .variables
            .iter()
            .map(|variable| {
                let begin = next;
                next += self.size(variable).next_multiple_of(4);
                begin
            })
            .collect();
        (self.bytes(&begins), begins, next)
    }

    /// Bytes of the values of a variable.
    fn size(&self, variable: &Variable) -> u64 {
        let extents = variable
            .dimensions
            .iter()
            .map(|place| self.dimensions[*place].1 as u64);
        extents.product::<u64>() * variable.kind.bytes() as u64
    }

    fn bytes(&self, begins: &[u64]) -> Vec<u8> {
        let mut out = b"CDF\x02\0\0\0\0".to_vec();
        list(&mut out, DIMENSIONS, self.dimensions.len());
        for (dimension, extent) in &self.dimensions {
            name(&mut out, dimension);
            word(&mut out, *extent as u32);
        }
        attributes(&mut out, &self.attributes);
        list(&mut out, VARIABLES, self.variables.len());
        for (variable, begin) in self.variables.iter().zip(begins) {
            name(&mut out, variable.name);
            word(&mut out, variable.dimensions.len() as u32);
            for place in &variable.dimensions {
                word(&mut out, *place as u32);
            }
            attributes(&mut out, &variable.attributes);
            word(&mut out, variable.kind.code());
            // Larger ones have this word, and readers compute it themselves.
            let size = self.size(variable).next_multiple_of(4);
            word(&mut out, u32::try_from(size).unwrap_or(u32::MAX));
            out.extend(begin.to_be_bytes());
        }
        out
    }
}

fn word(out: &mut Vec<u8>, number: u32) {
    out.extend(number.to_be_bytes());
}

/// The begin of a list; an empty one is two zeros.
fn list(out: &mut Vec<u8>, code: u32, count: usize) {
    word(out, if count == 0 { 0 } else { code });
    word(out, count as u32);
}

fn name(out: &mut Vec<u8>, text: &str) {
    word(out, text.len() as u32);
    padded(out, text.as_bytes());
}

fn padded(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(bytes);
    out.resize(out.len() + bytes.len().next_multiple_of(4) - bytes.len(), 0);
}

fn attributes(out: &mut Vec<u8>, all: &[Attribute]) {
    list(out, ATTRIBUTES, all.len());
    for (key, value) in all {
        name(out, key);
        let (code, count, bytes) = match value {
            Value::Text(text) => (TEXT, text.len(), text.as_bytes().to_vec()),
            Value::Number(x) => (Kind::Double.code(), 1, x.to_be_bytes().to_vec()),
            Value::Float(x) => (Kind::Float.code(), 1, x.to_be_bytes().to_vec()),
            Value::Integer(x) => (Kind::Integer.code(), 1, x.to_be_bytes().to_vec()),
            Value::Bytes(all) => {
                let bytes = all.iter().map(|x| *x as u8);
                (Kind::Byte.code(), all.len(), bytes.collect())
            }
        };
        word(out, code);
        word(out, count as u32);
        padded(out, &bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_laid_out_as_the_format_says() {
        let head = Head {
            dimensions: vec![("n", 3)],
            attributes: vec![("a", Value::Text("hello".into()))],
            variables: vec![
                Variable {
                    name: "byte",
                    dimensions: vec![0],
                    kind: Kind::Byte,
                    attributes: Vec::new(),
                },
                Variable {
                    name: "x",
                    dimensions: vec![0],
                    kind: Kind::Double,
                    attributes: Vec::new(),
                },
            ],
        };
        let (bytes, begins, end) = head.encode();
        assert_eq!(bytes[..8], *b"CDF\x02\0\0\0\0");
        // dimensions: 8 + 8 + 4; attributes: 8 + 8 + 8 + 8; variables: 8, 8 + 4 + 4 + 8 + 4 + 4 + 8
        // each, names of 4 bytes.
        assert_eq!(bytes.len(), 8 + 20 + 32 + 8 + 2 * 40);
        let length = bytes.len() as u64;
        assert_eq!(begins, [length, length + 4]);
        assert_eq!(end, length + 28);
    }
}

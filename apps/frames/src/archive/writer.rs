use super::pointer::{DECLARED, NEW};
use super::{Element, Pointer};

/// Writes an archive into memory, lowest bytes first.
#[derive(Clone, Debug)]
pub struct Writer {
    out: Vec<u8>,
    versions: Vec<&'static str>,
    names: Vec<Vec<u8>>,
}

impl Default for Writer {
    fn default() -> Self {
        Writer::new()
    }
}

impl Writer {
    /// An archive with nothing but its order of bytes.
    pub fn new() -> Writer {
        Writer {
            out: vec![1],
            versions: Vec::new(),
            names: Vec::new(),
        }
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// A number.
    pub fn number<T: Element>(&mut self, number: T) {
        // The widest number is a quaternion.
        let mut bytes = [0; 32];
        number.store(&mut bytes[..T::WIDTH]);
        self.out.extend_from_slice(&bytes[..T::WIDTH]);
    }

    /// A count of 64 bits.
    pub fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    /// The bytes of a text, with their number in front.
    pub fn text(&mut self, text: &[u8]) {
        self.count(text.len());
        self.bytes(text);
    }

    /// Numbers, without their count.
    pub fn numbers<T: Element>(&mut self, numbers: impl ExactSizeIterator<Item = T>) {
        let start = self.out.len();
        self.out.resize(start + numbers.len() * T::WIDTH, 0);
        let places = self.out[start..].chunks_exact_mut(T::WIDTH);
        for (place, number) in places.zip(numbers) {
            number.store(place);
        }
    }

    /// A vector of numbers, with their count in front.
    pub fn vector<T: Element>(&mut self, numbers: &[T]) {
        self.count(numbers.len());
        self.numbers(numbers.iter().copied());
    }

    /// The version of a class, where it occurs first.
    pub fn version(&mut self, class: &'static str, version: u32) {
        if !self.versions.contains(&class) {
            self.versions.push(class);
            self.number(version);
        }
    }

    /// A pointer. The object that a new one points to is to follow.
    ///
    /// # Panics
    /// The number of an object is 0, or has its highest bit set: such cannot be counted to.
    pub fn pointer(&mut self, pointer: Pointer<'_>) {
        let (class, id, mark) = match pointer {
            Pointer::Null => return self.number(0u32),
            Pointer::New { class, id } => (class, id, NEW),
            Pointer::Known { class, id } => (class, id, 0),
        };
        assert!(id != 0 && id & NEW == 0, "the number of an object is {id}");
        match class {
            None => self.number(DECLARED),
            Some(class) => self.class(class),
        }
        self.number(id | mark);
    }

    fn class(&mut self, class: &[u8]) {
        let known = self.names.iter().position(|name| name == class);
        if let Some(index) = known {
            self.number(index as u32 + 1);
        } else {
            self.names.push(class.to_vec());
            self.number(self.names.len() as u32 | NEW);
            self.text(class);
        }
    }
}

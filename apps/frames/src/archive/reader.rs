use super::pointer::{DECLARED, NEW};
use super::{Element, Error, Pointer, Problem, Result};

/// Reads an archive from memory.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    is_big: bool,
    versions: Vec<(&'static str, u32)>,
    names: Vec<&'a [u8]>,
    objects: u32,
}

impl<'a> Reader<'a> {
    /// An archive that begins with its order of bytes. What follows it is not looked at.
    ///
    /// # Errors
    /// When `bytes` are empty, or the first one is neither 0 nor 1.
    pub fn new(bytes: &'a [u8]) -> Result<Reader<'a>> {
        let mut reader = Reader {
            bytes,
            at: 0,
            is_big: false,
            versions: Vec::new(),
            names: Vec::new(),
            objects: 0,
        };
        match reader.number::<u8>()? {
            0 => reader.is_big = true,
            1 => {}
            other => {
                return Err(Error {
                    at: 0,
                    problem: Problem::Order(other),
                });
            }
        }
        Ok(reader)
    }

    /// How many bytes have been read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// An error at this place.
    pub fn error(&self, problem: Problem) -> Error {
        let at = self.at;
        Error { at, problem }
    }

    /// An error at this place about a value.
    pub fn refuse(&self, problem: impl Into<String>) -> Error {
        self.error(Problem::Value(problem.into()))
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// When so many are not left.
    pub fn bytes(&mut self, count: u64) -> Result<&'a [u8]> {
        let left = self.left();
        if count > left as u64 {
            return Err(self.error(Problem::End {
                wanted: count,
                left,
            }));
        }
        let start = self.at;
        self.at += count as usize;
        Ok(&self.bytes[start..self.at])
    }

    /// A number.
    ///
    /// # Errors
    /// When its bytes are not left.
    pub fn number<T: Element>(&mut self) -> Result<T> {
        let bytes = self.bytes(T::WIDTH as u64)?;
        Ok(if self.is_big {
            T::from_big(bytes)
        } else {
            T::from_little(bytes)
        })
    }

    /// A count of things, each of which takes at least `least` bytes.
    ///
    /// # Errors
    /// When so many cannot be left.
    pub fn count(&mut self, least: usize) -> Result<usize> {
        let count = self.number::<u64>()?;
        self.check(count, least)
    }

    /// The same for a count of 32 bits.
    ///
    /// # Errors
    /// When so many cannot be left.
    pub fn short_count(&mut self, least: usize) -> Result<usize> {
        let count = self.number::<u32>()?;
        self.check(u64::from(count), least)
    }

    fn check(&self, count: u64, least: usize) -> Result<usize> {
        let left = self.left();
        if count > (left / least.max(1)) as u64 {
            return Err(self.error(Problem::Count { count, left }));
        }
        Ok(count as usize)
    }

    /// The bytes of a text, with their number in front.
    ///
    /// # Errors
    /// When they are not left.
    pub fn text(&mut self) -> Result<&'a [u8]> {
        let length = self.number::<u64>()?;
        self.bytes(length)
    }

    /// `count` numbers, whose count was read before.
    ///
    /// # Errors
    /// When so many are not left.
    pub fn numbers<T: Element>(&mut self, count: usize) -> Result<Vec<T>> {
        let width = (count as u64).saturating_mul(T::WIDTH as u64);
        let pieces = self.bytes(width)?.chunks_exact(T::WIDTH);
        Ok(if self.is_big {
            pieces.map(T::from_big).collect()
        } else {
            pieces.map(T::from_little).collect()
        })
    }

    /// A vector of numbers, with their count in front.
    ///
    /// # Errors
    /// When they are not left.
    pub fn vector<T: Element>(&mut self) -> Result<Vec<T>> {
        let count = self.count(T::WIDTH)?;
        self.numbers(count)
    }

    /// The version of a class in this archive: a number where the class occurs first, and the same
    /// from then on.
    ///
    /// # Errors
    /// When it is not one of `oldest` to `newest`.
    pub fn version(&mut self, class: &'static str, oldest: u32, newest: u32) -> Result<u32> {
        if let Some(version) = self.version_of(class) {
            return Ok(version);
        }
        let at = self.at;
        let found = self.number::<u32>()?;
        if !(oldest..=newest).contains(&found) {
            let problem = Problem::Version {
                class,
                found,
                oldest,
                newest,
            };
            return Err(Error { at, problem });
        }
        self.versions.push((class, found));
        Ok(found)
    }

    /// The version of a class that occurred before.
    pub fn version_of(&self, class: &str) -> Option<u32> {
        let found = self.versions.iter().find(|(name, _)| *name == class);
        found.map(|(_, version)| *version)
    }

    /// The versions of all classes so far, in the order in which they occurred.
    pub fn versions(&self) -> &[(&'static str, u32)] {
        &self.versions
    }

    /// A pointer; an object that is new follows it.
    ///
    /// # Errors
    /// When its bytes are not left, or its numbers are none that can be.
    pub fn pointer(&mut self) -> Result<Pointer<'a>> {
        let name = self.number::<u32>()?;
        let class = match name {
            0 => return Ok(Pointer::Null),
            DECLARED => None,
            _ => Some(self.class(name)?),
        };
        let id = self.number::<u32>()?;
        let number = id & !NEW;
        let count = self.objects as usize;
        if id == 0 {
            return Ok(Pointer::Null);
        }
        let is_new = id & NEW != 0;
        let what = "object";
        if is_new && number as usize == count + 1 {
            self.objects += 1;
            Ok(Pointer::New { class, id: number })
        } else if !is_new && number as usize <= count {
            Ok(Pointer::Known { class, id: number })
        } else {
            let id = number;
            Err(self.error(Problem::Pointer { what, id, count }))
        }
    }

    fn class(&mut self, name: u32) -> Result<&'a [u8]> {
        let id = name & !NEW;
        let (what, count) = ("class", self.names.len());
        if name & NEW != 0 && id as usize == count + 1 {
            let class = self.text()?;
            self.names.push(class);
            return Ok(class);
        }
        let known = self.names.get((name as usize).wrapping_sub(1));
        known
            .copied()
            .ok_or_else(|| self.error(Problem::Pointer { what, id, count }))
    }
}

use super::Message;
use crate::{Error, Result};

/// A value that travels between ranks: fixed little-endian layout, no padding.
pub trait Wire: Sized {
    /// Appends this value to `out`.
    fn put(&self, out: &mut Vec<u8>);

    /// Appends this value to `out` for a rank of the same node: what both see there, a file for
    /// example, need not travel.
    fn put_near(&self, out: &mut Vec<u8>) {
        self.put(out);
    }

    /// Takes a value off the front of `input`.
    ///
    /// # Errors
    /// [`Error::Malformed`] when `input` does not start with such a value.
    fn take(input: &mut &[u8]) -> Result<Self>;

    /// Takes a value off the front of a message that arrived, of which it may keep a part where
    /// [`take`](Wire::take) copies.
    ///
    /// # Errors
    /// As [`take`](Wire::take).
    fn take_message(input: &mut Message) -> Result<Self> {
        let mut rest = input.as_ref();
        let before = rest.len();
        let value = Self::take(&mut rest)?;
        let taken = before - rest.len();
        input.split_to(taken);
        Ok(value)
    }

    /// This value alone.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.put(&mut out);
        out
    }

    /// The value that is all of `bytes`.
    ///
    /// # Errors
    /// [`Error::Malformed`] when `bytes` is anything else.
    fn from_bytes(mut bytes: &[u8]) -> Result<Self> {
        let value = Self::take(&mut bytes)?;
        if bytes.is_empty() {
            Ok(value)
        } else {
            Err(Error::Malformed(format!("{} bytes too many", bytes.len())))
        }
    }
}

macro_rules! numbers {
    ($($number:ty)*) => { $(
        impl Wire for $number {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn take(input: &mut &[u8]) -> Result<Self> {
                let short = || Error::Malformed(concat!("too short \
                    for ", stringify!($number)).to_owned());
                let (head, tail) = input.split_first_chunk().ok_or_else(short)?;
                *input = tail;
                Ok(<$number>::from_le_bytes(*head))
            }
        }
    )* };
}
numbers!(u8 i32 u32 i64 u64 f32 f64);

impl Wire for usize {
    fn put(&self, out: &mut Vec<u8>) {
        (*self as u64).put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        let wide = u64::take(input)?;
        usize::try_from(wide).map_err(|_| Error::Malformed(format!("{wide} is no index here")))
    }
}

/// Nothing to tell.
impl Wire for () {
    fn put(&self, _: &mut Vec<u8>) {}

    fn take(_: &mut &[u8]) -> Result<Self> {
        Ok(())
    }
}

impl Wire for bool {
    fn put(&self, out: &mut Vec<u8>) {
        u8::from(*self).put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        match u8::take(input)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Error::Malformed(format!("{other} is no truth value"))),
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        for element in self {
            element.put(out);
        }
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        let len = usize::take(input)?;
        // No value is longer than its bytes, except the empty ones: a hostile length allocates
        // nothing.
        let mut elements = Vec::with_capacity(len.min(input.len()));
        for _ in 0..len {
            elements.push(T::take(input)?);
        }
        Ok(elements)
    }
}

impl Wire for String {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        out.extend_from_slice(self.as_bytes());
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        String::from_utf8(Vec::take(input)?).map_err(|e| Error::Malformed(e.to_string()))
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        Ok(if bool::take(input)? {
            Some(T::take(input)?)
        } else {
            None
        })
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        Ok((A::take(input)?, B::take(input)?))
    }
}

impl<A: Wire, B: Wire, C: Wire> Wire for (A, B, C) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
        self.2.put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        Ok((A::take(input)?, B::take(input)?, C::take(input)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_the_trip() {
        let value = (
            vec![Some(1.5f64), None],
            "rank \u{2264} 4".to_owned(),
            vec![(1u8, true), (2, false)],
        );
        assert_eq!(Wire::from_bytes(&value.to_bytes()).ok(), Some(value));
    }

    #[test]
    fn hostile_bytes_are_errors() {
        assert!(Vec::<f64>::from_bytes(&u64::MAX.to_bytes()).is_err());
        assert!(bool::from_bytes(&[2]).is_err());
        assert!(u8::from_bytes(&[1, 2]).is_err());
        assert!(String::from_bytes(&vec![0xffu8].to_bytes()).is_err());
    }
}

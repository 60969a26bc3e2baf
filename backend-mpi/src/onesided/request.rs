use std::sync::atomic::{AtomicU64, Ordering};

use jobwise_core::{Error, Result, Wire};

/// What a rank asks for: one operation on one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// Which of the group's words, by the order in which they were made.
    pub(super) words: u64,
    pub(super) at: usize,
    pub(super) operation: Operation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// Wraps around. An addition of nothing reads.
    Add(u64),
    Replace {
        expected: u64,
        new: u64,
    },
}

impl Operation {
    /// The value before.
    pub(super) fn on(self, word: &AtomicU64) -> u64 {
        match self {
            Operation::Add(0) => word.load(Ordering::SeqCst),
            Operation::Add(n) => word.fetch_add(n, Ordering::SeqCst),
            Operation::Replace { expected, new } => word
                .compare_exchange(expected, new, Ordering::SeqCst, Ordering::SeqCst)
                .unwrap_or_else(|before| before),
        }
    }
}

impl Wire for Request {
    fn put(&self, out: &mut Vec<u8>) {
        (self.words, self.at).put(out);
        match self.operation {
            Operation::Add(n) => (0u8, n).put(out),
            Operation::Replace { expected, new } => {
                (1u8, expected).put(out);
                new.put(out);
            }
        }
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        let (words, at) = Wire::take(input)?;
        let (kind, value) = <(u8, u64)>::take(input)?;
        let operation = match kind {
            0 => Operation::Add(value),
            1 => Operation::Replace {
                expected: value,
                new: u64::take(input)?,
            },
            other => return Err(Error::Malformed(format!("operation {other} on a word"))),
        };
        Ok(Request {
            words,
            at,
            operation,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_returns_the_value_before() {
        let word = AtomicU64::new(5);
        let replace = |expected, new| Operation::Replace { expected, new };
        for (operation, before, after) in [
            (Operation::Add(0), 5, 5),
            (Operation::Add(2), 5, 7),
            (replace(5, 1), 7, 7),
            (replace(7, u64::MAX), 7, u64::MAX),
            (Operation::Add(3), u64::MAX, 2),
        ] {
            assert_eq!(operation.on(&word), before, "{operation:?}");
            assert_eq!(word.load(Ordering::SeqCst), after, "{operation:?}");
        }
    }

    #[test]
    fn a_request_travels_and_no_other_bytes_are_one() {
        for operation in [
            Operation::Add(u64::MAX),
            Operation::Replace {
                expected: 1,
                new: 2,
            },
        ] {
            let request = Request {
                words: 3,
                at: 4,
                operation,
            };
            let bytes = request.to_bytes();
            assert_eq!(Request::from_bytes(&bytes).unwrap(), request);
            assert!(Request::from_bytes(&bytes[1..]).is_err());
        }
        let mut other = Request {
            words: 0,
            at: 0,
            operation: Operation::Add(0),
        }
        .to_bytes();
        other[16] = 9;
        let error = Request::from_bytes(&other).unwrap_err().to_string();
        assert!(error.contains("operation 9"), "{error}");
    }
}

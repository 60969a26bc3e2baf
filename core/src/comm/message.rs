use std::sync::Arc;

/// The bytes of a message that arrived, or a part of them. Parts share the memory of the whole.
#[derive(Clone, Debug)]
pub struct Message {
    bytes: Arc<Vec<u8>>,
    start: usize,
    end: usize,
}

impl Message {
    /// All of it.
    pub fn new(bytes: Vec<u8>) -> Message {
        Message {
            start: 0,
            end: bytes.len(),
            bytes: Arc::new(bytes),
        }
    }

    /// Takes so many bytes off the front; `None` when there are fewer.
    pub fn split_to(&mut self, len: usize) -> Option<Message> {
        let at = self.start.checked_add(len).filter(|at| *at <= self.end)?;
        let front = Message {
            bytes: Arc::clone(&self.bytes),
            start: self.start,
            end: at,
        };
        self.start = at;
        Some(front)
    }
}

impl AsRef<[u8]> for Message {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Wire;

    #[test]
    fn parts_are_taken_off_the_front() {
        let mut message = Message::new((7u64, vec![1u8, 2]).to_bytes());
        assert!(message.split_to(usize::MAX).is_none() && message.split_to(99).is_none());
        assert_eq!(u64::take_message(&mut message).ok(), Some(7));
        let mut rest = message.split_to(10).unwrap();
        assert!(message.as_ref().is_empty());
        assert_eq!(Vec::<u8>::take_message(&mut rest).ok(), Some(vec![1, 2]));
        assert!(u8::take_message(&mut rest).is_err());
    }
}

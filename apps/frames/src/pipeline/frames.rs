use crate::frame::Frame;

/// What a module puts out, in its order.
#[derive(Debug, Default)]
pub struct Frames(Vec<Frame>);

impl Frames {
    /// Puts a frame out.
    pub fn push(&mut self, frame: Frame) {
        self.0.push(frame);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one that was put out last.
    pub fn last(&self) -> Option<&Frame> {
        self.0.last()
    }
}

impl IntoIterator for Frames {
    type Item = Frame;
    type IntoIter = std::vec::IntoIter<Frame>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Extend<Frame> for Frames {
    fn extend<T: IntoIterator<Item = Frame>>(&mut self, frames: T) {
        self.0.extend(frames);
    }
}

use std::ffi::OsStr;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;

use jobwise_core::{Cluster, Comm, Result};
use jobwise_shared::{Patch, SharedArray};
use ndarray::ArrayView1;

/// A list of byte strings (names of tasks, say) of which each node has one copy: a million of them
/// are on every rank at hand and on none a second time.
pub struct Names<'c> {
    /// Where each ends.
    ends: SharedArray<'c, u64>,
    bytes: SharedArray<'c, u8>,
}

impl<'c> Names<'c> {
    /// The list that rank 0 brings; what others bring is not looked at. Collective.
    ///
    /// # Errors
    /// On every rank: when a node has not so much memory, or a rank is gone.
    pub fn share<N: AsRef<OsStr>>(
        comm: &'c dyn Cluster,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Names<'c>> {
        let (mut ends, mut bytes) = (Vec::new(), Vec::new());
        if comm.rank() == 0 {
            for name in names {
                bytes.extend_from_slice(name.as_ref().as_bytes());
                ends.push(bytes.len() as u64);
            }
        }
        let lengths = (comm as &dyn Comm).broadcast_value(Some((ends.len(), bytes.len())))?;
        Ok(Names {
            ends: shared(comm, lengths.0, &ends)?,
            bytes: shared(comm, lengths.1, &bytes)?,
        })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One of them. Not collective.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn get(&self, place: usize) -> &OsStr {
        OsStr::from_bytes(&self.bytes.as_slice()[self.range(place)])
    }

    /// All of them, in order. Not collective.
    pub fn iter(&self) -> impl Iterator<Item = &OsStr> {
        (0..self.len()).map(|place| self.get(place))
    }

    fn range(&self, place: usize) -> Range<usize> {
        let ends = self.ends.as_slice();
        let begin = place.checked_sub(1).map_or(0, |before| ends[before]);
        begin as usize..ends[place] as usize
    }
}

impl std::fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Names({})", self.len())
    }
}

/// What rank 0 has, on every node.
fn shared<'c, T: bytemuck::Pod>(
    comm: &'c dyn Cluster,
    length: usize,
    own: &[T],
) -> Result<SharedArray<'c, T>> {
    let mut array = SharedArray::new(comm, &[length])?;
    if length > 0 {
        array.set(
            0,
            (comm.rank() == 0).then(|| Patch::new(ArrayView1::from(own))),
        )?;
    }
    Ok(array)
}

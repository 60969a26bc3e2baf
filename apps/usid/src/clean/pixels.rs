use std::fmt;

use jobwise_core::{Cluster, Result};
use jobwise_shared::{Patch, SharedArray};
use ndarray::{Array2, ArrayView2};

/// The pixels of an image that many ranks clean: every node holds them once.
pub enum Pixels<'c> {
    /// Of a rank alone.
    Own(Array2<f32>),
    /// Of the ranks of each node together.
    Shared {
        /// Two axes.
        pixels: SharedArray<'c, f32>,
        /// Their extents.
        shape: (usize, usize),
    },
}

impl<'c> Pixels<'c> {
    /// Rank 0 brings them, all of this shape. Collective.
    ///
    /// # Errors
    /// As [`SharedArray::new`] and [`SharedArray::set`].
    pub(super) fn of_root(
        image: Option<Array2<f32>>,
        shape: (usize, usize),
        cluster: &'c dyn Cluster,
    ) -> Result<Pixels<'c>> {
        match image {
            Some(image) if cluster.size() == 1 => Ok(Pixels::Own(image)),
            image => {
                let mut pixels = SharedArray::new(cluster, &[shape.0, shape.1])?;
                let image = image.as_ref().map(|image| Patch::new(image.view()));
                pixels.set(0, image)?;
                Ok(Pixels::Shared { pixels, shape })
            }
        }
    }

    /// Rows of columns, in C order.
    ///
    /// # Panics
    /// Never: the shape is that of the array.
    pub fn view(&self) -> ArrayView2<'_, f32> {
        match self {
            Pixels::Own(image) => image.view(),
            Pixels::Shared { pixels, shape } => ArrayView2::from_shape(*shape, pixels.as_slice())
                .expect("as many pixels as the shape says"),
        }
    }
}

impl fmt::Debug for Pixels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pixels{:?}", self.view().dim())
    }
}

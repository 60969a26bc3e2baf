// Only what is inlined into a function compiled for a level is compiled for that level.
#![allow(clippy::inline_always)]

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::FrequencyDomain;
use super::floats::dispatch;
use super::frequency::{Workspace, weigh};
use super::lanes::Lanes;

impl FrequencyDomain {
    /// The number of nodes of all frequencies.
    pub(crate) fn nodes(&self) -> usize {
        self.square.len()
    }

    /// Arrays of a number per node, one after the other: `l^2 - omega^2 mu_0 eps_0`, then the real
    /// and the imaginary parts of `u_0`, of what falls with the height, and of the weights at
    /// height 0.
    pub(crate) fn tables(&self) -> Vec<f64> {
        let pairs = [&self.air, &self.decay, &self.weight];
        let parts = pairs.into_iter().flatten();
        let arrays = std::iter::once(&self.square).chain(parts);
        arrays.flat_map(|array| array.iter().copied()).collect()
    }

    /// `omega mu_0` of each frequency.
    pub(crate) fn omega_mu(&self) -> Vec<f64> {
        let channels = self.channels.iter();
        channels.map(|channel| channel.omega_mu).collect()
    }

    /// The nodes of each frequency that matter at this height in m and above it.
    pub(crate) fn nodes_at(&self, height: f64) -> Vec<Range<usize>> {
        let mut workspace = self.workspace(1);
        let weighing = Weighing {
            system: self,
            height,
            workspace: &mut workspace,
        };
        dispatch(self.arch, weighing);
        workspace.nodes
    }
}

/// The weights at a height, for whatever vectors there are.
struct Weighing<'a> {
    system: &'a FrequencyDomain,
    height: f64,
    workspace: &'a mut Workspace,
}

impl WithSimd for Weighing<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        weigh(Lanes(simd), self.system, self.height, self.workspace);
    }
}

use hdf5::Group;
use jobwise_core::{Backend, Cancel, Cpu, Result};
#[cfg(feature = "cuda")]
use jobwise_kit::Choice;

use super::Recipe;
use crate::error::engine_error;
use crate::format::Main;

/// What a recipe is prepared on; what it becomes is computed on the host of it.
pub(super) trait Machine<R: Recipe> {
    /// Processors.
    type Host: Backend<Device = Cpu>;

    /// The host, with its ranks.
    fn host(&self) -> &Self::Host;

    /// Collective.
    fn prepare<'s>(
        &self,
        recipe: &R,
        on: (&Main, &'s R::Common<'_>),
        earlier: Option<&Group>,
        cancel: &Cancel,
    ) -> Result<R::Process<'s>>;

    /// How it would be computed, in whole lines.
    fn plan(&self, recipe: &R, source: &Main) -> Result<String>;
}

/// A host alone.
pub(super) struct Host<'b, B>(pub(super) &'b B);

impl<R: Recipe, B: Backend<Device = Cpu>> Machine<R> for Host<'_, B> {
    type Host = B;

    fn host(&self) -> &B {
        self.0
    }

    fn prepare<'s>(
        &self,
        recipe: &R,
        on: (&Main, &'s R::Common<'_>),
        earlier: Option<&Group>,
        cancel: &Cancel,
    ) -> Result<R::Process<'s>> {
        recipe.prepare(on, earlier, self.0, cancel)
    }

    fn plan(&self, recipe: &R, source: &Main) -> Result<String> {
        recipe.plan(source).map_err(engine_error)
    }
}

/// CUDA devices, and a host beside them.
#[cfg(feature = "cuda")]
pub(super) struct WithDevices<'b, H, B> {
    pub(super) host: H,
    pub(super) devices: &'b B,
    /// For plans.
    pub(super) choice: Option<&'b Choice>,
}

#[cfg(feature = "cuda")]
impl<R, H, B> Machine<R> for WithDevices<'_, H, B>
where
    R: Recipe,
    H: Backend<Device = Cpu>,
    B: Backend<Device = jobwise_cuda::Cuda>,
{
    type Host = H;

    fn host(&self) -> &H {
        &self.host
    }

    fn prepare<'s>(
        &self,
        recipe: &R,
        on: (&Main, &'s R::Common<'_>),
        earlier: Option<&Group>,
        cancel: &Cancel,
    ) -> Result<R::Process<'s>> {
        recipe.prepare_on_cuda(on, earlier, (&self.host, self.devices), cancel)
    }

    fn plan(&self, recipe: &R, source: &Main) -> Result<String> {
        recipe.plan_on_cuda(source, self.choice)
    }
}

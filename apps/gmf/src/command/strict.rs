use std::sync::Arc;

use clap::Args;
use jobwise_kit::Inputs;

/// What happens to inputs that cannot be used.
#[derive(Args, Clone, Debug)]
pub(crate) struct Strict {
    /// Refuse files that cannot be used (status 1); without it each costs its own samples, is
    /// named, and the status is 3
    #[arg(long)]
    strict: bool,
}

impl Strict {
    /// The inputs of a run.
    pub(crate) fn inputs(&self) -> Arc<Inputs> {
        Arc::new(Inputs::new(self.strict))
    }
}

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::depths::Depths;

/// All options. Lengths are in m, conductivities in S/m; variances of errors are of their natural
/// logarithms.
#[derive(Clone, Debug, PartialEq)]
// Each option that is a truth value is one in the files too.
#[allow(clippy::struct_excessive_bools)]
pub struct Options {
    /// Where the data and the systems lie.
    pub data_directory: PathBuf,
    /// What the data are.
    pub data_type: DataType,
    /// The file of the data, in the directory.
    pub data_filename: String,
    /// The files of the systems, in the directory; at least one.
    pub system_filename: Vec<String>,

    /// How chains are made.
    pub mode: Mode,
    /// Which derivatives proposals are made from.
    pub jacobian: Jacobian,
    /// Iterations that are kept, after burn-in.
    pub n_markov_chains: u64,
    /// Iterations before burn-in can end.
    pub minimum_burn_in: u64,
    /// Chains of a sounding.
    pub chains: usize,
    /// Temperatures of a chain; 1 is no tempering.
    pub temperatures: usize,
    /// The hottest temperature.
    pub maximum_temperature: f64,
    /// Of the random numbers.
    pub seed: u64,
    /// Iterations per block, of which the acceptance is told.
    pub update_plot_every: u64,
    /// Which traces results hold.
    pub traces: Traces,
    /// Where conductivities have statistics.
    pub depths: Vec<f64>,
    /// How many times finer waveforms are digitised.
    pub digitise: u32,

    /// Whether the prior of conductivities counts.
    pub solve_parameter: bool,
    /// Whether the prior of gradients counts.
    pub solve_gradient: bool,
    /// Layers at most, the half-space among them.
    pub maximum_number_of_layers: usize,
    /// The prior of the number of layers.
    pub layers_prior: LayersPrior,
    /// The shallowest interface.
    pub minimum_depth: f64,
    /// The deepest interface.
    pub maximum_depth: f64,
    /// The thinnest layer, where it is given: see [`Depths::least_thickness`].
    pub minimum_thickness: Option<f64>,
    /// Of ln conductivity.
    pub parameter_standard_deviation: f64,
    /// Of gradients of ln conductivity.
    pub gradient_standard_deviation: f64,
    /// Of the prior of conductivities in proposals.
    pub parameter_weight: f64,
    /// Of the prior of gradients in proposals.
    pub gradient_weight: f64,
    /// Least and greatest conductivity.
    pub parameter_limits: [f64; 2],
    /// The mean of the prior of conductivities; else the best half-space.
    pub value_mean: Option<f64>,

    /// Of a new layer; the four are taken relative to their sum.
    pub probability_of_birth: f64,
    /// Of one layer less.
    pub probability_of_death: f64,
    /// Of a move of an interface.
    pub probability_of_perturb: f64,
    /// Of none of these.
    pub probability_of_no_change: f64,
    /// Multiplies steps of proposals.
    pub covariance_scaling: f64,
    /// Multiplies what proposals are made from.
    pub multiplier: f64,
    /// geobipy reads and never uses it.
    pub factor: f64,
    /// Whether proposals use the data.
    pub stochastic_newton: bool,
    /// Whether the data count at all: without, chains give the priors back.
    pub ignore_likelihood: bool,

    /// From what standard deviations are computed.
    pub error_model: ErrorModel,
    /// Whether the standard deviations that came with the data are used.
    pub use_errors: bool,
    /// Parts of the data.
    pub relative_error: ErrorOptions,
    /// In the unit of the data.
    pub additive_error: ErrorOptions,

    /// Of the sounding, to the east.
    pub x: Proposal,
    /// To the north.
    pub y: Proposal,
    /// The height of the sensor.
    pub z: Proposal,
    /// In the time domain.
    pub transmitter: Loop,
    /// In the time domain.
    pub receiver: Loop,

    /// Bins of depth in histograms; else by the thinnest layer.
    pub number_of_depth_bins: Option<usize>,
    /// Bins of depth in the histogram of interfaces; else by the thinnest layer.
    pub number_of_edge_bins: Option<usize>,
    /// geobipy draws while it works; nothing does here.
    pub interactive_plot: bool,
    /// As `interactive_plot`.
    pub save_png: bool,
    /// geobipy writes no results without.
    pub save_hdf5: bool,
    /// Whether plots show resistivities.
    pub reciprocate_parameters: bool,
}

/// A quantity that is solved for within bounds around what the file of data says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Proposal {
    /// Whether it is.
    pub solve: bool,
    /// The bounds, in m or degrees; there where it is solved for.
    pub maximum_change: Option<f64>,
    /// Of a step; there where it is solved for.
    pub proposal_variance: Option<f64>,
}

/// A loop of the time domain.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loop {
    /// Degrees.
    pub pitch: Proposal,
    /// Degrees.
    pub roll: Proposal,
    /// Degrees.
    pub yaw: Proposal,
    /// m.
    pub x: Proposal,
    /// m.
    pub y: Proposal,
    /// m.
    pub z: Proposal,
}

/// An error of the data. Lists have one value for all systems, or one per system (and component).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorOptions {
    /// Whether it is solved for.
    pub solve: bool,
    /// Where chains begin.
    pub initial: Vec<f64>,
    /// Bounds; there where it is solved for.
    pub minimum: Vec<f64>,
    /// Bounds; there where it is solved for.
    pub maximum: Vec<f64>,
    /// Of a step of the logarithm; there where it is solved for.
    pub proposal_variance: Vec<f64>,
}

/// The prior of the number of layers, from 1 to the most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LayersPrior {
    /// All numbers alike.
    Uniform,
    /// The number less one has a Poisson distribution of this mean.
    Poisson(f64),
    /// Each layer more is less probable by the factor one less this.
    Geometric(f64),
}

/// An enumeration of words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$inner])* $variant),+ }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($name::$variant => $word),+ })
            }
        }

        /// # Errors
        /// A sentence with the words that are known.
        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok($name::$variant),)+
                    _ => Err(format!("{text:?} is none of {}", [$($word),+].join(", "))),
                }
            }
        }
    };
}

words!(
    /// What data are.
    DataType {
        /// Frequency domain.
        Fdem = "FdemData",
        /// Time domain.
        Tdem = "TdemData",
        /// Time domain, the primary field in the data.
        Tempest = "TempestData",
    }
);

words!(
    /// How chains are made.
    Mode {
        /// As geobipy 2.3.2 makes them.
        Compat = "compat",
        /// With the acceptance that the posterior asks for.
        Exact = "exact",
    }
);

words!(
    /// Which derivatives proposals are made from.
    Jacobian {
        /// The derivatives.
        Correct = "correct",
        /// What geobipy 2.3.2 takes for them.
        Peer = "peer",
    }
);

words!(
    /// From what standard deviations are computed.
    ErrorModel {
        /// From what the model predicts.
        Predicted = "predicted",
        /// From the data.
        Observed = "observed",
    }
);

words!(
    /// Which traces results hold.
    Traces {
        /// Every iteration.
        Full = "full",
        /// Some of them.
        Thin = "thin",
        /// None.
        None = "none",
    }
);

impl fmt::Display for LayersPrior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LayersPrior::Uniform => f.write_str("uniform"),
            LayersPrior::Poisson(mean) => write!(f, "poisson({mean:?})"),
            LayersPrior::Geometric(p) => write!(f, "geometric({p:?})"),
        }
    }
}

/// # Errors
/// A sentence with the forms that are known.
impl FromStr for LayersPrior {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let argument = |name: &str| -> Option<f64> {
            let rest = text.strip_prefix(name)?.strip_prefix('(')?;
            rest.strip_suffix(')')?.trim().parse().ok()
        };
        if text == "uniform" {
            return Ok(LayersPrior::Uniform);
        }
        match (argument("poisson"), argument("geometric")) {
            (Some(mean), _) if mean > 0.0 && mean.is_finite() => Ok(LayersPrior::Poisson(mean)),
            (_, Some(p)) if p > 0.0 && p < 1.0 => Ok(LayersPrior::Geometric(p)),
            _ => Err(format!(
                "{text:?} is none of uniform, poisson(mean), geometric(p) with a positive mean and \
                 0 < p < 1"
            )),
        }
    }
}

impl Options {
    /// The file of the data.
    pub fn data_path(&self) -> PathBuf {
        self.data_directory.join(&self.data_filename)
    }

    /// The files of the systems.
    pub fn system_paths(&self) -> Vec<PathBuf> {
        let names = self.system_filename.iter();
        names.map(|name| self.data_directory.join(name)).collect()
    }

    /// Where interfaces may be.
    pub fn depths(&self) -> Depths {
        Depths {
            minimum_depth: self.minimum_depth,
            maximum_depth: self.maximum_depth,
            minimum_thickness: self.minimum_thickness,
            layers: self.maximum_number_of_layers,
        }
    }

    /// All quantities that can be solved for around what the file says, by the names in their keys.
    pub fn proposals(&self) -> [(&'static str, Proposal); 15] {
        let (t, r) = (&self.transmitter, &self.receiver);
        [
            ("x", self.x),
            ("y", self.y),
            ("z", self.z),
            ("transmitter_pitch", t.pitch),
            ("transmitter_roll", t.roll),
            ("transmitter_yaw", t.yaw),
            ("transmitter_x", t.x),
            ("transmitter_y", t.y),
            ("transmitter_z", t.z),
            ("receiver_pitch", r.pitch),
            ("receiver_roll", r.roll),
            ("receiver_yaw", r.yaw),
            ("receiver_x", r.x),
            ("receiver_y", r.y),
            ("receiver_z", r.z),
        ]
    }
}

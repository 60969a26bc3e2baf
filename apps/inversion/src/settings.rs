//! What a chain is asked for. Names are those of the options.

use crate::depths::Depths;
use crate::{Error, Result};

/// The most layers that chains have memory for.
const MOST_LAYERS: usize = 1000;
/// What a chain is asked for.
// Each is an option of its own.
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Debug)]
pub struct Settings {
    /// The most layers, the half-space among them.
    pub maximum_number_of_layers: usize,
    /// m: where the first interface may be.
    pub minimum_depth: f64,
    /// m: where the last interface may be.
    pub maximum_depth: f64,
    /// m; by default half of what each of the most layers could have.
    pub minimum_thickness: Option<f64>,
    /// How often a layer is split, two are merged, an interface is moved, and none of these.
    pub probability_of_birth: f64,
    /// See above.
    pub probability_of_death: f64,
    /// See above.
    pub probability_of_perturb: f64,
    /// See above.
    pub probability_of_no_change: f64,
    /// Whether conductivities have a term in the prior.
    pub solve_parameter: bool,
    /// Whether changes from layer to layer have one.
    pub solve_gradient: bool,
    /// Of ln(S/m).
    pub parameter_standard_deviation: f64,
    /// Of the difference of ln(S/m) over the logarithm of the thickness in m.
    pub gradient_standard_deviation: f64,
    /// What the prior of the conductivities weighs in proposals.
    pub parameter_weight: f64,
    /// What the prior of the changes weighs in proposals.
    pub gradient_weight: f64,
    /// S/m.
    pub parameter_limits: [f64; 2],
    /// S/m: the mean of the prior; by default the half-space that fits best.
    pub value_mean: Option<f64>,
    /// What Newton's steps are multiplied with.
    pub covariance_scaling: f64,
    /// Whether proposals use data.
    pub stochastic_newton: bool,
    /// Whether data are left out: what is sampled is the prior.
    pub ignore_likelihood: bool,
    /// One per component of the instrument.
    pub relative_error: Vec<Level>,
    /// One per system.
    pub additive_error: Vec<Level>,
    /// How the height changes, where it is solved for.
    pub height: Option<HeightWalk>,
    /// The iterations that are kept.
    pub n_markov_chains: u64,
    /// The least iterations before any is kept.
    pub minimum_burn_in: u64,
    /// Bins of depth of the conductivities that are counted; by default two for each of the
    /// thinnest layers that the depths hold.
    pub number_of_depth_bins: Option<usize>,
    /// The same of the interfaces that are counted.
    pub number_of_edge_bins: Option<usize>,
}

/// The level of an error.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    /// Where it begins.
    pub initial: f64,
    /// How it changes, where it is solved for.
    pub walk: Option<LevelWalk>,
}

/// A random walk in the logarithm between two ends.
#[derive(Clone, Copy, Debug)]
pub struct LevelWalk {
    /// The lower end.
    pub minimum: f64,
    /// The upper end.
    pub maximum: f64,
    /// The variance of a step in the natural logarithm.
    pub proposal_variance: f64,
}

/// A random walk of the height.
#[derive(Clone, Copy, Debug)]
pub struct HeightWalk {
    /// m, either way.
    pub maximum_change: f64,
    /// The variance of a step in m^2.
    pub proposal_variance: f64,
}

impl Settings {
    /// Where interfaces may be.
    pub fn depths(&self) -> Depths {
        Depths {
            minimum_depth: self.minimum_depth,
            maximum_depth: self.maximum_depth,
            minimum_thickness: self.minimum_thickness,
            layers: self.maximum_number_of_layers,
        }
    }

    /// What the priors of conductivities and of changes weigh in proposals: the larger is 1.
    pub fn weights(&self) -> [f64; 2] {
        let largest = self.parameter_weight.max(self.gradient_weight);
        [
            self.parameter_weight / largest,
            self.gradient_weight / largest,
        ]
    }

    /// The weights of birth, death, perturb and no change.
    pub fn events(&self) -> [f64; 4] {
        [
            self.probability_of_birth,
            self.probability_of_death,
            self.probability_of_perturb,
            self.probability_of_no_change,
        ]
    }

    /// Refuses what no chain can do.
    ///
    /// # Errors
    /// The message names the option.
    pub fn check(&self) -> Result<()> {
        let refuse = |problem: String| Err(Error::Request(problem));
        let positive = |x: f64| x.is_finite() && x > 0.0;
        if !(1..=MOST_LAYERS).contains(&self.maximum_number_of_layers) {
            return refuse(format!(
                "maximum_number_of_layers must be from 1 to {MOST_LAYERS}, not {}",
                self.maximum_number_of_layers
            ));
        }
        if let Some(problem) = self.depths().problem() {
            return refuse(problem);
        }
        let events = self.events();
        if !events.iter().all(|x| x.is_finite() && *x >= 0.0) {
            return refuse("a probability_of_.. is negative".into());
        }
        if events[3] <= 0.0 && (events[0] <= 0.0 || self.maximum_number_of_layers == 1) {
            return refuse(
                "probability_of_no_change must be positive: a half-space has no other event".into(),
            );
        }
        for (name, value) in [
            (
                "parameter_standard_deviation",
                self.parameter_standard_deviation,
            ),
            (
                "gradient_standard_deviation",
                self.gradient_standard_deviation,
            ),
            ("parameter_weight", self.parameter_weight),
            ("value_mean", self.value_mean.unwrap_or(1.0)),
        ] {
            if !positive(value) {
                return refuse(format!("{name} must be positive, not {value}"));
            }
        }
        let levels = [
            ("relative_error", &self.relative_error),
            ("additive_error", &self.additive_error),
        ];
        for (name, levels) in levels {
            for level in levels {
                level.check(name)?;
            }
        }
        match self.height {
            Some(walk) if !(positive(walk.maximum_change) && positive(walk.proposal_variance)) => {
                refuse("maximum_z_change and z_proposal_variance must be positive".into())
            }
            _ => Ok(()),
        }
    }
}

impl Level {
    fn check(&self, name: &str) -> Result<()> {
        let ordered = self.walk.is_none_or(|walk| {
            let LevelWalk {
                minimum,
                maximum,
                proposal_variance,
            } = walk;
            let finite = maximum.is_finite() && proposal_variance.is_finite();
            let inside = self.initial >= minimum && self.initial <= maximum;
            finite && proposal_variance > 0.0 && minimum > 0.0 && minimum < maximum && inside
        });
        // One that is not there may be 0.
        let is_level = self.initial > 0.0 || (self.initial == 0.0 && self.walk.is_none());
        if ordered && self.initial.is_finite() && is_level {
            return Ok(());
        }
        Err(Error::Request(format!(
            "initial_{name} {} must be positive, between minimum_{name} and maximum_{name} where \
             it is solved for, and {name}_proposal_variance positive",
            self.initial
        )))
    }
}

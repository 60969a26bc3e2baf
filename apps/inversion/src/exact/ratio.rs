/// A term of the logarithm of an acceptance ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// The prior of the number of layers.
    Layers,
    /// The prior of depths.
    Depths,
    /// What normalises the prior of conductivities.
    Normalisation,
    /// The prior of conductivities.
    Conductivities,
    /// The likelihood.
    Likelihood,
    /// How likely the kind of move is.
    Choice,
    /// Which interface is taken out.
    Interface,
    /// Where an interface is put in.
    Place,
    /// How different the parts of a split layer are.
    Difference,
    /// The way there, of a draw from a normal distribution.
    Forward,
    /// The way back.
    Reverse,
}

impl Term {
    /// All of them.
    pub const ALL: [Term; 11] = [
        Term::Layers,
        Term::Depths,
        Term::Normalisation,
        Term::Conductivities,
        Term::Likelihood,
        Term::Choice,
        Term::Interface,
        Term::Place,
        Term::Difference,
        Term::Forward,
        Term::Reverse,
    ];
}

/// The logarithm of an acceptance ratio, term by term.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ratio {
    log: f64,
    omitted: Option<Term>,
}

impl Ratio {
    /// A ratio that leaves a term out: how tests see that they would miss it.
    pub fn without(omitted: Option<Term>) -> Ratio {
        Ratio { log: 0.0, omitted }
    }

    /// Adds a term.
    pub fn add(&mut self, term: Term, value: f64) {
        if self.omitted != Some(term) {
            self.log += value;
        }
    }

    /// The sum.
    pub fn log(&self) -> f64 {
        self.log
    }
}

//! The integrals by which a pair of coils measures an earth, and the nodes that sum them.

use num_complex::Complex64;

use crate::forward::hankel;
use crate::system::{Coils, Pair};

/// One integral of a field: `sign factor l^power / u_0 (or 1)`, times what falls with the height.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    filter: Filter,
    /// Whether the field falls with `u_0` instead of with `l`.
    pub(super) in_air: bool,
    /// Of the secondary field against the primary one.
    pub(super) sign: f64,
    factor: f64,
    power: i32,
    over_root: bool,
}

#[derive(Clone, Copy, Debug)]
enum Filter {
    J0,
    J1,
}

impl Term {
    /// Wavenumbers in 1/m and weights, for a horizontal distance in m.
    pub(super) fn nodes(&self, distance: f64) -> impl Iterator<Item = (f64, f64)> {
        let (weights, abscissa): (&[f64], fn(usize) -> f64) = match self.filter {
            Filter::J0 => (&hankel::J0, hankel::abscissa_j0),
            Filter::J1 => (&hankel::J1, hankel::abscissa_j1),
        };
        let nodes = weights.iter().enumerate();
        nodes.map(move |(j, weight)| (abscissa(j) / distance, *weight))
    }

    pub(super) fn field(&self, l: f64, root: Complex64) -> Complex64 {
        let field = Complex64::from(self.factor * l.powi(self.power));
        if self.over_root { field / root } else { field }
    }
}

/// The integrals of a pair of coils.
pub(super) fn terms(pair: &Pair) -> Vec<Term> {
    let (r, x) = (pair.distance, pair.along);
    let vertical = Term {
        filter: Filter::J0,
        in_air: true,
        sign: 1.0,
        factor: 1.0,
        power: 3,
        over_root: true,
    };
    let turned = Term {
        filter: Filter::J1,
        in_air: false,
        sign: -1.0,
        factor: 1.0,
        power: 2,
        over_root: false,
    };
    match pair.coils {
        Coils::HorizontalCoplanar => vec![vertical],
        Coils::VerticalCoaxial => vec![
            Term {
                filter: Filter::J0,
                factor: (x / r).powi(2),
                ..turned
            },
            Term {
                factor: 1.0 / r - 2.0 * x * x / r.powi(3),
                power: 1,
                ..turned
            },
        ],
        Coils::VerticalToHorizontal => vec![turned],
        Coils::HorizontalToVertical => vec![Term {
            in_air: true,
            ..turned
        }],
    }
}

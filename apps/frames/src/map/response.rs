/// What a detector makes of the sky, and how much its samples count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// Weight of a sample: one over its variance.
    pub weight: f64,
    /// Part of Q in a sample.
    pub q: f64,
    /// Part of U in a sample.
    pub u: f64,
}

/// Parts below this are none.
const NONE: f64 = 1e-12;

impl Response {
    /// Of intensity only.
    pub fn of_intensity(weight: f64) -> Response {
        Response {
            weight,
            q: 0.0,
            u: 0.0,
        }
    }

    /// Of a detector at this `angle`, in radians, that sees so much of the polarization along it
    /// (`efficiency`, 1 for a perfect one).
    pub fn polarized(weight: f64, angle: f64, efficiency: f64) -> Response {
        let gamma = efficiency / (2.0 - efficiency);
        let part = |part: f64| if part.abs() < NONE { 0.0 } else { part };
        Response {
            weight,
            q: part(gamma * (2.0 * angle).cos()),
            u: part(gamma * (2.0 * angle).sin()),
        }
    }

    /// What a sample adds to a record of intensity, times its value and by itself: T, TT, hits.
    pub(super) fn intensity_record(&self) -> [[f64; 3]; 2] {
        [[self.weight, 0.0, 0.0], [0.0, self.weight, 1.0]]
    }

    /// What a sample adds to a record of all layers, times its value and by itself.
    pub(super) fn polarized_record(&self) -> [[f64; 10]; 2] {
        let Response { weight: w, q, u } = *self;
        let mut times_value = [0.0; 10];
        times_value[..3].copy_from_slice(&[w, w * q, w * u]);
        let by_itself = [
            0.0,
            0.0,
            0.0,
            w,
            w * q,
            w * u,
            w * q * q,
            w * q * u,
            w * u * u,
            1.0,
        ];
        [times_value, by_itself]
    }
}

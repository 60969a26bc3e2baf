//! Where transmitter and receiver are, and what that makes of a field's integrals.

use std::f64::consts::PI;

/// Where transmitter and receiver are. x is forward, y left, z up; lengths are in m, angles in
/// degrees, right-handed; pitch comes before roll.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Geometry {
    /// Above the ground.
    pub tx_height: f64,
    /// Of the transmitter about x.
    pub tx_roll: f64,
    /// Of the transmitter about y.
    pub tx_pitch: f64,
    /// Of the transmitter about z: a field does not depend on it.
    pub tx_yaw: f64,
    /// From transmitter to receiver, along x.
    pub txrx_dx: f64,
    /// Along y.
    pub txrx_dy: f64,
    /// Along z.
    pub txrx_dz: f64,
    /// Of the receiver about x.
    pub rx_roll: f64,
    /// Of the receiver about y.
    pub rx_pitch: f64,
    /// Of the receiver about z.
    pub rx_yaw: f64,
}

/// What the integrals of K l^3 J0, K l^3 J1 and K l^2 J1 over ln l are multiplied with.
pub(super) type Weights = [f64; 3];

type Vector = [f64; 3];

impl Geometry {
    /// Of the transmitter and the receiver together, above the ground.
    pub(super) fn height_sum(&self) -> f64 {
        2.0 * self.tx_height + self.txrx_dz
    }

    /// The horizontal distance.
    pub(super) fn distance(&self) -> f64 {
        self.txrx_dx.hypot(self.txrx_dy)
    }

    /// The secondary field in the receiver's directions, x, y, z.
    pub(super) fn secondary(&self) -> [Weights; 3] {
        let q = 0.25 / PI;
        let (x, y, r) = (self.txrx_dx, self.txrx_dy, self.distance());
        let [mx, my, mz] = self.moment();
        // Columns: integrals. Rows: directions of the transmitter's axes.
        let mut field = [[0.0; 3]; 3];
        field[2][0] = -q * mz;
        if r > 0.0 {
            field[0][1] = -q * mz * x / r;
            field[1][1] = -q * mz * y / r;
            let horizontal = mx.hypot(my);
            if horizontal > 0.0 {
                // Axes with the second one along the horizontal moment.
                let along = [mx / horizontal, my / horizontal];
                let across = [along[1], -along[0]];
                let a = x * across[0] + y * across[1];
                let b = x * along[0] + y * along[1];
                let q = q * horizontal;
                let by_across = [-q * a * b / (r * r), 0.0, 2.0 * q * a * b / r.powi(3)];
                let by_along = [-q * b * b / (r * r), 0.0, q * (b * b - a * a) / r.powi(3)];
                for integral in 0..3 {
                    for axis in 0..2 {
                        field[axis][integral] +=
                            across[axis] * by_across[integral] + along[axis] * by_along[integral];
                    }
                }
                field[2][1] += q * b / r;
            }
        }
        let mut received = [[0.0; 3]; 3];
        for integral in 0..3 {
            let vector =
                self.received([field[0][integral], field[1][integral], field[2][integral]]);
            for axis in 0..3 {
                received[axis][integral] = vector[axis];
            }
        }
        received
    }

    /// The field of the transmitter alone in the receiver's directions, for a moment of 1.
    pub(super) fn primary(&self) -> Vector {
        let to = [self.txrx_dx, self.txrx_dy, self.txrx_dz];
        let moment = self.moment();
        let squared: f64 = to.iter().map(|x| x * x).sum();
        let distance = squared.sqrt();
        let along: f64 = to.iter().zip(moment).map(|(x, m)| x * m).sum();
        let field = |axis: usize| {
            (3.0 * along * to[axis] / squared - moment[axis]) / (4.0 * PI * distance * squared)
        };
        self.received([field(0), field(1), field(2)])
    }

    /// The axis of the transmitter.
    fn moment(&self) -> Vector {
        about_x(self.tx_roll, about_y(self.tx_pitch, [0.0, 0.0, 1.0]))
    }

    /// A field as the receiver's axes see it.
    fn received(&self, field: Vector) -> Vector {
        let field = about_y(-self.rx_pitch, about_x(-self.rx_roll, field));
        let (sin, cos) = (-self.rx_yaw).to_radians().sin_cos();
        [
            cos * field[0] - sin * field[1],
            sin * field[0] + cos * field[1],
            field[2],
        ]
    }
}

fn about_x(degrees: f64, [x, y, z]: Vector) -> Vector {
    let (sin, cos) = degrees.to_radians().sin_cos();
    [x, cos * y - sin * z, sin * y + cos * z]
}

fn about_y(degrees: f64, [x, y, z]: Vector) -> Vector {
    let (sin, cos) = degrees.to_radians().sin_cos();
    [cos * x + sin * z, y, cos * z - sin * x]
}

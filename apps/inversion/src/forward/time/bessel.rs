//! Bessel functions of the first kind, orders 0 and 1, from a table of Taylor polynomials.

use std::sync::LazyLock;

/// Entries of the table per unit.
const PER_UNIT: f64 = 8.0;
/// The end of the table.
const END: f64 = 160.0;
/// The highest power of a polynomial: the next is below 2e-18 at 1/16.
const DEGREE: usize = 8;

type Polynomial = [f64; DEGREE + 1];

/// For J0 and J1, polynomials about 0, 1/8, 2/8, ...
pub(super) static TABLE: LazyLock<Vec<[Polynomial; 2]>> = LazyLock::new(|| {
    let count = (END * PER_UNIT) as usize + 1;
    (0..count)
        .map(|i| polynomials(i as f64 / PER_UNIT))
        .collect()
});

/// J0 and J1 of `x`, which is not negative, to 4e-16.
pub(super) fn bessel(x: f64) -> [f64; 2] {
    let place = (x * PER_UNIT).round();
    match TABLE.get(place as usize) {
        Some([zero, one]) => {
            let beyond = x - place / PER_UNIT;
            [at(zero, beyond), at(one, beyond)]
        }
        None => [libm::j0(x), libm::j1(x)],
    }
}

fn at(polynomial: &Polynomial, x: f64) -> f64 {
    polynomial
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// The Taylor polynomials about `x`: `J_n' = (J_(n-1) - J_(n+1)) / 2`, applied again and again.
fn polynomials(x: f64) -> [Polynomial; 2] {
    // Orders -DEGREE to DEGREE + 1; J_(-n) = (-1)^n J_n.
    let order = |n: i32| {
        let j = libm::jn(n.abs(), x);
        if n < 0 && n % 2 != 0 { -j } else { j }
    };
    let lowest = -(DEGREE as i32);
    let mut row: Vec<f64> = (lowest..=DEGREE as i32 + 1).map(order).collect();
    let mut polynomials = [[0.0; DEGREE + 1]; 2];
    let mut factorial = 1.0;
    let [zero, one] = &mut polynomials;
    for (power, (zero, one)) in zero.iter_mut().zip(one).enumerate() {
        // Each derivative takes an order from both ends.
        let middle = DEGREE - power;
        *zero = row[middle] / factorial;
        *one = row[middle + 1] / factorial;
        factorial *= (power + 1) as f64;
        row = row
            .windows(3)
            .map(|orders| 0.5 * (orders[0] - orders[2]))
            .collect();
    }
    polynomials
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_as_exact_as_numbers_are() {
        for i in 0..400_000 {
            let x = 5e-4 * f64::from(i);
            let [zero, one] = bessel(x);
            assert!((zero - libm::j0(x)).abs() < 6e-16, "J0({x})");
            assert!((one - libm::j1(x)).abs() < 6e-16, "J1({x})");
        }
    }
}

use super::*;

/// Of a chi-squared number with one degree of freedom.
#[test]
fn squares_have_the_moments_of_squares_of_normals() {
    let stream = Stream::new(5, 17, 1);
    let mut values = Vec::new();
    for point in 0..40 {
        for block in 0..4000 {
            values.extend(stream.squares(point, block));
        }
    }
    let moment = |power: i32| {
        values
            .iter()
            .map(|&v| f64::from(v).powi(power))
            .sum::<f64>()
            / values.len() as f64
    };
    // 640 000 values; the bounds are five standard errors.
    assert!((moment(1) - 1.0).abs() < 5.0 * (2.0_f64 / 64e4).sqrt());
    assert!((moment(2) - 3.0).abs() < 5.0 * (96.0_f64 / 64e4).sqrt());
    assert!((moment(3) - 15.0).abs() < 5.0 * (10_170.0_f64 / 64e4).sqrt());
    // Below the median, 0.4549364, and beyond three deviations, 9.
    let share = |test: fn(f32) -> bool| {
        values.iter().filter(|&&v| test(v)).count() as f64 / values.len() as f64
    };
    assert!((share(|v| v < 0.454_936_4) - 0.5).abs() < 5.0 * (0.25_f64 / 64e4).sqrt());
    assert!((share(|v| v > 9.0) - 0.002_699_8).abs() < 5.0 * (0.0027_f64 / 64e4).sqrt());
}

#[test]
fn the_two_of_a_pair_are_independent() {
    let stream = Stream::new(5, 17, 0);
    let mut sum = 0.0;
    let mut number = 0.0;
    for point in 0..1000 {
        for block in 0..16 {
            let [a, b, c, d] = stream.squares(point, block);
            for (one, other) in [(a, b), (c, d), (a, c), (b, d)] {
                sum += f64::from(one - 1.0) * f64::from(other - 1.0);
                number += 1.0;
            }
        }
    }
    // Each product has the variance 4.
    let correlation: f64 = sum / number;
    assert!(
        correlation.abs() < 5.0 * 2.0 / f64::sqrt(number),
        "{correlation}"
    );
}

#[test]
fn streams_differ() {
    let squares = |seed, position, direction, point| {
        Stream::new(seed, position, direction)
            .squares(point, 0)
            .map(f32::to_bits)
    };
    let base = squares(1, 2, 0, 3);
    assert_eq!(base, squares(1, 2, 0, 3));
    for other in [
        squares(2, 2, 0, 3),
        squares(1 << 40, 2, 0, 3),
        squares(1, 3, 0, 3),
        squares(1, 2 + (1 << 32), 0, 3),
        squares(1, 2, 1, 3),
        squares(1, 2, 0, 4),
    ] {
        assert_ne!(base, other);
    }
}

use super::*;

/// The answers published with the generator: zeros, ones, and digits of pi.
#[test]
fn known_answers() {
    let ones = u32::MAX;
    let cases = [
        (
            [0; 4],
            [0; 4],
            [0x9c6c_a96a, 0xe17e_ae66, 0xfc10_ecd4, 0x5256_a7d8],
        ),
        (
            [ones; 4],
            [ones; 4],
            [0x2a88_1696, 0x5701_2287, 0xf6c7_446e, 0xa16a_6732],
        ),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0, 0x082e_fa98, 0xec4e_6c89],
            [0x59cd_1dbb, 0xb887_9579, 0x86b5_d00c, 0xac8b_6d84],
        ),
    ];
    for (counter, key, answer) in cases {
        assert_eq!(threefry::block(key, counter), answer);
    }
}

/// Words that fall everywhere, and the ends.
fn words() -> impl Iterator<Item = u32> {
    let ends = [0, 1, 2, 3, u32::MAX, u32::MAX - 1, 1 << 31, (1 << 31) - 1];
    ends.into_iter()
        .chain((0..2_000_000).map(|i: u32| i.wrapping_mul(0x9e37_79b9)))
        .chain((0..32).map(|shift| 1 << shift))
        .chain((0..32).map(|shift| u32::MAX << shift))
}

#[test]
fn logarithms_are_accurate() {
    for bits in words() {
        let uniform = ((bits >> 1) as f32 + 0.5) / 2_147_483_648.0;
        let exact = -libm::log(f64::from(uniform));
        let found = f64::from(minus_ln_unit(bits));
        assert!(
            (found - exact).abs() <= 2e-7 * exact,
            "{bits:#x}: {found} is not {exact}"
        );
    }
}

#[test]
fn cosines_are_accurate() {
    for bits in words() {
        let turn = f64::from(bits as i32) / 4_294_967_296.0;
        let exact = libm::cos(std::f64::consts::TAU * turn);
        let found = f64::from(cos_turn(bits));
        assert!(
            (found - exact).abs() <= 4e-7,
            "{bits:#x}: {found} is not {exact}"
        );
        assert!(found.abs() <= 1.0, "{bits:#x}: {found}");
    }
}

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

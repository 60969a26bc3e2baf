use std::collections::BTreeMap;

use jobwise_core::Wire;

use super::*;
use crate::object::Units;
use crate::sky::{Geometry, OUTSIDE};

fn geometry() -> Geometry {
    "car:40x30@0.5deg,10,20".parse().unwrap()
}

/// Numbers that look random, the same for the same seed.
fn numbers(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    })
}

/// What scan `seed` adds, and the same sums made pixel by pixel.
fn scan(
    binner: &mut Binner,
    polarization: Polarization,
    seed: u64,
) -> (Contribution, BTreeMap<i64, [f64; 10]>) {
    let mut plain: BTreeMap<i64, [f64; 10]> = BTreeMap::new();
    for detector in 0..5 {
        let mut random = numbers(100 * seed + detector);
        let mut next = || random.next().unwrap();
        let (weight, angle, efficiency) = (next() + 0.5, 3.0 * next(), 0.5 + 0.5 * next());
        let response = match polarization {
            Polarization::None => Response::of_intensity(weight),
            _ => Response::polarized(weight, angle, efficiency),
        };
        let samples: Vec<f64> = (0..200)
            .map(|i| if i % 37 == 3 { f64::NAN } else { next() - 0.5 })
            .collect();
        let pixels: Vec<i64> = (0..200).map(|_| (next() * 1300.0) as i64).collect();
        let pixels: Vec<i64> = pixels
            .into_iter()
            .map(|pixel| if pixel < 1200 { pixel } else { OUTSIDE })
            .collect();
        binner.add(&response, &samples, &pixels);
        let Response { weight: w, q, u } = response;
        for (d, pixel) in samples.iter().zip(pixels) {
            if d.is_finite() {
                let record = plain.entry(pixel).or_default();
                let parts = [
                    w * d,
                    w * q * d,
                    w * u * d,
                    w,
                    w * q,
                    w * u,
                    w * q * q,
                    w * q * u,
                    w * u * u,
                    1.0,
                ];
                for (sum, part) in record.iter_mut().zip(parts) {
                    *sum += part;
                }
            }
        }
    }
    let times = (1000 - seed as i64, 2000 + seed as i64);
    (binner.take(Units::TCMB, times), plain)
}

#[test]
fn a_contribution_is_the_sum_of_its_samples() {
    for polarization in [Polarization::None, Polarization::Iau] {
        let mut binner = Binner::new(&geometry(), polarization);
        // A second scan does not see the first.
        for seed in [3, 4] {
            let (contribution, plain) = scan(&mut binner, polarization, seed);
            let mut sum = Sum::new(geometry(), polarization);
            sum.add(contribution).unwrap();
            for &layer in sum.layers() {
                let expected = |pixel: i64| plain[&pixel][usize::from(layer.number())];
                for (pixel, value) in sum.values(layer) {
                    let expected = expected(pixel as i64);
                    assert_eq!(value.to_bits(), expected.to_bits(), "{layer} {pixel}");
                }
                let found = sum.values(layer).count();
                let there = plain.keys().filter(|&&pixel| pixel >= 0);
                assert_eq!(
                    found,
                    there.filter(|&&pixel| expected(pixel) != 0.0).count()
                );
                let outside = sum.outside(layer);
                assert_eq!(outside.to_bits(), expected(OUTSIDE).to_bits(), "{layer}");
            }
        }
    }
}

#[test]
fn sums_of_the_same_scans_in_the_same_order_have_the_same_bits() {
    let polarization = Polarization::Iau;
    let mut alone = Sum::new(geometry(), polarization);
    let mut one = Binner::new(&geometry(), polarization);
    for seed in 0..9 {
        alone.add(scan(&mut one, polarization, seed).0).unwrap();
    }
    assert_eq!(alone.times(), Some((992, 2008)));
    assert_eq!(alone.units(), Some(Units::TCMB));
    // Three lanes, whose contributions come as bytes, in order.
    let mut lanes = [(); 3].map(|()| Binner::new(&geometry(), polarization));
    let mut sum = Sum::new(geometry(), polarization);
    for seed in 0..9 {
        let lane = &mut lanes[seed as usize * 2 % 3];
        let bytes = scan(lane, polarization, seed).0.to_bytes();
        sum.add(Contribution::from_bytes(&bytes).unwrap()).unwrap();
    }
    assert!(sum.to_bytes() == alone.to_bytes());
    // Two ranks: the same numbers to rounding, and the same bits each time.
    let merged = || {
        let mut ranks = [(); 2].map(|()| Sum::new(geometry(), polarization));
        let mut binner = Binner::new(&geometry(), polarization);
        for seed in 0..9 {
            let rank = &mut ranks[usize::from(seed > 4)];
            rank.add(scan(&mut binner, polarization, seed).0).unwrap();
        }
        let [mut first, second] = ranks;
        first
            .merge(Sum::from_bytes(&second.to_bytes()).unwrap())
            .unwrap();
        first
    };
    let both = merged();
    assert!(both.to_bytes() == merged().to_bytes());
    for &layer in both.layers() {
        let dense = both.dense(layer).into_iter().zip(alone.dense(layer));
        assert!(dense.into_iter().all(|(a, b)| (a - b).abs() < 1e-12));
    }
    assert_eq!(both.times(), alone.times());
}

#[test]
fn what_does_not_belong_together_is_not_added() {
    let new = |map: &str, polarization| Sum::new(map.parse().unwrap(), polarization);
    let mut sum = new("car:40x30@0.5deg,10,20", Polarization::Iau);
    let other = new("car:40x30@0.5deg,10,21", Polarization::Iau);
    let error = sum.merge(other).unwrap_err().to_string();
    assert!(
        error.contains("10,20") && error.contains("10,21"),
        "{error}"
    );
    let other = new("car:40x30@0.5deg,10,20", Polarization::Cosmo);
    let error = sum.merge(other).unwrap_err().to_string();
    assert!(error.contains("iau") && error.contains("cosmo"), "{error}");
    let other = Sum::with_layers(geometry(), Polarization::Iau, &[Layer::H, Layer::T]);
    let error = sum.merge(other).unwrap_err().to_string();
    assert!(error.contains("T, H"), "{error}");
    let mut binner = Binner::new(&geometry(), Polarization::Iau);
    let mut scan = |units| {
        binner.add(&Response::polarized(1.0, 0.0, 1.0), &[1.0], &[0]);
        binner.take(units, (0, 1))
    };
    sum.add(scan(Units::TCMB)).unwrap();
    let error = sum.add(scan(Units::COUNTS)).unwrap_err().to_string();
    assert!(
        error.contains("Tcmb") && error.contains("Counts"),
        "{error}"
    );
}

#[test]
fn a_map_without_polarization_is_divided_by_its_weights() {
    let mut binner = Binner::new(&geometry(), Polarization::None);
    let samples = [3.0, 4.0, f64::INFINITY, 5.0];
    binner.add(&Response::of_intensity(2.0), &samples, &[7, 7, 8, OUTSIDE]);
    let mut sum = Sum::new(geometry(), Polarization::None);
    sum.add(binner.take(Units::TCMB, (0, 3))).unwrap();
    let unweighted: Vec<_> = sum.unweighted().collect();
    assert_eq!(unweighted, [(7, [3.5, 0.0, 0.0])]);
    assert_eq!(sum.dense(Layer::H).iter().sum::<f64>().to_string(), "2");
    assert_eq!(sum.values(Layer::Q).count(), 0);
    assert_eq!(sum.outside(Layer::T).to_string(), "10");
}

#[test]
fn hostile_bytes_are_errors() {
    let mut binner = Binner::new(&geometry(), Polarization::Iau);
    let (contribution, _) = scan(&mut binner, Polarization::Iau, 1);
    let mut sum = Sum::new(geometry(), Polarization::Iau);
    sum.add(contribution).unwrap();
    let bytes = sum.to_bytes();
    for len in (0..bytes.len()).step_by(101) {
        assert!(Sum::from_bytes(&bytes[..len]).is_err());
    }
    for at in 0..200 {
        let mut other = bytes.clone();
        other[at] ^= 0x41;
        // Any answer will do, but for a panic.
        let _ = Sum::from_bytes(&other);
    }
}

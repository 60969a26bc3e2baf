//! One direction against the peer, with the peer's own normal numbers.

use hdf5::Group;
use jobwise_usid::giv::{Model, Segment};
use ndarray::{Array1, Array2, Axis};

use crate::common::{attribute, open};

const GROUPS: [&str; 4] = [
    "pix0_forward",
    "pix0_reverse",
    "pix2_forward",
    "pix2_reverse",
];

struct Case {
    group: Group,
    segment: Segment,
    mean: Array1<f64>,
    covariance: Array2<f64>,
}

impl Case {
    fn vector(&self, name: &str) -> Array1<f64> {
        self.group.dataset(name).unwrap().read_1d().unwrap()
    }

    fn matrix(&self, name: &str) -> Array2<f64> {
        self.group.dataset(name).unwrap().read_2d().unwrap()
    }

    /// Where the mean is more than five deviations from zero: elsewhere the moments of 1/S are not
    /// to be compared.
    fn is_sure(&self, point: usize) -> bool {
        self.mean[point].abs() > 5.0 * self.segment.deviations()[point]
    }
}

/// All segments of the reference; none where there is no reference.
fn cases() -> Vec<Case> {
    let Some(file) = open("giv_function.h5") else {
        return Vec::new();
    };
    let frequency = attribute(&file, "ex_freq");
    GROUPS
        .iter()
        .map(|name| {
            let group = file.group(name).unwrap();
            let mut model = Model::default();
            if name.starts_with("pix2") {
                model.gam = attribute(&group, "gam");
                model.sigma = attribute(&group, "sigma");
                model.sigma_c = attribute(&group, "sigmaC");
                model.r_extra = attribute::<i64>(&group, "r_extra") as f64;
            }
            let read = |name| -> Array1<f64> { group.dataset(name).unwrap().read_1d().unwrap() };
            let (bias, current) = (read("bias"), read("i"));
            let points = read("x").len();
            let segment =
                Segment::new(bias.as_slice().unwrap(), frequency, points, &model).unwrap();
            let mut mean = Vec::new();
            segment.infer(current.iter().copied(), &mut mean);
            let covariance = Array2::from_shape_fn((points + 1, points + 1), |(row, column)| {
                segment.covariance(column)[row]
            });
            Case {
                group,
                segment,
                mean: mean.into(),
                covariance,
            }
        })
        .collect()
}

/// The largest difference, over the largest expected value.
fn distance<'a>(
    found: impl IntoIterator<Item = &'a f64>,
    expected: impl IntoIterator<Item = &'a f64> + Clone,
) -> f64 {
    let scale = expected
        .clone()
        .into_iter()
        .fold(0.0_f64, |l, e| l.max(e.abs()));
    let pairs = found.into_iter().zip(expected);
    pairs.fold(0.0_f64, |l, (f, e)| l.max((f - e).abs())) / scale
}

#[test]
fn deterministic_parts_are_the_peers() {
    for case in cases() {
        let name = case.group.name();
        assert!(
            distance(case.segment.x(), &case.vector("x")) < 1e-14,
            "{name}"
        );
        let means = case.vector("m");
        for (found, expected) in case.mean.iter().zip(&means) {
            assert!(
                (found / expected - 1.0).abs() < 1e-8,
                "{name}: {found} {expected}"
            );
        }
        let capacitance: f64 = attribute(&case.group, "cValue");
        assert!(
            (case.mean[means.len() - 1] / capacitance - 1.0).abs() < 1e-8,
            "{name}"
        );
        let variances = case.matrix("Sigma");
        assert!(distance(&case.covariance, &variances) < 1e-8, "{name}");
        for (found, expected) in case.segment.deviations().iter().zip(variances.diag()) {
            assert!(
                (found * found / expected - 1.0).abs() < 1e-8,
                "{name}: {found} {expected}"
            );
        }
        let current: Vec<f64> = case
            .segment
            .current(case.mean.as_slice().unwrap())
            .collect();
        assert!(distance(&current, &case.vector("Irec")) < 1e-8, "{name}");
    }
}

/// `S = m + root(Sigma) Z`, with Z from the reference: the moments of 1/S are the peer's.
#[test]
fn moments_of_the_peers_samples_are_the_peers() {
    for case in cases() {
        let name = case.group.name();
        let points = case.segment.x().len();
        let block = case.covariance.slice(ndarray::s![..points, ..points]);
        let samples = root(&block.to_owned()).dot(&case.matrix("z"));
        let mut compared = 0;
        for (point, row) in samples.axis_iter(Axis(0)).enumerate() {
            if !case.is_sure(point) {
                continue;
            }
            let inverse = row.mapv(|deviation| 1.0 / (case.mean[point] + deviation));
            let mean = inverse.mean().unwrap();
            let variance = (&inverse * &inverse).mean().unwrap() - mean * mean;
            let expected = [case.vector("mR")[point], case.vector("vR_diag")[point]];
            assert!(
                (mean / expected[0] - 1.0).abs() < 1e-7,
                "{name} {point}: {mean} {expected:?}"
            );
            assert!(
                (variance / expected[1] - 1.0).abs() < 1e-5,
                "{name} {point}: {variance} {expected:?}"
            );
            compared += 1;
        }
        assert!(compared > points / 2, "{name}: {compared} points compared");
    }
}

/// The symmetric square root.
fn root(matrix: &Array2<f64>) -> Array2<f64> {
    let size = matrix.nrows();
    let copy = faer::Mat::from_fn(size, size, |i, j| matrix[[i, j]]);
    let eigen = copy.self_adjoint_eigen(faer::Side::Lower).unwrap();
    let vectors = Array2::from_shape_fn((size, size), |(i, j)| eigen.U()[(i, j)]);
    let roots = Array1::from_shape_fn(size, |i| eigen.S()[i].max(0.0).sqrt());
    (&vectors * &roots).dot(&vectors.t())
}

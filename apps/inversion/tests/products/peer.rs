//! Products of geobipy's own results, against what it says of them (peer.py).

use jobwise_inversion::products::{LineFile, Point, Profile, Seen, Status};
use jobwise_testing::reference;
use serde_json::Value;

/// Against sums in another order.
const TOLERANCE: f64 = 1e-12;

fn points(file: &LineFile) -> Vec<Point> {
    (0..file.count())
        .map(|row| file.point(row).unwrap())
        .collect()
}

#[test]
fn products_are_those_of_geobipy() {
    let Some(path) = reference("em/peer_line100_short.h5") else {
        return;
    };
    let peer: Value = serde_json::from_str(include_str!("peer.json")).unwrap();
    let file = LineFile::open(&path).unwrap();
    let widths = file.widths();
    let mut compared = 0;
    for point in points(&file) {
        let row = point.row;
        let seen = Seen::new(point, widths);
        let near = |name: &str, found: f64, expected: &Value| {
            let expected = expected.as_f64().unwrap();
            let error = (found - expected).abs();
            assert!(
                error <= TOLERANCE * (1.0 + expected.abs()),
                "{name} {row}: {found} {expected}"
            );
        };
        near("doi", seen.doi, &peer["doi"][row]);
        let Profile {
            mean,
            mode,
            p05,
            p50,
            p95,
            entropy,
        } = &seen.profile;
        for (place, depth) in peer["depths"].as_array().unwrap().iter().enumerate() {
            let depth = depth.as_u64().unwrap() as usize;
            for (name, logs) in [
                ("mean", mean),
                ("median", p50),
                ("mode", mode),
                ("p05", p05),
                ("p95", p95),
            ] {
                near(name, 10f64.powf(logs[depth]), &peer[name][row][place]);
            }
            near("entropy", entropy[depth], &peer["entropy"][row][place]);
            near("opacity", seen.opacity[depth], &peer["opacity"][row][place]);
            compared += 7;
        }
    }
    assert_eq!(compared, 10 * 4 * 7);
}

#[test]
fn what_geobipy_did_not_write_is_open() {
    let Some(path) = reference("em/peer_line300_td_short.h5") else {
        return;
    };
    let file = LineFile::open(&path).unwrap();
    assert_eq!(file.about().unwrap().kind, "TdemData");
    let points = points(&file);
    let statuses: Vec<Status> = points.iter().map(|point| point.status).collect();
    assert_eq!(
        statuses,
        [Status::Open, Status::Open, Status::Done, Status::Open]
    );
    let done = &points[2];
    // Those of the chain, from the iteration on that it had burned in.
    assert_eq!(done.kept(), 1502);
    assert_eq!(done.best.conductivity.len(), done.best.depth.len() + 1);
    let (misfit, data) = done.misfit();
    assert!(data == 12 && misfit > 0.0 && misfit < 12.0, "{misfit}");
    assert!(points[0].kept() == 0 && points[0].best.conductivity.is_empty());
    let trace = file.trace(2).unwrap();
    assert!(trace.acceptance() > 0.2 && trace.acceptance() < 0.5);
}

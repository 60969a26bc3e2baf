//! The numbers of the peer.

use jobwise_gmf::clock::TimeLimit;
use jobwise_gmf::detection::{Joining, NoiseFloor, file_floor, join, snr, survey};
use jobwise_gmf::pictures::{Found, Maps, RangeOf};
use jobwise_gmf::product::Products;
use ndarray::{Array1, Array2};

/// What the peer computed of a reference set, and our reading of the same files.
fn sets() -> Option<Vec<(String, hdf5::Group, Products)>> {
    let reference = jobwise_testing::reference("gmf")?;
    let known = hdf5::File::open(reference.join("noise_snr.h5")).unwrap();
    let set = |name: &str| {
        let root = reference.join(format!("{name}_gmf_fgmf_numpy"));
        let products = Products::open(&root, (None, None)).unwrap();
        (name.to_owned(), known.group(name).unwrap(), products)
    };
    Some(vec![set("A"), set("B")])
}

/// The largest relative difference of two sequences of the same length.
fn largest_difference<'a>(
    found: impl ExactSizeIterator<Item = &'a f32>,
    known: impl ExactSizeIterator<Item = &'a f32>,
) -> f32 {
    assert_eq!(found.len(), known.len());
    let differences = found.zip(known).map(|(a, b)| (a / b - 1.0).abs());
    // A number that is missing differs from any.
    let differences = differences.map(|d| if d.is_nan() { f32::INFINITY } else { d });
    differences.fold(0.0, f32::max)
}

/// The peer counts integrations that were not analysed (of B the ninth) as power 0; the medians are
/// compared with theirs counted.
#[test]
fn noise_floors() {
    for (name, known, products) in sets().into_iter().flatten() {
        let per_file: Array2<f32> = known.dataset("nf_vec").unwrap().read_2d().unwrap();
        let ours = NoiseFloor::read(&products).unwrap();
        assert_eq!(ours.per_file.dim(), per_file.dim());
        let mut silent = 0;
        for (file, rows) in products.rows().enumerate() {
            let rows = rows.unwrap();
            let power = rows.gmf_zero_frequency().unwrap();
            let all = Array1::from(file_floor(&power, &vec![true; rows.count()]));
            let known = per_file.row(file);
            assert!(
                largest_difference(all.iter(), known.iter()) <= 1e-5,
                "{name} {file}"
            );
            if rows.analysed().unwrap().contains(&false) {
                silent += 1;
                // A power of 0 less: the floor is higher.
                assert!(
                    ours.per_file
                        .row(file)
                        .iter()
                        .zip(known)
                        .all(|(a, b)| a > b)
                );
            } else {
                assert!(largest_difference(ours.per_file.row(file).iter(), known.iter()) <= 1e-5);
            }
        }
        assert_eq!(silent, usize::from(name == "B"));
        if name == "A" {
            let known: Array1<f32> = known.dataset("nf_range").unwrap().read_1d().unwrap();
            let per_gate = Array1::from(ours.per_gate);
            assert!(largest_difference(per_gate.iter(), known.iter()) <= 1e-5);
        }
    }
}

#[test]
fn ratios() {
    for (name, known, products) in sets().into_iter().flatten() {
        let floor: Array1<f32> = known.dataset("nf_range").unwrap().read_1d().unwrap();
        let known: Array2<f32> = known.dataset("snr").unwrap().read_2d().unwrap();
        let mut row = 0;
        for rows in products.rows() {
            let rows = rows.unwrap();
            let (gmf, analysed) = (rows.gmf().unwrap(), rows.analysed().unwrap());
            for (gmf, analysed) in gmf.outer_iter().zip(analysed) {
                let ours: Array1<f32> = gmf
                    .iter()
                    .zip(&floor)
                    .map(|(&g, &f)| snr(g, f) as f32)
                    .collect();
                if analysed {
                    let difference = largest_difference(ours.iter(), known.row(row).iter());
                    assert!(difference <= 1e-5, "{name} {row}: {difference}");
                } else {
                    assert!(ours.iter().all(|&snr| snr == 0.0), "{name} {row}");
                }
                row += 1;
            }
        }
        assert_eq!(row, known.nrows());
    }
}

#[test]
fn the_target_of_each_set_is_one_event() {
    for (name, _, products) in sets().into_iter().flatten() {
        let noise = NoiseFloor::read(&products).unwrap();
        let detections = survey(&products, "".as_ref(), &noise, 15.0).unwrap();
        let joining = Joining {
            gap: 3,
            gates: 2.0,
            gate: 299.8,
        };
        let (numbers, events) = join(&detections, &joining);
        // A: present in four of six. B: silent in the ninth, and a tenth of a pulse train in the
        // tenth.
        let (count, missed) = if name == "A" {
            (4, vec![4, 5])
        } else {
            (19, vec![8, 9])
        };
        assert_eq!((detections.len(), events.len()), (count, 1), "{name}");
        assert_eq!(numbers, vec![0; count]);
        let steps: Vec<i64> = (0..count as i64 + 2)
            .filter(|step| !missed.contains(step))
            .collect();
        assert_eq!(detections.iter().map(|d| d.step).collect::<Vec<_>>(), steps);
        // Range, rate and acceleration agree: the range moves as the rate says, to the width of a
        // gate.
        let (first, last) = (&detections[0], &detections[count - 1]);
        let rate = f64::midpoint(first.range_rate, last.range_rate);
        let moved = rate * (last.time - first.time);
        assert!((last.range - first.range - moved).abs() < 300.0, "{name}");
        assert_eq!(first.elevation.is_nan(), name == "A");
    }
}

#[test]
fn tables_hold_what_the_figures_show() {
    for (name, known, products) in sets().into_iter().flatten() {
        let noise = NoiseFloor::read(&products).unwrap();
        let found = Found::read(&products, &noise, RangeOf::OneWay, 15.0).unwrap();
        let csv = found.table().unwrap().csv;
        let ranges: Vec<f64> = known.dataset("range_peak").unwrap().read_raw().unwrap();
        let ends: Vec<f64> = known.dataset("t").unwrap().read_raw().unwrap();
        let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(lines.len(), ranges.len() + 1);
        for (row, (line, point)) in lines[1..].iter().zip(found.points()).enumerate() {
            assert_eq!(line.len(), lines[0].len());
            let number = |column: usize| line[column].parse::<f64>().unwrap();
            // The peer's times are the ends of integrations.
            assert!((number(1) + products.layout().step - ends[row]).abs() < 1e-5);
            assert_eq!(number(2).to_bits(), point.range.to_bits());
            assert_eq!(number(6).to_bits(), point.snr.sqrt().to_bits());
            assert_eq!(line[8] == "1", found.is_detection(point));
            let was_analysed = (name.as_str(), row) != ("B", 8);
            assert_eq!(number(2).is_finite(), was_analysed);
            assert!(
                !was_analysed || (number(2) * 2e3 - ranges[row]).abs() < 1e-6,
                "{name} {row}"
            );
        }
        let maps = Maps::read(&products, &noise, RangeOf::OneWay, (1000, 1100)).unwrap();
        let [gmf, ..] = maps.tables();
        let mut rows = gmf.csv.lines().skip(1);
        for file in products.rows() {
            let file = file.unwrap();
            let (power, analysed) = (file.gmf().unwrap(), file.analysed().unwrap());
            for (power, analysed) in power.outer_iter().zip(analysed) {
                let cells: Vec<f64> = rows
                    .next()
                    .unwrap()
                    .split(',')
                    .skip(1)
                    .map(|c| c.parse().unwrap())
                    .collect();
                assert_eq!(cells.len(), power.len());
                for (cell, &power) in cells.iter().zip(power) {
                    let expected = if analysed {
                        10.0 * f64::from(power).log10()
                    } else {
                        f64::NAN
                    };
                    assert_eq!(cell.to_bits(), expected.to_bits());
                }
            }
        }
        assert_eq!(rows.next(), None);
    }
}

#[test]
fn limits_in_time() {
    let Some(reference) = jobwise_testing::reference("gmf") else {
        return;
    };
    let root = reference.join("A_gmf_fgmf_numpy");
    let count = |start: Option<f64>, end: Option<f64>| {
        let limits = (start.map(TimeLimit::Relative), end.map(TimeLimit::Relative));
        let products = Products::open(&root, limits)?;
        let times: Vec<f64> = products
            .rows()
            .flat_map(|rows| {
                let rows = rows.unwrap();
                (0..rows.count())
                    .map(|row| rows.time(row))
                    .collect::<Vec<_>>()
            })
            .collect();
        Ok::<_, jobwise_gmf::Error>((products.count()?, times[0] - 1_618_229_740.0))
    };
    for (start, end, expected, first) in [
        (None, None, 6, 0.0),
        (Some(0.04), None, 5, 0.04),
        (Some(0.05), Some(0.2), 3, 0.08),
        (None, Some(0.04), 1, 0.0),
        (Some(0.12), Some(0.1201), 1, 0.12),
        (Some(-5.0), Some(5.0), 6, 0.0),
    ] {
        let (count, time) = count(start, end).unwrap();
        assert_eq!(count, expected, "{start:?} {end:?}");
        assert!((time - first).abs() < 1e-5, "{start:?} {end:?}: {time}");
    }
    for (start, end) in [
        (Some(0.3), None),
        (None, Some(0.0)),
        (Some(0.1), Some(0.05)),
    ] {
        let message = count(start, end).unwrap_err().to_string();
        assert!(message.contains("no integration between"), "{message}");
    }
}

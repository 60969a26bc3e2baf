//! A small file of results, as this program or geobipy writes it: three soundings, of which the
//! first has a result, the second failed, the third is open.

use std::path::Path;

use hdf5::types::{FixedUnicode, VarLenUnicode};
use hdf5::{File, Group, H5Type};
use jobwise_hdf5::attributes;

/// Quantiles of a statistic.
const QUANTILES: usize = 129;

/// Bins of conductivity, from log10 = -3 to 1, about a half-space of 0.1 S/m.
pub(crate) const CONDUCTIVITIES: usize = 8;
/// Bins of depth, of 10 m.
pub(crate) const DEPTHS: usize = 4;
/// Kept iterations of the first sounding.
pub(crate) const KEPT: i32 = 20;

/// Writes the file of a line.
pub(crate) fn write(path: &Path, line: f64, is_own: bool) {
    let file = jobwise_hdf5::file_access::create(path).unwrap();
    let root = Writer(file);
    root.data(line);
    root.model();
    root.numbers("halfspace/data", &[3], &[0.1; 3]);
    root.put("iteration", &[3], &[60_i64, 80, i64::MIN]);
    root.put("burned_in", &[3], &[true, false, false]);
    root.put("burned_in_iteration", &[3], &[41_i64, i64::MIN, i64::MIN]);
    root.put("n_markov_chains", &[], &[20_i64]);
    let misfits: Vec<f64> = (0..240).map(|place| f64::from(place % 80)).collect();
    root.numbers("phids/data", &[3, 80], &misfits);
    let accepted: Vec<u8> = (0..240).map(|place| u8::from(place % 4 == 0)).collect();
    root.put("acceptance_rate/data", &[3, 80], &accepted);
    if is_own {
        root.own();
    }
}

struct Writer(File);

impl Writer {
    fn parent<'n>(&self, name: &'n str) -> (Group, &'n str) {
        let mut group = self.0.group("/").unwrap();
        let mut parts: Vec<&str> = name.split('/').collect();
        let last = parts.pop().unwrap();
        for part in parts {
            group = if group.link_exists(part) {
                group.group(part).unwrap()
            } else {
                group.create_group(part).unwrap()
            };
        }
        (group, last)
    }

    fn put<T: H5Type>(&self, name: &str, shape: &[usize], values: &[T]) {
        let (group, last) = self.parent(name);
        let dataset = group.new_dataset::<T>().shape(shape).create(last).unwrap();
        dataset.write_raw(values).unwrap();
    }

    fn numbers(&self, name: &str, shape: &[usize], values: &[f64]) {
        self.put(name, shape, values);
    }

    fn texts(&self, name: &str, texts: &[&str]) {
        let texts: Vec<VarLenUnicode> = texts.iter().map(|text| text.parse().unwrap()).collect();
        self.put(name, &[texts.len()], &texts);
    }

    fn data(&self, line: f64) {
        for (name, values) in [
            ("fiducial", [1.0, 2.0, 3.0]),
            ("line_number", [line; 3]),
            ("x", [0.0, 10.0, 20.0]),
            ("y", [5.0; 3]),
            ("z", [30.0; 3]),
            ("elevation", [100.0, 110.0, 105.0]),
            ("relative_error", [0.05; 3]),
            ("additive_error", [5.0; 3]),
        ] {
            self.numbers(&format!("data/{name}/data"), &[3], &values);
        }
        let (group, _) = self.parent("data/x");
        attributes::write_text(&group, "repr", "FdemData").unwrap();
        let data = [10.0, 20.0];
        for (name, values) in [
            ("data", data),
            ("std", [1.0, 2.0]),
            ("predicted_data", [11.0, 24.0]),
        ] {
            self.numbers(&format!("data/{name}/data"), &[3, 2], &values.repeat(3));
        }
        // log10, relative to -1.
        let edges = [-1.0, 0.0, 1.0];
        self.numbers(
            "data/relative_error/posterior/mesh/y/edges/data",
            &[3],
            &edges,
        );
        let relative = "data/relative_error/posterior/mesh/y/relative_to/data";
        self.numbers(relative, &[3], &[-1.0; 3]);
        let counts = [5, 15, 0, 0, i32::MIN, i32::MIN];
        self.put(
            "data/relative_error/posterior/values/data",
            &[3, 2],
            &counts,
        );
    }

    fn model(&self) {
        // Two layers, three, and nothing yet.
        let nan = f64::NAN;
        let inf = f64::INFINITY;
        let edges = [0.0, 12.0, inf, nan, 0.0, 5.0, 9.0, inf, nan, nan, nan, nan];
        self.numbers("model/mesh/y/edges/data", &[3, 4], &edges);
        let values = [0.01, 0.2, nan, 0.1, 0.2, 0.3, nan, nan, nan];
        self.numbers("model/values/data", &[3, 3], &values);
        let counts = [
            0,
            5,
            15,
            0,
            0,
            0,
            0,
            0,
            i32::MIN,
            i32::MIN,
            i32::MIN,
            i32::MIN,
        ];
        self.put("model/mesh/nCells/posterior/values/data", &[3, 4], &counts);
        let depths: Vec<f64> = (0..=DEPTHS).map(|edge| 10.0 * edge as f64).collect();
        let path = "model/mesh/y/edges/posterior";
        self.numbers(&format!("{path}/mesh/y/edges/data"), &[DEPTHS + 1], &depths);
        let counts = [
            0,
            15,
            0,
            0,
            0,
            0,
            0,
            0,
            i32::MIN,
            i32::MIN,
            i32::MIN,
            i32::MIN,
        ];
        self.put(&format!("{path}/values/data"), &[3, DEPTHS], &counts);
        let path = "model/values/posterior";
        let logs: Vec<f64> = (0..=CONDUCTIVITIES)
            .map(|edge| -2.0 + 0.5 * edge as f64)
            .collect();
        self.numbers(
            &format!("{path}/mesh/y/edges/data"),
            &[CONDUCTIVITIES + 1],
            &logs,
        );
        self.numbers(&format!("{path}/mesh/y/relative_to/data"), &[3], &[-1.0; 3]);
        self.numbers(&format!("{path}/mesh/z/edges/data"), &[DEPTHS + 1], &depths);
        let mut counts = vec![0; CONDUCTIVITIES * DEPTHS];
        // Certain at the surface; wider and wider below.
        for depth in 0..DEPTHS {
            let bins = depth + 1;
            for bin in 0..bins {
                let extra = if bin == 0 { KEPT % bins as i32 } else { 0 };
                counts[(2 + bin) * DEPTHS + depth] = KEPT / bins as i32 + extra;
            }
        }
        counts.extend(vec![0; CONDUCTIVITIES * DEPTHS]);
        counts.extend(vec![i32::MIN; CONDUCTIVITIES * DEPTHS]);
        let shape = [3, CONDUCTIVITIES, DEPTHS];
        self.put(&format!("{path}/values/data"), &shape, &counts);
    }

    fn own(&self) {
        self.put("jobwise/status", &[3], &[1_u8, 2, 0]);
        let reason = |text: &str| text.parse::<FixedUnicode<200>>().unwrap();
        let reasons = [reason(""), reason("no datum is a number"), reason("")];
        self.put("jobwise/reason", &[3], &reasons);
        self.put("jobwise/seed", &[], &[7_u64]);
        self.texts("jobwise/options", &["seed = 7\nmode = \"exact\"\n"]);
        self.texts("jobwise/version", &["0.1.0"]);
        let names = [
            "layers",
            "misfit",
            "height",
            "log_relative_error 0",
            "log_additive_error 0",
            "log_conductivity 5",
            "log_conductivity 25.5",
        ];
        self.texts("jobwise/quantities", &names);
        let count = names.len();
        let rows = |first: &[f64]| {
            let nothing = vec![f64::NAN; 2 * first.len()];
            [first.to_vec(), nothing].concat()
        };
        let mean = [1.75, 2.5, 30.0, -2.9, 1.6, -4.0, -2.0];
        let deviation = [0.4, 1.0, 0.0, 0.1, 0.0, 0.5, 1.0];
        self.numbers("jobwise/mean", &[3, count], &rows(&mean));
        self.numbers("jobwise/deviation", &[3, count], &rows(&deviation));
        self.numbers("jobwise/effective", &[3, count], &rows(&[15.0; 7]));
        self.numbers("jobwise/r_hat", &[3, count], &rows(&[1.01; 7]));
        // From two deviations below the mean to two above, evenly.
        let quantiles: Vec<f32> = mean
            .iter()
            .zip(deviation)
            .flat_map(|(mean, deviation)| {
                (0..QUANTILES).map(move |place| {
                    let part = place as f64 / (QUANTILES - 1) as f64;
                    (mean + deviation * (4.0 * part - 2.0)) as f32
                })
            })
            .collect();
        let nothing = vec![f32::NAN; 2 * quantiles.len()];
        let quantiles = [quantiles, nothing].concat();
        self.put("jobwise/quantiles", &[3, count, QUANTILES], &quantiles);
        self.numbers("jobwise/mean_k", &[3, 2], &[1.7, 1.8, 1.0, 1.0, 1.0, 1.0]);
        self.numbers("jobwise/rhat_max", &[3], &rows(&[1.02]));
        self.numbers("jobwise/ess_min", &[3], &rows(&[12.0]));
        for name in ["birth", "overall"] {
            let rates = rows(&[0.25, 0.35]);
            self.numbers(&format!("jobwise/acceptance/{name}"), &[3, 2], &rates);
        }
    }
}

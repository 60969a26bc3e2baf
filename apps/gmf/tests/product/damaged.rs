//! Damaged output files, through what the commands call. `JOBWISE_DAMAGED=100000` reads so many;
//! `JOBWISE_SEED` begins elsewhere.

use std::hint::black_box;
use std::path::Path;

use jobwise_gmf::Result;
use jobwise_gmf::detection::{NoiseFloor, survey};
use jobwise_gmf::inspect;
use jobwise_gmf::product::{Hdf5, Products, RunInfo, file_path, peaks, read_rows, validate};
use jobwise_kit::Inputs;
use jobwise_testing::{Reader, forked, tree};

use crate::samples::{START, configuration, product, run, unseal};

fn read(top: &Path, run: &RunInfo) -> Result<()> {
    let strict = Inputs::new(true);
    let inspected = inspect::product(top, &strict).map(black_box);
    let tabled = inspect::peak_table(top, None, &strict).map(black_box);
    let commands = || -> Result<()> {
        let products = Products::open(top, (None, None))?;
        let noise = NoiseFloor::read(&products)?;
        black_box(survey(&products, top, &noise, 1.0)?);
        for rows in products.rows() {
            let rows = rows?;
            black_box((
                rows.peaks(&rows.gmf()?)?,
                rows.pointing()?,
                rows.optimized()?,
            ));
        }
        Ok(())
    };
    let mut outcomes = vec![commands(), inspected.map(drop), tabled.map(drop)];
    for name in tree(top).into_keys() {
        let path = top.join(name);
        black_box(validate(&path, run, 2));
        outcomes.push(read_rows(&path, run).map(drop));
        outcomes.push(peaks(&path, 2).map(drop));
    }
    outcomes.into_iter().collect()
}

#[test]
fn damaged_files_are_refused() {
    forked::alone("damaged::damaged_files_are_refused", || {
        let top = tempfile::tempdir().unwrap();
        let (experiment, settings) = configuration(top.path());
        let sound = top.path().join("found");
        let plain = run(&experiment, &settings);
        for (start, compression) in [(START, 0), (START + 80_000, 3)] {
            let run = plain.clone().compression(compression);
            let mut product = product(&run);
            product.start = start;
            let path = file_path(&sound, start, product.rate, &Hdf5).unwrap();
            product.write(&path, &run).unwrap();
            // The checksum tells all damage before the library sees it; files of others have none.
            unseal(&path);
        }
        Reader {
            name: "product",
            sound: &sound,
            files: tree(&sound).into_keys().map(Into::into).collect(),
            read: &|top| read(top, &plain).map_err(|error| error.to_string()),
            cases: 300,
        }
        .run();
    });
}

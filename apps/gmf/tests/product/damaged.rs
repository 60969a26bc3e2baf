//! Damaged output files, through what the commands call. `JOBWISE_DAMAGED=100000` reads so many;
//! `JOBWISE_SEED` begins elsewhere.

use std::hint::black_box;
use std::path::Path;

use jobwise_faults::{Reader, forked, tree};
use jobwise_gmf::Result;
use jobwise_gmf::detection::{NoiseFloor, survey};
use jobwise_gmf::inspect;
use jobwise_gmf::product::{Products, Run, file_path, peaks, read_rows, validate};
use jobwise_kit::h5::writable::Writable;

use crate::samples::{START, configuration, product, run};

fn read(top: &Path, run: &Run) {
    let _ = black_box((inspect::product(top), inspect::peak_table(top, None)));
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
    let _ = commands();
    for name in tree(top).into_keys() {
        let path = top.join(name);
        let _ = black_box((
            validate(&path, run, 2),
            read_rows(&path, run),
            peaks(&path, 2),
        ));
    }
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
            let path = file_path(&sound, start, product.rate).unwrap();
            product.write(&path, &run).unwrap();
            // The checksum tells all damage before the library sees it; files of others have none.
            drop(Writable::claim(&path).unwrap());
        }
        Reader {
            name: "product",
            sound: &sound,
            files: tree(&sound).into_keys().map(Into::into).collect(),
            read: &|top| read(top, &plain),
            cases: 300,
        }
        .run();
    });
}

//! Damaged USID files, through what the commands call. `JOBWISE_DAMAGED=100000` reads so many;
//! `JOBWISE_SEED` begins elsewhere.

use std::hint::black_box;
use std::path::Path;

use jobwise_hdf5::amendment::Writable;
use jobwise_hdf5::file_access;
use jobwise_testing::{Reader, forked};
use jobwise_usid::format::{Ancillary, Main};
use jobwise_usid::inspect::{Look, inspect};
use jobwise_usid::{Result, pictures, simulate};

use super::types;

const SHOW_ALL: Look = Look {
    all: true,
    quick: false,
};

fn read(top: &Path) -> Result<()> {
    let mut outcomes = Vec::new();
    for name in ["image.h5", "lines.h5"] {
        let path = top.join(name);
        outcomes.push(inspect(&path, None, SHOW_ALL).map(|seen| drop(black_box(seen))));
        if name == "lines.h5" {
            outcomes.push(pictures::of(&path, None, &[0]).map(|seen| drop(black_box(seen))));
        }
        let process = || -> Result<()> {
            let main = Main::choose(&file_access::open(&path)?, None)?;
            black_box((
                main.position_dimensions()?,
                main.spectroscopic_dimensions()?,
            ));
            black_box(main.entries(Ancillary::PositionValues, 0..main.positions().min(4))?);
            let mut row = Vec::new();
            jobwise_hdf5::raw_rows::read(main.dataset(), 0..main.positions().min(4), &mut row)?;
            Ok(())
        };
        outcomes.push(process());
    }
    outcomes.into_iter().collect()
}

#[test]
fn damaged_files_are_refused() {
    forked::alone("damaged::damaged_files_are_refused", || {
        let top = tempfile::tempdir().unwrap();
        simulate::image_file(&top.path().join("image.h5"), 16).unwrap();
        simulate::lines_file(&top.path().join("lines.h5"), 4, 32).unwrap();
        types::finish(&top.path().join("lines.h5"), &types::filter());
        // Without their checksums, as files of others.
        for name in ["image.h5", "lines.h5"] {
            let mut file = Writable::claim(top.path().join(name)).unwrap();
            file.amend(|_| Ok::<_, jobwise_hdf5::Error>(())).unwrap();
        }
        Reader {
            name: "USID",
            sound: top.path(),
            files: ["image.h5", "lines.h5"].map(Into::into).into(),
            read: &|top| read(top).map_err(|error| error.to_string()),
            cases: 300,
        }
        .run();
    });
}

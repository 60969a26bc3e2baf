//! The law of stored types: every process gives from every type what it gives from the same numbers
//! as native 64-bit floats, or refuses it by name before it writes anything.

use std::marker::PhantomData;
use std::path::Path;

use hdf5::types::{FloatSize, TypeDescriptor};
use hdf5::{Datatype, File, ObjectReference1};
use jobwise_core::{Across, LocalCluster};
use jobwise_hdf5::file_access;
use jobwise_kit::Program;
use jobwise_serial::{Serial, Threads};
use jobwise_usid::clean::{self, Kept, Selection, Taper};
use jobwise_usid::filter::{Filter, FrequencyFilter, Request};
use jobwise_usid::format::{Element, Main, Scalar, SourceRows, Value};
use jobwise_usid::giv::{Giv, Model};
use jobwise_usid::import::{self, Plan, Which, Wishes};
use jobwise_usid::process::{Outcome, ProcessRun, Recipe};
use jobwise_usid::reshape::Reshape;
use jobwise_usid::spectrum::Spectrum;

use super::common;
use super::stored::{self, Stored};

const POINTS: usize = 40;

fn f64_type() -> Datatype {
    Datatype::from_descriptor(&TypeDescriptor::Float(FloatSize::U8)).unwrap()
}

/// A file whose source and ancillary tables are of these types; signals, or an image of 12 x 12
/// pixels.
fn file(path: &Path, source: &Datatype, tables: &Datatype, is_image: bool) -> File {
    let file = file_access::create(path).unwrap();
    let group = file.create_group("Channel").unwrap();
    let (rows, columns, dimensions) = if is_image {
        (144, 1, 2)
    } else {
        (3, POINTS, 1)
    };
    let raw = stored::create(&group, "Raw", source, [rows, columns]);
    // Small numbers, which every type holds, also one of 8 bits without sign.
    stored::fill(&raw, |cell| ((cell * 7 + cell / 11 * 3) % 50) as f64);
    for name in ["quantity", "units"] {
        Value::from("nA").write(&raw, name).unwrap();
    }
    // The bias is a sine of whole numbers; of others, it is no sine, and refused alike.
    let sine = |column: usize| {
        let turn = std::f64::consts::TAU * column as f64 / POINTS as f64;
        (100.0 * turn.sin()).round()
    };
    let signed = Element::of(&raw).is_ok();
    let is_unsigned = !tables
        .to_descriptor()
        .is_ok_and(|it| matches!(it, TypeDescriptor::Integer(_) | TypeDescriptor::Float(_)));
    for (side, shape) in [
        ("Position", [rows, dimensions]),
        ("Spectroscopic", [1, columns]),
    ] {
        for what in ["Indices", "Values"] {
            let table = stored::create(&group, &format!("{side}_{what}"), tables, shape);
            let number = |cell: usize| match (side, what) {
                ("Spectroscopic", "Values") if !is_unsigned => sine(cell),
                ("Position", _) if is_image => {
                    (if cell.is_multiple_of(2) {
                        cell / 24
                    } else {
                        cell / 2 % 12
                    }) as f64
                }
                _ => cell as f64,
            };
            stored::fill(&table, number);
            let count = if side == "Position" { dimensions } else { 1 };
            let names = ["X", "Y"].iter().take(count).map(|name| (*name).to_owned());
            Value::Texts(names.collect())
                .write(&table, "labels")
                .unwrap();
            let units = if side == "Position" { "nm" } else { "V" };
            Value::Texts(vec![units.to_owned(); count])
                .write(&table, "units")
                .unwrap();
            let reference: ObjectReference1 = table.reference(".").unwrap();
            let attribute = raw
                .new_attr::<ObjectReference1>()
                .create(format!("{side}_{what}").as_str());
            attribute.unwrap().write_scalar(&reference).unwrap();
        }
    }
    assert!(signed || Element::of(&raw).is_err());
    file
}

/// How rows get into the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    InPlace,
    Compressed,
    Ranks,
}

const WAYS: [Way; 3] = [Way::InPlace, Way::Compressed, Way::Ranks];

/// Runs a recipe on a file, in the usual way.
pub(super) fn finish<R: Recipe + Clone>(path: &Path, recipe: &R) {
    run(path, recipe, Way::InPlace).unwrap();
}

fn run<R: Recipe + Clone>(path: &Path, recipe: &R, way: Way) -> Result<Outcome, String> {
    let mut settings = common::settings(path);
    settings.compression = (way == Way::Compressed).then_some(1);
    let program = || ProcessRun {
        recipe: recipe.clone(),
        settings: settings.clone(),
    };
    let outcome = match way {
        Way::Ranks => {
            let ranks = LocalCluster::run(3, |comm| {
                program().run(&Across::new(comm, Threads::new(Some(1))))
            });
            let first = ranks.into_iter().next().unwrap();
            first.map_err(|lost| format!("{lost:?}"))?
        }
        _ => program().run(&Serial::new()),
    };
    outcome
        .map(Option::unwrap)
        .map_err(|error| error.to_string())
}

/// All outputs of a results group, as numbers.
fn outputs(path: &Path, group: &str) -> Vec<(String, Vec<f64>)> {
    let file = file_access::open(path).unwrap();
    let group = file.group(group).unwrap();
    let mut found = Vec::new();
    for name in group.member_names().unwrap() {
        let dataset = group.dataset(&name).unwrap();
        let Ok(main) = Main::open(&dataset) else {
            continue;
        };
        main.element().must_lie_in(&dataset).unwrap();
        let rows = SourceRows::of(&main).unwrap();
        found.push((name, rows.numbers(0..main.positions()).unwrap().0));
    }
    assert!(!found.is_empty());
    found
}

/// Runs a recipe on a source of this type, and on the same numbers in 64-bit floats (`as_f64`) or
/// in the type's own native form.
fn check<R: Recipe + Clone>(
    recipe: &R,
    stored: &Stored,
    tables: &Datatype,
    way: Way,
    is_image: bool,
    as_f64: bool,
) {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let what = format!("{} {} {way:?}", recipe.tool(), stored.name);
    drop(file(&path("stored.h5"), &stored.kind, tables, is_image));
    let ran = run(&path("stored.h5"), recipe, way);
    let takes = stored.is_real || (stored.is_number && recipe.tool() == "Reshape");
    if !takes {
        let error = ran.expect_err(&what);
        assert!(error.contains("Raw"), "{what}: {error}");
        let left = file_access::open(path("stored.h5"))
            .unwrap()
            .group("Channel")
            .unwrap()
            .member_names()
            .unwrap();
        assert_eq!(left.len(), 5, "{what}: {left:?}");
        return;
    }
    let group = ran.unwrap_or_else(|error| panic!("{what}: {error}")).group;
    let native = if as_f64 && stored.is_real {
        f64_type()
    } else {
        Datatype::from_descriptor(&jobwise_hdf5::numbers::native(&stored.kind).unwrap()).unwrap()
    };
    drop(file(&path("native.h5"), &native, &f64_type(), is_image));
    let other = run(&path("native.h5"), recipe, Way::InPlace).unwrap().group;
    let (ours, theirs) = (
        outputs(&path("stored.h5"), &group),
        outputs(&path("native.h5"), &other),
    );
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for ((name, ours), (other, theirs)) in ours.iter().zip(&theirs) {
        assert_eq!(name, other, "{what}");
        // Results may be stored as 32-bit floats; the numbers that went in are the same.
        #[allow(clippy::float_cmp)] // the same number, rounded alike
        let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || *a as f32 == *b as f32;
        assert!(
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(same),
            "{what}: {name}"
        );
    }
}

pub(super) fn filter() -> Filter<f64> {
    Filter {
        request: Request {
            filters: vec![FrequencyFilter::LowPass {
                cutoff: 8.0,
                roll_off: 0.05,
            }],
            noise_threshold: Some(0.01),
            write_filtered: true,
            write_condensed: true,
            num_pix: 1,
            rate: Some(40.0),
            ..Request::default()
        },
        precision: PhantomData,
    }
}

fn giv() -> Giv {
    let model = Model {
        num_x_steps: 10,
        num_samples: 20,
        ..Model::default()
    };
    Giv {
        frequency: Some(200.0),
        model,
        seed: 1,
    }
}

fn cleaning() -> clean::Request {
    clean::Request {
        window: Some([4, 4]),
        step: [1, 1],
        cover_edges: false,
        taper: Taper::None,
        num_components: None,
        kept: Kept::Selected(Selection::Range(0, 3)),
        separate: true,
        precision: Some(Scalar::F64),
        spectra: true,
        normalize: false,
        compatible: None,
    }
}

#[test]
fn every_process_takes_every_type_as_its_numbers_or_refuses_it_by_name() {
    // All ways for all types take a minute; one way for each in turns shows the same.
    let all = std::env::var_os("JOBWISE_REPEAT").is_some();
    for (index, stored) in stored::all().iter().enumerate() {
        let ways = WAYS
            .iter()
            .enumerate()
            .filter(|(k, _)| all || index % 3 == *k);
        for (_, &way) in ways {
            let tables = f64_type();
            check(&filter(), stored, &tables, way, false, true);
            check(
                &Spectrum { rate: Some(40.0) },
                stored,
                &tables,
                way,
                false,
                true,
            );
            check(
                &Reshape { points: POINTS / 4 },
                stored,
                &tables,
                way,
                false,
                false,
            );
            check(&giv(), stored, &tables, way, false, true);
            check(&cleaning(), stored, &tables, way, true, true);
        }
    }
}

#[test]
fn ancillary_tables_of_every_type_are_read_as_their_numbers_or_refused_by_name() {
    let source = Stored {
        name: "f64".into(),
        kind: f64_type(),
        is_real: true,
        is_number: true,
    };
    for stored in stored::all() {
        let is_unsigned = stored.name.starts_with('u');
        if stored.is_real {
            check(&cleaning(), &source, &stored.kind, Way::InPlace, true, true);
            if !is_unsigned {
                check(&giv(), &source, &stored.kind, Way::InPlace, false, true);
            }
            continue;
        }
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.h5");
        drop(file(&path, &source.kind, &stored.kind, false));
        let error = run(&path, &giv(), Way::InPlace).unwrap_err();
        assert!(
            error.contains("Spectroscopic_Values"),
            "{}: {error}",
            stored.name
        );
        // What does not need the tables goes on.
        run(&path, &filter(), Way::InPlace).unwrap();
    }
}

#[test]
fn pictures_of_every_type_are_imported_as_their_numbers_or_refused_by_name() {
    // Truth values are no cells of a main dataset, but pictures: see the tests of import.
    for stored in stored::all()
        .into_iter()
        .filter(|stored| stored.name != "truth")
    {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("in.h5");
        let file = file_access::create(&path).unwrap();
        let dataset = stored::create(&file, "picture", &stored.kind, [6, 5]);
        stored::fill(&dataset, |cell| cell as f64);
        drop((dataset, file));
        let which = Which {
            dataset: Some("picture".into()),
            ..Which::default()
        };
        let picture = import::read(&path, &which);
        if !stored.is_real {
            let error = picture.unwrap_err().to_string();
            assert!(
                error.contains("picture") && error.contains("type"),
                "{}: {error}",
                stored.name
            );
            continue;
        }
        let picture = picture.unwrap();
        let expected: Vec<f64> = (0..30).map(f64::from).collect();
        assert_eq!(
            picture.pixels.iter().copied().collect::<Vec<_>>(),
            expected,
            "{}",
            stored.name
        );
        let out = directory.path().join("out.h5");
        Plan::new(picture, &Wishes::default())
            .unwrap()
            .write(&out)
            .unwrap();
        let file = file_access::open(&out).unwrap();
        let main = Main::choose(&file, None).unwrap();
        main.element().must_lie_in(main.dataset()).unwrap();
        let stored_numbers = SourceRows::of(&main).unwrap().numbers(0..30).unwrap().0;
        let turned: Vec<f64> = (0..30).map(|k| f64::from(k % 6 * 5 + k / 6)).collect();
        assert_eq!(stored_numbers, turned, "{}", stored.name);
    }
}

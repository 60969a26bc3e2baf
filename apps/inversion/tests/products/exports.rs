use std::fs;
use std::path::Path;

use jobwise_inversion::survey::{Overview, Reading};
use serde_json::{Value, json};

use crate::fixture::{self, DEPTHS};
use crate::program::{done, inversion, refused};

fn exported(directory: &Path, format: &str, name: &str, more: &[&str]) -> Vec<u8> {
    let arguments = [
        &["export", "results", "--format", format, "--output", name][..],
        more,
    ]
    .concat();
    let output = inversion(directory, &arguments);
    assert!(output.status.success(), "{output:?}");
    fs::read(directory.join(name)).unwrap()
}

fn results() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("results")).unwrap();
    for line in [100.0, 20.5] {
        let path = directory.path().join(format!("results/{line:?}.h5"));
        fixture::write(&path, line, line > 50.0);
    }
    directory
}

#[test]
fn a_table_has_every_depth() {
    let directory = results();
    let text = String::from_utf8(exported(directory.path(), "csv", "t.csv", &[])).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    // Of each line one sounding with all depths and two without any.
    assert_eq!(rows.len(), 1 + 2 * (DEPTHS + 2));
    assert!(rows.iter().all(|row| row.len() == rows[0].len()));
    let column = |name: &str| rows[0].iter().position(|one| *one == name).unwrap();
    let number = |row: usize, name: &str| rows[row][column(name)].parse::<f64>().unwrap();
    assert_eq!(
        [number(1, "line"), number(7, "line")].map(f64::to_bits),
        [20.5, 100.0].map(f64::to_bits)
    );
    for (name, expected) in [
        ("depth_top", 10.0),
        ("depth_bottom", 20.0),
        ("layers", 1.75),
        // ((11 - 10) / 1)^2 and ((24 - 20) / 2)^2 over two data.
        ("misfit", 2.5),
        ("median", 10f64.powf(-1.75)),
        ("p95", 10f64.powf(-1.25)),
        ("entropy", 1.0),
        ("opacity", 2.0 / 3.0),
        ("interface_probability", 0.75),
    ] {
        assert!(
            (number(2, name) - expected).abs() < 1e-12,
            "{name}: {}",
            number(2, name)
        );
    }
    assert_eq!(rows[5][column("median")], "");
}

#[test]
fn points_have_properties() {
    let directory = results();
    let bytes = exported(
        directory.path(),
        "geojson",
        "p.geojson",
        &["--epsg", "4326"],
    );
    let found: Value = serde_json::from_slice(&bytes).unwrap();
    assert!(found.get("crs").is_none());
    let features = found["features"].as_array().unwrap();
    assert_eq!(features.len(), 6);
    assert_eq!(features[4]["geometry"]["coordinates"], json!([10.0, 5.0]));
    assert_eq!(features[4]["properties"]["status"], "failed");
    assert_eq!(features[3]["properties"]["layers"], 1.75);
    assert!(features[5]["properties"]["layers"].is_null());
    // Other coordinates are told.
    let arguments = [
        "export",
        "results",
        "--format=geojson",
        "--output=q",
        "--epsg=32633",
    ];
    let (message, status) = refused(directory.path(), &arguments);
    assert!(status == 0 && message.contains("RFC 7946"), "{message}");
    let text = fs::read_to_string(directory.path().join("q")).unwrap();
    assert!(text.contains("EPSG::32633"));
}

/// What is written is what this program reads.
#[test]
fn definitions_fit_their_tables() {
    let directory = results();
    exported(directory.path(), "gdf2", "m.dat", &["--epsg", "28355"]);
    let overview = Overview::read(&directory.path().join("m.dat"), &Reading::default()).unwrap();
    assert_eq!((overview.rows, overview.refused.count), (6, 0));
    let column = |name: &str| {
        let mut columns = overview.columns.iter();
        columns.find(|column| column.field.name == name).unwrap()
    };
    let median = column("median");
    assert_eq!((median.field.count, &*median.field.unit), (DEPTHS, "S/m"));
    // Two soundings of six have values.
    assert_eq!((median.count, median.nulls), (2 * DEPTHS, 4 * DEPTHS));
    assert!((median.least - 10f64.powf(-1.75)).abs() < 1e-10);
    assert_eq!(column("fiducial").count, 6);
}

#[test]
fn models_of_workbench_have_a_line_per_sounding() {
    let directory = results();
    let text = String::from_utf8(exported(directory.path(), "xyz", "m.xyz", &[])).unwrap();
    let (head, rows): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('/'));
    assert!(head.contains(&"/NUMBER OF LAYERS") && head.contains(&"/4"));
    let names = head[head.len() - 1][1..].split_whitespace().count();
    assert_eq!(names, 8 + 3 * DEPTHS);
    assert!(
        rows.iter()
            .all(|row| row.split_whitespace().count() == names)
    );
    let first: Vec<f64> = rows[0]
        .split_whitespace()
        .map(|x| x.parse().unwrap())
        .collect();
    assert!((first[8] - 10f64.powf(1.75)).abs() < 1e-9);
    assert!((first[8 + DEPTHS + 1] - 10.0).abs() < 1e-12);
    assert!(rows[2].contains("9999"));
}

/// Big-endian numbers.
fn double(bytes: &[u8], at: usize) -> f64 {
    f64::from_be_bytes(bytes[at..at + 8].try_into().unwrap())
}

#[test]
fn a_curtain_hangs_below_the_surface() {
    let directory = results();
    let bytes = exported(directory.path(), "vtk", "c.vtk", &[]);
    let find = |text: &str| {
        let place = bytes
            .windows(text.len())
            .position(|there| there == text.as_bytes());
        place.unwrap_or_else(|| panic!("{text}")) + text.len()
    };
    let points = find("POINTS 60 double\n");
    // The first sounding at x = 0 reaches from -5 to 5, its surface is at 100 m.
    assert_eq!(
        [0, 8, 16].map(|at| double(&bytes, points + at).to_bits()),
        [-5.0f64, 5.0, 100.0].map(f64::to_bits)
    );
    let cells = find("CELLS 24 120\n");
    let word = |at: usize| i32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    let first: Vec<i32> = (0..5).map(|place| word(cells + 4 * place)).collect();
    assert_eq!(first, [4, 0, 5, 6, 1]);
    assert_eq!(word(find("CELL_TYPES 24\n")), 9);
    let median = find("SCALARS median double 1\nLOOKUP_TABLE default\n");
    assert!((double(&bytes, median) - 10f64.powf(-1.75)).abs() < 1e-12);
    // A sounding without a result.
    assert!(double(&bytes, median + 8 * DEPTHS).is_nan());
    assert_eq!(
        bytes.len(),
        find("SCALARS interface_probability double 1\nLOOKUP_TABLE default\n") + 8 * 24 + 1
    );
}

#[test]
fn netcdf_has_its_values_where_its_head_says() {
    let directory = results();
    let bytes = exported(directory.path(), "nc", "n.nc", &["--epsg", "28355"]);
    assert_eq!(bytes[..4], *b"CDF\x02");
    // The begin of a variable of one or two dimensions follows its type and size.
    let begin = |name: &str, kind: u32, size: u32| {
        let mut wanted = kind.to_be_bytes().to_vec();
        wanted.extend(size.to_be_bytes());
        let mut key = (name.len() as u32).to_be_bytes().to_vec();
        key.extend(name.as_bytes());
        // After the dimensions, of which one may have the name too.
        let places = (100..bytes.len() - 8).filter(|at| bytes[*at..].starts_with(&key));
        let at = places.max().unwrap();
        let next = (at..bytes.len())
            .find(|at| bytes[*at..].starts_with(&wanted))
            .unwrap();
        u64::from_be_bytes(bytes[next + 8..next + 16].try_into().unwrap()) as usize
    };
    let layers = begin("layers", 6, 48);
    assert!((double(&bytes, layers) - 1.75).abs() < 1e-15 && double(&bytes, layers + 8).is_nan());
    let median = begin("median", 5, 4 * 6 * 4);
    let first = f32::from_be_bytes(bytes[median..median + 4].try_into().unwrap());
    assert!((f64::from(first) - 10f64.powf(-1.75)).abs() < 1e-8);
    let status = begin("status", 1, 8);
    assert_eq!(bytes[status..status + 6], [1, 2, 0, 1, 2, 0]);
    let text = String::from_utf8_lossy(&bytes);
    for said in [
        "CF-1.8",
        "transverse_mercator",
        "projection_x_coordinate",
        "depth_bounds",
    ] {
        assert!(text.contains(said), "{said}");
    }
}

#[test]
fn unknown_formats_are_refused() {
    let directory = results();
    let (message, status) = refused(
        directory.path(),
        &["export", "results", "--format=tiff", "--output=x"],
    );
    assert!(
        status == 2 && message.contains("csv, vtk, nc, geojson, xyz, gdf2"),
        "{message}"
    );
    let arguments = ["export", "results", "--format=gdf2", "--output=x.dfn"];
    assert_eq!(refused(directory.path(), &arguments).1, 1);
    done(
        directory.path(),
        &[
            "export",
            "results",
            "--format=nc",
            "--epsg=2154",
            "--output=x.nc",
        ],
    );
}

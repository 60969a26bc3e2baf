use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::fixtures::{DEFINITION, EXPORT, FIXED, FREQUENCY};
use crate::gex::GEX;

const COILS: &str = "freq\n400,z,1,0,0,0,z,1,8,0,0\n3000,z,1,0,0,0,z,1,8,0,0\n";

fn inversion(directory: &Path, arguments: &[&str]) -> Output {
    for (name, text) in [
        ("fd.csv", FREQUENCY),
        ("fixed.dat", FIXED),
        ("fixed.dfn", DEFINITION),
        ("export.xyz", EXPORT),
        ("coils.stm", COILS),
        ("a.gex", GEX),
    ] {
        fs::write(directory.join(name), text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_inversion"));
    command
        .current_dir(directory)
        .args(arguments)
        .output()
        .unwrap()
}

fn told(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn data_are_inspected_whether_or_not_they_say_enough() {
    let directory = tempfile::tempdir().unwrap();
    for (arguments, status, parts) in [
        (
            &["inspect", "data", "fd.csv"][..],
            0,
            &[
                "format: Csv, 3 rows",
                "3 soundings of 4 channels (frequency domain) on 2 lines",
                "line 100.0: 2 soundings, fiducials 1.0 to 2.0, 7 data, 0 without any",
                "channel Quadrature_3000.0: system 0, quadrature at 3000 Hz: 2 data, 1 negative, \
                 -8.0 to 4.0",
            ][..],
        ),
        (
            &["inspect", "data", "fixed.dat"],
            0,
            &[
                "format: Gdf2",
                "column EMZ [3] in fT: -1.25 to 3.5, null is -999.999, 1 without a value",
                "missing: data: --map S0Z=",
                "note: elevation: no column",
            ],
        ),
        (
            &[
                "inspect",
                "data",
                "fixed.dat",
                "--map",
                "S0Z=EMZ,txrx_dx=-100,txrx_dz=-20",
            ],
            3,
            &["2 soundings of 3 channels (time domain)"],
        ),
        (
            &[
                "inspect",
                "data",
                "export.xyz",
                "--map",
                "txrx_dx=-13,txrx_dz=2",
                "--pair",
                "10",
            ],
            0,
            &[
                "format: Workbench",
                "null: 9999",
                "2 soundings of 3 channels",
                "standard deviations: given",
            ],
        ),
        (
            &["inspect", "system", "coils.stm"],
            0,
            &["400 Hz: HorizontalCoplanar, 8 m apart"],
        ),
        (
            &["inspect", "system", "a.gex"],
            0,
            &[
                "a Channel1 LM",
                "low-pass filter: 500000 Hz, order 2",
                "2 windows",
            ],
        ),
    ] {
        let output = inversion(directory.path(), arguments);
        let text = told(&output.stdout);
        assert_eq!(
            output.status.code(),
            Some(status),
            "{arguments:?}: {output:?}"
        );
        for part in parts {
            assert!(text.contains(part), "{arguments:?}: {part}: {text}");
        }
    }
}

#[test]
fn data_are_converted() {
    let directory = tempfile::tempdir().unwrap();
    let output = inversion(
        directory.path(),
        &[
            "convert",
            "export.xyz",
            "out.csv",
            "--system",
            "a.gex",
            "--pair",
            "10",
            "--map",
            "txrx_dx=-13,txrx_dz=2,S0Z=DBDT_Ch1GT1:DBDT_Ch1GT2,S1Z=DBDT_Ch2GT1:DBDT_STD_Ch1GT1",
        ],
    );
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(directory.path().join("out.csv")).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    assert!(
        rows[0]
            .ends_with("S0Z_time_9.500e-6,S0Z_time_2.950e-5,S1Z_time_3.000e-5,S1Z_time_1.100e-4"),
        "{}",
        rows[0]
    );
    assert_eq!(rows.len(), 3);
    for (arguments, status, part) in [
        (
            &["convert", "fd.csv", "b.csv", "--system", "a.gex"][..],
            1,
            "of different domains",
        ),
        (
            &[
                "convert",
                "export.xyz",
                "b.csv",
                "--system",
                "coils.stm",
                "--map",
                "txrx_dx=1,txrx_dz=1",
            ],
            1,
            "data of 2 systems",
        ),
        (
            &["convert", "no.csv", "b.csv", "--system", "coils.stm"],
            1,
            "no.csv: ",
        ),
        (
            &[
                "convert",
                "fd.csv",
                "b.csv",
                "--system",
                "coils.stm",
                "--map",
                "q=1",
            ],
            2,
            "q is no name to map",
        ),
        (
            &[
                "convert",
                "fd.csv",
                "coils.stm/b.csv",
                "--system",
                "coils.stm",
            ],
            1,
            "coils.stm: File exists",
        ),
    ] {
        let output = inversion(directory.path(), arguments);
        let message = told(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(status),
            "{arguments:?}: {message}"
        );
        assert!(message.contains(part), "{arguments:?}: {message}");
        assert!(!directory.path().join("b.csv").exists());
    }
}

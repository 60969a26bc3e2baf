use std::path::Path;

use super::*;
use crate::Result;
use crate::ini::Ini;

fn parse(keys: &str) -> Result<Settings> {
    let path = Path::new("analysis.ini");
    let ini = Ini::parse(&format!("[signal-processing]\n{keys}"), path)?;
    Settings::from_section(ini.required_section("signal-processing")?, path)
}

#[test]
fn an_empty_section_is_the_default() {
    let mut settings = parse("").unwrap();
    settings.path = Settings::default().path;
    assert_eq!(settings, Settings::default());
}

#[test]
fn keys_reach_their_fields() {
    let settings = parse(
        "N_IPP = 7.0\ngmf_method = grid-fast-dpt\ngmf_implementation = c\nmin_acceleration: \
         -1e3\nmax_range_gate=-5\n\
         missing = zero\ndpt_restrict = yes\ndc = first-acceleration\nmin_tx_amplitude = 0",
    )
    .unwrap();
    assert_eq!(settings.n_ipp, 7);
    assert_eq!(settings.gmf_method, Method::Fdpt);
    assert_eq!(settings.gmf_implementation, "c");
    assert_eq!(settings.max_range_gate, -5);
    assert_eq!(settings.missing, Missing::Zero);
    assert!(settings.dpt_restrict);
    assert_eq!(settings.dc, ZeroFrequency::FirstAcceleration);
    assert_eq!(settings.min_acceleration.to_bits(), (-1e3_f64).to_bits());
    assert_eq!(settings.min_tx_amplitude.to_bits(), 0.0_f64.to_bits());
}

#[test]
fn every_method_has_its_names() {
    for (word, method) in [
        ("fgmf", Method::Fgmf),
        ("grid-fast-gmf", Method::Fgmf),
        ("fdpt", Method::Fdpt),
        ("grid-fast-dpt", Method::Fdpt),
        ("grid-fast-no-reduce", Method::NoReduce),
        ("optimize", Method::Optimize),
        ("optimize-scipy-gmf", Method::Optimize),
        ("optimize-grid", Method::OptimizeGrid),
        ("optimize-grid-gmf", Method::OptimizeGrid),
    ] {
        let settings = parse(&format!("gmf_method = {word}")).unwrap();
        assert_eq!(settings.gmf_method, method, "{word}");
        assert_eq!(method.name().parse(), Ok(method));
    }
}

#[test]
fn reduced_axes_are_a_list() {
    for (list, canonical) in [
        ("", ""),
        ("none", ""),
        ("range", "range"),
        ("acceleration,range_rate", "range_rate, acceleration"),
        (
            "[range, range_rate, acceleration]",
            "range, range_rate, acceleration",
        ),
    ] {
        let settings = parse(&format!("reduce = {list}")).unwrap();
        assert_eq!(settings.reduce.list(), canonical, "{list}");
    }
}

#[test]
fn mistakes_are_named() {
    for (keys, told) in [
        (
            "n_ip = 7",
            "analysis.ini: n_ip: unknown key; did you mean n_ipp?",
        ),
        ("colour = red", "unknown key; known are"),
        ("n_ipp = 0", "analysis.ini: n_ipp: 0 is below 1"),
        ("n_ipp = 2.5", "not a whole number"),
        ("range_gate_step = -1", "range_gate_step: -1 is below 1"),
        ("ipp_offset = -1", "ipp_offset: -1 is below 0"),
        ("gmf_method = fgmg", "gmf_method: 'fgmg' is not one of"),
        ("reduce = range, doppler", "reduce: 'doppler' is not one of"),
        ("targets = 0", "targets: 0 is below 1"),
        ("targets = 1001", "targets: 1001 exceeds 1000"),
        (
            "target_separation_gates = -1",
            "target_separation_gates: must not be negative",
        ),
        ("compat = 2", "compat: "),
        ("gmf_implementation = fortran", "not one of auto"),
        ("missing = maybe", "not one of skip"),
        ("dc = both", "not one of plain"),
        ("dpt_restrict = perhaps", "neither true nor false"),
        (
            "min_acceleration = 300",
            "min_acceleration: lies above max_acceleration",
        ),
        ("min_tx_amplitude = -1", "must not be negative"),
        ("max_acceleration = inf", "not a finite number"),
    ] {
        let message = parse(keys).unwrap_err().to_string();
        assert!(message.contains(told), "{keys}: {message}");
        assert!(!message.contains('\n'));
    }
}

#[test]
fn file_and_section_must_exist() {
    assert!(
        Settings::read(Path::new("absent.ini"))
            .unwrap_err()
            .to_string()
            .contains("absent.ini")
    );
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("c.ini");
    std::fs::write(&path, "[other]\n").unwrap();
    assert!(
        Settings::read(&path)
            .unwrap_err()
            .to_string()
            .contains("[signal-processing] is missing")
    );
}

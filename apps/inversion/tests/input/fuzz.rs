//! Damaged files: no reader panics, goes on for ever or takes memory for what is only claimed.
//! `JOBWISE_DAMAGED` says how many each reader gets, `JOBWISE_SEED` where the sequence begins.

use std::io::Cursor;
use std::path::Path;

use jobwise_inversion::options::Options;
use jobwise_inversion::survey::Survey;
use jobwise_inversion::system::System;
use jobwise_testing::damage::damaged;
use jobwise_testing::{number, reference};

use crate::fixtures::{DEFINITION, EXPORT, FIXED, FREQUENCY, OLD_EXPORT, OPTIONS, reading};
use crate::gex::GEX;

/// How many damaged texts each reader gets.
const CASES: u64 = 3000;

/// Gives damaged copies of `whole` to a reader; some must be read in spite of that, and some
/// refused.
fn damage(whole: &str, sound: impl Fn(&str) -> bool) {
    assert!(sound(whole), "the sound text is refused");
    let seed = number("JOBWISE_SEED").unwrap_or(0);
    let count = number("JOBWISE_DAMAGED").unwrap_or(CASES);
    let mut read = 0;
    for case in seed..seed + count {
        let bytes = damaged(whole.as_bytes(), case);
        read += u64::from(sound(&String::from_utf8_lossy(&bytes)));
    }
    assert!(0 < read && read < count, "{read} of {count} were read");
}

#[test]
fn options() {
    let python = |text: &str| Options::parse(Path::new("o.py"), text, &[]).is_ok();
    damage(OPTIONS, python);
    let toml = Options::parse(Path::new("o.py"), OPTIONS, &[])
        .unwrap()
        .options
        .to_toml();
    damage(&toml, |text| {
        Options::parse(Path::new("o.toml"), text, &[]).is_ok()
    });
}

#[test]
fn data() {
    for (whole, map) in [
        (FREQUENCY, ""),
        (EXPORT, "txrx_dx=-13,txrx_dz=2"),
        (OLD_EXPORT, "txrx_dx=-13,txrx_dz=2"),
    ] {
        let map: Vec<&str> = Some(map)
            .into_iter()
            .filter(|map| !map.is_empty())
            .collect();
        let reading = reading(&map);
        damage(whole, |text| {
            let reader = Box::new(Cursor::new(text.as_bytes().to_vec()));
            let survey = Survey::from_reader(Path::new("a.xyz"), reader, None, &reading);
            // Rows that were refused count as refusals.
            survey.is_ok_and(|survey| survey.refused.count == 0)
        });
    }
}

#[test]
fn definitions() {
    let reading = reading(&["S0Z=EMZ,S0Z_err=EMZ_STD,txrx_dx=-100,txrx_dz=-20,height=30"]);
    let both = |definition: &str, data: &str| {
        let reader = Box::new(Cursor::new(data.as_bytes().to_vec()));
        let definition = Some((Path::new("a.dfn"), definition));
        let survey = Survey::from_reader(Path::new("a.dat"), reader, definition, &reading);
        survey.is_ok_and(|survey| survey.refused.count == 0)
    };
    damage(DEFINITION, |definition| both(definition, FIXED));
    damage(FIXED, |data| both(DEFINITION, data));
}

#[test]
fn systems() {
    damage(GEX, |text| System::parse(Path::new("a.gex"), text).is_ok());
    let Some(path) = reference("em/demo_lm_loop.stm") else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    damage(&text, |text| {
        System::parse(Path::new("a.stm"), text).is_ok()
    });
}

//! Surveys that others flew. The numbers were found by programs of a few lines in Python.

use jobwise_inversion::model::Place;
use jobwise_inversion::survey::{Format, Reading, Survey};
use jobwise_inversion::system::System;
use jobwise_testing::reference;

fn read(name: &str, map: &[&str], nulls: &[f64]) -> Option<Survey> {
    let path = reference(&format!("em/real/{name}"))?;
    let map: Vec<String> = map.iter().map(|text| (*text).to_owned()).collect();
    let reading = Reading::new(&map, &[], nulls).unwrap();
    Some(Survey::read(&path, &reading).unwrap())
}

/// Number of data that are there.
fn count(survey: &Survey) -> usize {
    survey
        .soundings
        .iter()
        .map(jobwise_inversion::survey::Sounding::count)
        .sum()
}

fn exactly(number: f64, expected: f64) {
    assert_eq!(
        number.to_bits(),
        expected.to_bits(),
        "{number} is not {expected}"
    );
}

#[test]
fn skytem_of_wisconsin() {
    let map = [
        "S0Z=LM_Data_0:LM_Data_26,S0Z_err=LM_DataSTD_0:LM_DataSTD_26",
        "S1Z=HM_Data_0:HM_Data_21,S1Z_err=HM_DataSTD_0:HM_DataSTD_21",
    ];
    let name = "gspy-skytem/skytem_processed_200.csv";
    let Some(survey) = read(name, &map, &[-9999.99]) else {
        return;
    };
    assert_eq!(survey.format, Format::Csv);
    assert_eq!((survey.soundings.len(), survey.lines.len()), (96, 11));
    assert_eq!((survey.channels.len(), count(&survey)), (49, 2404));
    // Three rows have no place of the receiver.
    assert_eq!(survey.refused.count, 3);
    let first = &survey.soundings[0];
    exactly(first.line, 100_101.0);
    exactly(first.data[5], 4.5234e-10);
    exactly(first.deviations.as_ref().unwrap()[5], 1.61e-11);
    let last = &survey.soundings[95];
    exactly(last.fiducial, 2469.0);
    exactly(last.data[27 + 3], 1.986e-11);
    exactly(last.deviations.as_ref().unwrap()[27 + 3], 5.98e-13);
}

#[test]
fn tempest_of_the_mississippi() {
    let map = ["S0X=EMX_HPRG,S0Z=EMZ_HPRG,txrx_dx=HSep_Std,txrx_dz=VSep_Std"];
    let Some(survey) = read("gspy-tempest/tempest_map_120.dat", &map, &[]) else {
        return;
    };
    assert_eq!(survey.format, Format::Gdf2);
    assert_eq!((survey.soundings.len(), survey.channels.len()), (50, 30));
    assert_eq!((count(&survey), survey.refused.count), (1500, 0));
    exactly(survey.soundings[0].data[0], 8.332_362);
    exactly(survey.soundings[49].data[29], 0.086_766);
    let Place::Geometry(geometry) = survey.soundings[49].place else {
        panic!("{:?}", survey.soundings[49])
    };
    exactly(geometry.tx_height, 126.94);
    exactly(survey.soundings[49].fiducial, 8815.4);
}

#[test]
fn tempest_of_australia() {
    let map = ["S0X=EMX_HPRG,S0Z=EMZ_HPRG,txrx_dx=HSep_Std,txrx_dz=VSep_Std"];
    let Some(survey) = read("tempest-ausaem/tempest_ausaem_100.dat", &map, &[]) else {
        return;
    };
    assert_eq!((survey.soundings.len(), count(&survey)), (50, 1500));
    exactly(survey.soundings[0].data[0], 9.495_726);
    exactly(survey.soundings[49].data[29], 0.022_056);
    let system = reference("em/real/tempest-ausaem/Tempest-25.0Hz.stm").unwrap();
    let systems = System::read_all(&system).unwrap();
    let text = survey.to_csv(&systems).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    assert!(rows[0].contains("S0X_time_1.333e-5") && rows.len() == 51);
    assert!(
        rows[1].starts_with("1007001.0,3656.4,467003.34,"),
        "{}",
        rows[1]
    );
}

#[test]
fn skytem_that_was_computed() {
    let map = ["S0Z=LMZ_Plus_Noise,S1Z=HMZ_Plus_Noise,S1Z_err=HMZ_Noise,S0Z_err=LMZ_Noise"];
    let Some(survey) = read("skytem-synth5/bhmar5.dat", &map, &[]) else {
        return;
    };
    assert_eq!((survey.soundings.len(), survey.channels.len()), (60, 39));
    exactly(survey.soundings[0].data[0], 3.312_037e-09);
    exactly(
        survey.soundings[59].deviations.as_ref().unwrap()[38],
        1.111_95e-14,
    );
    assert!(
        survey
            .notes
            .iter()
            .any(|note| note.contains("several columns are called Tx_Roll"))
    );
}

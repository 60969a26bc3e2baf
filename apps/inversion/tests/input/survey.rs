use jobwise_inversion::model::Place;
use jobwise_inversion::survey::{Line, Part, Reading, Survey};
use jobwise_inversion::system::{FrequencySystem, System};
use proptest::prelude::*;
use std::path::Path;

use crate::fixtures::{
    DEFINITION, EXPORT, FIXED, FREQUENCY, OLD_EXPORT, read, reading, refused, survey,
};

/// Bits, NaN among them, can be compared.
fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

fn height(survey: &Survey, index: usize) -> f64 {
    match survey.soundings[index].place {
        Place::Altitude(height) => height,
        Place::Geometry(geometry) => geometry.tx_height,
    }
}

#[test]
fn the_peers_csv_is_sorted_by_line_and_fiducial() {
    let survey = survey(FREQUENCY, &[]).unwrap();
    assert_eq!(
        survey.lines,
        [
            Line {
                number: 90.0,
                soundings: 0..1
            },
            Line {
                number: 100.0,
                soundings: 1..3
            },
        ]
    );
    assert_eq!(survey.soundings[0].count(), 0);
    assert_eq!(bits(&survey.soundings[1].data), bits(&[1.0, 2.0, 3.0, 4.0]));
    assert_eq!(
        bits(&survey.soundings[2].data),
        bits(&[5.0, f64::NAN, 7.0, -8.0])
    );
    assert_eq!((height(&survey, 2), survey.soundings[2].row), (31.0, 2));
    let parts: Vec<Part> = survey.channels.iter().map(|channel| channel.part).collect();
    assert_eq!(
        parts,
        [
            Part::InPhase,
            Part::InPhase,
            Part::Quadrature,
            Part::Quadrature
        ]
    );
    assert_eq!(survey.channels[3].at, Some(3000.0));
    assert!(survey.soundings[0].deviations.is_none() && survey.notes.is_empty());
    let with_blanks = FREQUENCY
        .replace(',', " ")
        .replace("   \n", "NaN NaN NaN NaN\n");
    assert_eq!(
        crate::fixtures::survey(&with_blanks, &[])
            .unwrap()
            .soundings
            .len(),
        3
    );
}

#[test]
fn a_bad_row_costs_itself() {
    let text = format!(
        "{FREQUENCY}100,3,1,2,30,1,5,6,7\n100,4,1,2,30,1,5,6,7,x\n100,5,1,2,-1,1,5,6,7,8\n\
         100,,1,2,30,1,5,6,7,8\n100,7,1,2,30,1,inf,6,7,8\n100,8,1,2,30,1,5,6,7,8\n100,9,1,2"
    );
    let survey = survey(&text, &[]).unwrap();
    assert_eq!((survey.soundings.len(), survey.refused.count), (4, 6));
    for (place, (line, told)) in [
        (5, "9 values where 10 are expected"),
        (6, "Quadrature_3000.0: x is no number"),
        (7, "height: -1 m is below the ground"),
        (8, "fiducial is missing"),
        (9, "In_Phase_400.0: inf is no measurement"),
        (11, "4 values where 10"),
    ]
    .into_iter()
    .enumerate()
    {
        let (found, problem) = &survey.refused.first[place];
        assert!(
            *found == line && problem.contains(told),
            "{found}: {problem}"
        );
    }
}

#[test]
fn a_fiducial_that_is_twice_names_both_lines() {
    let text = format!("{FREQUENCY}100,1.0,1,2,30,1,5,6,7,8\n");
    let message = refused(survey(&text, &[]));
    assert!(
        message.contains("a.dat: line 5: fiducial 1 of line 100 is also in line 3 of the file"),
        "{message}"
    );
}

#[test]
fn what_is_missing_is_named() {
    let cases = [
        (
            FREQUENCY.replace("Height", "Hoehe"),
            "height: --map height=COLUMN",
        ),
        (
            FREQUENCY.replace("Line_number", "L"),
            "line: --map line=COLUMN",
        ),
        (
            FREQUENCY.replace("Quadrature_3000", "Other_3000"),
            "2 in-phase columns and 1 of quadrature",
        ),
        (
            FREQUENCY
                .replace("In_Phase", "a")
                .replace("Quadrature", "b"),
            "data: --map S0Z=",
        ),
        (String::new(), "the file is empty"),
        ("1,2,3\n4,5,6\n".into(), "names of columns are expected"),
        (
            FREQUENCY.lines().next().unwrap().to_owned(),
            "there is no row",
        ),
        (
            format!("{}\nx\n", FREQUENCY.lines().next().unwrap()),
            "no row is a sounding: line 2: 1 values",
        ),
    ];
    for (text, told) in cases {
        let message = refused(survey(&text, &[]));
        assert!(message.contains(told), "{told}: {message}");
    }
    let missing = FREQUENCY.replace("Height", "h");
    assert_eq!(survey(&missing, &["height=h"]).unwrap().soundings.len(), 3);
}

#[test]
fn columns_are_mapped_with_signs_ranges_and_numbers() {
    let text = "l,f,a,b,c,s1,s2,s3\n1,1,-2,-3,9,.1,.2,.3\n1,2,-4,-5,7,.1,.2,.3\n";
    let map = [
        "line=l,fiducial=f,S0Z=-a:c,S0Z_rel=s1:s3",
        "height=30,txrx_dx=-13.25,txrx_dz=2,S1X=c,S1X_err=s2",
    ];
    let map: Vec<String> = map.map(String::from).to_vec();
    let reading = Reading::new(&map, &["S0Z=10".into()], &[9.0]).unwrap();
    let survey = read(text, None, &reading).unwrap();
    assert_eq!(
        bits(&survey.soundings[0].data),
        bits(&[20.0, 30.0, f64::NAN, f64::NAN])
    );
    let deviations = survey.soundings[1].deviations.as_ref().unwrap();
    assert_eq!(bits(deviations), bits(&[4.0, 10.0, 0.3 * 70.0, 0.2]));
    let Place::Geometry(geometry) = survey.soundings[0].place else {
        panic!()
    };
    assert_eq!((geometry.txrx_dx, geometry.tx_height), (-13.25, 30.0));
    for (map, told) in [
        ("S0Z=zz", "no column is called zz"),
        ("S0Z=c:a", "a stands before c"),
        ("hight=a", "hight is no name to map"),
        ("S0Z", "name=COLUMN is expected"),
        ("x=a:b", "a has 2 columns where one"),
        ("x=a,x=b", "x is given twice"),
    ] {
        let reading = Reading::new(&[map.into()], &[], &[]);
        let result = reading.and_then(|reading| read(text, None, &reading));
        assert!(refused(result).contains(told), "{map}");
    }
}

#[test]
fn fixed_width_needs_no_blanks() {
    let map = ["S0Z=EMZ,S0Z_err=EMZ_STD,txrx_dx=-100,txrx_dz=-20"];
    let survey = read(FIXED, Some(DEFINITION), &reading(&map)).unwrap();
    assert_eq!(survey.soundings.len(), 2);
    assert_eq!(
        bits(&survey.soundings[0].data),
        bits(&[-1.25, 2.5, f64::NAN])
    );
    assert_eq!(
        (survey.soundings[0].x, survey.soundings[0].y),
        (500_000.0, 6_200_000.0)
    );
    assert_eq!(
        bits(&survey.soundings[1].data),
        bits(&[1.25, f64::NAN, 3.5])
    );
    assert!(
        survey
            .notes
            .contains(&"1 data without a standard deviation are left out".into())
    );
    assert_eq!(survey.refused.first, [(3, "height is missing".into())]);
    // With the type of the record before each line, and in the other dialect.
    let typed = DEFINITION.replace("RT=;", "RT=DATA;").replace(" : ", ":");
    let lines = FIXED.lines().map(|line| match line.strip_prefix("COMM") {
        Some(_) => line.to_owned(),
        None => format!("DATA{line}"),
    });
    let lines: Vec<String> = lines.collect();
    let again = read(&lines.join("\n"), Some(&typed), &reading(&map)).unwrap();
    assert_eq!(
        bits(&again.soundings[1].data),
        bits(&survey.soundings[1].data)
    );
    // Blanks where widths do not hold.
    let free = FIXED
        .lines()
        .nth(1)
        .unwrap()
        .replace("500000.0", " 500000.0 ");
    let free = free.replace("-999.999", " -999.999");
    let free = read(&free, Some(DEFINITION), &reading(&map)).unwrap();
    assert_eq!(
        bits(&free.soundings[0].data),
        bits(&survey.soundings[0].data)
    );
}

#[test]
fn a_cut_line_is_no_row_of_other_numbers() {
    let map = ["S0Z=EMZ,txrx_dx=-100,txrx_dz=-20"];
    for cut in 1..9 {
        let cut = &FIXED[..FIXED.len() - 1 - cut];
        let survey = read(cut, Some(DEFINITION), &reading(&map)).unwrap();
        assert_eq!(survey.soundings.len(), 1, "{cut}");
        assert!(
            survey.refused.first[1].1.contains("the line is cut"),
            "{cut}"
        );
    }
    let text = format!("{FREQUENCY}100,9,1,2,30,1,5,6,7,812");
    let survey = survey(&text[..text.len() - 1], &[]).unwrap();
    assert!(
        survey
            .notes
            .iter()
            .any(|note| note.contains("it may be cut"))
    );
}

#[test]
fn a_definition_is_refused_with_its_line() {
    for (from, to, told) in [
        (
            "3F8.3",
            "99999999F8.3",
            "line 7: EMZ:99999999F8.3: more than",
        ),
        (
            "3F8.3",
            "9999999999999999999999F8.3",
            "line 7: 9999999999999999999999F8.3 is no format",
        ),
        ("3F8.3", "18446744073709551615F9", "line 7: EMZ:"),
        ("3F8.3", "F0", "line 7: EMZ:F0: the width is 0"),
        ("3F8.3", "Q8", "line 7: Q8 is no format"),
        ("NULL=-9,", "NULL=x,", "line 2: Line: NULL=x is no number"),
        (";", " ", "line 1: DEFN without a field"),
    ] {
        let result = read(FIXED, Some(&DEFINITION.replace(from, to)), &reading(&[]));
        let message = refused(result);
        assert!(
            message.contains("a.dfn: ") && message.contains(told),
            "{to}: {message}"
        );
    }
}

#[test]
fn rows_of_channels_of_workbench_are_paired() {
    let map = ["txrx_dx=-13,txrx_dz=2"];
    let apart = survey(EXPORT, &map).unwrap();
    assert_eq!(apart.soundings.len(), 3);
    assert_eq!(apart.channels[2].at, Some(1e-4));
    assert_eq!((apart.channels[2].system, apart.systems()), (1, 2));
    assert_eq!(
        bits(&apart.soundings[0].data),
        bits(&[2e-9, f64::NAN, f64::NAN])
    );
    let deviations = apart.soundings[1].deviations.as_ref().unwrap();
    assert_eq!(deviations[2].to_bits(), (0.05f64 * 4e-10).to_bits());
    let paired = read(EXPORT, None, &reading(&map).with_pairs_within(10.0)).unwrap();
    assert_eq!(paired.soundings.len(), 2);
    assert_eq!(
        bits(&paired.soundings[0].data),
        bits(&[2e-9, f64::NAN, 4e-10])
    );
    assert_eq!((paired.soundings[0].x, paired.soundings[0].y), (3.0, 4.0));
    assert_eq!(height(&paired, 0).to_bits(), 31.0f64.to_bits());
    let old = survey(OLD_EXPORT, &map).unwrap();
    assert_eq!(old.soundings.len(), 2);
    assert_eq!(bits(&old.soundings[0].data), bits(&[2e-9, 1e-9, 4e-10]));
    assert_eq!(
        bits(&old.soundings[1].data),
        bits(&[3e-9, f64::NAN, f64::NAN])
    );
    let wrong = EXPORT.replace("channel 1 is 2", "channel 1 is 3");
    assert!(refused(survey(&wrong, &map)).contains("channel 1 has 3 gates, but times of 2"));
    let wrong = EXPORT.replace("/9999", "/none");
    assert!(refused(survey(&wrong, &map)).contains("DUMMY none is no number"));
}

fn two_frequencies() -> [System; 1] {
    let text = "freq\n400,z,1,0,0,0,z,1,8,0,0\n3000,z,1,0,0,0,z,1,8,0,0\n";
    [System::Frequency(
        FrequencySystem::parse(Path::new("s.stm"), text).unwrap(),
    )]
}

#[test]
fn what_is_written_is_read_again() {
    let first = survey(FREQUENCY, &[]).unwrap();
    let text = first.to_csv(&two_frequencies()).unwrap();
    let again = survey(&text, &[]).unwrap();
    for (a, b) in first.soundings.iter().zip(&again.soundings) {
        assert_eq!(bits(&a.data), bits(&b.data));
        assert_eq!((a.line, a.fiducial, a.x), (b.line, b.fiducial, b.x));
    }
    let three = FREQUENCY
        .replace("Height", "Height,In_Phase_1,Quadrature_1")
        .replace("30.0", "30.0,1,1");
    let other = survey(&three, &[]).unwrap();
    let message = refused(other.check(&two_frequencies()));
    assert!(
        message.contains("in_phase: 3 columns of data where the system has 2"),
        "{message}"
    );
}

proptest! {
    #[test]
    fn numbers_are_written_with_all_digits(
        data in proptest::array::uniform4(proptest::num::f64::NORMAL),
        deviations in proptest::array::uniform4(1e-300f64..1e300),
    ) {
        let row = |numbers: [f64; 4]| numbers.map(|number| format!("{number:?}")).join(",");
        let head = FREQUENCY.lines().next().unwrap();
        let names = ["e1", "e2", "e3", "e4"].join(",");
        let text = format!("{head},{names}\n1,1,0,0,30,0,{},{}\n", row(data), row(deviations));
        let first = survey(&text, &["in_phase=In_Phase_400.0:In_Phase_3000.0", "quadrature=Quadrature_400.0:Quadrature_3000.0",
            "in_phase_err=e1:e2,quadrature_err=e3:e4"]).unwrap();
        let text = first.to_csv(&two_frequencies()).unwrap();
        let again = survey(&text, &[]).unwrap();
        prop_assert_eq!(bits(&again.soundings[0].data), bits(&data));
        prop_assert_eq!(bits(again.soundings[0].deviations.as_ref().unwrap()), bits(&deviations));
    }

    #[test]
    fn no_text_makes_it_panic(text in "[ -~\n,/]{0,300}", definition in "(DEFN ST=RECD,RT=;[ \
        -~]{0,20}:[0-9]{0,20}[AIFE][0-9]{0,3}\n){0,4}") {
        let _ = survey(&text, &[]);
        let _ = read(&text, Some(&definition), &reading(&["S0Z=1"]));
    }
}

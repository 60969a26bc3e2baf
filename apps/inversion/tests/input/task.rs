use std::fs;
use std::path::Path;

use jobwise_inversion::inference::infer;
use jobwise_inversion::options::Options;
use jobwise_inversion::survey::Reading;
use jobwise_inversion::task::Task;
use jobwise_testing::reference;
use tempfile::TempDir;

use crate::fixtures::{FREQUENCY, OPTIONS, refused};

const COILS: &str = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
400, z, 1, 0, 0, 0, z, 1, 8, 0, 0
3100, x, -1, 0, 0, 0, x, 1, 9, 0, 0
";

/// A dipole with a short ramp; three windows of x and z.
const RAMP: &str = include_str!("../ramp.stm");

/// Two systems; of the first one x and z, of the second one z.
const TIME: &str = "line,fid,x,y,height,tx_pitch,tx_roll,tx_yaw,txrx_dx,txrx_dy,txrx_dz,rx_pitch,\
rx_roll,rx_yaw,S0X_time_1,S0X_time_2,S0X_time_3,S0Z_time_1,S0Z_time_2,S0Z_time_3,S1Z_time_1,\
S1Z_time_2,S1Z_time_3,PX,PZ
7,1,0,0,30,0,0,0,-12,0,2,0,0,0,1,2,-3,4,5,NaN,7,8,9,100,200
";

/// A directory with the files of a task, and its options.
struct Files {
    directory: TempDir,
    settings: Vec<String>,
}

impl Files {
    fn of(data: &str, systems: &[&str], settings: &[&str]) -> Files {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("data.csv"), data).unwrap();
        let mut names = Vec::new();
        for (index, system) in systems.iter().enumerate() {
            let name = format!("system{index}.stm");
            fs::write(directory.path().join(&name), system).unwrap();
            names.push(format!("\"{name}\""));
        }
        let mut all = vec![
            format!("data_directory={}", directory.path().display()),
            "data_filename=data.csv".to_owned(),
            format!("system_filename=[{}]", names.join(",")),
            "initial_relative_error=0.05".to_owned(),
        ];
        all.extend(settings.iter().map(|setting| (*setting).to_owned()));
        Files {
            directory,
            settings: all,
        }
    }

    /// The frequency domain.
    fn frequency(settings: &[&str]) -> Files {
        Files::of(FREQUENCY, &[COILS], settings)
    }

    /// The time domain, with two systems.
    fn time(settings: &[&str]) -> Files {
        let mut all = vec!["data_type=TdemData"];
        all.extend(settings);
        Files::of(TIME, &[RAMP, RAMP], &all)
    }

    fn task(&self) -> jobwise_inversion::Result<Task> {
        assert!(self.directory.path().is_dir());
        let read = Options::parse(Path::new("options.py"), OPTIONS, &self.settings).unwrap();
        Task::read(read.options, &Reading::default())
    }
}

#[test]
fn soundings_of_the_frequency_domain_are_as_options_say() {
    let files = Files::frequency(&["depths=[1,2.5]", "number_of_edge_bins=40"]);
    let task = files.task().unwrap();
    assert!(task.notes.is_empty(), "{:?}", task.notes);
    assert_eq!(task.settings.number_of_edge_bins, Some(40));
    let walk = task.settings.additive_error[0].walk.unwrap();
    assert_eq!([walk.minimum, walk.maximum].map(|x| x as u32), [3, 20]);
    // By line and fiducial; the first one has no data.
    let message = refused(task.sounding(&task.survey.soundings[0]));
    assert!(message.contains("no datum is a number"), "{message}");
    let sounding = task.sounding(&task.survey.soundings[2]).unwrap();
    // A negative datum counts, a missing one does not.
    let active = sounding.observation.active().iter();
    let active: Vec<usize> = active.map(|active| active.channel).collect();
    assert_eq!(active, [0, 2, 3]);
    let request = task.request(&sounding);
    assert_eq!((request.chains, request.depths), (4, &[1.0, 2.5][..]));
    let compat = Files::frequency(&["mode=compat"]).task().unwrap();
    let sounding = compat.sounding(&compat.survey.soundings[2]).unwrap();
    assert_eq!(sounding.observation.active().len(), 2);
    assert_eq!(compat.request(&sounding).chains, 1);
}

#[test]
fn levels_are_one_for_all_or_one_per_system_or_component() {
    let initial = |settings: &[&str]| {
        let task = Files::time(settings).task().unwrap();
        let settings = &task.settings;
        [&settings.relative_error, &settings.additive_error].map(|levels| {
            levels
                .iter()
                .map(|level| level.initial)
                .collect::<Vec<f64>>()
        })
    };
    assert_eq!(initial(&[]), [vec![0.05; 3], vec![5.0; 2]]);
    assert_eq!(
        initial(&[
            "initial_relative_error=[0.1,0.2,0.3]",
            "initial_additive_error=[4,6]"
        ]),
        [vec![0.1, 0.2, 0.3], vec![4.0, 6.0]]
    );
    assert_eq!(
        initial(&["initial_relative_error=[0.1,0.2]"])[0],
        [0.1, 0.1, 0.2]
    );
    let message = refused(Files::time(&["initial_additive_error=[4,5,6]"]).task());
    let expected = "initial_additive_error: 3 values: one is expected, or 2 for each system";
    assert_eq!(message, expected);
    let message = refused(Files::time(&["initial_relative_error=[.1,.1,.1,.1]"]).task());
    assert!(
        message.ends_with("system, or 3 for each component"),
        "{message}"
    );
}

#[test]
fn additive_errors_of_the_time_domain_fall_with_time() {
    let settings = ["initial_relative_error=[0.05,0.1]", "error_model=observed"];
    let task = Files::time(&settings).task().unwrap();
    let sounding = task.sounding(&task.survey.soundings[0]).unwrap();
    assert_eq!(sounding.instrument.channels(), 9);
    let state = jobwise_inversion::state::State::new(
        &task.settings,
        &sounding,
        jobwise_inversion::earth::Earth::half_space(0.1, 30),
    );
    let deviations = state.unwrap().deviations;
    let expected = [
        (0.05f64, 1.0, 0.15f64),
        (0.05, 2.0, 0.35),
        (0.05, -3.0, 2.0),
        (0.05, 4.0, 0.15),
        (0.05, 5.0, 0.35),
        (0.1, 7.0, 0.15),
        (0.1, 8.0, 0.35),
        (0.1, 9.0, 2.0),
    ];
    assert_eq!(deviations.len(), expected.len());
    for (found, (relative, datum, time)) in deviations.iter().zip(expected) {
        let expected = (relative * datum).hypot(5.0 / time.sqrt());
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
    }
}

#[test]
fn data_of_tempest_hold_the_primary_field() {
    let task = Files::time(&["data_type=TempestData"]).task().unwrap();
    let sounding = task.sounding(&task.survey.soundings[0]).unwrap();
    let active = sounding.observation.active().iter();
    let data: Vec<f64> = active.map(|active| active.datum).collect();
    assert_eq!(
        data,
        [101.0, 102.0, 97.0, 204.0, 205.0, 207.0, 208.0, 209.0]
    );
    // Without it.
    let text = TIME.replace("PX,PZ", "P1,P2");
    let settings = ["data_type=TempestData"];
    let task = Files::of(&text, &[RAMP, RAMP], &settings).task().unwrap();
    let message = refused(task.sounding(&task.survey.soundings[0]));
    assert!(
        message.contains("need PX; those that are secondary"),
        "{message}"
    );
}

#[test]
fn deviations_of_the_file_are_used_where_options_say_so() {
    let text = FREQUENCY.replace("Quadrature_3000.0\n", "Quadrature_3000.0,In_Phase_400.0_err,In_Phase_3000.0_err,Quadrature_400.0_err,Quadrature_3000.0_err\n")
        .replace("-8.0\n", "-8.0,1,NaN,2,3\n")
        .replace("3.0,4.0\n", "3.0,4.0,1,1,1,1\n")
        .replace(",,,,\n", ",,,,,,,,\n");
    let settings = [
        "use_errors=True",
        "solve_relative_error=False",
        "solve_additive_error=False",
    ];
    let none = |name: &str| format!("initial_{name}_error=None");
    let (relative, additive) = (none("relative"), none("additive"));
    for (is_beside, expected) in [
        (false, [1.0f64, 2.0, 3.0]),
        (
            true,
            [
                0.25f64.hypot(1.0).hypot(5.0),
                0.35f64.hypot(2.0).hypot(5.0),
                0.4f64.hypot(3.0).hypot(5.0),
            ],
        ),
    ] {
        let mut all = settings.to_vec();
        if !is_beside {
            all.extend([&*relative, &*additive]);
        }
        all.push("error_model=observed");
        let task = Files::of(&text, &[COILS], &all).task().unwrap();
        let sounding = task.sounding(&task.survey.soundings[2]).unwrap();
        let earth = jobwise_inversion::earth::Earth::half_space(0.1, 30);
        let state = jobwise_inversion::state::State::new(&task.settings, &sounding, earth).unwrap();
        assert_eq!(state.deviations.len(), 3);
        for (found, expected) in state.deviations.iter().zip(expected) {
            assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
        }
    }
    let message = refused(Files::of(FREQUENCY, &[COILS], &settings).task());
    assert!(
        message.contains("data.csv: use_errors, but no column"),
        "{message}"
    );
}

#[test]
fn what_does_not_fit_is_refused_in_one_line() {
    let systems = |systems: &[&str]| Files::of(FREQUENCY, systems, &[]);
    let time = |text: &str, systems: &[&str]| Files::of(text, systems, &["data_type=TdemData"]);
    let third = COILS.to_owned() + "9000, z, 1, 0, 0, 0, z, 1, 8, 0, 0\n";
    let swapped: String = {
        let lines: Vec<&str> = COILS.lines().collect();
        format!("{}\n{}\n{}\n", lines[0], lines[2], lines[1])
    };
    let perpendicular = COILS.replace("x, 1, 9", "z, 1, 9");
    let across = COILS.replace("8, 0, 0", "8, 1, 0");
    let cases = [
        (
            systems(&[&third]),
            "4 data, where the system has 3 frequencies",
        ),
        (
            systems(&[&swapped]),
            "column In_Phase_400.0 stands where the system has 3100 Hz",
        ),
        (
            systems(&[COILS, COILS]),
            "2 frequency-domain systems, where one is supported",
        ),
        (
            systems(&[RAMP]),
            "a system of the time domain, where data_type is FdemData",
        ),
        (systems(&[&perpendicular]), "no primary field"),
        (
            Files::of(FREQUENCY, &[&across], &["mode=compat"]),
            "frequency 1 (400 Hz): geobipy computes another field",
        ),
        (
            time(FREQUENCY, &[RAMP]),
            "the data are of the frequency domain, where data_type is TdemData",
        ),
        (
            time(TIME, &[RAMP]),
            "data of 2 systems, where system_filename names 1",
        ),
        (
            time(&TIME.replace("S1Z_time_3", "S1X_time_3"), &[RAMP, RAMP]),
            "1 data of component X of system 1, where the system has 3 windows",
        ),
        (
            time(
                TIME,
                &[
                    &RAMP.replace("XOutputScaling = 1", "XOutputScaling = 0"),
                    RAMP,
                ],
            ),
            "S0X_time_1 is data of component X of system 0, which has none",
        ),
        (
            time(TIME, &[RAMP, &RAMP.replace("1e-4 2e-4", "-2e-4 1e-4")]),
            "system1.stm: the window from -0.0002 s to 0.0001 s is not after 0 s",
        ),
        (
            Files::frequency(&[
                "solve_x=True",
                "maximum_x_change=1",
                "x_proposal_variance=1",
            ]),
            "solve_x: only the height",
        ),
        (
            Files::time(&[
                "solve_receiver_pitch=True",
                "maximum_receiver_pitch_change=1",
                "receiver_pitch_proposal_variance=1",
            ]),
            "solve_receiver_pitch: only the height",
        ),
        (
            Files::frequency(&["jacobian=peer"]),
            "chains of mode exact take correct derivatives, not peer",
        ),
        (
            Files::frequency(&["mode=compat", "temperatures=[2,10]"]),
            "temperatures: 2: mode compat has none",
        ),
        (
            Files::frequency(&["data_filename=absent.csv"]),
            "absent.csv",
        ),
    ];
    for (files, expected) in cases {
        let message = refused(files.task());
        assert!(message.contains(expected), "{expected}: {message}");
    }
}

#[test]
fn options_that_do_nothing_are_told() {
    let settings = [
        "covariance_scaling=0.5",
        "gradient_weight=1",
        "stochastic_newton=False",
        "solve_parameter=False",
    ];
    let task = Files::frequency(&settings).task().unwrap();
    assert_eq!(task.notes.len(), 4, "{:?}", task.notes);
    assert!(task.notes[0].contains("the prior of conductivities counts"));
    assert!(task.notes[1].contains("covariance_scaling is read and does nothing in mode exact"));
    let mut compat = settings.to_vec();
    compat.extend(["mode=compat", "multiplier=2"]);
    let task = Files::frequency(&compat).task().unwrap();
    assert_eq!(task.notes, ["multiplier is read and does nothing"]);
}

/// The reference lines, from their own options.
#[test]
fn reference_lines_are_inverted_from_their_options() {
    let Some(directory) = reference("em") else {
        return;
    };
    for name in ["options_fd.py", "options_td.py"] {
        for mode in ["compat", "exact"] {
            let settings = [
                format!("data_directory={}", directory.display()),
                format!("mode={mode}"),
                "n_markov_chains=600".into(),
                "minimum_burn_in=300".into(),
                "maximum_number_of_layers=8".into(),
                "chains=2".into(),
                "depths=[5,20]".into(),
                "solve_z=True".into(),
            ];
            let read = Options::read(&directory.join(name), &settings).unwrap();
            let task = Task::read(read.options, &Reading::default()).unwrap();
            let sounding = task.sounding(&task.survey.soundings[0]).unwrap();
            let found = infer(&task.request(&sounding), &|| false).unwrap().unwrap();
            assert!(
                found.failure.is_none(),
                "{name} {mode}: {:?}",
                found.failure
            );
            // The first one is over a half-space of 0.02 S/m.
            for statistic in found.statistics.iter().rev().take(2) {
                let deviation = (statistic.mean - 0.02f64.ln()).abs();
                println!("{name} {mode} {}: {deviation:.3}", statistic.quantity);
                assert!(
                    deviation < 0.2,
                    "{name} {mode} {}: {deviation}",
                    statistic.quantity
                );
            }
        }
    }
}

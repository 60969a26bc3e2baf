//! Results groups that the peer left in every state.

use std::marker::PhantomData;

use jobwise_core::Cancel;
use jobwise_hdf5::file_access;
use jobwise_usid::filter::{Filter, FrequencyFilter, Request};
use jobwise_usid::format::Main;
use jobwise_usid::process::earlier::Same;
use jobwise_usid::process::{Recipe, earlier};

use crate::common;

fn query(noise: f64) -> Filter<f64> {
    Filter {
        request: Request {
            filters: vec![FrequencyFilter::LowPass {
                cutoff: 1000.0,
                roll_off: 0.05,
            }],
            noise_threshold: Some(noise),
            write_filtered: true,
            num_pix: 1,
            rate: Some(6400.0),
            ..Request::default()
        },
        precision: PhantomData,
    }
}

#[test]
fn each_state_is_told_from_the_others() {
    let Some((_directory, path)) = common::copy("usid_process_states.h5") else {
        return;
    };
    let before = std::fs::read(&path).unwrap();
    let file = file_access::open(&path).unwrap();
    let source = Main::choose(&file, None).unwrap();
    let recipe = query(0.001);
    let parameters = recipe.parameters(&source).unwrap();
    let same = Same {
        cancel: &Cancel::default(),
        source: &source,
        fingerprint: "of no run of ours",
        parameters: &parameters,
    };
    let found = earlier::search(&source.parent().unwrap(), recipe.tool(), &same).unwrap();
    let names = |complete: bool| -> Vec<&str> {
        let groups = found
            .groups
            .iter()
            .filter(|group| group.is_complete() == complete);
        groups
            .map(|group| &group.path[group.path.len() - 3..])
            .collect()
    };
    assert_eq!(names(true), ["000", "003"]);
    assert_eq!(names(false), ["001", "002"]);
    assert_eq!(found.groups[2].done.len(), 7);
    let reasons: Vec<(&str, &str)> = found
        .others
        .iter()
        .map(|(path, reason)| (&path[path.len() - 3..], reason.reason.as_str()))
        .collect();
    let wanted = [
        ("004", "neither"),
        ("005", "not a vector"),
        ("006", "not a vector"),
        ("007", "noise_threshold"),
    ];
    assert_eq!(reasons.len(), wanted.len());
    for ((index, reason), (wanted, word)) in reasons.iter().zip(wanted) {
        assert_eq!(*index, wanted);
        assert!(reason.contains(word), "{index}: {reason}");
    }
    assert!(found.best().unwrap().path.ends_with("003"));
    drop(file);
    assert!(
        std::fs::read(&path).unwrap() == before,
        "looking must not write"
    );
}

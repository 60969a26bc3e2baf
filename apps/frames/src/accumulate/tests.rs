use jobwise_core::{Comm, Error, LocalCluster};

use super::*;
use crate::distributor::Files;
use crate::frame::{Frame, FrameType, Place};
use crate::pipeline::Pipeline;

fn scan(file: &str, number: u64) -> Frame {
    let mut frame = Frame::new(FrameType::SCAN);
    frame.put("ObservationID", (number / 3) as i64);
    frame.set_place(Place {
        file: std::path::Path::new(file).into(),
        frame: number,
        offset: 0,
    });
    frame
}

/// Rank `r` has every `size`-th scan of two files, in a wild order.
fn accumulated(comm: &dyn Comm) -> Accumulated<i64, String> {
    let accumulator = Accumulator::new();
    let mut observation = Observation::new();
    let mut pipeline = Pipeline::new().add(
        "accumulate",
        accumulator.module(move |frame| {
            observation.see(frame);
            let Some(place) = frame.place().filter(|_| frame.kind().is_data()) else {
                return Ok(None);
            };
            let number = place.frame as i64;
            Ok(Some(Found {
                group: observation.name(frame)?,
                metadata: -number,
                data: format!("{}:{number}", place.file.display()),
            }))
        }),
    );
    let mut scans: Vec<Frame> = (0..6)
        .flat_map(|n| [scan("z.g3", n), scan("a.g3", n)])
        .collect();
    scans.rotate_left(5);
    for (_, frame) in scans
        .into_iter()
        .enumerate()
        .filter(|(n, _)| n % comm.size() == comm.rank())
    {
        pipeline.push(frame).unwrap();
    }
    pipeline.end().unwrap();
    drop(pipeline);
    let files = Files::parallel(vec!["z.g3".into(), "a.g3".into()]);
    accumulator.gather(comm, &files).unwrap()
}

#[test]
fn what_is_found_has_one_order_for_any_number_of_ranks() {
    for size in [1, 2, 5] {
        let ranks = LocalCluster::run(size, |comm| {
            let comm: &dyn Comm = &comm;
            let mut all = accumulated(comm);
            let names: Vec<_> = all
                .groups()
                .iter()
                .map(|group| group.name.clone())
                .collect();
            assert_eq!(names, ["0", "1"]);
            let numbers = |all: &Accumulated<i64, String>, group: usize| -> Vec<i64> {
                all.groups()[group]
                    .entries
                    .iter()
                    .map(|entry| entry.metadata)
                    .collect()
            };
            // z.g3 is the first in the list.
            assert_eq!(numbers(&all, 1), [-3, -4, -5, -3, -4, -5]);
            let wanted = [(1, 3), (0, 0), (1, 3)];
            let fetched = all.fetch(comm, &wanted).unwrap();
            assert_eq!(fetched, ["a.g3:3", "z.g3:0", "a.g3:3"]);
            all.sort_by(i64::cmp);
            assert_eq!(numbers(&all, 0), [-2, -2, -1, -1, 0, 0]);
            assert_eq!(all.fetch(comm, &[(0, 1)]).unwrap(), ["a.g3:2"]);
            let all = all
                .redistribute(comm, |group, entry| (group + entry) % comm.size())
                .unwrap();
            let held = |group: usize, entry: usize| all.data(group, entry).cloned();
            assert_eq!(held(0, 1).is_some(), comm.rank() == 1 % comm.size());
            assert_eq!(
                all.fetch(comm, &[(0, 1), (1, 5)]).unwrap(),
                ["a.g3:2", "a.g3:3"]
            );
            assert!(all.fetch(comm, &[(2, 0)]).is_err());
        });
        assert!(ranks.iter().all(Result::is_ok), "{size} ranks");
    }
}

#[test]
fn frames_belong_to_their_own_observation_or_the_last_one() {
    let mut extract = whole_frames();
    let mut observation = Frame::new(FrameType::OBSERVATION);
    observation.put("SourceName", crate::archive::Text::from("field3"));
    observation.put("ObservationID", 7i64);
    assert!(extract(&observation).unwrap().is_none());
    assert_eq!(
        extract(&Frame::new(FrameType::SCAN))
            .unwrap()
            .unwrap()
            .group,
        "field3-7"
    );
    assert_eq!(
        extract(&scan("a.g3", 9)).unwrap().unwrap().group,
        "field3-3"
    );
}

/// What is found by default, whole frames, on every rank.
#[test]
fn whole_frames_go_where_they_are_wanted() {
    let ranks = LocalCluster::run(3, |comm| {
        let comm: &dyn Comm = &comm;
        let accumulator = Accumulator::new();
        let mut pipeline = Pipeline::new().add("keep", accumulator.module(whole_frames()));
        let own = scan("a.g3", 2 - comm.rank() as u64);
        pipeline.push(own.clone()).unwrap();
        pipeline.end().unwrap();
        drop(pipeline);
        let files = Files::parallel(vec!["a.g3".into()]);
        let all = accumulator.gather(comm, &files).unwrap();
        assert_eq!(all.groups().len(), 1);
        let fetched = all.fetch(comm, &[(0, 2 - comm.rank())]).unwrap();
        let frame = fetched[0].frame().unwrap();
        assert_eq!(frame.place(), own.place());
        assert_eq!(frame.digest().unwrap(), own.digest().unwrap());
        let at_root = all.at_root(comm, |get| get(0, 0));
        let place = at_root.unwrap().map(|packed| packed.at());
        let expected = (comm.rank() == 0).then(|| "a.g3: frame 0 at byte 0: ".to_owned());
        assert_eq!(place, expected);
        let failed = all.at_root(comm, |_| Err::<(), _>(Error::Program("no".into())));
        assert!(failed.unwrap_err().to_string().contains("no"));
        let moved = all.redistribute(comm, |_, entry| entry).unwrap();
        let held = moved.data(0, comm.rank()).unwrap().frame().unwrap();
        assert_eq!(held.place().unwrap().frame, comm.rank() as u64);
    });
    assert!(ranks.iter().all(Result::is_ok));
}

use std::sync::{Arc, Mutex};

use super::*;
use crate::object::Value;

/// What a module behind `module` sees of a pipeline of two scans, as in the reference of returns.
fn seen<By>(module: impl IntoModule<'static, By>) -> Vec<String> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let scans = (1..=2).map(|number| {
        let mut frame = Frame::new(FrameType::SCAN);
        frame.put("n", Value::from(i64::from(number)));
        frame
    });
    let kept = Arc::clone(&seen);
    let outcome = Pipeline::new()
        .add("scans", source(scans))
        .add("module", module)
        .add("look", move |frame: &mut Frame| {
            kept.lock().unwrap().push(label(frame));
        })
        .run();
    let mut seen = seen.lock().unwrap().clone();
    seen.extend(outcome.err().map(|error| error.to_string()));
    seen
}

fn label(frame: &Frame) -> String {
    let number = frame.find_as::<i64>("n").unwrap();
    let kind = frame.kind().name().unwrap();
    format!("{kind}{}", number.map(i64::to_string).unwrap_or_default())
}

fn map() -> Frame {
    Frame::new(FrameType::MAP)
}

#[test]
fn what_a_closure_returns_becomes_of_the_frame() {
    let all = ["PipelineInfo", "Scan1", "Scan2", "EndProcessing"];
    assert_eq!(seen(|_: &mut Frame| ()), all);
    assert_eq!(seen(|_: &mut Frame| true), all);
    assert_eq!(seen(|_: &mut Frame| false), ["EndProcessing"]);
    assert_eq!(seen(|frame: &mut Frame| frame.clone()), all);
    assert_eq!(seen(|frame: &mut Frame| Some(frame.clone())), all);
    assert_eq!(
        seen(|frame: &mut Frame| Ok::<_, String>(frame.clone())),
        all
    );
    let twice: Vec<_> = all.iter().flat_map(|name| [name; 2]).copied().collect();
    assert_eq!(seen(|frame: &mut Frame| vec![frame.clone(); 2]), twice);
    assert_eq!(
        seen(|frame: &mut Frame| vec![map(), frame.clone()]),
        [
            "Map",
            "PipelineInfo",
            "Map",
            "Scan1",
            "Map",
            "Scan2",
            "Map",
            "EndProcessing"
        ],
    );
}

#[test]
fn a_module_that_swallows_the_end_is_an_error() {
    let error = "module module: it put nothing out for EndProcessing";
    let nothing = seen(|_: &mut Frame| Vec::new());
    assert!(
        nothing.len() == 1 && nothing[0].starts_with(error),
        "{nothing:?}"
    );
    let maps = seen(|_: &mut Frame| map());
    assert_eq!(maps[..3], ["Map", "Map", "Map"]);
    assert!(maps[3].contains("another frame"), "{maps:?}");
}

#[test]
fn an_error_names_the_module_and_the_frame_and_ends_everything() {
    let place = Place {
        file: Arc::from(std::path::Path::new("some.g3")),
        frame: 7,
        offset: 1234,
    };
    let mut frame = map();
    frame.set_place(place);
    let mut has_ended = false;
    let outcome = Pipeline::new()
        .add("maps", source([frame]))
        .without_record()
        .add("divide", |_: &mut Frame| Err::<(), _>("division by zero"))
        .add("end", |frame: &mut Frame| {
            has_ended |= frame.kind().is_end();
        })
        .run();
    let error = outcome.unwrap_err().to_string();
    assert_eq!(
        error,
        "some.g3: frame 7 at byte 1234: module divide: division by zero"
    );
    assert!(!has_ended);
}

#[test]
fn a_pipeline_halts_behind_the_frame_that_says_so() {
    let halt = Cancel::new();
    let mut seen = Vec::new();
    let scans = (1..=9).map(|number: i64| {
        let mut frame = Frame::new(FrameType::SCAN);
        frame.put("n", Value::from(number));
        frame
    });
    Pipeline::new()
        .add("scans", source(scans))
        .add("halt", |frame: &mut Frame| {
            if frame.find_as::<i64>("n").unwrap() == Some(&3) {
                halt.cancel();
            }
        })
        .add("look", |frame: &mut Frame| seen.push(label(frame)))
        .halt_on(&halt)
        .run()
        .unwrap();
    assert_eq!(
        seen,
        ["PipelineInfo", "Scan1", "Scan2", "Scan3", "EndProcessing"]
    );
}

#[test]
fn the_record_goes_behind_what_comes_first_and_into_an_earlier_one() {
    let kinds = |text: &str| -> Vec<Frame> {
        let kind = |letter: char| Frame::new(FrameType(letter as u32));
        text.chars().map(kind).collect()
    };
    let through = |frames: Vec<Frame>| {
        let mut seen = String::new();
        let mut keys = Vec::new();
        Pipeline::new()
            .add("source", source(frames))
            .add("look", |frame: &mut Frame| {
                seen.push_str(&frame.kind().to_string());
                if frame.kind() == FrameType::PIPELINE_INFO {
                    keys.push(frame.len());
                }
            })
            .run()
            .unwrap();
        (seen, keys)
    };
    assert_eq!(through(kinds("OWCSS")), ("OWCPSSZ".into(), vec![1]));
    assert_eq!(through(kinds("OWHCS")), ("OWPHCSZ".into(), vec![1]));
    // A second record with the names that the first one came with is dropped.
    assert_eq!(through(kinds("OPSPS")), ("OPSSZ".into(), vec![1]));
    assert_eq!(through(kinds("OW")), ("OWPZ".into(), vec![1]));
}

#[test]
fn a_pipeline_without_a_source_is_given_frames() {
    let mut seen = Vec::new();
    let mut pipeline = Pipeline::new()
        .with_times()
        .add("look", |frame: &mut Frame| seen.push(label(frame)));
    pipeline.push(Frame::new(FrameType::SCAN)).unwrap();
    let profile = pipeline.end().unwrap();
    assert!(pipeline.push(map()).is_err());
    assert_eq!(profile.modules[0].frames, 3);
    assert!(profile.to_string().contains("look"), "{profile}");
    drop(pipeline);
    assert_eq!(seen, ["PipelineInfo", "Scan", "EndProcessing"]);
}

struct Counting<'a>(&'a mut u32);
impl Module for Counting<'_> {
    fn process(&mut self, frame: Option<Frame>, _: &mut Frames) -> Result<(), Cause> {
        assert!(frame.is_none());
        *self.0 += 1;
        Ok(())
    }
}

#[test]
fn one_module_alone_gets_no_end() {
    let mut asked = 0;
    Pipeline::new()
        .add("alone", Counting(&mut asked))
        .run()
        .unwrap();
    assert_eq!(asked, 1);
    assert!(Pipeline::new().run().is_err());
}

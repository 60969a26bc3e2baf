use std::path::Path;

use super::*;
use crate::frame::Frame;
use crate::input::Options;
use crate::output::{Division, Parts, Writer};
use crate::pipeline::{IntoModule, Pipeline, source};

/// Frames like `O1 S2`: a type, and the number `n`.
fn frames(text: &str) -> Vec<Frame> {
    let frame = |word: &str| {
        let (kind, number) = word.split_at(1);
        let mut frame = Frame::new(kind.parse().unwrap());
        frame.put("n", number.parse::<i64>().unwrap());
        frame
    };
    text.split_whitespace().map(frame).collect()
}

/// What comes of frames behind a module.
fn through<By>(text: &str, module: impl IntoModule<'static, By>) -> String {
    seen(
        Pipeline::new()
            .add("source", source(frames(text)))
            .add("module", module),
    )
    .unwrap()
}

fn seen(pipeline: Pipeline<'_>) -> Result<String, String> {
    let mut words = Vec::new();
    let note = |frame: &mut Frame| {
        let number = frame.find_as::<i64>("n").unwrap();
        words.push(format!(
            "{}{}",
            frame.kind(),
            number.map(i64::to_string).unwrap_or_default()
        ));
    };
    let outcome = pipeline.without_record().add("look", note).run();
    outcome.map_err(|error| error.to_string())?;
    Ok(words.join(" "))
}

#[test]
fn equal_metadata_are_dropped_whatever_the_order_of_names() {
    let text = "O1 W1 S1 O1 S1 W2 O1 W2 S1";
    assert_eq!(through(text, Deduplicate::new()), "O1 W1 S1 S1 W2 S1 Z");
    let mut one = Frame::new(FrameType::OBSERVATION);
    one.put("a", 1i64);
    let mut other = one.clone();
    one.put("b", 2i64);
    other = {
        let mut swapped = Frame::new(other.kind());
        swapped.put("b", 2i64);
        swapped.put("a", 1i64);
        swapped
    };
    let mut seen = 0;
    Pipeline::new()
        .without_record()
        .add("source", source([one, other]))
        .add("deduplicate", Deduplicate::new())
        .add("count", |_: &mut Frame| seen += 1)
        .run()
        .unwrap();
    assert_eq!(seen, 2);
}

#[test]
fn metadata_that_nothing_follows_are_dropped() {
    let text = "O1 W1 C1 O2 S1 S2 C2 C3 S3 O4";
    assert_eq!(through(text, DropOrphans::new()), "O2 W1 C1 S1 S2 C3 S3 Z");
}

#[test]
fn objects_are_deleted_kept_and_renamed() {
    let scans = || Types::only([FrameType::SCAN]);
    assert_eq!(through("O1 S1", Delete::new(["n"], scans())), "O1 S Z");
    assert_eq!(through("O1 S1", Keep::new(["m"], Types::all())), "O S Z");
    assert_eq!(
        through("O1 S1", Rename::new([("n", "m")], scans())),
        "O1 S Z"
    );
    let text = super::show::text(&frames("S1")[0]);
    assert_eq!(text, "Frame (Scan) [\n    n (G3Int)\n]\n");
}

#[test]
fn a_frame_is_injected_and_a_pipeline_aborted() {
    let injected = frames("M7").remove(0);
    assert_eq!(through("O1 S1", Inject::new(injected)), "M7 O1 S1 Z");
    let pipeline = Pipeline::new().add("source", source(frames("O1 S1 S2")));
    let aborted = seen(pipeline.add("abort", abort_after(2))).unwrap_err();
    assert_eq!(
        aborted,
        "module abort: aborted after 2 frames, as it was asked for"
    );
}

#[test]
fn files_are_read_and_written() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let write = |path: &Path, text: &str, types: Types| {
        let writer = Writer::create(path).unwrap();
        let pipeline = Pipeline::new().add("source", source(frames(text)));
        seen(pipeline.add("write", Write::new(writer, types)))
    };
    let read = |names: &[&str], most| {
        let files = names.iter().map(|name| at(name));
        let module = read(files, &Options::default(), most).map_err(|error| error.to_string())?;
        seen(Pipeline::new().add("read", module))
    };
    assert_eq!(
        write(&at("a.g3"), "O1 S1 S2", Types::all()).unwrap(),
        "O1 S1 S2 Z"
    );
    write(&at("b.g3.gz"), "O1 S3", Types::only([FrameType::SCAN])).unwrap();
    assert_eq!(read(&["a.g3", "b.g3.gz"], None).unwrap(), "O1 S1 S2 S3 Z");
    assert_eq!(read(&["a.g3", "b.g3.gz"], Some(2)).unwrap(), "O1 S1 Z");
    assert!(
        read(&["a.g3", "absent.g3"], None)
            .unwrap_err()
            .contains("absent.g3")
    );
    assert!(read(&[], None).is_err());
    // Further on in a pipeline its frames come first.
    let module = super::read([at("a.g3")], &Options::default(), None).unwrap();
    assert_eq!(through("M1", module), "O1 S1 S2 M1 Z");
    // After an error there is no file.
    let writer = Writer::create(at("c.g3")).unwrap();
    let pipeline = Pipeline::new().add("source", source(frames("O1 S1")));
    let pipeline = pipeline.add("write", Write::new(writer, Types::all()));
    assert!(seen(pipeline.add("abort", abort_after(1))).is_err());
    assert!(!at("c.g3").exists());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2);
}

#[test]
fn parts_begin_where_a_closure_says() {
    let directory = tempfile::tempdir().unwrap();
    let parts = Parts::new(directory.path().join("part-%02d.g3"), Division::default()).unwrap();
    let is_first = |frame: &Frame| frame.find_as::<i64>("n").unwrap() == Some(&3);
    let module = WriteParts::new(parts).divided_by(is_first);
    through("O1 S1 S2 S3 S4", module);
    let read = |number: usize| {
        let file = directory.path().join(format!("part-{number:02}.g3"));
        seen(Pipeline::new().add(
            "read",
            super::read([file], &Options::default(), None).unwrap(),
        ))
    };
    assert_eq!(read(0).unwrap(), "O1 S1 S2 Z");
    assert_eq!(read(1).unwrap(), "O1 S3 S4 Z");
}

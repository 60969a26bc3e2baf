use jiff::Timestamp;

use super::Frames;
use crate::archive::Text;
use crate::frame::{Frame, FrameType};
use crate::object::{Map, ModuleArg, ModuleConfig, PipelineInfo};

/// Puts a record of the pipeline, a `PipelineInfo` frame, in front of the first frame that is no
/// Observation, Wiring or Calibration.
pub(super) struct Record {
    info: PipelineInfo,
    /// Frames in front of the record; `None` when it is out.
    waiting: Option<Vec<Frame>>,
    /// The names in the `PipelineInfo` frame that came first, as it came.
    first: Option<Vec<Text>>,
}

impl Record {
    /// Of modules: their names and arguments.
    pub(super) fn new(modules: Vec<(String, Vec<(String, String)>)>) -> Record {
        let module = |(name, arguments): (String, Vec<(String, String)>)| ModuleConfig {
            module: name.as_str().into(),
            instance: name.into(),
            arguments: Map::from_entries(arguments.into_iter().map(argument).collect()),
        };
        let version = concat!("jobwise-frames ", env!("CARGO_PKG_VERSION"));
        Record {
            info: PipelineInfo {
                version_name: env!("CARGO_PKG_VERSION").into(),
                full_version: version.into(),
                host: environment("HOSTNAME"),
                user: environment("USER"),
                modules: modules.into_iter().map(module).collect(),
                ..PipelineInfo::default()
            },
            waiting: Some(Vec::new()),
            first: None,
        }
    }

    pub(super) fn process(&mut self, mut frame: Frame, out: &mut Frames) {
        let kind = frame.kind();
        let Some(waiting) = &mut self.waiting else {
            let names = || frame.names().cloned().collect::<Vec<_>>();
            if kind != FrameType::PIPELINE_INFO || self.first.as_ref() != Some(&names()) {
                out.push(frame);
            }
            return;
        };
        let comes_first = [
            FrameType::OBSERVATION,
            FrameType::WIRING,
            FrameType::CALIBRATION,
        ];
        if comes_first.contains(&kind) {
            waiting.push(frame);
            return;
        }
        out.extend(self.waiting.take().into_iter().flatten());
        let key = Timestamp::now()
            .strftime("%d-%b-%Y:%H:%M:%S.%9f")
            .to_string();
        let info = std::mem::take(&mut self.info);
        if kind == FrameType::PIPELINE_INFO {
            self.first = Some(frame.names().cloned().collect());
            frame.put(key, info);
        } else {
            let mut record = Frame::new(FrameType::PIPELINE_INFO);
            record.put(key, info);
            out.push(record);
        }
        out.push(frame);
    }
}

fn argument((name, text): (String, String)) -> (Text, ModuleArg) {
    let argument = ModuleArg {
        text: text.into(),
        object: None,
    };
    (name.into(), argument)
}

fn environment(name: &str) -> Text {
    std::env::var(name).unwrap_or_default().into()
}

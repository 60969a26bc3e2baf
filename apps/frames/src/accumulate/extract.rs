use jobwise_core::Cause;

use super::{Found, Packed};
use crate::frame::{Frame, FrameType};

/// The observation that frames belong to: `SourceName-ObservationID`, of a data frame, or else of
/// the last Observation frame in front of it.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    last: Option<Frame>,
}

impl Observation {
    /// None was seen yet.
    pub fn new() -> Observation {
        Observation::default()
    }

    /// Looks at a frame.
    pub fn see(&mut self, frame: &Frame) {
        if frame.kind() == FrameType::OBSERVATION {
            self.last = Some(frame.clone());
        }
    }

    /// The name of the observation that `frame` belongs to; of what is nowhere said, nothing.
    ///
    /// # Errors
    /// When what says it is of another class.
    pub fn name(&self, frame: &Frame) -> Result<String, Cause> {
        let mut parts = Vec::new();
        for key in ["SourceName", "ObservationID"] {
            let last = self.last.as_ref();
            if let Some(from) = [Some(frame), last]
                .into_iter()
                .flatten()
                .find(|frame| frame.has(key))
            {
                parts.push(match from.find_as::<i64>(key) {
                    Ok(number) => number.map(i64::to_string).unwrap_or_default(),
                    Err(_) => from.get_as::<crate::archive::Text>(key)?.to_string(),
                });
            }
        }
        Ok(parts.join("-"))
    }
}

/// What is found where nothing else is said: every Scan and Timepoint frame, whole, by observation.
pub fn whole_frames() -> impl FnMut(&Frame) -> Result<Option<Found<(), Packed>>, Cause> + Send {
    let mut observation = Observation::new();
    move |frame| {
        observation.see(frame);
        if !frame.kind().is_data() {
            return Ok(None);
        }
        Ok(Some(Found {
            group: observation.name(frame)?,
            metadata: (),
            data: Packed::new(frame)?,
        }))
    }
}

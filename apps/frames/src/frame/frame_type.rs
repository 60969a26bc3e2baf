use std::fmt;
use std::str::FromStr;

/// What a frame is: up to four characters, the last one lowest. Any number can occur in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameType(pub u32);

macro_rules! types {
    ($($name:ident $letter:literal $words:literal,)*) => {
        impl FrameType {
            $(
                #[doc = concat!("`", $letter, "`: ", $words, ".")]
                pub const $name: FrameType = FrameType($letter as u32);
            )*

            /// What it is called, for those that have a name of their own.
            pub fn name(self) -> Option<&'static str> {
                match self {
                    $(FrameType::$name => Some($words),)*
                    _ => None,
                }
            }

            const NAMED: &[FrameType] = &[$(FrameType::$name),*];
        }
    };
}

types! {
    TIMEPOINT 'T' "Timepoint",
    HOUSEKEEPING 'H' "Housekeeping",
    OBSERVATION 'O' "Observation",
    SCAN 'S' "Scan",
    MAP 'M' "Map",
    INSTRUMENT_STATUS 'I' "InstrumentStatus",
    WIRING 'W' "Wiring",
    CALIBRATION 'C' "Calibration",
    GCP_SLOW 'G' "GcpSlow",
    PIPELINE_INFO 'P' "PipelineInfo",
    EPHEMERIS 'E' "Ephemeris",
    LIGHT_CURVE 'L' "LightCurve",
    STATISTICS 'R' "Statistics",
    END_PROCESSING 'Z' "EndProcessing",
    NONE 'N' "None",
}

impl FrameType {
    /// Whether frames of this type are data, `T` and `S`: all others tell of what comes after them.
    pub fn is_data(self) -> bool {
        matches!(self, FrameType::TIMEPOINT | FrameType::SCAN)
    }

    /// Whether it is the type of the frame that ends a pipeline.
    pub fn is_end(self) -> bool {
        self == FrameType::END_PROCESSING
    }
}

impl Default for FrameType {
    fn default() -> Self {
        FrameType::NONE
    }
}

/// The characters; a number where they are none.
impl fmt::Display for FrameType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.to_be_bytes();
        let start = bytes.iter().take_while(|byte| **byte == 0).count();
        let text = &bytes[start..];
        match std::str::from_utf8(text) {
            Ok(letters) if !text.is_empty() && text.iter().all(u8::is_ascii_graphic) => {
                f.write_str(letters)
            }
            _ => write!(f, "{}", self.0),
        }
    }
}

/// A text is no type of frames.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no type of frames: one is up to 4 characters such as S, or a name such as Scan"
)]
pub struct NoType(String);

/// From its characters, or its name.
impl FromStr for FrameType {
    type Err = NoType;

    fn from_str(text: &str) -> Result<FrameType, NoType> {
        let named = |kind: &&FrameType| kind.name() == Some(text);
        if let Some(kind) = FrameType::NAMED.iter().find(named) {
            return Ok(*kind);
        }
        let is_short = (1..=4).contains(&text.len());
        if !is_short || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NoType(text.into()));
        }
        let code = text
            .bytes()
            .fold(0, |code, byte| code << 8 | u32::from(byte));
        Ok(FrameType(code))
    }
}

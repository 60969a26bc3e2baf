use crate::frame::Frame;
use crate::pipeline::{Closure, IntoModule};

/// Ends the pipeline with an error at the frame behind the first `frames`.
pub fn abort_after<'p>(frames: u64) -> impl IntoModule<'p, Closure<Result<(), String>>> {
    let mut passed = 0;
    move |frame: &mut Frame| {
        passed += u64::from(!frame.kind().is_end());
        if passed > frames {
            return Err(format!(
                "aborted after {frames} frames, as it was asked for"
            ));
        }
        Ok(())
    }
}

use jobwise_core::Cause;

use super::server::Server;
use crate::frame::Frame;
use crate::pipeline::{Frames, Module};

/// Sends all frames to whoever is connected, and passes them on. The end of the pipeline closes the
/// connections; after an error they end within a frame.
#[derive(Debug)]
pub struct Serve(Option<Server>);

impl Serve {
    /// With this server.
    pub fn new(server: Server) -> Serve {
        Serve(Some(server))
    }
}

impl Module for Serve {
    fn process(&mut self, frame: Option<Frame>, out: &mut Frames) -> Result<(), Cause> {
        let frame = frame.ok_or("a server needs frames")?;
        if frame.kind().is_end() {
            if let Some(server) = self.0.take() {
                server.finish();
            }
        } else {
            let server = self.0.as_ref().ok_or("the stream has ended")?;
            server.send(&frame)?;
        }
        out.push(frame);
        Ok(())
    }
}

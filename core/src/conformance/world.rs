use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::Verdict;
use crate::{Across, Backend, LocalCluster, LocalComm};

/// Runs `law` on `size` ranks that are threads of this process, each with a backend made by
/// `inner`.
///
/// # Errors
/// When the law is broken, a rank panics, or the ranks come to different verdicts.
pub fn on_ranks<B: Backend>(
    size: usize,
    inner: impl Fn() -> B + Sync,
    law: impl Fn(&Across<LocalComm, B>) -> Verdict + Sync,
) -> Verdict {
    let verdicts = LocalCluster::run(size, |comm| law(&Across::new(comm, inner())));
    for (rank, verdict) in verdicts.iter().enumerate() {
        match verdict {
            Err(_) => return Err(format!("rank {rank} panicked")),
            Ok(verdict) if verdicts[0].as_ref() != Ok(verdict) => {
                return Err(format!("ranks disagree: {verdicts:?}"));
            }
            Ok(_) => {}
        }
    }
    verdicts
        .into_iter()
        .next()
        .and_then(Result::ok)
        .unwrap_or(Ok(()))
}

/// Runs `law` on a thread of its own and waits for at most `limit`: a law that hangs fails, and
/// does not block the others.
///
/// # Panics
/// When the law is broken, panics or takes longer.
pub fn within(limit: Duration, law: impl FnOnce() -> Verdict + Send + 'static) {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || tell.send(law()));
    match told.recv_timeout(limit) {
        Ok(Ok(())) => {}
        Ok(Err(broken)) => panic!("{broken}"),
        Err(RecvTimeoutError::Timeout) => panic!("no end after {limit:?}"),
        Err(RecvTimeoutError::Disconnected) => panic!("the law panicked"),
    }
}

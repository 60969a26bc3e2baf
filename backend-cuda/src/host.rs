use std::sync::OnceLock;
use std::thread::available_parallelism;

use jobwise_core::Cause;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Threads of the host on which lanes do in parallel what is theirs to do between launches: the
/// same for all lanes of a backend. They start when they are first needed.
#[derive(Debug)]
pub(crate) struct Host {
    threads: usize,
    pool: OnceLock<ThreadPool>,
}

impl Host {
    /// So many threads, or one for each processor that this process may use.
    pub(crate) fn new(threads: Option<usize>) -> Host {
        let threads = threads
            .or_else(|| available_parallelism().ok().map(usize::from))
            .unwrap_or(1)
            .max(1);
        Host {
            threads,
            pool: OnceLock::new(),
        }
    }

    pub(crate) fn pool(&self) -> Result<&ThreadPool, Cause> {
        if let Some(pool) = self.pool.get() {
            return Ok(pool);
        }
        let threads = self.threads;
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|thread| format!("host-{thread}"))
            .build()
            .map_err(|error| format!("cannot start {threads} threads: {error}"))?;
        Ok(self.pool.get_or_init(|| pool))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_threads_as_were_asked_for_and_one_pool_of_them() {
        let host = Host::new(Some(3));
        let pool = host.pool().unwrap();
        assert_eq!(pool.current_num_threads(), 3);
        assert!(std::ptr::eq(pool, host.pool().unwrap()));
        assert!(Host::new(None).threads > 0);
        assert_eq!(Host::new(Some(0)).threads, 1);
    }
}

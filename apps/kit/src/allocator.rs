//! How memory is kept.

/// Memory that is given back stays with this process for what comes next: programs that take up
/// buffers of megabytes again and again would otherwise get new pages from the system each time,
/// and each page is cleared before.
pub(crate) fn keep_memory() {
    #[cfg(target_env = "gnu")]
    {
        /// The largest that glibc takes.
        const LARGE: libc::c_int = 32 << 20;
        const MUCH: libc::c_int = 1 << 30;
        // SAFETY: the call takes two numbers, and is made before there are other threads. Where it
        // refuses, memory is kept as it is by default.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
            libc::mallopt(libc::M_TRIM_THRESHOLD, MUCH);
        }
    }
}

//! How often memory is asked for: loops that must not allocate.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Requests of this thread. It holds no memory of its own.
    static REQUESTS: Cell<u64> = const { Cell::new(0) };
    /// Bytes that this thread asked for and did not give back; below 0 when others asked.
    static HELD: Cell<i64> = const { Cell::new(0) };
    /// The most of them at once.
    static MOST: Cell<i64> = const { Cell::new(0) };
}

/// The system's allocator, which counts the requests of each thread. A test executable that counts
/// makes it its own:
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: jobwise_testing::Counting = jobwise_testing::Counting;
///
/// let (boxed, requests) = jobwise_testing::allocations(|| Box::new(1));
/// assert_eq!((*boxed, requests), (1, 1));
/// ```
#[derive(Debug)]
pub struct Counting;

/// How often `work` asked for memory, on the calling thread, and its result.
///
/// # Panics
/// [`Counting`] is not the allocator of this executable.
pub fn allocations<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = REQUESTS.get();
    drop(std::hint::black_box(Box::new(0u8)));
    let start = REQUESTS.get();
    assert!(
        start > before,
        "the allocator of this executable does not count"
    );
    let result = work();
    (result, REQUESTS.get() - start)
}

/// How many bytes `work` held at once that it had asked for itself, on the calling thread, and its
/// result.
///
/// # Panics
/// [`Counting`] is not the allocator of this executable.
pub fn memory<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let start = HELD.get();
    MOST.set(start);
    drop(std::hint::black_box(Box::new(0u8)));
    assert!(
        MOST.get() > start,
        "the allocator of this executable does not count"
    );
    let result = work();
    (result, (MOST.get() - start) as u64)
}

/// Notes a request, for `more` bytes than were held before.
fn count(more: i64) {
    // At the end of a thread there is nothing to count with.
    let _ = REQUESTS.try_with(|requests| requests.set(requests.get() + 1));
    hold(more);
}

fn hold(more: i64) {
    let _ = HELD.try_with(|held| {
        held.set(held.get() + more);
        let _ = MOST.try_with(|most| most.set(most.get().max(held.get())));
    });
}

// SAFETY: every request goes to the system's allocator as it is, which keeps the promises of the
// trait; what is counted lies in the thread's own static memory and asks for none.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        hold(-(layout.size() as i64));
        // SAFETY: as the caller promises; the pointer is the system's.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as i64 - layout.size() as i64);
        // SAFETY: as the caller promises; the pointer is the system's.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

// Blocks of a kernel on the CPU: what images and the driver know of it. A host thread runs the blocks of a launch one after the
// other; each thread of a block is a fiber, which runs until it waits for others.
#pragma once
#include <cstddef>
#include <cstdint>

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

namespace fake {
#define FAKE_EXPORT __attribute__((visibility("default")))

struct Place {
    dim3 thread, block, threads, blocks;
};

// How a launch ended.
enum Ending { FINE = 0, BLOCK_BARRIER, WARP_BARRIER, MUCH_SHARED, ILLEGAL_ADDRESS, TRAP, STACK_OVERFLOWED };

struct Shape {
    dim3 blocks, threads;
    size_t shared;   // dynamic, in bytes
    uint64_t order;  // 0 ascending, 1 descending, else random
};

// The address is that of a host thread for as long as it lives; what is there changes with each fiber.
FAKE_EXPORT Place& place() __attribute__((const));
FAKE_EXPORT unsigned lane();
FAKE_EXPORT void block_barrier();
FAKE_EXPORT void warp_barrier(unsigned mask);
// Each thread of the mask gives a value and takes that of a lane. No memory is ordered by it.
FAKE_EXPORT uint64_t exchange(unsigned mask, uint64_t value, unsigned from);
// What the lanes of the mask gave, a bit each.
FAKE_EXPORT unsigned ballot(unsigned mask, bool value);
FAKE_EXPORT unsigned active();
// Shared memory of a declaration, and the dynamic one: poisoned for each block, with a guard behind.
FAKE_EXPORT void* shared(const void* declaration, size_t bytes);
FAKE_EXPORT void* dynamic();
[[noreturn]] FAKE_EXPORT void trap(const char* what);

// Runs all blocks; `body` is called on the fiber of each thread.
FAKE_EXPORT Ending launch(const Shape& shape, void (*body)(void*), void* argument);
// Of the last launch of this host thread that did not end well.
FAKE_EXPORT const char* told();

// A kernel of an image.
struct Kernel {
    const char* name;
    Ending (*run)(const Shape& shape, void** arguments);
    unsigned count;  // of its parameters
    const uint32_t* sizes;
    unsigned most_threads;
};

// What an image exports as `fake_image`.
struct Image {
    const char* architecture;
    unsigned count;
    const Kernel* kernels;
};
}  // namespace fake

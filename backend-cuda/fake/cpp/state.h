// The fibers of a block, and what a host thread knows of the launch that it runs.
#pragma once
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "area.h"
#include "fibers.h"
#include "switch.h"
#include "watched.h"

namespace fake {
constexpr size_t STACK = 256 * 1024, WARP = 32, MOST_THREADS = 1024, MOST_SHARED = 227 * 1024;
constexpr uint64_t CANARY = 0x5ca1ab1e0ddba11u;

enum class Wait { NOTHING, BLOCK, WARP, ENDED };

// A stack that fibers use, and what ThreadSanitizer knows it by.
struct Stack {
    char* bottom = nullptr;
    TSAN(void* fiber = nullptr;)
};

struct Fiber {
    Context at = {};
    Stack* stack = nullptr;
    dim3 thread;
    Wait wait = Wait::NOTHING;
    unsigned mask = 0;        // of the lanes that it waits for
    // For exchanges: what it gives, and what the others see once all are there.
    uint64_t given = 0, published = 0;
    // For ThreadSanitizer: barriers passed, and keys that the passing is told by.
    unsigned passed[3] = {};  // of the block, of the whole warp, of a part of it
    char keys[2] = {};
    unsigned partners = 0, parity = 0;
};

// Of a host thread.
struct Blocks {
    Place place;
    std::vector<Fiber> fibers;
    std::vector<Stack> stacks;
    char* memory = nullptr;  // of the stacks
    size_t current = 0, count = 0, block = 0;
    std::vector<Area> areas;  // the first is the dynamic one
    size_t declared = 0, shared_bytes = 0;
    void (*body)(void*) = nullptr;
    void* argument = nullptr;
    Ending ending = FINE;
    bool is_running = false;
    sigjmp_buf escape;
    char text[256] = "";
    std::vector<char> signal_stack;
    Context scheduler = {};
    TSAN(void* thread_fiber = nullptr; char begun = 0, ended = 0; char block_keys[2] = {};
         char warp_keys[MOST_THREADS / WARP][2] = {};)

    ~Blocks() {
        for (Area& area : areas) unmap(area);
        if (memory) munmap(memory, stacks.size() * STACK);
        TSAN(for (Stack& stack : stacks) __tsan_destroy_fiber(stack.fiber);)
    }
};
static thread_local Blocks blocks;
}  // namespace fake

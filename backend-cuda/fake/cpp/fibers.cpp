// Runs fibers. Never built with a sanitizer itself: with FAKE_TSAN it tells ThreadSanitizer of fibers and barriers, so that it sees
// the accesses of kernels and nothing else.
#include "fibers.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "faults.h"
#include "state.h"

namespace fake {
namespace {
void to_scheduler(Fiber& fiber) {
    TSAN(__tsan_switch_to_fiber(blocks.thread_fiber, 1);)
    switch_context(fiber.at, blocks.scheduler);
}

void to_fiber(Fiber& fiber) {
    TSAN(__tsan_switch_to_fiber(fiber.stack->fiber, 1);)
    switch_context(blocks.scheduler, fiber.at);
}

Fiber& self() { return blocks.fibers[blocks.current]; }
size_t warp_start() { return blocks.current / WARP * WARP; }

// The lanes of the warp that exist.
unsigned whole_warp(size_t start) {
    size_t lanes = std::min(WARP, blocks.count - start);
    return lanes == WARP ? ~0u : (1u << lanes) - 1;
}

void fiber_body() {
    TSAN(__tsan_acquire(&blocks.begun);)
    blocks.body(blocks.argument);
    TSAN(__tsan_release(&blocks.ended);)
    self().wait = Wait::ENDED;
    to_scheduler(self());
    abort();
}

void prepare(Fiber& fiber) {
    memcpy(fiber.stack->bottom, &CANARY, sizeof CANARY);
    begin_context(fiber.at, fiber.stack->bottom, STACK, fiber_body);
}

// Waits for the lanes of the mask. With `orders` it is a barrier for memory.
void wait_for_lanes(unsigned mask, bool orders) {
    Fiber& fiber = self();
    size_t start = warp_start();
    unsigned whole = whole_warp(start), me = 1u << (blocks.current - start);
    mask &= whole;
    if (!(mask & me)) trap("a warp function without the calling thread in its mask");
    fiber.mask = mask;
    fiber.wait = Wait::WARP;
    (void)orders;
#ifdef FAKE_TSAN
    if (!orders) {
        to_scheduler(fiber);
        return;
    }
    if (mask == whole) {
        // With one key for all barriers, threads that ran ahead would hide races.
        void* key = &blocks.warp_keys[start / WARP][fiber.passed[1]++ & 1];
        __tsan_release(key);
        to_scheduler(fiber);
        __tsan_acquire(key);
        return;
    }
    __tsan_release(&fiber.keys[fiber.passed[2]++ & 1]);
    to_scheduler(fiber);
    for (size_t lane = 0; lane < WARP; lane++)
        if (fiber.partners >> lane & 1) __tsan_acquire(&blocks.fibers[start + lane].keys[fiber.parity >> lane & 1]);
#else
    to_scheduler(fiber);
#endif
}

// Lets go the lanes of a warp whose partners are all there.
bool release_warp(size_t start) {
    unsigned whole = whole_warp(start), released = 0;
    for (size_t lane = 0; lane < WARP && start + lane < blocks.count; lane++) {
        Fiber& fiber = blocks.fibers[start + lane];
        if (fiber.wait != Wait::WARP || (released >> lane & 1)) continue;
        unsigned mask = fiber.mask & whole, there = 0, parity = 0;
        for (size_t other = 0; other < WARP && start + other < blocks.count; other++) {
            Fiber& partner = blocks.fibers[start + other];
            bool waits = partner.wait == Wait::WARP && partner.mask == fiber.mask;
            if ((mask >> other & 1) && (waits || partner.wait == Wait::ENDED)) there |= 1u << other;
            parity |= ((partner.passed[2] - 1) & 1) << other;
        }
        if (there != mask) continue;
        for (size_t other = 0; other < WARP; other++)
            if (mask >> other & 1) {
                Fiber& partner = blocks.fibers[start + other];
                partner.published = partner.given;
                partner.partners = mask;
                partner.parity = parity;
            }
        released |= mask;
    }
    for (size_t lane = 0; lane < WARP; lane++)
        if ((released >> lane & 1) && blocks.fibers[start + lane].wait == Wait::WARP)
            blocks.fibers[start + lane].wait = Wait::NOTHING;
    return released != 0;
}

uint64_t random(uint64_t& state) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

void shuffle(std::vector<size_t>& order, uint64_t& state) {
    for (size_t i = order.size(); i > 1; i--) std::swap(order[i - 1], order[random(state) % i]);
}

void make_stacks(size_t count) {
    if (blocks.stacks.size() >= count) return;
    if (blocks.memory) munmap(blocks.memory, blocks.stacks.size() * STACK);
    blocks.memory = static_cast<char*>(mmap(nullptr, count * STACK, PROT_READ | PROT_WRITE,
                                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (blocks.memory == MAP_FAILED) abort();
    blocks.stacks.resize(count);
    for (size_t i = 0; i < count; i++) {
        blocks.stacks[i].bottom = blocks.memory + i * STACK;
        TSAN(if (!blocks.stacks[i].fiber) blocks.stacks[i].fiber = __tsan_create_fiber(0);)
    }
}

// The stack of thread `i` of this block. ThreadSanitizer takes what a stack does for what one thread does, so blocks have others.
size_t stack_of(size_t i) {
#ifdef FAKE_TSAN
    size_t turned = (i + (blocks.block * 2654435761u >> 7)) % blocks.count;
    return turned + blocks.block % 2 * blocks.count;
#else
    return i;
#endif
}

// One block; `order` is that of its threads.
void run_block(std::vector<size_t>& order, const Shape& shape, uint64_t& state) {
    for (size_t i = 0; i < blocks.count; i++) {
        Fiber& fiber = blocks.fibers[i];
        fiber.stack = &blocks.stacks[stack_of(i)];
        fiber.wait = Wait::NOTHING;
        std::fill(fiber.passed, fiber.passed + 3, 0u);
        const dim3& n = shape.threads;
        fiber.thread = dim3(i % n.x, i / n.x % n.y, i / (n.x * n.y));
        prepare(fiber);
    }
    for (;;) {
        if (shape.order > 1) shuffle(order, state);
        for (size_t i : order) {
            Fiber& fiber = blocks.fibers[i];
            if (fiber.wait != Wait::NOTHING) continue;
            blocks.current = i;
            blocks.place.thread = fiber.thread;
            to_fiber(fiber);
            if (blocks.ending != FINE) return;
        }
        bool goes_on = false;
        size_t alive = 0, at_barrier = 0;
        for (size_t start = 0; start < blocks.count; start += WARP) goes_on |= release_warp(start);
        for (size_t i = 0; i < blocks.count; i++) {
            alive += blocks.fibers[i].wait != Wait::ENDED;
            at_barrier += blocks.fibers[i].wait == Wait::BLOCK;
        }
        if (alive == 0) break;
        if (goes_on) continue;
        if (at_barrier == blocks.count) {
            for (size_t i = 0; i < blocks.count; i++) blocks.fibers[i].wait = Wait::NOTHING;
            continue;
        }
        blocks.ending = at_barrier ? BLOCK_BARRIER : WARP_BARRIER;
        const dim3& b = blocks.place.block;
        snprintf(blocks.text, sizeof blocks.text, "a barrier of a %s that %zu of %zu threads reach (block %u %u %u)",
                 at_barrier ? "block" : "warp", at_barrier ? at_barrier : alive, blocks.count, b.x, b.y, b.z);
        return;
    }
    for (size_t i = 0; i < blocks.count; i++)
        if (memcmp(blocks.fibers[i].stack->bottom, &CANARY, sizeof CANARY)) {
            blocks.ending = STACK_OVERFLOWED;
            snprintf(blocks.text, sizeof blocks.text, "a thread with more than %zu bytes of local memory", STACK);
        }
}
// All blocks, until one ends badly.
__attribute__((noinline)) void run_blocks(const Shape& shape) {
    const dim3& grid = shape.blocks;
    size_t count = blocks.count, many = size_t(grid.x) * grid.y * grid.z;
    std::vector<size_t> order(count), block_order(many);
    for (size_t i = 0; i < count; i++) order[i] = shape.order == 1 ? count - 1 - i : i;
    for (size_t i = 0; i < many; i++) block_order[i] = shape.order == 1 ? many - 1 - i : i;
    uint64_t state = shape.order * 0x9E3779B97F4A7C15u + 1;
    if (shape.order > 1) shuffle(block_order, state);
    for (size_t i = 0; i < many && blocks.ending == FINE; i++) {
        size_t b = block_order[i];
        blocks.block = i;
        blocks.place.block = dim3(b % grid.x, b / grid.x % grid.y, b / (size_t(grid.x) * grid.y));
        map(blocks.areas[0], shape.shared);
        run_block(order, shape, state);
    }
}
}  // namespace

Place& place() { return blocks.place; }
const char* told() { return blocks.text; }
unsigned lane() { return static_cast<unsigned>(blocks.current % WARP); }
unsigned active() {
    // Threads that wait elsewhere are not active; which those are is not promised.
    return 1u << lane();
}

void block_barrier() {
    Fiber& fiber = self();
    fiber.wait = Wait::BLOCK;
    TSAN(void* key = &blocks.block_keys[fiber.passed[0]++ & 1]; __tsan_release(key);)
    to_scheduler(fiber);
    TSAN(__tsan_acquire(key);)
}

void warp_barrier(unsigned mask) { wait_for_lanes(mask, true); }

uint64_t exchange(unsigned mask, uint64_t value, unsigned from) {
    self().given = value;
    wait_for_lanes(mask, false);
    size_t source = warp_start() + from;
    // A lane that is not in the mask gives nothing; what comes of it is not defined.
    if (from >= WARP || source >= blocks.count || !(mask >> from & 1)) return 0xCDCDCDCDCDCDCDCDu;
    return blocks.fibers[source].published;
}

unsigned ballot(unsigned mask, bool value) {
    self().given = value;
    wait_for_lanes(mask, false);
    unsigned bits = 0;
    size_t start = warp_start();
    for (size_t lane = 0; lane < WARP && start + lane < blocks.count; lane++)
        if ((mask >> lane & 1) && (blocks.fibers[start + lane].published & 1)) bits |= 1u << lane;
    return bits;
}

void* shared(const void* declaration, size_t bytes) {
    size_t at = 1;
    while (at <= blocks.declared && blocks.areas[at].declaration != declaration) at++;
    if (at > blocks.declared) {
        blocks.declared = at;
        if (blocks.areas.size() <= at) blocks.areas.resize(at + 1);
        blocks.areas[at].declaration = declaration;
        blocks.areas[at].block = 0;
        blocks.shared_bytes += bytes;
        if (blocks.shared_bytes > MOST_SHARED) {
            snprintf(blocks.text, sizeof blocks.text, "%zu bytes of shared memory for a block", blocks.shared_bytes);
            blocks.ending = MUCH_SHARED;
            to_scheduler(self());
        }
    }
    Area& area = blocks.areas[at];
    if (area.block != blocks.block + 1) {
        map(area, bytes);
        area.block = blocks.block + 1;
    }
    return area.start;
}

void* dynamic() { return blocks.areas[0].start; }

void trap(const char* what) {
    dim3 t = blocks.place.thread, b = blocks.place.block;
    snprintf(blocks.text, sizeof blocks.text, "%s, by thread %u %u %u of block %u %u %u", what, t.x, t.y, t.z, b.x, b.y, b.z);
    blocks.ending = TRAP;
    to_scheduler(self());
    abort();
}

Ending launch(const Shape& shape, void (*body)(void*), void* argument) {
    const dim3 &grid = shape.blocks, &threads = shape.threads;
    size_t count = size_t(threads.x) * threads.y * threads.z;
    blocks.text[0] = 0;
    if (shape.shared > MOST_SHARED || count > MOST_THREADS) return MUCH_SHARED;
    catch_faults();
    TSAN(blocks.thread_fiber = __tsan_get_current_fiber();)
#ifdef FAKE_TSAN
    make_stacks(2 * count);
#else
    make_stacks(count);
#endif
    if (blocks.fibers.size() < count) blocks.fibers.resize(count);
    blocks.count = count;
    blocks.body = body;
    blocks.argument = argument;
    blocks.ending = FINE;
    blocks.declared = 0;
    blocks.shared_bytes = shape.shared;
    blocks.place.threads = threads;
    blocks.place.blocks = grid;
    if (blocks.areas.empty()) blocks.areas.resize(1);
    TSAN(__tsan_release(&blocks.begun);)
    blocks.is_running = true;
    if (int fault = sigsetjmp(blocks.escape, 0)) {
        blocks.ending = static_cast<Ending>(fault);
    } else {
        run_blocks(shape);
    }
    blocks.is_running = false;
    TSAN(__tsan_acquire(&blocks.ended);)
    return blocks.ending;
}
}  // namespace fake

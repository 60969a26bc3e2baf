// Runs fibers. Never built with a sanitizer itself: with FAKE_TSAN it tells ThreadSanitizer of fibers and barriers, so that it sees
// the accesses of kernels and nothing else.
#include "fibers.h"

#include <algorithm>
#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if !defined(__x86_64__) || defined(FAKE_UCONTEXT)
#define USE_UCONTEXT
#include <ucontext.h>
#endif

#ifdef FAKE_TSAN
extern "C" {
void* __tsan_get_current_fiber();
void* __tsan_create_fiber(unsigned);
void __tsan_destroy_fiber(void*);
void __tsan_switch_to_fiber(void*, unsigned);
void __tsan_acquire(void*);
void __tsan_release(void*);
}
#define TSAN(...) __VA_ARGS__
#else
#define TSAN(...)
#endif

#ifndef USE_UCONTEXT
// Stores where the caller was, and goes on where another one was.
extern "C" void fake_switch(void** from, void* to);
asm(R"(
.text
.hidden fake_switch
.globl fake_switch
.type fake_switch,@function
fake_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size fake_switch,.-fake_switch
)");
#endif

namespace fake {
namespace {
constexpr size_t STACK = 256 * 1024, WARP = 32, MOST_THREADS = 1024, MOST_SHARED = 227 * 1024;
constexpr uint64_t CANARY = 0x5ca1ab1e0ddba11u;
constexpr uint64_t POISON = 0xCD;

enum class Wait { NOTHING, BLOCK, WARP, ENDED };

// A stack that fibers use, and what ThreadSanitizer knows it by.
struct Stack {
    char* bottom = nullptr;
    TSAN(void* fiber = nullptr;)
};

struct Fiber {
#ifdef USE_UCONTEXT
    ucontext_t at;
#else
    void* at = nullptr;
#endif
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

// Memory of one declaration: pages, and a guard behind them.
struct Area {
    char* pages = nullptr;
    size_t length = 0;
    char* start = nullptr;
    size_t bytes = 0;
    const void* declaration = nullptr;
    size_t block = 0;  // for which it was poisoned, counted from 1
};

size_t page_size() {
    static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    return size;
}

void unmap(Area& area) {
    if (area.pages) munmap(area.pages, area.length + page_size());
    area.pages = nullptr;
}

// Memory of `bytes`, whose end is as near to the guard as an alignment of 16 lets it.
void map(Area& area, size_t bytes) {
    size_t length = (bytes + page_size()) / page_size() * page_size();
#ifndef FAKE_TSAN
    if (!area.pages || area.length != length)
#endif
    {
        // New pages for each block under ThreadSanitizer, which forgets what it knew of the old ones. It would take the call for a
        // write, so the kernel is called directly.
        unmap(area);
        area.length = length;
        area.pages = reinterpret_cast<char*>(syscall(SYS_mmap, nullptr, length + page_size(), PROT_READ | PROT_WRITE,
                                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        if (area.pages == MAP_FAILED) abort();
        mprotect(area.pages + length, page_size(), PROT_NONE);
    }
    area.bytes = bytes;
    area.start = area.pages + length - (bytes + 15) / 16 * 16;
    // Word by word: ThreadSanitizer would see a call of memset.
    volatile uint64_t* words = reinterpret_cast<uint64_t*>(area.pages);
    for (size_t i = 0; i < length / sizeof *words; i++) words[i] = POISON * 0x0101010101010101u;
}

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
#ifdef USE_UCONTEXT
    ucontext_t scheduler;
#else
    void* scheduler = nullptr;
#endif
    TSAN(void* thread_fiber = nullptr; char begun = 0, ended = 0; char block_keys[2] = {};
         char warp_keys[MOST_THREADS / WARP][2] = {};)

    ~Blocks() {
        for (Area& area : areas) unmap(area);
        if (memory) munmap(memory, stacks.size() * STACK);
        TSAN(for (Stack& stack : stacks) __tsan_destroy_fiber(stack.fiber);)
    }
};
thread_local Blocks blocks;

void to_scheduler(Fiber& fiber) {
    TSAN(__tsan_switch_to_fiber(blocks.thread_fiber, 1);)
#ifdef USE_UCONTEXT
    swapcontext(&fiber.at, &blocks.scheduler);
#else
    fake_switch(&fiber.at, blocks.scheduler);
#endif
}

void to_fiber(Fiber& fiber) {
    TSAN(__tsan_switch_to_fiber(fiber.stack->fiber, 1);)
#ifdef USE_UCONTEXT
    swapcontext(&blocks.scheduler, &fiber.at);
#else
    fake_switch(&blocks.scheduler, fiber.at);
#endif
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
    char* top = fiber.stack->bottom + STACK;
    memcpy(fiber.stack->bottom, &CANARY, sizeof CANARY);
#ifdef USE_UCONTEXT
    getcontext(&fiber.at);
    fiber.at.uc_stack.ss_sp = fiber.stack->bottom;
    fiber.at.uc_stack.ss_size = static_cast<size_t>(top - fiber.stack->bottom);
    fiber.at.uc_link = nullptr;
    makecontext(&fiber.at, fiber_body, 0);
#else
    void** at = reinterpret_cast<void**>(top - 64);
    *--at = nullptr;
    *--at = reinterpret_cast<void*>(fiber_body);
    for (int saved = 0; saved < 6; saved++) *--at = nullptr;
    fiber.at = at;
#endif
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

#ifndef FAKE_TSAN
struct sigaction earlier_segv, earlier_bus;

// An access beyond what a kernel may reach.
void on_fault(int signal, siginfo_t* info, void* context) {
    if (blocks.is_running) {
        dim3 t = blocks.place.thread, b = blocks.place.block;
        snprintf(blocks.text, sizeof blocks.text, "an illegal address, %p, by thread %u %u %u of block %u %u %u",
                 info->si_addr, t.x, t.y, t.z, b.x, b.y, b.z);
        siglongjmp(blocks.escape, ILLEGAL_ADDRESS);
    }
    const struct sigaction& earlier = signal == SIGBUS ? earlier_bus : earlier_segv;
    if (earlier.sa_flags & SA_SIGINFO) {
        earlier.sa_sigaction(signal, info, context);
    } else if (earlier.sa_handler != SIG_DFL && earlier.sa_handler != SIG_IGN) {
        earlier.sa_handler(signal);
    } else {
        ::signal(signal, SIG_DFL);
    }
}

#endif

void catch_faults() {
#ifndef FAKE_TSAN
    static std::once_flag once;
    std::call_once(once, [] {
        struct sigaction action = {};
        action.sa_sigaction = on_fault;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
        sigaction(SIGSEGV, &action, &earlier_segv);
        sigaction(SIGBUS, &action, &earlier_bus);
    });
    stack_t now;
    if (sigaltstack(nullptr, &now) == 0 && (now.ss_flags & SS_DISABLE)) {
        blocks.signal_stack.resize(64 * 1024);
        stack_t own = {};
        own.ss_sp = blocks.signal_stack.data();
        own.ss_size = blocks.signal_stack.size();
        sigaltstack(&own, nullptr);
    }
#endif
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

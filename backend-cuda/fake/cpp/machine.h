// What the fake driver drives: devices with their memory, streams, and images of kernels.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fibers.h"
#include "options.h"

typedef int Result;
typedef uint64_t Pointer;

namespace {
enum : Result {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NOT_INITIALIZED = 3,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201,
    NO_BINARY = 209,
    INVALID_HANDLE = 400,
    NOT_FOUND = 500,
    NOT_READY = 600,
    ILLEGAL_ADDRESS = 700,
    OUT_OF_RESOURCES = 701,
    LAUNCH_FAILED = 719,
    UNKNOWN = 999,
};

// What CUDA gives a block without being asked for more, and at most.
constexpr int SHARED = 48 * 1024, MOST_SHARED = 227 * 1024;
constexpr unsigned char POISON = 0xCD;

// Memory with a guard behind it.
struct Allocation {
    char* pages;
    size_t length;  // without the guard
    size_t bytes;
};

size_t page_size() {
    static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    return size;
}

struct Stream;

struct Device {
    int index = 0;
    std::mutex mutex;
    std::map<Pointer, Allocation> memory;
    size_t used = 0;
    std::vector<Stream*> streams;
    int retained = 0;
    std::atomic<Result> sticky{SUCCESS};
    std::atomic<long> launches{0}, allocations{0}, pinned{0}, images{0};
};

typedef std::function<Result()> Operation;
struct Queued {
    Operation run;
    bool never_ends = false;
};

struct Stream {
    Device* device;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Queued> waiting;
    bool is_busy = false;
    bool was_asked = false;  // since something was enqueued
};

struct Event {
    Stream* stream = nullptr;
    std::shared_ptr<std::atomic<bool>> done = std::make_shared<std::atomic<bool>>(true);
};

struct Module;

struct Function {
    Module* module;
    const fake::Kernel* kernel;
    std::atomic<int> most_shared{SHARED};
};

// Lives until it is unloaded and nothing of it is under way.
struct Module : std::enable_shared_from_this<Module> {
    void* library = nullptr;  // none for PTX
    const fake::Image* image = nullptr;
    std::mutex mutex;
    std::vector<std::unique_ptr<Function>> functions;
    ~Module() {
        if (library) dlclose(library);
    }
};

constexpr int MOST_DEVICES = 32;
Device devices[MOST_DEVICES];
Stream default_streams[MOST_DEVICES];
std::mutex pinned_mutex;
std::map<Pointer, Allocation> pinned;
std::atomic<bool> is_started{false};
thread_local Device* current = nullptr;

bool map(size_t bytes, std::map<Pointer, Allocation>& among, Pointer* at) {
    size_t length = (bytes + page_size()) / page_size() * page_size();
    void* pages = mmap(nullptr, length + page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED) return false;
    mprotect(static_cast<char*>(pages) + length, page_size(), PROT_NONE);
    memset(pages, POISON, length);
    Allocation allocation{static_cast<char*>(pages), length, bytes};
    *at = reinterpret_cast<Pointer>(allocation.pages + length - (bytes + 15) / 16 * 16);
    among[*at] = allocation;
    return true;
}

// Whether what lies around the allocation is still poison.
bool is_whole(Pointer at, const Allocation& allocation) {
    const char* start = reinterpret_cast<const char*>(at);
    const char* end = allocation.pages + allocation.length;
    auto is_poison = [](char c) { return static_cast<unsigned char>(c) == POISON; };
    return std::all_of(static_cast<const char*>(allocation.pages), start, is_poison) &&
           std::all_of(start + allocation.bytes, end, is_poison);
}

// Whether the bytes lie in one of them.
bool lies_in(const std::map<Pointer, Allocation>& among, Pointer at, size_t bytes) {
    auto after = among.upper_bound(at);
    if (after == among.begin()) return false;
    const auto& [start, allocation] = *--after;
    return at >= start && at - start + bytes <= allocation.bytes;
}

bool on_device(Device* device, Pointer at, size_t bytes) {
    std::lock_guard lock(device->mutex);
    return bytes == 0 || lies_in(device->memory, at, bytes);
}

bool is_pinned(const void* at, size_t bytes) {
    std::lock_guard lock(pinned_mutex);
    return lies_in(pinned, reinterpret_cast<Pointer>(at), bytes);
}

void tell(const Device* device, const std::string& what) {
    fprintf(stderr, "fake cuda: device %d: %s\n", device->index, what.c_str());
}

Stream* stream_of(void* handle) {
    if (reinterpret_cast<Pointer>(handle) > 2) return static_cast<Stream*>(handle);
    return &default_streams[current ? current->index : 0];
}

void enqueue(Stream* stream, Operation run, bool never_ends = false) {
    std::lock_guard lock(stream->mutex);
    stream->waiting.push_back({std::move(run), never_ends});
    stream->was_asked = false;
}

// Runs what is enqueued, until `done` is true where there is one. Each stream is run by one thread at a time, streams side by side.
Result drain(Stream* stream, const std::atomic<bool>* done = nullptr) {
    std::unique_lock lock(stream->mutex);
    while (!(done && *done)) {
        if (stream->is_busy) {
            stream->changed.wait(lock);
            continue;
        }
        if (stream->waiting.empty()) break;
        if (stream->waiting.front().never_ends && stream->device->sticky == SUCCESS) {
            // As on a device: whoever waits for it waits forever.
            stream->changed.wait_for(lock, std::chrono::milliseconds(20));
            continue;
        }
        Operation run = std::move(stream->waiting.front().run);
        stream->waiting.pop_front();
        stream->is_busy = true;
        lock.unlock();
        if (stream->device->sticky == SUCCESS) {
            Result result = run();
            Result well = SUCCESS;
            if (result) stream->device->sticky.compare_exchange_strong(well, result);
        }
        run = nullptr;
        lock.lock();
        stream->is_busy = false;
        stream->changed.notify_all();
    }
    return stream->device->sticky;
}

Result query(Stream* stream) {
    if (stream->device->sticky) return stream->device->sticky;
    {
        std::lock_guard lock(stream->mutex);
        if (stream->waiting.empty()) return stream->is_busy ? NOT_READY : SUCCESS;
        bool is_first = !stream->was_asked;
        stream->was_asked = true;
        bool never_ends = std::any_of(stream->waiting.begin(), stream->waiting.end(), [](const Queued& q) { return q.never_ends; });
        if (is_first || stream->is_busy || never_ends) return NOT_READY;
    }
    return drain(stream);
}

void drain_all(Device* device) {
    std::vector<Stream*> streams;
    {
        std::lock_guard lock(device->mutex);
        streams = device->streams;
    }
    streams.push_back(&default_streams[device->index]);
    for (Stream* stream : streams) drain(stream);
}

Result lost(Device* device) {
    if (device->sticky) return device->sticky;
    return SUCCESS;
}

size_t total(const Device* device) { return static_cast<size_t>(fake::option("memory", device->index, 1024)) << 20; }

// The n-th call of a kind, counted since the fault was asked for.
bool strikes(const char* fault, Device* device, std::atomic<long>& count) {
    long number = ++count;
    return number == fake::option(fault, device->index, -1);
}

Result allocate(Device* device, Pointer* at, size_t bytes, Stream* stream) {
    if (Result result = lost(device)) return result;
    if (bytes == 0) return INVALID_VALUE;
    if (strikes("fail_alloc", device, device->allocations)) return OUT_OF_MEMORY;
    auto fits = [&] {
        std::lock_guard lock(device->mutex);
        return device->used + bytes <= total(device);
    };
    // What was freed on the stream is there again in its order.
    if (!fits() && stream) drain(stream);
    std::lock_guard lock(device->mutex);
    if (device->used + bytes > total(device) || !map(bytes, device->memory, at)) return OUT_OF_MEMORY;
    device->used += bytes;
    return SUCCESS;
}

Result release(Device* device, Pointer at) {
    std::lock_guard lock(device->mutex);
    auto found = device->memory.find(at);
    if (found == device->memory.end()) return INVALID_VALUE;
    const Allocation allocation = found->second;
    bool whole = is_whole(at, allocation);
    if (!whole) tell(device, "bytes beside an allocation of " + std::to_string(allocation.bytes) + " bytes were written");
    device->used -= allocation.bytes;
    munmap(allocation.pages, allocation.length + page_size());
    device->memory.erase(found);
    return whole ? SUCCESS : ILLEGAL_ADDRESS;
}

// A parameter that is an address of another device's memory.
bool is_foreign(const Device* device, Pointer value) {
    for (Device& other : devices) {
        if (&other == device) continue;
        std::lock_guard lock(other.mutex);
        if (lies_in(other.memory, value, 0)) return true;
    }
    return false;
}

// Values of parameters, taken when a launch is enqueued.
struct Arguments {
    std::vector<uint64_t> bytes;
    std::vector<void*> at;
    Arguments(const fake::Kernel& kernel, void** from) {
        size_t words = 0;
        for (unsigned i = 0; i < kernel.count; i++) words += (kernel.sizes[i] + 15) / 16 * 2;
        bytes.resize(words + 2);
        // A structure of vectors wants addresses that are multiples of 16.
        size_t word = reinterpret_cast<Pointer>(bytes.data()) % 16 ? 1 : 0;
        for (unsigned i = 0; i < kernel.count; i++) {
            at.push_back(&bytes[word]);
            memcpy(at.back(), from[i], kernel.sizes[i]);
            word += (kernel.sizes[i] + 15) / 16 * 2;
        }
    }
};

// What `gmf check cuda` runs, which is text for the driver's own compiler.
fake::Ending add_elements(const fake::Shape& shape, void** arguments) {
    float *a = *static_cast<float**>(arguments[0]), *b = *static_cast<float**>(arguments[1]), *sum = *static_cast<float**>(arguments[2]);
    for (unsigned i = 0; i < shape.threads.x; i++) sum[i] = a[i] + b[i];
    return fake::FINE;
}
const uint32_t ADDITION_SIZES[] = {8, 8, 8};
const fake::Kernel ADDITION = {"add_elements", add_elements, 3, ADDITION_SIZES, 1024};
const fake::Image ADDITION_IMAGE = {"", 1, &ADDITION};

// Of an image for NVIDIA's processors: any kernel is there, and does nothing.
const fake::Kernel NOTHING = {"", [](const fake::Shape&, void**) { return fake::FINE; }, 0, ADDITION_SIZES, 1024};
const fake::Image NOTHING_IMAGE = {"", 0, nullptr};

Result load(Device* device, const void* data, Module& module) {
    auto header = static_cast<const Elf64_Ehdr*>(data);
    if (memcmp(data, ELFMAG, SELFMAG)) {
        if (strncmp(static_cast<const char*>(data), ".version", 8) || !strstr(static_cast<const char*>(data), "add_elements"))
            return INVALID_IMAGE;
        module.image = &ADDITION_IMAGE;
        return SUCCESS;
    }
    if (header->e_machine == EM_CUDA && fake::option("accept", device->index, 0)) {
        module.image = &NOTHING_IMAGE;
        return SUCCESS;
    }
    if (header->e_machine != EM_X86_64 && header->e_machine != EM_AARCH64) return NO_BINARY;
    size_t bytes = header->e_shoff + size_t(header->e_shnum) * header->e_shentsize;
    // A name of its own: of two libraries with one name, the linker takes the first for both.
    std::string path = (getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp") + std::string("/fake-cuda-XXXXXX");
    int file = mkstemp(path.data());
    if (file < 0) return UNKNOWN;
    for (size_t written = 0; written < bytes;) {
        ssize_t more = write(file, static_cast<const char*>(data) + written, bytes - written);
        if (more <= 0) break;
        written += static_cast<size_t>(more);
    }
    close(file);
    module.library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!module.library) tell(device, dlerror());
    unlink(path.c_str());
    if (!module.library) return INVALID_IMAGE;
    module.image = static_cast<const fake::Image*>(dlsym(module.library, "fake_image"));
    if (!module.image) return INVALID_IMAGE;
    std::string own = "sm_" + std::to_string(fake::option("capability", device->index, 90));
    return own == module.image->architecture ? SUCCESS : NO_BINARY;
}

Result ended(Device* device, const fake::Kernel* kernel, fake::Ending ending) {
    if (ending == fake::FINE) return SUCCESS;
    tell(device, std::string(kernel->name) + ": " + fake::told());
    return ending == fake::ILLEGAL_ADDRESS ? ILLEGAL_ADDRESS : LAUNCH_FAILED;
}
}  // namespace


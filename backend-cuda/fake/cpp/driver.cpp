// A libcuda.so that computes on the CPU. Nothing that is enqueued runs before somebody waits for it or asks, so a wait that was
// forgotten shows. FAKE_CUDA="devices=3,memory=64,1.fail_launch=5": see options.h.
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

#define EXPORT extern "C" __attribute__((visibility("default")))
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

// For tests, in this process: options as in FAKE_CUDA, added to those that are there.
EXPORT void fake_cuda_options(const char* text) { fake::add_options(text); }
// Counts the calls that faults count from now on.
EXPORT void fake_cuda_forget(int device) {
    Device& it = devices[device];
    it.launches = it.allocations = it.pinned = it.images = 0;
}
// Ends what hangs on the device, as if it were reset.
EXPORT void fake_cuda_reset(int device) { devices[device].sticky = UNKNOWN; }
EXPORT long fake_cuda_launches(int device) { return devices[device].launches; }
EXPORT size_t fake_cuda_used(int device) {
    std::lock_guard lock(devices[device].mutex);
    return devices[device].used;
}

#define ASK(device) \
    if (!(device)) return INVALID_CONTEXT; \
    if (Result result = lost(device)) return result

EXPORT Result cuInit(unsigned) {
    if (fake::option("broken", -1, 0)) return UNKNOWN;
    if (visible() == 0) return NO_DEVICE;
    for (int i = 0; i < MOST_DEVICES; i++) {
        devices[i].index = i;
        default_streams[i].device = &devices[i];
    }
    is_started = true;
    return SUCCESS;
}
EXPORT Result cuDriverGetVersion(int* version) {
    *version = static_cast<int>(fake::option("version", -1, 13000));
    return SUCCESS;
}
EXPORT Result cuDeviceGetCount(int* count) {
    if (!is_started) return NOT_INITIALIZED;
    *count = visible();
    return SUCCESS;
}
EXPORT Result cuDeviceGet(int* device, int index) {
    if (index < 0 || index >= visible()) return INVALID_DEVICE;
    *device = nth_visible(index);
    return SUCCESS;
}
EXPORT Result cuDeviceGetName(char* name, int length, int device) {
    snprintf(name, static_cast<size_t>(length), "fake device %d", device);
    return SUCCESS;
}
EXPORT Result cuDeviceGetUuid_v2(char* uuid, int device) {
    memset(uuid, 0, 16);
    uuid[15] = static_cast<char>(device);
    return SUCCESS;
}
EXPORT Result cuDeviceTotalMem_v2(size_t* bytes, int device) {
    *bytes = total(&devices[device]);
    return SUCCESS;
}
EXPORT Result cuDeviceGetAttribute(int* value, int attribute, int device) {
    long capability = fake::option("capability", device, 90);
    switch (attribute) {
        case 1: *value = 1024; break;                                     // threads of a block
        case 8: *value = SHARED; break;
        case 10: *value = 32; break;                                      // threads of a warp
        case 16: *value = static_cast<int>(fake::option("processors", device, 4)); break;
        case 36: *value = 1000000; break;                                 // clock of the memory
        case 37: *value = 256; break;                                     // width of its bus
        case 75: *value = static_cast<int>(capability / 10); break;
        case 76: *value = static_cast<int>(capability % 10); break;
        case 81: *value = MOST_SHARED + 1024; break;                      // of a multiprocessor
        case 97: *value = MOST_SHARED; break;
        case 115: *value = static_cast<int>(fake::option("pools", device, 1)); break;
        default: *value = 0;
    }
    return SUCCESS;
}
EXPORT Result cuDevicePrimaryCtxRetain(void** context, int device) {
    if (fake::option("no_context", device, 0)) return OUT_OF_MEMORY;
    std::lock_guard lock(devices[device].mutex);
    devices[device].retained++;
    *context = &devices[device];
    return SUCCESS;
}
EXPORT Result cuDevicePrimaryCtxRelease_v2(int device) {
    std::lock_guard lock(devices[device].mutex);
    if (devices[device].retained == 0) return INVALID_CONTEXT;
    // With its last user the context goes, and its error.
    if (--devices[device].retained == 0) devices[device].sticky = SUCCESS;
    return SUCCESS;
}
EXPORT Result cuCtxSetCurrent(void* context) {
    current = static_cast<Device*>(context);
    return SUCCESS;
}
EXPORT Result cuCtxGetCurrent(void** context) {
    *context = current;
    return SUCCESS;
}
EXPORT Result cuCtxSetFlags(unsigned) {
    ASK(current);
    return SUCCESS;
}
EXPORT Result cuCtxSynchronize() {
    ASK(current);
    drain_all(current);
    return current->sticky;
}
EXPORT Result cuMemGetInfo_v2(size_t* free, size_t* all) {
    ASK(current);
    std::lock_guard lock(current->mutex);
    *all = total(current);
    // Some drivers promise more than they have.
    *free = *all - std::min(*all, current->used);
    *free += static_cast<size_t>(fake::option("promises", current->index, 0)) << 20;
    return SUCCESS;
}

EXPORT Result cuStreamCreate(void** stream, unsigned) {
    ASK(current);
    auto made = new Stream;
    made->device = current;
    std::lock_guard lock(current->mutex);
    current->streams.push_back(made);
    *stream = made;
    return SUCCESS;
}
EXPORT Result cuStreamDestroy_v2(void* handle) {
    Stream* stream = stream_of(handle);
    Device* device = stream->device;
    drain(stream);
    std::lock_guard lock(device->mutex);
    auto& all = device->streams;
    // Its memory stays, as events may name it.
    all.erase(std::remove(all.begin(), all.end(), stream), all.end());
    return device->sticky;
}
EXPORT Result cuStreamSynchronize(void* stream) {
    ASK(current);
    return drain(stream_of(stream));
}
EXPORT Result cuStreamQuery(void* stream) {
    ASK(current);
    return query(stream_of(stream));
}
EXPORT Result cuStreamWaitEvent(void* handle, void* event, unsigned) {
    ASK(current);
    Stream *stream = stream_of(handle), *from = static_cast<Event*>(event)->stream;
    auto done = static_cast<Event*>(event)->done;
    if (from && from != stream && !*done) enqueue(stream, [from, done] { return drain(from, done.get()); });
    return SUCCESS;
}
EXPORT Result cuEventCreate(void** event, unsigned) {
    ASK(current);
    *event = new Event;
    return SUCCESS;
}
EXPORT Result cuEventDestroy_v2(void* event) {
    delete static_cast<Event*>(event);
    return SUCCESS;
}
EXPORT Result cuEventRecord(void* handle, void* stream) {
    ASK(current);
    auto event = static_cast<Event*>(handle);
    event->stream = stream_of(stream);
    event->done = std::make_shared<std::atomic<bool>>(false);
    enqueue(event->stream, [done = event->done] {
        *done = true;
        return SUCCESS;
    });
    return SUCCESS;
}
EXPORT Result cuEventSynchronize(void* handle) {
    auto event = static_cast<Event*>(handle);
    auto done = event->done;
    return event->stream ? drain(event->stream, done.get()) : SUCCESS;
}
EXPORT Result cuEventQuery(void* handle) {
    auto event = static_cast<Event*>(handle);
    if (!event->stream || *event->done) return SUCCESS;
    return query(event->stream);
}
EXPORT Result cuEventElapsedTime_v2(float* milliseconds, void*, void*) {
    *milliseconds = 0;
    return SUCCESS;
}

EXPORT Result cuMemAlloc_v2(Pointer* at, size_t bytes) {
    ASK(current);
    return allocate(current, at, bytes, nullptr);
}
EXPORT Result cuMemAllocAsync(Pointer* at, size_t bytes, void* stream) {
    ASK(current);
    return allocate(current, at, bytes, stream_of(stream));
}
EXPORT Result cuMemFree_v2(Pointer at) {
    if (!current) return INVALID_CONTEXT;
    drain_all(current);
    return release(current, at);
}
EXPORT Result cuMemFreeAsync(Pointer at, void* stream) {
    if (!current) return INVALID_CONTEXT;
    Device* device = current;
    // What is freed on a broken device is free at once.
    if (device->sticky) return release(device, at), device->sticky;
    enqueue(stream_of(stream), [device, at] { return release(device, at); });
    return SUCCESS;
}
EXPORT Result cuMemHostAlloc(void** at, size_t bytes, unsigned) {
    ASK(current);
    if (bytes == 0) return INVALID_VALUE;
    if (strikes("fail_pinned", current, current->pinned)) return OUT_OF_MEMORY;
    std::lock_guard lock(pinned_mutex);
    return map(bytes, pinned, reinterpret_cast<Pointer*>(at)) ? SUCCESS : OUT_OF_MEMORY;
}
EXPORT Result cuMemFreeHost(void* at) {
    if (!current) return INVALID_CONTEXT;
    drain_all(current);
    std::lock_guard lock(pinned_mutex);
    auto found = pinned.find(reinterpret_cast<Pointer>(at));
    if (found == pinned.end()) return INVALID_VALUE;
    munmap(found->second.pages, found->second.length + page_size());
    pinned.erase(found);
    return SUCCESS;
}
EXPORT Result cuMemsetD8Async(Pointer at, unsigned char value, size_t bytes, void* stream) {
    ASK(current);
    if (!on_device(current, at, bytes)) return INVALID_VALUE;
    enqueue(stream_of(stream), [=] {
        memset(reinterpret_cast<void*>(at), value, bytes);
        return SUCCESS;
    });
    return SUCCESS;
}
EXPORT Result cuMemcpyHtoDAsync_v2(Pointer to, const void* from, size_t bytes, void* stream) {
    ASK(current);
    if (!on_device(current, to, bytes)) return INVALID_VALUE;
    // Pageable memory is read before the call returns; pinned memory when the copy is made.
    auto copy = std::make_shared<std::vector<char>>();
    if (!is_pinned(from, bytes)) copy->assign(static_cast<const char*>(from), static_cast<const char*>(from) + bytes);
    enqueue(stream_of(stream), [=] {
        memcpy(reinterpret_cast<void*>(to), copy->empty() ? from : copy->data(), bytes);
        return SUCCESS;
    });
    return SUCCESS;
}
EXPORT Result cuMemcpyDtoHAsync_v2(void* to, Pointer from, size_t bytes, void* stream) {
    ASK(current);
    if (!on_device(current, from, bytes)) return INVALID_VALUE;
    enqueue(stream_of(stream), [=] {
        memcpy(to, reinterpret_cast<const void*>(from), bytes);
        return SUCCESS;
    });
    return is_pinned(to, bytes) ? SUCCESS : drain(stream_of(stream));
}
EXPORT Result cuMemcpyDtoDAsync_v2(Pointer to, Pointer from, size_t bytes, void* stream) {
    ASK(current);
    if (!on_device(current, to, bytes) || !on_device(current, from, bytes)) return INVALID_VALUE;
    enqueue(stream_of(stream), [=] {
        memmove(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), bytes);
        return SUCCESS;
    });
    return SUCCESS;
}

EXPORT Result cuModuleLoadData(void** handle, const void* data) {
    ASK(current);
    if (strikes("fail_image", current, current->images)) return INVALID_IMAGE;
    auto module = std::make_shared<Module>();
    if (Result result = load(current, data, *module)) return result;
    *handle = new std::shared_ptr<Module>(module);
    return SUCCESS;
}
EXPORT Result cuModuleUnload(void* module) {
    delete static_cast<std::shared_ptr<Module>*>(module);
    return SUCCESS;
}
EXPORT Result cuModuleGetFunction(void** handle, void* module, const char* name) {
    ASK(current);
    auto& in = *static_cast<std::shared_ptr<Module>*>(module);
    for (unsigned i = 0; i < in->image->count; i++)
        if (!strcmp(in->image->kernels[i].name, name)) {
            std::lock_guard lock(in->mutex);
            auto& function = in->functions.emplace_back(new Function);
            function->module = in.get();
            function->kernel = &in->image->kernels[i];
            *handle = function.get();
            return SUCCESS;
        }
    if (in->image == &NOTHING_IMAGE) {
        std::lock_guard lock(in->mutex);
        auto& function = in->functions.emplace_back(new Function);
        function->module = in.get();
        function->kernel = &NOTHING;
        *handle = function.get();
        return SUCCESS;
    }
    return NOT_FOUND;
}
EXPORT Result cuFuncSetAttribute(void* handle, int attribute, int value) {
    if (attribute == 8 && value > MOST_SHARED) return INVALID_VALUE;
    if (attribute == 8) static_cast<Function*>(handle)->most_shared = value;
    return SUCCESS;
}
EXPORT Result cuFuncGetAttribute(int* value, int attribute, void* handle) {
    auto function = static_cast<Function*>(handle);
    *value = attribute == 0 ? static_cast<int>(function->kernel->most_threads) : attribute == 8 ? function->most_shared.load() : 0;
    return SUCCESS;
}
EXPORT Result cuLaunchKernel(void* handle, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                             unsigned dynamic, void* stream, void** parameters, void**) {
    ASK(current);
    auto function = static_cast<Function*>(handle);
    const fake::Kernel* kernel = function->kernel;
    size_t threads = size_t(bx) * by * bz;
    if (!gx || !gy || !gz || !threads || threads > 1024 || bz > 64 || gx > 0x7fffffff || gy > 65535 || gz > 65535)
        return INVALID_VALUE;
    if (threads > kernel->most_threads) return OUT_OF_RESOURCES;
    if (dynamic > static_cast<unsigned>(function->most_shared.load())) return INVALID_VALUE;
    Device* device = current;
    auto arguments = std::make_shared<Arguments>(*kernel, parameters);
    for (unsigned i = 0; i < kernel->count; i++) {
        Pointer value = 0;
        if (kernel->sizes[i] == 8) memcpy(&value, arguments->at[i], 8);
        if (value && is_foreign(device, value)) {
            tell(device, std::string(kernel->name) + ": a parameter is memory of another device");
            enqueue(stream_of(stream), [] { return ILLEGAL_ADDRESS; });
            return SUCCESS;
        }
    }
    long number = ++device->launches;
    auto is_now = [&](const char* fault) { return number == fake::option(fault, device->index, -1); };
    if (is_now("refuse_launch")) return OUT_OF_MEMORY;
    Result fails = is_now("fail_launch") ? ILLEGAL_ADDRESS : is_now("lose") ? UNKNOWN : SUCCESS;
    long slow = fake::option("slow", device->index, 0);
    // An order of its own for each launch, where it is random.
    uint64_t order = static_cast<uint64_t>(fake::option("order", -1, 0));
    if (order > 1) order += static_cast<uint64_t>(number) << 20;
    fake::Shape shape{dim3(gx, gy, gz), dim3(bx, by, bz), dynamic, order};
    auto module = function->module->shared_from_this();
    enqueue(stream_of(stream), [=]() -> Result {
        if (fails) return fails;
        if (slow) std::this_thread::sleep_for(std::chrono::milliseconds(slow));
        (void)module;
        return ended(device, kernel, kernel->run(shape, arguments->at.data()));
    }, is_now("hang"));
    return SUCCESS;
}

EXPORT Result cuGetErrorName(int code, const char** name) {
    *name = code == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR";
    return SUCCESS;
}
EXPORT Result cuGetErrorString(int code, const char** text) {
    switch (code) {
        case INVALID_VALUE: *text = "invalid argument"; break;
        case OUT_OF_MEMORY: *text = "out of memory"; break;
        case NO_DEVICE: *text = "no CUDA-capable device is detected"; break;
        case INVALID_IMAGE: *text = "device kernel image is invalid"; break;
        case NO_BINARY: *text = "no kernel image is available for execution on the device"; break;
        case ILLEGAL_ADDRESS: *text = "an illegal memory access was encountered"; break;
        case OUT_OF_RESOURCES: *text = "too many resources requested for launch"; break;
        case 702: *text = "the launch timed out and was terminated"; break;
        case LAUNCH_FAILED: *text = "unspecified launch failure"; break;
        case UNKNOWN: *text = "unknown error"; break;
        default: *text = "an error of the fake driver";
    }
    return SUCCESS;
}

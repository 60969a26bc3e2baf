// A libcuda.so that computes on the CPU. Nothing that is enqueued runs before somebody waits for it or asks, so a wait that was
// forgotten shows. FAKE_CUDA="devices=3,memory=64,1.fail_launch=5": see options.h.
#include "machine.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

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

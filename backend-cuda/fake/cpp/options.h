// Options of the fake driver: key=value, separated by commas; "1.key" is for device 1 alone. From FAKE_CUDA, and from tests.
//
//   devices=3           how many; CUDA_VISIBLE_DEVICES picks among them
//   memory=64           MB of each                     promises=64    MB that it says are free and are not
//   capability=90       its architecture               processors=4   multiprocessors
//   version=13000       of the driver                  broken=1       it does not start
//   order=7             of threads and blocks: 0 ascending, 1 descending, else random
//   pools=0             no asynchronous allocation     slow=5         ms of each launch
//   fail_alloc=n        the n-th allocation finds no memory; fail_pinned=n on the host
//   fail_launch=n       the n-th launch reaches an illegal address; refuse_launch=n finds no memory
//   lose=n              with the n-th launch the device is gone; hang=n: it never ends
//   accept=1            images for NVIDIA's processors are loaded, and their kernels do nothing
//   fail_image=n        the n-th image is refused      no_context=1   the device has no room for a context
#pragma once
#include <cstdlib>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

namespace fake {
inline std::mutex& options_mutex() {
    static std::mutex mutex;
    return mutex;
}

inline void read_options(std::map<std::string, long>& options, const char* text) {
    std::istringstream parts(text ? text : "");
    for (std::string part; std::getline(parts, part, ',');) {
        size_t equal = part.find('=');
        if (equal != std::string::npos) options[part.substr(0, equal)] = atol(part.c_str() + equal + 1);
    }
}

inline std::map<std::string, long>& options() {
    static std::map<std::string, long> options = [] {
        std::map<std::string, long> from_environment;
        read_options(from_environment, getenv("FAKE_CUDA"));
        return from_environment;
    }();
    return options;
}

inline void add_options(const char* text) {
    std::lock_guard lock(options_mutex());
    read_options(options(), text);
}

// The value for a device, or for all.
inline long option(const char* key, int device, long otherwise) {
    std::lock_guard lock(options_mutex());
    const auto& all = options();
    auto found = all.find(std::to_string(device) + "." + key);
    if (found == all.end()) found = all.find(key);
    return found == all.end() ? otherwise : found->second;
}
}  // namespace fake

// The devices that CUDA_VISIBLE_DEVICES names, up to the first that there is not; all where it is not set.
inline std::vector<int> visible_devices() {
    long count = fake::option("devices", -1, 1);
    std::vector<int> seen;
    const char* names = getenv("CUDA_VISIBLE_DEVICES");
    if (!names) {
        for (int i = 0; i < count; i++) seen.push_back(i);
        return seen;
    }
    std::istringstream parts(names);
    for (std::string part; std::getline(parts, part, ',');) {
        char* end;
        long index = strtol(part.c_str(), &end, 10);
        if (end == part.c_str() || index < 0 || index >= count) break;
        seen.push_back(static_cast<int>(index));
    }
    return seen;
}
inline int visible() { return static_cast<int>(visible_devices().size()); }
inline int nth_visible(int index) { return visible_devices()[static_cast<size_t>(index)]; }

// Runs one kernel of an image. Numbers and bytes come in on standard input, buffers go out on standard output:
//   runner IMAGE KERNEL GX GY GZ BX BY BZ SHARED ORDER, then for each parameter 'v' or 'b', a length of 8 bytes, and the bytes.
// What is told, and what ThreadSanitizer reports, goes to standard error. Exit 0 fine, 1 a bad call, 10 and more how it ended.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fibers.h"

namespace {
[[noreturn]] void refuse(const std::string& what) {
    fprintf(stderr, "%s\n", what.c_str());
    exit(1);
}

void read_all(void* to, size_t bytes) {
    if (bytes && fread(to, 1, bytes, stdin) != bytes) refuse("the parameters end early");
}

// A buffer with a guard behind.
char* buffer(size_t bytes) {
    size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE)), length = (bytes + page) / page * page;
    void* pages = mmap(nullptr, length + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) refuse("no memory");
    mprotect(static_cast<char*>(pages) + length, page, PROT_NONE);
    return static_cast<char*>(pages) + length - (bytes + 15) / 16 * 16;
}
}  // namespace

int main(int count, char** argument) {
    if (count != 11) refuse("runner IMAGE KERNEL GX GY GZ BX BY BZ SHARED ORDER");
    void* library = dlopen(argument[1], RTLD_NOW | RTLD_LOCAL);
    if (!library) refuse(dlerror());
    auto image = static_cast<const fake::Image*>(dlsym(library, "fake_image"));
    const fake::Kernel* kernel = nullptr;
    for (unsigned i = 0; image && i < image->count; i++)
        if (!strcmp(image->kernels[i].name, argument[2])) kernel = &image->kernels[i];
    if (!kernel) refuse(std::string("no kernel ") + argument[2]);
    unsigned numbers[7];
    for (int i = 0; i < 7; i++) numbers[i] = static_cast<unsigned>(strtoul(argument[3 + i], nullptr, 10));

    struct Buffer {
        char* at;
        size_t bytes;
    };
    std::vector<Buffer> buffers;
    std::vector<Buffer> values;
    for (int kind; (kind = getchar()) != EOF;) {
        uint64_t bytes;
        read_all(&bytes, sizeof bytes);
        Buffer read{buffer(bytes), bytes};
        read_all(read.at, bytes);
        if (kind == 'b') {
            buffers.push_back(read);
            Buffer pointer{buffer(8), 8};
            memcpy(pointer.at, &read.at, 8);
            values.push_back(pointer);
        } else {
            values.push_back(read);
        }
    }
    if (values.size() != kernel->count)
        refuse(std::string(argument[2]) + " has " + std::to_string(kernel->count) + " parameters");
    std::vector<void*> at;
    for (unsigned i = 0; i < kernel->count; i++) {
        if (values[i].bytes != kernel->sizes[i])
            refuse("parameter " + std::to_string(i) + " has " + std::to_string(kernel->sizes[i]) + " bytes");
        at.push_back(values[i].at);
    }
    if (size_t(numbers[3]) * numbers[4] * numbers[5] > kernel->most_threads) refuse("more threads than the bounds of the kernel");
    fake::Shape shape{dim3(numbers[0], numbers[1], numbers[2]), dim3(numbers[3], numbers[4], numbers[5]), numbers[6],
                      strtoull(argument[10], nullptr, 10)};
    fake::Ending ending = kernel->run(shape, at.data());
    if (ending != fake::FINE) fprintf(stderr, "%s\n", fake::told());
    for (const Buffer& out : buffers) fwrite(out.at, 1, out.bytes, stdout);
    fflush(stdout);
    return ending == fake::FINE ? 0 : 9 + ending;
}

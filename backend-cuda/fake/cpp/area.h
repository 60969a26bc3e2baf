// Shared memory of a declaration: poisoned for each block, with a guard behind.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fake {
constexpr uint64_t POISON = 0xCD;

// Memory of one declaration: pages, and a guard behind them.
struct Area {
    char* pages = nullptr;
    size_t length = 0;
    char* start = nullptr;
    size_t bytes = 0;
    const void* declaration = nullptr;
    size_t block = 0;  // for which it was poisoned, counted from 1
};

inline size_t page_size() {
    static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    return size;
}

inline void unmap(Area& area) {
    if (area.pages) munmap(area.pages, area.length + page_size());
    area.pages = nullptr;
}

// Memory of `bytes`, whose end is as near to the guard as an alignment of 16 lets it.
inline void map(Area& area, size_t bytes) {
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
}  // namespace fake

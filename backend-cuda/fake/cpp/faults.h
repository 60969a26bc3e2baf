// Accesses beyond what a kernel may reach: they end the launch, not the process. ThreadSanitizer has its own word for them.
#pragma once
#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <mutex>

#include "state.h"

namespace fake {
#ifndef FAKE_TSAN
static struct sigaction earlier_segv, earlier_bus;

// An access beyond what a kernel may reach.
inline void on_fault(int signal, siginfo_t* info, void* context) {
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

inline void catch_faults() {
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
}  // namespace fake

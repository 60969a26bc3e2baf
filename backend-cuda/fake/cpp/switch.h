// Where a fiber was, and going on there: by a few lines of assembly, or with what POSIX has for any processor.
#pragma once
#include <cstddef>

#if !defined(__x86_64__) || defined(FAKE_UCONTEXT)
#define USE_UCONTEXT
#include <ucontext.h>
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
#ifdef USE_UCONTEXT
using Context = ucontext_t;
#else
using Context = void*;
#endif

// Stores where the caller was, and goes on where another one was.
inline void switch_context(Context& from, Context& to) {
#ifdef USE_UCONTEXT
    swapcontext(&from, &to);
#else
    fake_switch(&from, to);
#endif
}

// Lets `body` begin on a stack of `size` bytes when it is switched to.
inline void begin_context(Context& context, char* stack, size_t size, void (*body)()) {
#ifdef USE_UCONTEXT
    getcontext(&context);
    context.uc_stack.ss_sp = stack;
    context.uc_stack.ss_size = size;
    context.uc_link = nullptr;
    makecontext(&context, body, 0);
#else
    void** at = reinterpret_cast<void**>(stack + size - 64);
    *--at = nullptr;
    *--at = reinterpret_cast<void*>(body);
    for (int saved = 0; saved < 6; saved++) *--at = nullptr;
    context = at;
#endif
}
}  // namespace fake

/* Fails, or kills at, one system call of a kind. Preloaded by the tests; reads its orders from the environment:
 *
 *   JOBWISE_FAULT_UNDER    only files below this directory count
 *   JOBWISE_FAULT_PROGRAM  only in processes of this name
 *   JOBWISE_FAULT_LOG      a line "KIND PATH" is appended to this file for each call that counts
 *   JOBWISE_FAULT_KIND     write, sync, rename, truncate or create
 *   JOBWISE_FAULT_AT       number of the call, from 1
 *   JOBWISE_FAULT_ERRNO    what it returns
 *   JOBWISE_FAULT_ON=1     all later ones of the kind fail too
 *   JOBWISE_FAULT_KILL=1   the process is killed instead
 *   JOBWISE_FAULT_HANG=1   the call never returns
 *   JOBWISE_FAULT_HALF=1   a write does half of its bytes before
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *under, *kind;
static long at, seen;
static int code, on, kills, hangs, half, log_fd = -1, armed;

__attribute__((constructor)) static void begin(void) {
    const char *program = getenv("JOBWISE_FAULT_PROGRAM"), *log = getenv("JOBWISE_FAULT_LOG");
    under = getenv("JOBWISE_FAULT_UNDER");
    if (!under || (program && strcmp(program, program_invocation_short_name))) return;
    kind = getenv("JOBWISE_FAULT_KIND");
    at = kind ? atol(getenv("JOBWISE_FAULT_AT")) : 0;
    code = getenv("JOBWISE_FAULT_ERRNO") ? atoi(getenv("JOBWISE_FAULT_ERRNO")) : EIO;
    on = getenv("JOBWISE_FAULT_ON") != NULL;
    kills = getenv("JOBWISE_FAULT_KILL") != NULL;
    hangs = getenv("JOBWISE_FAULT_HANG") != NULL;
    half = getenv("JOBWISE_FAULT_HALF") != NULL;
    if (log) log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    armed = 1;
}

/* Whether a path counts; one that is not absolute is below the directory the command runs in. */
static int counts(const char *path) {
    return armed && (path[0] != '/' || !strncmp(path, under, strlen(under)));
}

static const char *path_of(int fd, char *path) {
    char link[64];
    struct stat st;
    if (!armed || fd < 3 || fd == log_fd || fstat(fd, &st) || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))) return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    if (n < 0) return NULL;
    path[n] = 0;
    return counts(path) ? path : NULL;
}

/* Whether this call is the one. */
static int strikes(const char *what, const char *path) {
    if (log_fd >= 0) {
        static __thread char line[PATH_MAX + 32];
        int n = snprintf(line, sizeof line, "%s %s\n", what, path);
        syscall(SYS_write, log_fd, line, (size_t)n);
    }
    if (!kind || strcmp(kind, what)) return 0;
    long now = __sync_add_and_fetch(&seen, 1);
    return now == at || (on && now > at);
}

static int fail(void) {
    if (kills) {
        syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
        for (;;) pause();
    }
    while (hangs) pause();
    errno = code;
    return -1;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
/* Not on the stack: handlers of signals write too, on small ones. */
#define ON_FD(fd, what) static __thread char path_[PATH_MAX]; const char *found_ = path_of(fd, path_); int strikes_ = found_ && strikes(what, found_)

#define WRITES(name, result, parameters, arguments, halved) \
    result name parameters { REAL(name); ON_FD(fd, "write"); if (strikes_) { if (half) (void)!(halved); return fail(); } return real arguments; }
WRITES(write, ssize_t, (int fd, const void *b, size_t n), (fd, b, n), real(fd, b, n / 2))
WRITES(pwrite, ssize_t, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o), real(fd, b, n / 2, o))
WRITES(pwrite64, ssize_t, (int fd, const void *b, size_t n, off64_t o), (fd, b, n, o), real(fd, b, n / 2, o))
WRITES(writev, ssize_t, (int fd, const struct iovec *v, int n), (fd, v, n), real(fd, v, n / 2))
WRITES(pwritev, ssize_t, (int fd, const struct iovec *v, int n, off_t o), (fd, v, n, o), real(fd, v, n / 2, o))
ssize_t copy_file_range(int from, off64_t *x, int fd, off64_t *y, size_t n, unsigned f) {
    REAL(copy_file_range); ON_FD(fd, "write"); return strikes_ ? fail() : real(from, x, fd, y, n, f);
}
ssize_t sendfile64(int fd, int from, off64_t *o, size_t n) {
    REAL(sendfile64); ON_FD(fd, "write"); return strikes_ ? fail() : real(fd, from, o, n);
}

#define PLAIN(name, what, parameters, arguments) \
    int name parameters { REAL(name); ON_FD(fd, what); return strikes_ ? fail() : real arguments; }
PLAIN(fsync, "sync", (int fd), (fd))
PLAIN(fdatasync, "sync", (int fd), (fd))
PLAIN(ftruncate, "truncate", (int fd, off_t n), (fd, n))
PLAIN(ftruncate64, "truncate", (int fd, off64_t n), (fd, n))

#define NAMES(name, what, parameters, arguments) \
    int name parameters { REAL(name); return counts(to) && strikes(what, to) ? fail() : real arguments; }
NAMES(rename, "rename", (const char *from, const char *to), (from, to))
NAMES(renameat, "rename", (int a, const char *from, int b, const char *to), (a, from, b, to))
NAMES(renameat2, "rename", (int a, const char *from, int b, const char *to, unsigned f), (a, from, b, to, f))
NAMES(link, "rename", (const char *from, const char *to), (from, to))
NAMES(linkat, "rename", (int a, const char *from, int b, const char *to, int f), (a, from, b, to, f))
NAMES(mkdir, "create", (const char *to, mode_t m), (to, m))
NAMES(mkdirat, "create", (int a, const char *to, mode_t m), (a, to, m))

#define OPENS(name, parameters, arguments) \
    int name parameters { \
        REAL(name); \
        mode_t m = 0; \
        if (f & (O_CREAT | O_TMPFILE)) { va_list v; va_start(v, f); m = va_arg(v, mode_t); va_end(v); } \
        return (f & O_CREAT) && counts(to) && strikes("create", to) ? fail() : real arguments; \
    }
OPENS(open, (const char *to, int f, ...), (to, f, m))
OPENS(open64, (const char *to, int f, ...), (to, f, m))
OPENS(openat, (int a, const char *to, int f, ...), (a, to, f, m))
OPENS(openat64, (int a, const char *to, int f, ...), (a, to, f, m))

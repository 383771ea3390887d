/* A disk that can lose power, fill up and fail, for one SQLite database of one process (LD_PRELOAD).
 *
 * The database with its -wal and -journal and the log's tail beside it are written as ever; that is the page cache, which outlives a killed process.
 * Beside each, in the folder DESKBELL_DISK, two files are kept:
 *
 *   NAME           what is on the platter: only fsync and fdatasync bring anything there
 *   NAME.pending   the writes that were not synced, each with its bytes, in order
 *
 * After SIGKILL the harness puts NAME in the place of the real file, with none or some of the pending writes: a power cut.
 * Making and removing a file counts as durable at once. The -shm file is left alone: SQLite makes it anew.
 *
 * SQLite and the tail call open64, pwrite64, write, ftruncate64, fsync, fdatasync, unlink and close; their relatives are here so that another build of it
 * is not missed, and what could write past this shim (mmap for writing, rename) ends the process. All go to the kernel by
 * syscall(2): looking up the real functions would allocate, and the allocator reads the clock, which is ours too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* What the harness orders and learns, in the file DESKBELL_DISK/control; disk.rs has the same order of fields. */
struct control {
    int64_t failing_syncs; /* so many of the next syncs fail with EIO; below 0: all */
    int64_t full;          /* 1: a file cannot grow; 2: nothing can be written */
    int64_t clock_ms;      /* the system's clock is off by so much */
    int64_t sync_us;       /* each sync takes so much longer */
    int64_t syncs;         /* syncs that went well */
    int64_t failed_syncs;
    int64_t refused_writes;
};

enum { WRITE = 1, TRUNCATE = 2 };

/* Before each pending write; disk.rs reads it. */
struct record {
    uint32_t kind, length;
    uint64_t offset;
};

#define FILES 5
#define MOST_FDS 65536

static const char *const suffixes[FILES] = {"", "-wal", "-journal", "-tail0", "-tail1"};
static char paths[FILES][PATH_MAX], platters[FILES][PATH_MAX], pendings[FILES][PATH_MAX];
static int platter[FILES], pending[FILES];
static unsigned char which[MOST_FDS]; /* 1 + index of the file that a descriptor is of */
static struct control nothing, *control = &nothing;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void give_up(const char *what) {
    fprintf(stderr, "powercut: %s: %s\n", what, strerror(errno));
    abort();
}

static int sys_open(const char *path, int flags, mode_t mode) { return syscall(SYS_openat, AT_FDCWD, path, flags, mode); }

__attribute__((constructor)) static void start(void) {
    const char *file = getenv("DESKBELL_DISK_FILE"), *folder = getenv("DESKBELL_DISK");
    if (!file || !folder) return;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/control", folder);
    int fd = sys_open(path, O_RDWR | O_CLOEXEC, 0);
    if (fd < 0) give_up(path);
    control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (control == MAP_FAILED) give_up(path);
    syscall(SYS_close, fd);
    const char *name = strrchr(file, '/') + 1;
    for (int i = 0; i < FILES; i++) {
        snprintf(paths[i], PATH_MAX, "%s%s", file, suffixes[i]);
        snprintf(platters[i], PATH_MAX, "%s/%s%s", folder, name, suffixes[i]);
        snprintf(pendings[i], PATH_MAX, "%s/%s%s.pending", folder, name, suffixes[i]);
        platter[i] = pending[i] = -1;
    }
}

/* 1 + the index of a file that is ours, or 0. */
static int ours(const char *path) {
    for (int i = 0; path && paths[0][0] && i < FILES; i++)
        if (!strcmp(paths[i], path)) return i + 1;
    return 0;
}

static int file_of(int fd) { return fd >= 0 && fd < MOST_FDS ? which[fd] : 0; }

static int open_any(const char *path, int flags, mode_t mode) {
    int file = ours(path), fd = sys_open(path, flags, mode);
    if (!file || fd < 0) return fd;
    if (fd >= MOST_FDS || (flags & O_TRUNC)) give_up("an open that is not understood");
    int i = file - 1;
    pthread_mutex_lock(&lock);
    if (platter[i] < 0) {
        platter[i] = sys_open(platters[i], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        pending[i] = sys_open(pendings[i], O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (platter[i] < 0 || pending[i] < 0) give_up(platters[i]);
    }
    which[fd] = file;
    pthread_mutex_unlock(&lock);
    return fd;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        return open_any(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

int close(int fd) {
    if (file_of(fd)) which[fd] = 0;
    return syscall(SYS_close, fd);
}

/* Notes a write that the page cache has. Called under the lock. */
static void note(int i, uint32_t kind, const void *bytes, uint32_t length, uint64_t offset) {
    struct record head = {kind, length, offset};
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)bytes, length}};
    if (writev(pending[i], parts, length ? 2 : 1) != (ssize_t)(sizeof head + length)) give_up(pendings[i]);
}

static ssize_t write_at(int fd, const void *bytes, size_t length, off64_t offset) {
    int file = file_of(fd);
    if (!file) return syscall(SYS_pwrite64, fd, bytes, length, offset);
    pthread_mutex_lock(&lock);
    struct stat now;
    int full = __atomic_load_n(&control->full, __ATOMIC_RELAXED);
    ssize_t done;
    if (full == 2 || (full == 1 && !fstat(fd, &now) && offset + (off64_t)length > now.st_size)) {
        __atomic_add_fetch(&control->refused_writes, 1, __ATOMIC_RELAXED);
        errno = ENOSPC;
        done = -1;
    } else {
        done = syscall(SYS_pwrite64, fd, bytes, length, offset);
        if (done > 0) note(file - 1, WRITE, bytes, done, offset);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return write_at(fd, bytes, length, offset); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return write_at(fd, bytes, length, offset); }

ssize_t write(int fd, const void *bytes, size_t length) {
    if (!file_of(fd)) return syscall(SYS_write, fd, bytes, length);
    ssize_t done = write_at(fd, bytes, length, lseek64(fd, 0, SEEK_CUR));
    if (done > 0) lseek64(fd, done, SEEK_CUR);
    return done;
}

int ftruncate64(int fd, off64_t size) {
    int file = file_of(fd);
    if (!file) return syscall(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&lock);
    int failed = syscall(SYS_ftruncate, fd, size);
    if (!failed) note(file - 1, TRUNCATE, NULL, 0, size);
    pthread_mutex_unlock(&lock);
    return failed;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

/* Brings all pending writes of a file to the platter. Called under the lock. */
static void bring(int i) {
    static char *bytes;
    static uint32_t room;
    struct record head;
    off64_t at = 0;
    while (pread64(pending[i], &head, sizeof head, at) == sizeof head) {
        if (head.length > room && !(bytes = realloc(bytes, room = head.length))) give_up("memory");
        if (head.kind == TRUNCATE && syscall(SYS_ftruncate, platter[i], head.offset)) give_up(platters[i]);
        if (head.kind == WRITE &&
            (pread64(pending[i], bytes, head.length, at + sizeof head) != head.length ||
             syscall(SYS_pwrite64, platter[i], bytes, head.length, head.offset) != head.length))
            give_up(platters[i]);
        at += sizeof head + head.length;
    }
    if (syscall(SYS_ftruncate, pending[i], 0)) give_up(pendings[i]);
}

static int sync_any(int fd, long number) {
    int file = file_of(fd);
    if (!file) return syscall(number, fd);
    int64_t slow = __atomic_load_n(&control->sync_us, __ATOMIC_RELAXED);
    if (slow > 0) usleep(slow);
    pthread_mutex_lock(&lock);
    int failed = control->failing_syncs != 0;
    if (control->failing_syncs > 0) control->failing_syncs--;
    if (failed) {
        control->failed_syncs++;
        errno = EIO;
    } else {
        bring(file - 1);
        control->syncs++;
    }
    pthread_mutex_unlock(&lock);
    return failed ? -1 : 0;
}
int fsync(int fd) { return sync_any(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_any(fd, SYS_fdatasync); }

int unlink(const char *path) {
    int file = ours(path), failed = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (!file || failed) return failed;
    int i = file - 1;
    pthread_mutex_lock(&lock);
    syscall(SYS_unlinkat, AT_FDCWD, platters[i], 0);
    syscall(SYS_unlinkat, AT_FDCWD, pendings[i], 0);
    if (platter[i] >= 0) syscall(SYS_close, platter[i]);
    if (pending[i] >= 0) syscall(SYS_close, pending[i]);
    platter[i] = pending[i] = -1;
    pthread_mutex_unlock(&lock);
    return 0;
}

int rename(const char *from, const char *to) {
    if (ours(from) || ours(to)) give_up("a rename that is not understood");
    return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

void *mmap64(void *near, size_t length, int protection, int flags, int fd, off64_t offset) {
    if (file_of(fd) && (protection & PROT_WRITE)) give_up("a mapping that is not understood");
    return (void *)syscall(SYS_mmap, near, length, protection, flags, fd, offset);
}

/* The clock of the wall jumps; the one that only runs does not. */
int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && clock == CLOCK_REALTIME) {
        int64_t off = __atomic_load_n(&control->clock_ms, __ATOMIC_RELAXED);
        int64_t ns = now->tv_nsec + (off % 1000) * 1000000;
        now->tv_sec += off / 1000 + (ns >= 1000000000) - (ns < 0);
        now->tv_nsec = ns + (ns < 0 ? 1000000000 : ns >= 1000000000 ? -1000000000 : 0);
    }
    return failed;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec exact;
    int failed = clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return failed;
}

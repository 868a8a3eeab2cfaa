// Linux's asynchronous I/O (io_setup(2) and its neighbours), for which the C library has no wrappers. One operation of it is used:
// IOCB_CMD_POLL, since Linux 4.18.
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static inline long clinuxaio_setup(unsigned capacity, aio_context_t *context) { return syscall(SYS_io_setup, capacity, context); }

static inline long clinuxaio_destroy(aio_context_t context) { return syscall(SYS_io_destroy, context); }

// Fills in what asks for one look at one descriptor, and hands it in. `data` comes back with the answer, of which `notified` (an
// eventfd) tells.
static inline long clinuxaio_poll(
    aio_context_t context, struct iocb *request, int descriptor, short events, uint64_t data, int notified) {
    *request = (struct iocb) {
        .aio_data = data,
        .aio_lio_opcode = IOCB_CMD_POLL,
        .aio_fildes = (uint32_t)descriptor,
        .aio_buf = (uint64_t)(unsigned short)events,
        .aio_flags = IOCB_FLAG_RESFD,
        .aio_resfd = (uint32_t)notified,
    };
    return syscall(SYS_io_submit, context, 1L, &request);
}

// What was cancelled answers as everything else does, only sooner.
static inline long clinuxaio_cancel(aio_context_t context, struct iocb *request) {
    struct io_event unused;
    return syscall(SYS_io_cancel, context, request, &unused);
}

// The answers that there are; does not wait.
static inline long clinuxaio_answers(aio_context_t context, struct io_event *events, long capacity) {
    struct timespec none = {0, 0};
    return syscall(SYS_io_getevents, context, 0L, capacity, events, &none);
}

static inline int clinuxaio_duplicate(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 0); }

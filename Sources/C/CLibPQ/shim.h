// libpq's public interface, found without its .pc file (which only adds flags that SwiftPM warns about).
#include <postgresql/libpq-fe.h>
// With this a thread that waits for libpq's socket is woken; Swift's Glibc module leaves it out.
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's number of the calling thread, asked once a thread. Not inlined, and not without an effect as far as the compiler
// sees: otherwise it might ask before a task's switch to another thread, and believe the answer behind it.
static __attribute__((noinline)) pid_t clibpq_thread_id(void) {
    static __thread pid_t id;
    __asm__ volatile("" ::: "memory");
    if (id == 0) { id = (pid_t)syscall(SYS_gettid); }
    return id;
}

// The fields of an error report. libpq has them as character macros, which Swift doesn't import.
enum {
    CLIBPQ_SEVERITY = PG_DIAG_SEVERITY_NONLOCALIZED,
    CLIBPQ_SQLSTATE = PG_DIAG_SQLSTATE,
    CLIBPQ_MESSAGE = PG_DIAG_MESSAGE_PRIMARY,
    CLIBPQ_DETAIL = PG_DIAG_MESSAGE_DETAIL,
    CLIBPQ_HINT = PG_DIAG_MESSAGE_HINT,
    CLIBPQ_POSITION = PG_DIAG_STATEMENT_POSITION,
    CLIBPQ_SCHEMA = PG_DIAG_SCHEMA_NAME,
    CLIBPQ_TABLE = PG_DIAG_TABLE_NAME,
    CLIBPQ_COLUMN = PG_DIAG_COLUMN_NAME,
    CLIBPQ_CONSTRAINT = PG_DIAG_CONSTRAINT_NAME,
    CLIBPQ_FUNCTION = PG_DIAG_SOURCE_FUNCTION,
};

// The generator of REST requests: kept HTTP/1.1 connections, one request under way on each. Flat out the next one leaves when
// an answer has come; paced they leave at fixed times, whatever became of earlier ones, and wait for a free connection if
// need be: the wait is part of their latency.
//
//   rest --port N --requests FILE --connections N --seconds S [--warm-up S] [--rate N] [--once] [--control]
//
// FILE holds whole requests, each after a line with its length. They are sent in turn; with --once each only once.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"

enum { SECOND = 1000000000, IN_SIZE = 4 << 20, CONNECTIONS = 1024 };

struct request { const char *bytes; size_t length; };
struct connection {
    int fd;
    bool busy;
    uint64_t due; // when its request was to leave
    char *in;
    size_t length;
};

static struct { int port, connections; double seconds, warm_up, rate; bool once, control; const char *file; } options = {
    .connections = 16, .seconds = 10, .warm_up = 2,
};
static struct request *requests;
static size_t request_count, next_request;
static struct connection connections[CONNECTIONS];
static int poller, timer, idle[CONNECTIONS], idle_first, idle_count; // a ring

static struct {
    bool measures, sends;
    uint64_t began, ended, finishes;
    uint64_t due, left, done, refused, bytes;
    struct histogram latency, lateness;
} run;

static _Noreturn void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("rest: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

// The connection that has rested longest goes first: none rests until the server takes it for one that never sends a request.
static void rest(int number) { idle[(idle_first + idle_count++) % CONNECTIONS] = number; }

static int rested(void) {
    int number = idle[idle_first];
    idle_first = (idle_first + 1) % CONNECTIONS;
    idle_count--;
    return number;
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static void read_requests(void) {
    FILE *file = fopen(options.file, "rb");
    struct stat about;
    if (!file || fstat(fileno(file), &about)) die("%s: %s", options.file, strerror(errno));
    char *text = malloc((size_t)about.st_size + 1);
    if (!text || fread(text, 1, (size_t)about.st_size, file) != (size_t)about.st_size) die("%s cannot be read", options.file);
    fclose(file);
    text[about.st_size] = 0;
    size_t room = 0;
    for (char *at = text; at < text + about.st_size;) {
        char *bytes;
        size_t length = strtoul(at, &bytes, 10);
        if (*bytes++ != '\n' || length == 0 || bytes + length > text + about.st_size) die("%s: a length is expected", options.file);
        if (request_count == room) requests = realloc(requests, (room = room ? 2 * room : 64) * sizeof *requests);
        requests[request_count++] = (struct request){bytes, length};
        at = bytes + length;
    }
    if (!request_count) die("%s: there are no requests", options.file);
}

static void connect_all(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < options.connections; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
        if (connect(fd, (struct sockaddr *)&address, sizeof address)) die("no connection to port %d: %s", options.port, strerror(errno));
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        fcntl(fd, F_SETFL, O_NONBLOCK);
        connections[i] = (struct connection){.fd = fd, .in = malloc(IN_SIZE)};
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
        rest(i);
    }
}

static void send_request(int number, uint64_t due) {
    struct connection *connection = &connections[number];
    if (next_request == request_count) {
        if (options.once) die("all %zu requests are used up", request_count);
        next_request = 0;
    }
    struct request *request = &requests[next_request++];
    // Requests are small and the buffer is empty: the kernel takes them whole.
    if (send(connection->fd, request->bytes, request->length, MSG_NOSIGNAL) != (ssize_t)request->length) die("a request was not taken whole");
    connection->busy = true;
    connection->due = due;
    run.left++;
}

static void give_work(int number) {
    uint64_t moment = now();
    // Paced, all that was due in time is sent, however late.
    if (!run.sends || (options.rate <= 0 && moment >= run.finishes)) {
        rest(number);
    } else if (options.rate <= 0) {
        send_request(number, moment);
    } else if (run.due <= moment && run.due < run.finishes) {
        uint64_t due = run.due;
        run.due += (uint64_t)(SECOND / options.rate);
        send_request(number, due);
    } else {
        rest(number);
    }
}

// What is due and finds a free connection leaves; how late it was is the generator's own doing.
static void send_due(void) {
    while (idle_count && run.sends && run.due < run.finishes) {
        uint64_t moment = now();
        if (run.due > moment) break;
        if (run.measures) histogram_add(&run.lateness, moment - run.due);
        give_work(rested());
    }
}

static const char *header(const char *head, const char *end, const char *name) {
    size_t length = strlen(name);
    for (const char *line = head; line && line < end; line = memchr(line, '\n', (size_t)(end - line)), line = line ? line + 1 : NULL)
        if ((size_t)(end - line) > length && !strncasecmp(line, name, length) && line[length] == ':') return line + length + 1;
    return NULL;
}

// The length of the whole answer, or 0 while some of it is missing.
static size_t answer_length(const struct connection *connection) {
    const char *end = memmem(connection->in, connection->length, "\r\n\r\n", 4);
    if (!end) return 0;
    const char *length = header(connection->in, end, "content-length");
    if (!length) die("an answer without a length: %.*s", (int)(end - connection->in), connection->in);
    size_t whole = (size_t)(end - connection->in) + 4 + strtoul(length, NULL, 10);
    return connection->length >= whole ? whole : 0;
}

static void answered(int number) {
    struct connection *connection = &connections[number];
    if (connection->length < 12 || connection->in[9] != '2') {
        if (!run.refused++) fprintf(stderr, "rest: refused: %.*s\n", (int)(connection->length < 900 ? connection->length : 900), connection->in);
    }
    if (run.measures) {
        histogram_add(&run.latency, now() - connection->due);
        run.bytes += connection->length;
        run.done++;
    }
    connection->length = 0;
    connection->busy = false;
    give_work(number);
}

static void receive(int number) {
    struct connection *connection = &connections[number];
    ssize_t got = recv(connection->fd, connection->in + connection->length, IN_SIZE - connection->length, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) die("the server closed a connection: %.*s", (int)connection->length, connection->in);
    connection->length += (size_t)got;
    size_t whole = answer_length(connection);
    if (whole > 0 && whole < connection->length) die("more than one answer came");
    if (whole > 0) answered(number);
    if (connection->length == IN_SIZE) die("an answer is too long");
}

static void turn(void) {
    struct epoll_event events[256];
    int wait = -1;
    if (run.sends && options.rate > 0) {
        uint64_t next = run.due < run.finishes ? run.due : run.finishes, moment = now();
        struct itimerspec at = {.it_value = {.tv_nsec = next > moment ? (long)((next - moment) % SECOND) : 1, .tv_sec = next > moment ? (long)((next - moment) / SECOND) : 0}};
        if (idle_count) timerfd_settime(timer, 0, &at, NULL);
        wait = 1000;
    }
    int count = epoll_wait(poller, events, 256, wait);
    for (int i = 0; i < count; i++) {
        uint64_t ticks;
        if (events[i].data.u32 == UINT32_MAX) (void)!read(timer, &ticks, sizeof ticks);
        else receive((int)events[i].data.u32);
    }
    if (options.rate > 0) send_due();
}

// Sends for so long, then waits for the last answers.
static void send_for(double seconds, bool measures) {
    run.measures = measures, run.sends = true;
    run.began = run.due = now();
    run.finishes = run.began + (uint64_t)(seconds * SECOND);
    int count = idle_count;
    if (options.rate <= 0) {
        for (int i = 0; i < count; i++) give_work(rested());
    } else {
        send_due();
    }
    while (idle_count < options.connections || (options.rate > 0 && run.due < run.finishes)) turn();
    run.ended = now();
    run.sends = false;
}

static void tell(const char *where) {
    if (!options.control) return;
    char line[64];
    printf("phase %s\n", where);
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) die("the parent is gone");
}

static double ms(const struct histogram *histogram, double share) { return (double)histogram_quantile(histogram, share) / 1e6; }

int main(int count, char **arguments) {
    for (int i = 1; i < count; i++) {
        const char *name = arguments[i];
        if (!strcmp(name, "--once")) { options.once = true; continue; }
        if (!strcmp(name, "--control")) { options.control = true; continue; }
        if (++i == count) die("%s needs a value", name);
        if (!strcmp(name, "--port")) options.port = atoi(arguments[i]);
        else if (!strcmp(name, "--requests")) options.file = arguments[i];
        else if (!strcmp(name, "--connections")) options.connections = atoi(arguments[i]);
        else if (!strcmp(name, "--seconds")) options.seconds = atof(arguments[i]);
        else if (!strcmp(name, "--warm-up")) options.warm_up = atof(arguments[i]);
        else if (!strcmp(name, "--rate")) options.rate = atof(arguments[i]);
        else die("no option is called %s", name);
    }
    if (!options.port || !options.file || options.connections < 1 || options.connections > CONNECTIONS) die("what is to be done?");
    read_requests();
    poller = epoll_create1(EPOLL_CLOEXEC);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
    epoll_ctl(poller, EPOLL_CTL_ADD, timer, &event);
    connect_all();
    send_for(options.warm_up, false);
    tell("measured");
    send_for(options.seconds, true);
    tell("end");
    double seconds = (double)(run.ended - run.began) / SECOND;
    printf("{\"phases\": [{\"name\": \"measured\", \"requests\": %lu, \"seconds\": %.3f, \"per_second\": %.1f, \"refused\": %lu, "
           "\"bytes\": %.0f, \"p50_ms\": %.3f, \"p90_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, \"late_p99_ms\": %.3f}]}\n",
           run.done, seconds, (double)run.done / seconds, run.refused, run.done ? (double)run.bytes / (double)run.done : 0,
           ms(&run.latency, 0.5), ms(&run.latency, 0.9), ms(&run.latency, 0.99), (double)run.latency.maximum / 1e6, ms(&run.lateness, 0.99));
    return 0;
}

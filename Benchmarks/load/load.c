// load: opens WebSockets to a server on 127.0.0.1, publishes, and reports as one line of JSON what arrived and when.
// Benchmarks/README.md says how it measures; harness/load.py starts it.
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include "../common/handshake.h"

struct run run;
static int poller;

// MARK: Ground

uint64_t monotonic_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t realtime_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

void *must(void *memory) {
    if (!memory) die("no memory");
    return memory;
}

// Few events at a time, so that a message that is due does not wait for a thousand sockets to be read.
void turn(uint64_t nanoseconds) {
    struct epoll_event events[16];
    struct timespec timeout = {(time_t)(nanoseconds / 1000000000), (long)(nanoseconds % 1000000000)};
    int ready = epoll_pwait2(poller, events, 16, &timeout, NULL);
    if (ready < 0 && errno != EINTR) die("epoll_pwait2: %m");
    for (int i = 0; i < ready; i++) {
        struct source *source = events[i].data.ptr;
        source->ready(source, events[i].events);
    }
}

static void source_control(int operation, struct source *source, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = source};
    if (epoll_ctl(poller, operation, source->fd, &event)) die("epoll_ctl: %m");
}

void source_add(struct source *source, uint32_t events) { source_control(EPOLL_CTL_ADD, source, events); }
void source_change(struct source *source, uint32_t events) { source_control(EPOLL_CTL_MOD, source, events); }
void source_remove(struct source *source) { source_control(EPOLL_CTL_DEL, source, 0); }

// Closing sends a reset: thousands of sockets in TIME_WAIT would use up the ports of the runs that follow.
int connect_to(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct linger reset = {1, 0};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0) die("socket: %m");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) die("connect: %m");
    return fd;
}

// MARK: Options

static char *read_file(const char *name) {
    FILE *file = fopen(name, "r");
    if (!file) die("%s: %m", name);
    char *text = NULL;
    size_t capacity = 0;
    if (getdelim(&text, &capacity, 0, file) < 0) text = must(strdup(""));
    fclose(file);
    return text;
}

static int split_lines(char *text, char **lines, int maximum) {
    int count = 0;
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        if (!*line) continue;
        if (count == maximum) die("more than %d lines", maximum);
        lines[count++] = line;
    }
    return count;
}

static void read_tokens(const char *name) {
    enum { MAXIMUM_TOKENS = 20000 };
    run.options.tokens = must(calloc(MAXIMUM_TOKENS, sizeof(char *)));
    run.options.token_count = split_lines(read_file(name), run.options.tokens, MAXIMUM_TOKENS);
}

// NATS ends its lines with CR LF: \r and \n may be written in a message.
static void unescape(char *text) {
    char *out = text;
    for (; *text; text++) {
        bool escaped = *text == '\\' && (text[1] == 'r' || text[1] == 'n');
        *out++ = !escaped ? *text : *++text == 'r' ? '\r' : '\n';
    }
    *out = 0;
}

static void read_hello(const char *name) {
    run.options.hello_count = split_lines(read_file(name), run.options.hello, MAXIMUM_LINES);
    if (!run.options.nats) return;
    for (int i = 0; i < run.options.hello_count; i++) unescape(run.options.hello[i]);
}

static void choose_publisher(const char *name) {
    static const char *names[] = {"none", "put", "post", "redis", "nats", "lines"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!strcmp(name, names[i])) {
            run.options.publisher = (enum publisher_kind)i;
            return;
        }
    }
    die("there is no publisher %s", name);
}

static void add_destination(const char *to) {
    if (run.options.publish_to_count == HTTP_CONNECTIONS) die("more than %d destinations", HTTP_CONNECTIONS);
    run.options.publish_to[run.options.publish_to_count++] = to;
}

enum option_name {
    MODE = 'A', PORT, PATH, HEADER, TOKENS, HELLO, READY_TEXT, READY_COUNT, ENGINE_IO, NATS_PINGS, BY_SEQ, STANDS_AT, SOCKETS, IN_FLIGHT,
    PUBLISHER, PUBLISH_PORT, PUBLISH_TO, PUBLISH_TOKEN, MESSAGE, RATE, WARM_UP, SECONDS, WINDOW, EVENTS, STUCK, STUCK_SECONDS,
    CLOSED_SECONDS, CONTROL,
};

static const struct option option_list[] = {
    {"mode", 1, 0, MODE}, {"port", 1, 0, PORT}, {"path", 1, 0, PATH}, {"header", 1, 0, HEADER}, {"tokens", 1, 0, TOKENS},
    {"hello", 1, 0, HELLO}, {"ready", 1, 0, READY_TEXT}, {"ready-count", 1, 0, READY_COUNT}, {"engine-io", 0, 0, ENGINE_IO},
    {"nats", 0, 0, NATS_PINGS}, {"by-seq", 0, 0, BY_SEQ}, {"head", 1, 0, STANDS_AT}, {"sockets", 1, 0, SOCKETS}, {"in-flight", 1, 0, IN_FLIGHT},
    {"publisher", 1, 0, PUBLISHER}, {"publish-port", 1, 0, PUBLISH_PORT}, {"publish-to", 1, 0, PUBLISH_TO},
    {"publish-token", 1, 0, PUBLISH_TOKEN}, {"message", 1, 0, MESSAGE}, {"rate", 1, 0, RATE}, {"warm-up", 1, 0, WARM_UP},
    {"seconds", 1, 0, SECONDS}, {"window", 1, 0, WINDOW}, {"events", 1, 0, EVENTS}, {"stuck", 1, 0, STUCK},
    {"stuck-seconds", 1, 0, STUCK_SECONDS}, {"closed-seconds", 1, 0, CLOSED_SECONDS}, {"control", 0, 0, CONTROL}, {0},
};

static void take_option(enum option_name name, char *value) {
    struct options *options = &run.options;
    switch (name) {
    case MODE: options->mode = value; break;
    case PORT: options->port = atoi(value); break;
    case PATH: options->path = value; break;
    case HEADER: options->header = value; break;
    case TOKENS: read_tokens(value); break;
    case HELLO: read_hello(value); break;
    case READY_TEXT: options->ready = value; break;
    case READY_COUNT: options->ready_count = atoi(value); break;
    case ENGINE_IO: options->engine_io = true; break;
    case NATS_PINGS: options->nats = true; break; // before --hello
    case BY_SEQ: options->by_seq = true; break;
    case STANDS_AT: run.head = strtoull(value, NULL, 10), run.knows_head = true; break; // where no server says it
    case SOCKETS: options->sockets = atoi(value); break;
    case IN_FLIGHT: options->in_flight_handshakes = atoi(value); break;
    case PUBLISHER: choose_publisher(value); break;
    case PUBLISH_PORT: options->publish_port = atoi(value); break;
    case PUBLISH_TO: add_destination(value); break;
    case PUBLISH_TOKEN: options->publish_token = value; break;
    case MESSAGE: options->message = read_file(value); break;
    case RATE: options->rate = atof(value); break;
    case WARM_UP: options->warm_up = atof(value); break;
    case SECONDS: options->seconds = atof(value); break;
    case WINDOW: options->window = atoi(value); break;
    case EVENTS: options->events = atoi(value); break;
    case STUCK: options->stuck = atoi(value); break;
    case STUCK_SECONDS: options->stuck_seconds = atof(value); break;
    case CLOSED_SECONDS: options->closed_seconds = atof(value); break;
    case CONTROL: options->control = true; break;
    }
}

static void take_options(int count, char **arguments) {
    run.options = (struct options){
        .mode = "flat", .path = "/", .message = "{marker}", .sockets = 100, .in_flight_handshakes = 64, .rate = 50,
        .warm_up = 1, .seconds = 5, .window = 8, .stuck_seconds = 20, .closed_seconds = 38,
    };
    int name;
    while ((name = getopt_long(count, arguments, "", option_list, NULL)) != -1) {
        if (name == '?') exit(2);
        take_option((enum option_name)name, optarg);
    }
    if (!run.options.port || run.options.sockets < 1 || run.options.in_flight_handshakes < 1) die("--port and --sockets are needed");
    if (run.options.ready_count && !run.options.ready) die("--ready-count without --ready");
}

// MARK: Report

static void report_histogram(const char *name, const struct histogram *histogram) {
    printf("\"%s\":{\"count\":%llu,\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}", name,
        (unsigned long long)histogram->count, (double)histogram_quantile(histogram, 0.5) / 1e6,
        (double)histogram_quantile(histogram, 0.9) / 1e6, (double)histogram_quantile(histogram, 0.99) / 1e6,
        (double)histogram->maximum / 1e6);
}

static void report_phase(const struct phase *phase) {
    double seconds = (double)(phase->ended - phase->began) / 1e9;
    printf("{\"name\":\"%s\",\"seconds\":%.6f,\"messages\":%u,\"deliveries\":%llu,\"deliveries_per_second\":%.1f,", phase->name,
        seconds, phase->messages, (unsigned long long)phase->deliveries, (double)phase->deliveries / seconds);
    report_histogram("from_request", &phase->request);
    putchar(',');
    report_histogram("from_commit", &phase->commit);
    putchar(',');
    report_histogram("lateness", &phase->lateness);
    putchar('}');
}

static void report(void) {
    uint64_t lost = 0, duplicated = run.over_delivered, reordered = 0;
    for (int i = 0; i < run.options.sockets; i++) {
        const struct order *order = &run.clients[i].order;
        if (order->distinct < run.accepted) lost += run.accepted - order->distinct;
        duplicated += order->duplicated;
        reordered += order->reordered;
    }
    printf("{\"mode\":\"%s\",\"sockets\":%d,\"published\":%u,\"accepted\":%u,\"failed\":%u,\"lost\":%llu,\"duplicated\":%llu,"
        "\"reordered\":%llu,\"strange\":%llu,\"unexpected_closes\":%d,\"not_recovered\":%llu,\"stalls\":%u,\"phases\":[",
        run.options.mode, run.options.sockets, run.published, run.accepted, run.failed, (unsigned long long)lost,
        (unsigned long long)duplicated, (unsigned long long)reordered, (unsigned long long)run.strange, run.unexpected_closes,
        (unsigned long long)run.not_recovered, run.stalls);
    for (int i = 0; i < phase_count; i++) {
        if (i) putchar(',');
        report_phase(&phases[i]);
    }
    printf("]%s}\n", mode_report);
}

int main(int count, char **arguments) {
    take_options(count, arguments);
    raise_file_limit();
    if ((poller = epoll_create1(EPOLL_CLOEXEC)) < 0) die("epoll_create1: %m");
    srand((unsigned)monotonic_now());
    run.clients = must(calloc((size_t)run.options.sockets, sizeof *run.clients));
    run_mode();
    report();
}

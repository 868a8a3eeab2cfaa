// What a run does: opens its sockets, publishes in one of several ways, and marks the phases that are measured.
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "load.h"

enum { SECOND = 1000000000, PATIENCE = 5, OPENING_SECONDS = 180, CATCH_UP_SECONDS = 30, PHASES = 8 };

struct phase phases[PHASES];
int phase_count;
char mode_report[4096];

static uint64_t in_seconds(double seconds) { return monotonic_now() + (uint64_t)(seconds * SECOND); }

// MARK: Phases

static struct source parent;
static int parent_said;

static void parent_event(struct source *source, uint32_t events) {
    (void)events;
    char line[256];
    ssize_t got = read(source->fd, line, sizeof line);
    if (got <= 0) die("the parent is gone");
    for (ssize_t i = 0; i < got; i++) parent_said += line[i] == '\n';
}

// Tells the parent where the run is, and serves the sockets until it says to go on.
static void tell_parent(const char *where) {
    if (!run.options.control) return;
    if (!parent.ready) {
        parent = (struct source){STDIN_FILENO, parent_event};
        source_add(&parent, EPOLLIN);
    }
    printf("phase %s\n", where);
    fflush(stdout);
    uint64_t deadline = in_seconds(900);
    while (!parent_said && monotonic_now() < deadline) turn(SECOND);
    if (!parent_said) die("the parent does not answer");
    parent_said--;
}

static void phase_begin(const char *name) {
    tell_parent(name);
    if (phase_count == PHASES) die("too many phases");
    run.phase = &phases[phase_count++];
    run.phase->name = name;
    run.phase->began = monotonic_now();
}

static void phase_end(void) {
    run.phase->ended = monotonic_now();
    run.phase = NULL;
    tell_parent("end");
}

// MARK: Opening

static void open_sockets(void) {
    uint64_t deadline = in_seconds(OPENING_SECONDS);
    int opened = 0;
    while (opened < run.options.sockets || run.handshakes) {
        while (opened < run.options.sockets && run.handshakes < run.options.in_flight_handshakes) {
            run.clients[opened].number = opened;
            client_open(&run.clients[opened++]);
        }
        turn(SECOND);
        if (monotonic_now() > deadline) die("%d of %d sockets were ready in time", run.open, run.options.sockets);
    }
    if (run.open != run.options.sockets) die("%d of %d sockets are open", run.open, run.options.sockets);
}

// MARK: Publishing

// Everything published has been answered and has reached everybody who reads; gives up when nothing comes any more.
static void drain(void) {
    uint64_t deadline = in_seconds(PATIENCE);
    uint32_t seen = run.outstanding;
    while ((run.outstanding || !publisher_is_idle()) && monotonic_now() < deadline) {
        turn(SECOND / 10);
        if (run.outstanding < seen) seen = run.outstanding, deadline = in_seconds(PATIENCE);
    }
    if (run.outstanding) run.stalls++;
    for (uint32_t i = 0; run.outstanding && i < run.published; i++) message_done(&run.messages[i]);
}

// The next message leaves when one has reached everybody.
static void publish_flat(double seconds) {
    uint64_t deadline = in_seconds(seconds), progress = in_seconds(PATIENCE);
    uint32_t seen = run.outstanding;
    while (monotonic_now() < deadline) {
        while (run.outstanding < (uint32_t)run.options.window && publisher_is_free()) publish();
        if (run.outstanding < seen) progress = in_seconds(PATIENCE);
        seen = run.outstanding;
        turn(SECOND / 10);
        if (run.outstanding < seen) progress = in_seconds(PATIENCE);
        if (monotonic_now() > progress) { // lost ones would hold the rest up for ever
            drain();
            progress = in_seconds(PATIENCE);
        }
    }
    drain();
}

static void serve_until(uint64_t deadline) {
    for (uint64_t now; (now = monotonic_now()) < deadline;) turn(deadline - now);
}

// At fixed times, whatever becomes of the earlier ones. How late a message left is kept: it is not in its latency.
static void publish_paced(double rate, double seconds) {
    uint64_t start = monotonic_now(), now;
    uint32_t count = (uint32_t)(rate * seconds + 0.5), sent = 0;
    uint64_t give_up = in_seconds(seconds + PATIENCE);
    while (sent < count && (now = monotonic_now()) < give_up) {
        uint64_t due = start + (uint64_t)(sent * (double)SECOND / rate);
        if (now < due) {
            turn(due - now);
        } else if (publisher_is_free()) {
            if (run.phase) histogram_add(&run.phase->lateness, now - due);
            publish();
            sent++;
            turn(0);
        } else {
            turn(SECOND / 10);
        }
    }
    serve_until(start + (uint64_t)(seconds * SECOND)); // the last one's share of the time
}

// MARK: Modes

static void run_flat(void) {
    open_sockets();
    publish_flat(run.options.warm_up);
    phase_begin("flat");
    publish_flat(run.options.seconds);
    phase_end();
}

static void run_paced(void) {
    open_sockets();
    publish_paced(run.options.rate, run.options.warm_up);
    drain();
    phase_begin("paced");
    publish_paced(run.options.rate, run.options.seconds);
    drain();
    phase_end();
}

static void run_connect(void) {
    phase_begin("connect");
    open_sockets();
    phase_end();
    // A socket that is accepted only to be closed is none.
    serve_until(in_seconds(1));
    double seconds = (double)(phases[0].ended - phases[0].began) / SECOND;
    snprintf(mode_report, sizeof mode_report, ",\"connections_per_second\":%.1f", run.options.sockets / seconds);
}

static void run_idle(void) {
    open_sockets();
    tell_parent("ready");
    if (!run.options.events) return;
    phase_begin("events");
    publish_paced(5, run.options.events / 5.0);
    drain();
    phase_end();
}

// Every N/M-th socket, so that each thread of the server has some.
static bool is_to_be_stuck(const struct client *client) {
    int stride = run.options.stuck ? run.options.sockets / run.options.stuck : 0;
    return stride && client->number % stride == 0 && client->number / stride < run.options.stuck;
}

static void for_stuck(void (*body)(struct client *client)) {
    for (int i = 0; i < run.options.sockets; i++) {
        if (is_to_be_stuck(&run.clients[i])) body(&run.clients[i]);
    }
}

static int count_stuck(bool (*holds)(const struct client *client)) {
    int count = 0;
    for (int i = 0; i < run.options.sockets; i++) count += is_to_be_stuck(&run.clients[i]) && holds(&run.clients[i]);
    return count;
}

static bool has_caught_up(const struct client *client) { return !client->lagging && client->state == READY; }
static bool is_closed(const struct client *client) { return client->state == CLOSED; }
static bool was_told_4408(const struct client *client) { return is_closed(client) && client->close_code == 4408; }
static bool was_told_nothing(const struct client *client) { return is_closed(client) && client->close_code <= CONNECTION_RESET; }

// Waits until it holds for so many of the stuck ones, for a bounded time; with publishing going on if asked to.
static double await_stuck(bool (*holds)(const struct client *client), int count, bool publishing, double seconds) {
    uint64_t began = monotonic_now(), deadline = in_seconds(seconds);
    while (count_stuck(holds) < count && monotonic_now() < deadline) {
        if (publishing) publish_paced(run.options.rate, 0.1);
        else turn(SECOND / 10);
    }
    return (double)(monotonic_now() - began) / SECOND;
}

static void resume(struct client *client) {
    if (client->state != CLOSED) return;
    client->resumes = true;
    client_open(client);
}

// They catch up by `since` once they are connected again.
static int resume_all(void) {
    for_stuck(resume);
    await_stuck(has_caught_up, run.options.stuck, true, CATCH_UP_SECONDS);
    int complete = count_stuck(has_caught_up);
    drain();
    return complete;
}

static void run_stuck(void) {
    const struct options *options = &run.options;
    open_sockets();
    publish_paced(options->rate, options->warm_up);
    phase_begin("before");
    publish_paced(options->rate, options->stuck_seconds);
    phase_end();

    for_stuck(client_stop_reading);
    phase_begin("stuck");
    publish_paced(options->rate, options->stuck_seconds);
    phase_end();
    for_stuck(client_read_on);
    double catch_up = await_stuck(has_caught_up, options->stuck, true, CATCH_UP_SECONDS);
    int caught_up = count_stuck(has_caught_up), closed_early = count_stuck(is_closed);

    for_stuck(client_stop_reading);
    phase_begin("stuck until closed");
    publish_paced(options->rate, options->closed_seconds);
    phase_end();
    for_stuck(client_read_on);
    await_stuck(is_closed, options->stuck, true, 10);
    int closed = count_stuck(is_closed), told = count_stuck(was_told_4408), silent = count_stuck(was_told_nothing);
    int resumed = options->by_seq ? resume_all() : 0;
    snprintf(mode_report, sizeof mode_report,
        ",\"stuck\":{\"sockets\":%d,\"caught_up\":%d,\"catch_up_seconds\":%.3f,\"closed_early\":%d,\"closed\":%d,"
        "\"closed_4408\":%d,\"closed_without_code\":%d,\"resumed_complete\":%d}",
        options->stuck, caught_up, catch_up, closed_early, closed, told, silent, resumed);
}

void run_mode(void) {
    static const struct {
        const char *name;
        void (*body)(void);
    } modes[] = {{"flat", run_flat}, {"paced", run_paced}, {"connect", run_connect}, {"idle", run_idle}, {"stuck", run_stuck}};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (!strcmp(run.options.mode, modes[i].name)) return modes[i].body();
    }
    die("there is no mode %s", run.options.mode);
}

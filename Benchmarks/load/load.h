// The load generator's parts: client.c holds the sockets, publish.c the publishers, modes.c what is done with them.
// One thread, one epoll; `run` is the state of the one run that a process makes.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "histogram.h"
#include "tally.h"

enum { MAXIMUM_LINES = 32, HTTP_CONNECTIONS = 8 };

enum publisher_kind { NO_PUBLISHER, PUT, POST, REDIS, NATS, LINES };

struct options {
    const char *mode;
    int port; // the server's, on 127.0.0.1, as all that is connected to
    const char *path;
    const char *header;             // of the handshake, with one %s for the token
    char **tokens;                  // used in turn
    int token_count;
    char *hello[MAXIMUM_LINES];     // messages after the 101
    int hello_count;
    const char *ready;              // what a socket must have received…
    int ready_count;                // …so often before it counts as ready
    bool engine_io, nats;           // answer that protocol's own pings
    bool by_seq;                    // order by the frames' `seq`, not by the markers' numbers
    int sockets, in_flight_handshakes;
    enum publisher_kind publisher;
    int publish_port;
    const char *publish_to[HTTP_CONNECTIONS]; // path, channel or subject; HTTP connections use them in turn
    int publish_to_count;
    const char *publish_token;
    char *message;                  // template with {marker}, {seq} and {at}
    double rate, warm_up, seconds;
    int window, events, stuck;
    double stuck_seconds, closed_seconds;
    bool control;
};

// Something with a descriptor in the epoll.
struct source {
    int fd;
    void (*ready)(struct source *source, uint32_t events);
};

enum client_state { HANDSHAKING, GREETING, READY, CLOSED };

enum { NO_CLOSE_FRAME = 0, CONNECTION_RESET = 1 }; // beside the close codes proper

struct client {
    struct source source;
    enum client_state state;
    int number;
    int ready_seen;
    bool stuck;      // reads nothing
    bool lagging;    // read nothing for a time and has not caught up yet: its latencies are not the server's
    bool resumes;    // is told to go on from its position, not to begin
    uint16_t close_code;
    char key[25];
    uint8_t tail_length;
    char tail[MARKER_LENGTH]; // the beginning of a marker that the last frame cut off
    char *carry;              // the beginning of a frame that the last read cut off
    size_t carry_length;
    struct order order;
};

struct message {
    uint64_t sent;     // CLOCK_MONOTONIC
    uint64_t answered; // of a request; 0 while it is under way
    uint64_t at;       // CLOCK_REALTIME: the event's own time, once a socket has told
    uint32_t delivered;
    bool done;
};

// A stretch of time that is reported by itself.
struct phase {
    const char *name;
    uint64_t began, ended;
    uint32_t messages;
    uint64_t deliveries;
    struct histogram request, commit, lateness;
};

struct run {
    struct options options;
    struct client *clients;
    int handshakes, open, readers, refused, unexpected_closes;
    struct message *messages;
    uint32_t published, accepted, failed, outstanding, message_capacity, stalls;
    uint64_t over_delivered, strange, not_recovered;
    bool knows_head;
    uint64_t head; // the topic's `seq` when the sockets subscribed
    char epoch[64];
    struct phase *phase;
};

extern struct run run;

// load.c
uint64_t monotonic_now(void);
uint64_t realtime_now(void);
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void *must(void *memory);
// One round of events, waiting for at most so many nanoseconds.
void turn(uint64_t nanoseconds);
void source_add(struct source *source, uint32_t events);
void source_change(struct source *source, uint32_t events);
void source_remove(struct source *source);
int connect_to(int port);

// client.c
void client_open(struct client *client);
void client_stop_reading(struct client *client);
void client_read_on(struct client *client);
bool client_has_everything(const struct client *client);
void message_done(struct message *message);

// publish.c
// Whether a message can leave now; connects to the server on the first call.
bool publisher_is_free(void);
bool publisher_is_idle(void);
void publish(void);

// modes.c
void run_mode(void);
extern struct phase phases[];
extern int phase_count;
extern char mode_report[4096]; // members of the JSON report that only this mode has

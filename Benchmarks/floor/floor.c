// The floor: the least that a server can do for a broadcast. One thread, epoll, one `send` of a ready frame for each
// socket and message. It has no topics, no users, no queues: a socket whose buffer is full is cut.
//
//     floor SOCKET_PORT PUBLISH_PORT [--lose K] [--repeat K] [--redis PORT --channel NAME]
//
// Whoever connects to PUBLISH_PORT sends lines; each becomes a text frame to everybody on SOCKET_PORT. --lose and --repeat
// leave out, or send twice, every K-th delivery: only to show that the load generator notices. With --redis it also hears
// what a node of adelante publishes there, and sends it on as adelante's sockets get it.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/handshake.h"
#include "events.h"

enum { HEAD_SIZE = 4096, LINE_SIZE = 1 << 16, EVENTS = 256 };

enum role { SOCKET_LISTENER, PUBLISH_LISTENER, HANDSHAKING, OPEN, PUBLISHER, REDIS };

struct peer {
    int fd;
    enum role role;
    int place;     // among the open sockets
    size_t length; // of what is buffered
    char *buffer;  // the handshake's head or a publisher's unfinished line; an open socket has none
};

static int poller;
static struct peer **open_peers;
static int open_count, open_capacity;
static unsigned long deliveries, lose_every, repeat_every;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void watch(struct peer *peer) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, peer->fd, &event)) fail("epoll_ctl");
}

static struct peer *new_peer(int fd, enum role role, size_t buffer_size) {
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer) fail("calloc");
    peer->fd = fd;
    peer->role = role;
    if (buffer_size && !(peer->buffer = malloc(buffer_size))) fail("malloc");
    watch(peer);
    return peer;
}

static void listen_on(int port, enum role role) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 4096)) fail("listen");
    new_peer(fd, role, 0);
}

static void accept_all(struct peer *listener) {
    int fd, on = 1;
    bool publishes = listener->role == PUBLISH_LISTENER;
    while ((fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        new_peer(fd, publishes ? PUBLISHER : HANDSHAKING, publishes ? LINE_SIZE : HEAD_SIZE);
    }
}

// The memory stays until the process ends: an event of the same turn may still name it, and sockets end with the run.
static void hang_up(struct peer *peer) {
    if (peer->fd < 0) return;
    if (peer->role == OPEN) {
        open_peers[peer->place] = open_peers[--open_count];
        open_peers[peer->place]->place = peer->place;
    }
    close(peer->fd);
    peer->fd = -1;
    free(peer->buffer);
    peer->buffer = NULL;
}

static void opened(struct peer *peer) {
    if (open_count == open_capacity) {
        open_capacity = open_capacity ? 2 * open_capacity : 1024;
        if (!(open_peers = realloc(open_peers, (size_t)open_capacity * sizeof *open_peers))) fail("realloc");
    }
    peer->role = OPEN;
    peer->place = open_count;
    open_peers[open_count++] = peer;
    free(peer->buffer);
    peer->buffer = NULL;
}

static void shake_hands(struct peer *peer) {
    ssize_t got = recv(peer->fd, peer->buffer + peer->length, HEAD_SIZE - peer->length, 0);
    if (got <= 0) return hang_up(peer);
    peer->length += (size_t)got;
    if (!memmem(peer->buffer, peer->length, "\r\n\r\n", 4)) {
        if (peer->length == HEAD_SIZE) hang_up(peer);
        return;
    }
    size_t key_length;
    const char *key = header_value(peer->buffer, peer->length, "Sec-WebSocket-Key", &key_length);
    if (!key) return hang_up(peer);
    char accept[BASE64_OF_SHA1 + 1], answer[256];
    accept_of_key(key, key_length, accept);
    int size = snprintf(answer, sizeof answer,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
    if (send(peer->fd, answer, (size_t)size, MSG_NOSIGNAL) != size) return hang_up(peer);
    opened(peer);
}

// What clients say is not looked at; only that they are gone matters.
static void discard(struct peer *peer) {
    char scratch[4096];
    ssize_t got = recv(peer->fd, scratch, sizeof scratch, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) hang_up(peer);
}

static void send_frame(struct peer *peer, const void *frame, size_t size) {
    if (send(peer->fd, frame, size, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)size) hang_up(peer);
}

static void broadcast(const char *text, size_t length) {
    static uint8_t frame[LINE_SIZE + 4];
    size_t header = length < 126 ? 2 : 4;
    frame[0] = 0x81;
    frame[1] = length < 126 ? (uint8_t)length : 126;
    if (header == 4) frame[2] = (uint8_t)(length >> 8), frame[3] = (uint8_t)length;
    memcpy(frame + header, text, length);
    // From the last to the first, since a socket that is cut gives its place to the last one.
    for (int i = open_count - 1; i >= 0; i--) {
        deliveries++;
        if (lose_every && deliveries % lose_every == 0) continue;
        send_frame(open_peers[i], frame, header + length);
        if (repeat_every && deliveries % repeat_every == 0) send_frame(open_peers[i], frame, header + length);
    }
}

static void read_lines(struct peer *peer) {
    ssize_t got = recv(peer->fd, peer->buffer + peer->length, LINE_SIZE - peer->length, 0);
    if (got <= 0) return hang_up(peer);
    char *line = peer->buffer, *end = peer->buffer + peer->length + got, *stop;
    while ((stop = memchr(line, '\n', (size_t)(end - line)))) {
        broadcast(line, (size_t)(stop - line));
        line = stop + 1;
    }
    peer->length = (size_t)(end - line);
    memmove(peer->buffer, line, peer->length);
    if (peer->length == LINE_SIZE) hang_up(peer);
}

static void subscribe(int port, const char *channel) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
    char command[256];
    int size = snprintf(command, sizeof command, "SUBSCRIBE %s\r\n", channel);
    if (send(fd, command, (size_t)size, MSG_NOSIGNAL) != size) fail("send");
    new_peer(fd, REDIS, LINE_SIZE);
}

static void hear(struct peer *peer) {
    static char event[LINE_SIZE];
    ssize_t got = recv(peer->fd, peer->buffer + peer->length, LINE_SIZE - peer->length, 0);
    if (got <= 0) fail("Redis");
    const char *at = peer->buffer, *text;
    size_t left = peer->length + (size_t)got, taken, length;
    while (left && (taken = next_message(at, left, &text, &length))) {
        if (text) broadcast(event, event_text(text, length, "appointments", event, sizeof event));
        at += taken;
        left -= taken;
    }
    memmove(peer->buffer, at, left);
    peer->length = left;
}

static void serve(struct peer *peer) {
    if (peer->fd < 0) return;
    switch (peer->role) {
    case SOCKET_LISTENER:
    case PUBLISH_LISTENER: return accept_all(peer);
    case HANDSHAKING: return shake_hands(peer);
    case OPEN: return discard(peer);
    case PUBLISHER: return read_lines(peer);
    case REDIS: return hear(peer);
    }
}

int main(int count, char **arguments) {
    if (count < 3) return fprintf(stderr, "usage: floor SOCKET_PORT PUBLISH_PORT [--lose K] [--repeat K] [--redis PORT --channel NAME]\n"), 2;
    int redis_port = 0;
    const char *channel = NULL;
    for (int i = 3; i + 1 < count; i += 2) {
        unsigned long every = strtoul(arguments[i + 1], NULL, 10);
        if (!strcmp(arguments[i], "--lose")) lose_every = every;
        if (!strcmp(arguments[i], "--repeat")) repeat_every = every;
        if (!strcmp(arguments[i], "--redis")) redis_port = (int)every;
        if (!strcmp(arguments[i], "--channel")) channel = arguments[i + 1];
    }
    raise_file_limit();
    if ((poller = epoll_create1(EPOLL_CLOEXEC)) < 0) fail("epoll_create1");
    listen_on(atoi(arguments[1]), SOCKET_LISTENER);
    listen_on(atoi(arguments[2]), PUBLISH_LISTENER);
    if (redis_port && channel) subscribe(redis_port, channel);
    struct epoll_event events[EVENTS];
    for (;;) {
        int ready = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) serve(events[i].data.ptr);
    }
}

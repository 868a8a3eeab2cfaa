// The publishers: HTTP requests over kept connections (one under way on each), or one stream of RESP, NATS or lines.
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/handshake.h"
#include "load.h"

enum { MESSAGE_SIZE = 1 << 15, OUT_SIZE = 1 << 20, IN_SIZE = 1 << 16, MAXIMUM_FAILURES = 100 };

struct line {
    struct source source;
    bool busy; // busy: an HTTP request is under way
    uint32_t number; // the message that it carries
    const char *to;
    char *in, *out;
    size_t in_length, out_length;
};

static struct line lines[HTTP_CONNECTIONS];
static int line_count;

static bool speaks_http(void) { return run.options.publisher == PUT || run.options.publisher == POST; }

// MARK: The line

static void line_closed(struct line *line);

static void line_flush(struct line *line) {
    ssize_t sent = send(line->source.fd, line->out, line->out_length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return line_closed(line);
    if (sent > 0) {
        line->out_length -= (size_t)sent;
        memmove(line->out, line->out + sent, line->out_length);
    }
    source_change(&line->source, line->out_length ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void line_send(struct line *line, const char *bytes, size_t length) {
    if (line->out_length == 0) { // the usual case: all of it at once
        ssize_t sent = send(line->source.fd, bytes, length, MSG_NOSIGNAL);
        if (sent == (ssize_t)length) return;
        if (sent > 0) bytes += sent, length -= (size_t)sent;
    }
    if (line->out_length + length > OUT_SIZE) die("the server does not read what is published");
    memcpy(line->out + line->out_length, bytes, length);
    line->out_length += length;
    line_flush(line);
}

static void message_failed(struct line *line, const char *answer, size_t length) {
    if (!run.failed++) fprintf(stderr, "load: a publish failed: %.*s\n", (int)(length < 400 ? length : 400), answer);
    if (run.failed == MAXIMUM_FAILURES) die("%d publishes failed", run.failed);
    message_done(&run.messages[line->number]);
}

static void line_connect(struct line *line);

// A server may close a kept connection; the request that was under way, if any, has failed.
static void line_closed(struct line *line) {
    if (!speaks_http()) die("the server closed the publisher's connection: %.*s", (int)line->in_length, line->in);
    if (line->busy) message_failed(line, line->in, line->in_length);
    source_remove(&line->source);
    close(line->source.fd);
    line_connect(line);
}

// MARK: Answers

// The body's length; chunked answers are not understood.
static size_t body_length(const char *head, size_t length) {
    size_t value_length;
    if (header_value(head, length, "Transfer-Encoding", &value_length)) die("a chunked answer to a publish");
    const char *value = header_value(head, length, "Content-Length", &value_length);
    return value ? strtoull(value, NULL, 10) : 0;
}

static void http_answer(struct line *line) {
    const char *end = memmem(line->in, line->in_length, "\r\n\r\n", 4);
    if (!end) return;
    size_t head = (size_t)(end - line->in) + 4, length = head + body_length(line->in, head);
    if (length > IN_SIZE) die("an answer of %zu bytes", length);
    if (line->in_length < length) return;
    if (!strncmp(line->in, "HTTP/1.1 2", 10)) {
        run.accepted++;
        run.messages[line->number].answered = monotonic_now();
    } else {
        message_failed(line, line->in, length);
    }
    line->busy = false;
    line->in_length = 0; // nothing follows: one request at a time
}

static void stream_answer(struct line *line) {
    if (run.options.publisher == NATS && memmem(line->in, line->in_length, "PING\r\n", 6)) line_send(line, "PONG\r\n", 6);
    if (memmem(line->in, line->in_length, "-ERR", 4)) die("%.*s", (int)line->in_length, line->in);
    line->in_length = 0;
}

static void line_event(struct source *source, uint32_t events) {
    struct line *line = (struct line *)source;
    if (events & EPOLLOUT) line_flush(line);
    if (!(events & ~EPOLLOUT)) return;
    ssize_t got = recv(line->source.fd, line->in + line->in_length, IN_SIZE - line->in_length, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return line_closed(line);
    line->in_length += (size_t)got;
    if (speaks_http()) http_answer(line);
    else stream_answer(line);
}

// MARK: Opening

static void line_connect(struct line *line) {
    line->source = (struct source){connect_to(run.options.publish_port), line_event};
    line->busy = false;
    line->in_length = line->out_length = 0;
    source_add(&line->source, EPOLLIN);
}

// With the first message, since some servers close a connection on which nothing comes for ten seconds.
static void publisher_open(void) {
    if (strlen(run.options.message) + 256 > MESSAGE_SIZE) die("a message of %zu bytes", strlen(run.options.message));
    line_count = speaks_http() ? HTTP_CONNECTIONS : 1;
    for (int i = 0; i < line_count; i++) {
        lines[i].in = must(malloc(IN_SIZE));
        lines[i].out = must(malloc(OUT_SIZE));
        if (run.options.publish_to_count) lines[i].to = run.options.publish_to[i % run.options.publish_to_count];
        line_connect(&lines[i]);
    }
    static const char hello[] = "CONNECT {\"verbose\":false}\r\n";
    if (run.options.publisher == NATS) line_send(&lines[0], hello, sizeof hello - 1);
}

// MARK: Messages

// The template with what changes filled in.
static size_t message_write(char *out, struct marker marker) {
    const char *rest = run.options.message;
    char *at = out, text[MARKER_LENGTH + 1];
    marker_write(text, marker);
    for (const char *brace; (brace = strchr(rest, '{')); ) {
        memcpy(at, rest, (size_t)(brace - rest));
        at += brace - rest;
        rest = brace;
        if (!strncmp(rest, "{marker}", 8)) at += sprintf(at, "%s", text), rest += 8;
        else if (!strncmp(rest, "{seq}", 5)) at += sprintf(at, "%llu", (unsigned long long)run.head + 1 + marker.number), rest += 5;
        else if (!strncmp(rest, "{at}", 4)) at += sprintf(at, "%llu", (unsigned long long)realtime_now() / 1000), rest += 4;
        else *at++ = *rest++;
    }
    return (size_t)(at - out) + (size_t)sprintf(at, "%s", rest);
}

static size_t envelope_write(char *out, const struct line *line, const char *message, size_t length) {
    switch (run.options.publisher) {
    case PUT:
    case POST:
        return (size_t)sprintf(out,
            "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
            "Content-Length: %zu\r\n\r\n%s", run.options.publisher == PUT ? "PUT" : "POST", line->to, run.options.publish_port,
            run.options.publish_token ? run.options.publish_token : "-", length, message);
    case REDIS:
        return (size_t)sprintf(out, "*3\r\n$7\r\nPUBLISH\r\n$%zu\r\n%s\r\n$%zu\r\n%s\r\n", strlen(line->to), line->to, length, message);
    case NATS: return (size_t)sprintf(out, "PUB %s %zu\r\n%s\r\n", line->to, length, message);
    case LINES: return (size_t)sprintf(out, "%s\n", message);
    case NO_PUBLISHER: break;
    }
    die("there is no publisher");
}

static struct line *free_line(void) {
    for (int i = 0; i < line_count; i++) {
        if (!lines[i].busy) return &lines[i];
    }
    return NULL;
}

bool publisher_is_free(void) {
    if (!line_count) publisher_open();
    return free_line();
}

bool publisher_is_idle(void) {
    for (int i = 0; i < line_count; i++) {
        if (lines[i].busy || lines[i].out_length) return false;
    }
    return true;
}

void publish(void) {
    static char message[MESSAGE_SIZE], envelope[2 * MESSAGE_SIZE];
    struct line *line = free_line();
    if (run.published == run.message_capacity) {
        run.message_capacity = run.message_capacity ? 2 * run.message_capacity : 4096;
        run.messages = must(realloc(run.messages, run.message_capacity * sizeof *run.messages));
    }
    line->number = run.published++;
    line->busy = speaks_http();
    uint64_t now = monotonic_now();
    run.messages[line->number] = (struct message){.sent = now};
    run.outstanding++;
    if (run.phase) run.phase->messages++;
    if (!line->busy) run.accepted++;
    size_t length = message_write(message, (struct marker){line->number, now});
    line_send(line, envelope, envelope_write(envelope, line, message, length));
}

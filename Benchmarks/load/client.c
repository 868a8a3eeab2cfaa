// The WebSocket clients: opening, frames, and what of them is counted.
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/handshake.h"
#include "load.h"

enum { READ_SIZE = 1 << 18, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

static bool contains(const char *text, size_t length, const char *part) { return memmem(text, length, part, strlen(part)); }

// MARK: Sending

static size_t frame_write(char *out, int opcode, const char *payload, size_t length) {
    size_t at = 0;
    uint32_t random = (uint32_t)rand();
    uint8_t mask[4];
    memcpy(mask, &random, sizeof mask);
    out[at++] = (char)(0x80 | opcode);
    if (length < 126) {
        out[at++] = (char)(0x80 | length);
    } else {
        out[at++] = (char)(0x80 | 126);
        out[at++] = (char)(length >> 8);
        out[at++] = (char)length;
    }
    memcpy(out + at, mask, 4);
    at += 4;
    for (size_t i = 0; i < length; i++) out[at + i] = (char)(payload[i] ^ mask[i % 4]);
    return at + length;
}

// What a client says is little, and its socket's buffer is empty: it goes out at once or the connection is broken, which
// the next read reports.
static void frame_send(struct client *client, int opcode, const char *payload, size_t length) {
    char frame[4096 + 8];
    if (length > 4096) die("a client's frame of %zu bytes", length);
    size_t size = frame_write(frame, opcode, payload, length);
    if (send(client->source.fd, frame, size, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET) die("send: %m");
}

static void say(struct client *client, const char *text) {
    frame_send(client, run.options.nats ? BINARY : TEXT, text, strlen(text));
}

// MARK: Closing

static void client_closed(struct client *client, uint16_t code) {
    if (client->state == CLOSED) return;
    if (client->state == HANDSHAKING || client->state == GREETING) {
        run.handshakes--;
        run.refused++;
    } else {
        run.open--;
        if (!client->stuck && !client->lagging) {
            run.readers--;
            run.unexpected_closes++;
        }
    }
    client->state = CLOSED;
    client->close_code = code;
    source_remove(&client->source);
    close(client->source.fd);
    free(client->carry);
    client->carry = NULL;
    client->carry_length = 0;
}

static void close_received(struct client *client, const char *payload, size_t length) {
    uint16_t code = length >= 2 ? (uint16_t)((uint8_t)payload[0] << 8 | (uint8_t)payload[1]) : 1005;
    frame_send(client, CLOSE, payload, length >= 2 ? 2 : 0);
    client_closed(client, code);
}

// MARK: Counting

void message_done(struct message *message) {
    if (message->done) return;
    message->done = true;
    run.outstanding--;
}

bool client_has_everything(const struct client *client) { return client->order.distinct >= run.accepted; }

// Requests that were under way at once have no order: only one that was answered before the other was sent comes first.
static bool were_concurrent(uint32_t earlier, uint32_t later) {
    if (run.options.publisher != POST) return false;
    uint64_t answered = run.messages[earlier].answered;
    return !answered || answered >= run.messages[later].sent;
}

static void delivered(struct client *client, uint32_t index, struct marker marker, const char *at, size_t at_length) {
    if (marker.number >= run.published || index >= run.published) {
        run.strange++;
        return;
    }
    struct order *order = &client->order;
    bool may_be_late = index < order->next && were_concurrent(index, order->next - 1);
    if (!order_note(order, index, may_be_late)) return;
    struct message *message = &run.messages[marker.number];
    if (++message->delivered > (uint32_t)run.options.sockets) run.over_delivered++;
    if (run.phase) run.phase->deliveries++;
    if (client->lagging) {
        if (!client->stuck && client_has_everything(client)) {
            client->lagging = false;
            run.readers++;
        }
        return;
    }
    if (run.phase) {
        histogram_add(&run.phase->request, monotonic_now() - marker.sent);
        if (at && !message->at) message->at = parse_timestamp(at, at_length);
        uint64_t now = message->at ? realtime_now() : 0;
        if (now) histogram_add(&run.phase->commit, now > message->at ? now - message->at : 0);
    }
    if (message->delivered >= (uint32_t)run.readers) message_done(message);
}

static const char *after(const char *text, size_t length, const char *part) {
    const char *found = memmem(text, length, part, strlen(part));
    return found ? found + strlen(part) : NULL;
}

// adelante's `subscribed`: where the topic stands, and that nothing was missed.
static void subscribed(const char *text, size_t length) {
    if (contains(text, length, "\"recovered\":false")) run.not_recovered++;
    const char *seq = after(text, length, "\"seq\":"), *epoch = after(text, length, "\"epoch\":\"");
    if (run.knows_head || !seq || !epoch) return;
    run.head = strtoull(seq, NULL, 10);
    size_t epoch_length = strcspn(epoch, "\"");
    if (epoch_length >= sizeof run.epoch) die("an epoch of %zu bytes", epoch_length);
    memcpy(run.epoch, epoch, epoch_length);
    run.knows_head = true;
}

// A message of adelante is one frame. Its `seq` tells the order: concurrent writes commit in their own.
static void sequenced_message(struct client *client, const char *text, size_t length) {
    const char *rest = text;
    struct marker marker;
    if (!marker_next(&rest, text + length, &marker)) {
        if (contains(text, length, "\"subscribed\"") && contains(text, length, "\"topic\":\"appointments\"")) {
            subscribed(text, length);
        }
        return;
    }
    const char *seq = after(text, length, "\"seq\":"), *at = after(text, length, "\"at\":\"");
    uint64_t position = seq ? strtoull(seq, NULL, 10) : 0;
    if (position <= run.head) {
        run.strange++;
        return;
    }
    delivered(client, (uint32_t)(position - run.head - 1), marker, at, at ? (size_t)(text + length - at) : 0);
}

// Elsewhere a frame may hold several messages or a part of one: markers are looked for in the stream of all payloads.
static void stream_part(struct client *client, const char *text, size_t length) {
    static char joined[MARKER_LENGTH + READ_SIZE];
    memcpy(joined, client->tail, client->tail_length);
    memcpy(joined + client->tail_length, text, length);
    const char *at = joined, *end = joined + client->tail_length + length;
    struct marker marker;
    while (marker_next(&at, end, &marker)) delivered(client, marker.number, marker, NULL, 0);
    client->tail_length = (uint8_t)(end - at);
    memcpy(client->tail, at, client->tail_length);
}

// MARK: Receiving

static void client_ready(struct client *client) {
    client->state = READY;
    run.handshakes--;
    run.open++;
    if (!client->lagging) run.readers++;
}

static void greet(struct client *client) {
    client->state = GREETING;
    client->ready_seen = 0;
    if (client->resumes) {
        char text[256];
        snprintf(text, sizeof text, "{\"type\":\"subscribe\",\"topic\":\"appointments\",\"since\":%llu,\"epoch\":\"%s\"}",
            (unsigned long long)run.head + client->order.next, run.epoch);
        say(client, text);
        client->ready_seen = run.options.ready_count - 1;
        return;
    }
    for (int i = 0; i < run.options.hello_count; i++) say(client, run.options.hello[i]);
    if (!run.options.ready_count) client_ready(client);
}

static void count_ready(struct client *client, const char *text, size_t length) {
    const char *end = text + length;
    for (const char *at = text; (at = after(at, (size_t)(end - at), run.options.ready));) {
        if (++client->ready_seen < run.options.ready_count) continue;
        client_ready(client);
        return;
    }
}

static void data_received(struct client *client, const char *text, size_t length) {
    if (run.options.engine_io && length == 1 && text[0] == '2') say(client, "3");
    // One that a frame's end cuts in two is missed; the server lets two go unanswered.
    if (run.options.nats && contains(text, length, "PING\r\n")) say(client, "PONG\r\n");
    if (client->state == GREETING) count_ready(client, text, length);
    if (run.options.by_seq) sequenced_message(client, text, length);
    else stream_part(client, text, length);
}

static void frame_received(struct client *client, int opcode, const char *payload, size_t length) {
    switch (opcode) {
    case 0:
    case TEXT:
    case BINARY: return data_received(client, payload, length);
    case CLOSE: return close_received(client, payload, length);
    case PING: return frame_send(client, PONG, payload, length);
    case PONG: return;
    default: die("opcode %d from the server", opcode);
    }
}

// Takes the complete frames from `bytes`; returns how many bytes they were.
static size_t frames_received(struct client *client, const char *bytes, size_t length) {
    size_t at = 0;
    while (client->state != CLOSED && length - at >= 2) {
        const uint8_t *head = (const uint8_t *)bytes + at;
        size_t size = head[1] & 127, header = size < 126 ? 2 : size == 126 ? 4 : 10;
        if (head[1] & 0x80 || head[0] & 0x70) die("a masked or extended frame from the server");
        if (length - at < header) break;
        if (size >= 126) {
            size = 0;
            for (size_t i = 2; i < header; i++) size = size << 8 | head[i];
        }
        if (size > READ_SIZE - 16) die("a frame of %zu bytes", size);
        if (length - at < header + size) break;
        frame_received(client, head[0] & 15, bytes + at + header, size);
        at += header + size;
    }
    return client->state == CLOSED ? length : at;
}

// Takes the answer to the handshake; returns how many bytes it was, 0 while it is not complete.
static size_t answer_received(struct client *client, const char *bytes, size_t length) {
    const char *end = memmem(bytes, length, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t head_length = (size_t)(end - bytes) + 4, value_length;
    char accept[BASE64_OF_SHA1 + 1];
    accept_of_key(client->key, BASE64_OF_16, accept);
    const char *value = header_value(bytes, head_length, "Sec-WebSocket-Accept", &value_length);
    if (strncmp(bytes, "HTTP/1.1 101", 12) || !value || value_length != BASE64_OF_SHA1 || memcmp(value, accept, value_length)) {
        if (!run.refused) fprintf(stderr, "load: refused: %.*s\n", (int)strcspn(bytes, "\r\n"), bytes);
        client_closed(client, NO_CLOSE_FRAME);
        return length;
    }
    greet(client);
    return head_length;
}

static void keep(struct client *client, const char *bytes, size_t length) {
    free(client->carry);
    client->carry = length ? must(malloc(length)) : NULL;
    client->carry_length = length;
    if (length) memcpy(client->carry, bytes, length);
}

static void client_read(struct client *client) {
    static char buffer[READ_SIZE];
    size_t length = client->carry_length;
    if (length) memcpy(buffer, client->carry, length);
    ssize_t got = recv(client->source.fd, buffer + length, sizeof buffer - length, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return client_closed(client, got < 0 ? CONNECTION_RESET : NO_CLOSE_FRAME);
    length += (size_t)got;
    size_t taken = client->state == HANDSHAKING ? answer_received(client, buffer, length) : 0;
    if (client->state != CLOSED && client->state != HANDSHAKING) taken += frames_received(client, buffer + taken, length - taken);
    if (client->state != CLOSED) keep(client, buffer + taken, length - taken);
}

// MARK: Opening

static void ask(struct client *client) {
    char request[8192], header[6144] = "";
    const struct options *options = &run.options;
    if (options->header) {
        const char *token = options->token_count ? options->tokens[client->number % options->token_count] : "";
        const char *place = strstr(options->header, "%s");
        int before = place ? (int)(place - options->header) : (int)strlen(options->header);
        snprintf(header, sizeof header, "%.*s%s%s\r\n", before, options->header, place ? token : "", place ? place + 2 : "");
    }
    int size = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: %s\r\n%s\r\n", options->path, options->port, client->key, header);
    if (send(client->source.fd, request, (size_t)size, MSG_NOSIGNAL) != size) client_closed(client, CONNECTION_RESET);
}

static void client_event(struct source *source, uint32_t events) {
    struct client *client = (struct client *)source;
    if (client->state == CLOSED) return;
    if (events & EPOLLOUT) {
        source_change(source, EPOLLIN);
        ask(client);
        return;
    }
    client_read(client);
}

void client_open(struct client *client) {
    uint8_t random[16];
    for (size_t i = 0; i < sizeof random; i++) random[i] = (uint8_t)rand();
    base64(random, sizeof random, client->key);
    client->state = HANDSHAKING;
    client->tail_length = 0;
    client->source = (struct source){connect_to(run.options.port), client_event};
    run.handshakes++;
    source_add(&client->source, EPOLLOUT);
}

// A pong that nobody asked for says that we live: the server's clocks of all of them begin now.
void client_stop_reading(struct client *client) {
    if (client->state != READY) return;
    frame_send(client, PONG, NULL, 0);
    client->stuck = client->lagging = true;
    run.readers--;
    source_remove(&client->source);
}

void client_read_on(struct client *client) {
    client->stuck = false;
    if (client->state == READY) source_add(&client->source, EPOLLIN);
}

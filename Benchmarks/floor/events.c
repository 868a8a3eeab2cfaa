#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void malformed(const char *what) {
    fprintf(stderr, "floor: %s is not understood\n", what);
    exit(1);
}

// A line that begins with `mark`, and the number on it; NULL if it is not all there yet.
static const char *number_line(const char *at, const char *end, char mark, long *number) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    if (!stop) return NULL;
    if (*at != mark) malformed("Redis's answer");
    *number = strtol(at + 1, NULL, 10);
    return stop + 1;
}

size_t next_message(const char *bytes, size_t length, const char **text, size_t *text_length) {
    const char *at = bytes, *end = bytes + length;
    long parts, size;
    if (!(at = number_line(at, end, '*', &parts))) return 0;
    if (parts != 3) malformed("Redis's answer");
    *text = NULL;
    for (int part = 0; part < 3; part++) {
        if (at == end) return 0;
        // The confirmation of SUBSCRIBE ends with a number.
        if (part == 2 && *at == ':') {
            *text = NULL;
            return (at = number_line(at, end, ':', &size)) ? (size_t)(at - bytes) : 0;
        }
        if (!(at = number_line(at, end, '$', &size)) || end - at < size + 2) return 0;
        *text = at;
        *text_length = (size_t)size;
        at += size + 2;
    }
    return (size_t)(at - bytes);
}

size_t event_text(const char *message, size_t length, const char *topic, char *text, size_t capacity) {
    const char *data = memchr(message, '\n', length);
    if (!data) malformed("an event");
    char head[512], type[64];
    size_t head_length = (size_t)(data - message);
    if (head_length >= sizeof head) malformed("an event");
    memcpy(head, message, head_length);
    head[head_length] = 0;
    long seq, version;
    long long at;
    if (sscanf(head, "1 %*s %ld %ld %lld %63s", &seq, &version, &at, type) != 4) malformed("an event");
    time_t seconds = (time_t)(at / 1000000);
    struct tm day;
    char date[32];
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &day));
    data++;
    int written = snprintf(text, capacity, "{\"type\":\"%s\",\"topic\":\"%s\",\"seq\":%ld,\"version\":%ld,\"at\":\"%s.%03dZ\",\"data\":%.*s}",
        type, topic, seq, version, date, (int)(at / 1000 % 1000), (int)(length - head_length - 1), data);
    if (written < 0 || (size_t)written >= capacity) malformed("an event");
    return (size_t)written;
}

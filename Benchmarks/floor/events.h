// What a node of adelante publishes at Redis, and what a socket gets of it.
#pragma once
#include <stddef.h>

// The next message of a subscribed connection. Returns how many bytes of `bytes` it takes, 0 if it is not all there yet, and
// exits on what is no message. `*text` is NULL for a confirmation.
size_t next_message(const char *bytes, size_t length, const char **text, size_t *text_length);

// The event's frame text from a message `1 <epoch> <seq> <version> <microseconds> <type>\n<data>`; returns its length.
size_t event_text(const char *message, size_t length, const char *topic, char *text, size_t capacity);

// Opaque pointers instead of void, so that an easy handle is not taken for a multi handle.
#define CURL_STRICTER
#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

// Setting an option and asking for a value are variadic, which Swift does not import: one function for each type.

typedef size_t (*ccurl_sink)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_size(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_sink(CURL *easy, CURLoption option, ccurl_sink value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_context(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

// The body is copied; `size` comes first, as curl wants it.
static inline CURLcode ccurl_set_body(CURL *easy, const void *bytes, size_t size) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
    return code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, size > 0 ? bytes : "") : code;
}

// A number that the program gives to a transfer.
static inline CURLcode ccurl_set_id(CURL *easy, uint64_t id) {
    return curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)(uintptr_t)id);
}

static inline long ccurl_status(CURL *easy) {
    long status = 0;
    return curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? status : 0;
}

// What `Retry-After` asks for, in seconds; 0 without one.
static inline curl_off_t ccurl_retry_after(CURL *easy) {
    curl_off_t seconds = 0;
    return curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK ? seconds : 0;
}

// The next transfer that has ended: its number and how; false when there is none.
static inline bool ccurl_next_ended(CURLM *multi, uint64_t *id, CURLcode *result) {
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(multi, &left))) {
        char *private_pointer = NULL;
        if (message->msg != CURLMSG_DONE) continue;
        if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private_pointer) != CURLE_OK) continue;
        *id = (uint64_t)(uintptr_t)private_pointer;
        *result = message->data.result;
        return true;
    }
    return false;
}

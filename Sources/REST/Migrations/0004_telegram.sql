-- Telegram's updates: which are through, and who asks for the next. Telegram numbers them per bot.

CREATE TABLE telegram_updates (
    bot_id     bigint NOT NULL,
    update_id  bigint NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, update_id)
);
CREATE INDEX telegram_updates_age ON telegram_updates (handled_at);

-- The node that polls holds the lease; only it moves next_update on.
CREATE TABLE telegram_polling (
    bot_id      bigint PRIMARY KEY,
    holder      text NOT NULL,
    lease_until timestamptz NOT NULL,
    next_update bigint,
    moved_at    timestamptz
);

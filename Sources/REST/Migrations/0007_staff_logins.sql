-- Whether a login was switched off because its owner's staff card was. Such a one may be switched on with the card by whoever may edit
-- staff; what an administrator switched off, an administrator switches on.
ALTER TABLE users ADD COLUMN ended_with_card boolean NOT NULL DEFAULT false;

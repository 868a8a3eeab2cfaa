/** The access token and how the next one is got: one request at a time, whoever asks for it. */
import { expiryOf } from './token.js';

const REFRESH_AHEAD = 60_000;
/** A token with less than this left is not worth a handshake. */
const TOO_LATE = 5_000;

export class Access {
  #refresh;
  #running = null;
  #refused;

  /**
   * @param {object} parts
   * @param {() => string|null} [parts.token] left out: nobody signs in here
   * @param {() => Promise<string|null>} [parts.refresh] left out: the page brings a new token by itself
   * @param {import('./clock.js').ServerClock} parts.clock
   * @param {Record<string, number>} parts.counters
   */
  constructor({ token, refresh, clock, counters }) {
    this.counters = counters;
    this.isAnonymous = !token;
    this.read = token ?? (() => null);
    this.clock = clock;
    /** The token that the server was told last. */
    this.told = null;
    this.#refused = null;
    this.isRenewable = Boolean(refresh);
    this.#refresh = refresh ?? (async () => (this.read() === this.told ? null : this.read()));
  }

  /** Whether a handshake has to wait for a new token. */
  get isStale() {
    if (this.isAnonymous) return false;
    const token = this.read();
    const left = this.#left(token);
    return !token || token === this.#refused || (left !== null && left < TOO_LATE);
  }

  /** The server would not have the token that it was told last, whatever this clock thinks. */
  refused() {
    this.#refused = this.told;
  }

  /** In how many ms to refresh: a minute before the end, or at half of what is left of a short-lived token. Null: never. */
  get refreshIn() {
    const left = this.isRenewable ? this.#left(this.read()) : null;
    if (left === null) return null;
    return Math.max(1000, left > 2 * REFRESH_AHEAD ? left - REFRESH_AHEAD : left / 2);
  }

  /** @returns {Promise<string|null>} null: the session ended; a rejection: it cannot be known now */
  refresh() {
    this.#running ??= this.#refreshOnce().finally(() => { this.#running = null; });
    return this.#running;
  }

  async #refreshOnce() {
    this.counters.refreshes += 1;
    return await this.#refresh();
  }

  #left(token) {
    const expiry = token ? expiryOf(token) : null;
    return expiry === null ? null : expiry - this.clock.serverNow();
  }
}

/** Whether there is a line to the server, and when the next one is tried: states, attempts and their delays. */
import { Line } from './line.js';
import { Timers } from './timers.js';
import { afterClose, fullJitter } from './reconnect.js';
import { watchPlatform } from './wake.js';

const STABLE_AFTER = 5_000;

export class Connection {
  /** The present line, from its handshake on. */
  line = null;
  #parts;
  #access;
  #options;
  #timers = new Timers();
  #state = 'idle';
  #why = null;
  #retryAt = null;
  #attempt = 0;
  #wanted = false;
  /** Not before this moment, by the server's wish; somebody's own click goes before it. */
  #notBefore = 0;
  #stopWatching = () => {};

  /**
   * @param {object} parts
   * @param {object} parts.options the client's, each with a value
   * @param {import('./access.js').Access} parts.access
   * @param {import('./clock.js').ServerClock} parts.clock
   * @param {(now: {state: string, why: string|null, retryAt: number|null}) => void} parts.became
   * @param {() => void} parts.opened there is an open line
   * @param {(frame: object, asked: unknown) => void} parts.received
   * @param {() => void} parts.closed there is none any more
   * @param {() => void} parts.clockSet plans by the old time are void; the pong that is asked for next makes new ones
   */
  constructor(parts) {
    this.#parts = parts;
    this.#access = parts.access;
    this.#options = parts.options;
  }

  start() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#attempt = 0;
    const { now, monotonic } = this.#options;
    this.#stopWatching = watchPlatform({
      wake: () => this.#woke(),
      offline: () => this.line?.probe(),
      clockSet: () => this.#clockWasSet(),
      now,
      monotonic,
    });
    this.#open();
  }

  close() {
    this.#end();
    this.#become('idle');
  }

  /** Every topic's position is known. */
  settled() {
    this.#become('live');
  }

  /** There is no login any more. */
  signedOut() {
    if (this.#wanted) this.#stop('login');
  }

  probe() {
    if (this.#state === 'waiting') return this.retryNow();
    this.line?.probe();
  }

  retryNow() {
    if (this.#state === 'waiting') this.#open();
  }

  // ---- a line

  async #open() {
    this.#timers.cancelAll();
    this.#become('connecting');
    if (this.#access.isStale && !await this.#refreshed()) return;
    if (!this.#wanted || this.line) return;
    const { url, WebSocket, now, monotonic } = this.#options;
    const token = this.#access.read();
    this.#access.told = token;
    try {
      this.line = new Line({
        url, token, WebSocket, now, monotonic,
        clock: this.#parts.clock,
        opened: () => this.#opened(),
        received: this.#parts.received,
        lost: (code, reason) => this.#lost(code, reason),
      });
    } catch {
      this.#retryIn(this.#jitter());
    }
  }

  #opened() {
    this.#timers.after('stable', STABLE_AFTER, () => { this.#attempt = 0; });
    this.#parts.opened();
  }

  #lost(code, reason) {
    this.#drop();
    const next = afterClose(code, reason, this.#attempt, this.#options.random);
    this.#attempt += 1;
    if (next.action === 'stop') return this.#stop(next.why);
    if (next.action === 'refresh' && !this.#access.isAnonymous) {
      this.#access.refused();
      return this.#refreshThenOpen(next.delay);
    }
    this.#retryIn(next.delay, next.told);
  }

  #drop() {
    this.line?.end();
    this.line = null;
    this.#timers.cancelAll();
    this.#parts.closed();
  }

  #end() {
    this.#wanted = false;
    this.#stopWatching();
    this.#drop();
  }

  #stop(why) {
    this.#end();
    this.#become('stopped', why);
  }

  // ---- the next one

  #retryIn(delay, isTold = false) {
    this.#retryAt = this.#options.now() + delay;
    this.#notBefore = isTold ? this.#options.monotonic() + delay : 0;
    this.#become('waiting');
    this.#timers.after('retry', delay, () => this.#open());
  }

  #jitter() {
    return fullJitter(this.#attempt++, this.#options.random);
  }

  /** A fresh token, or null after having arranged what follows. */
  async #refreshed() {
    try {
      const token = await this.#access.refresh();
      if (!token) this.signedOut();
      return token;
    } catch {
      if (this.#wanted) this.#retryIn(this.#jitter() + 500);
      return null;
    }
  }

  async #refreshThenOpen(delay) {
    this.#become('connecting');
    if (await this.#refreshed() && this.#wanted && !this.line) this.#retryIn(delay);
  }

  // ---- the platform

  /** The network came, the page is looked at, the machine slept. */
  #woke() {
    if (this.#state === 'waiting' && this.#options.monotonic() < this.#notBefore) return;
    this.probe();
  }

  #clockWasSet() {
    this.#parts.clock.forget();
    this.line?.clockWasSet();
    this.#parts.clockSet();
  }

  #become(state, why = null) {
    if (state !== 'waiting') this.#retryAt = null;
    if (this.#state === state && this.#why === why && state !== 'waiting') return;
    this.#state = state;
    this.#why = why;
    this.#parts.became({ state, why, retryAt: this.#retryAt });
  }
}

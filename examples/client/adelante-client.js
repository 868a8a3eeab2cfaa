/**
 * The reference client of the `adelante.v1` realtime protocol. Browsers and Node 20+ (before Node 22 pass a `WebSocket`).
 *
 *     const client = new AdelanteClient({
 *       url: 'wss://crm.example/ws',
 *       token: () => session.accessToken,
 *       refresh: () => session.refresh(),            // resolves to a new access token, or to null: signed out
 *     });
 *     client.on('appointment:updated', (event) => draw(event.data));
 *     client.on('reload', ({ topic }) => loadSnapshotAgain(topic));
 *     client.subscribe('appointments', { seq: 41, epoch: 'k3…' });   // X-Topic-Seq, X-Topic-Epoch of the snapshot
 *     client.connect();
 *
 * Every event of a topic is delivered once and in order. A hole in the numbering is repaired by asking for the missing
 * events again; when the server no longer has them, `reload` asks the page for a new snapshot.
 *
 * README.md lists the events that it fires (`on(type, fn)`, or `addEventListener(type, e => e.detail)`); adelante-client.d.ts has
 * the types of everything, options included.
 */
import { Access } from './access.js';
import { Connection } from './connection.js';
import { Cursor } from './cursor.js';
import { ServerClock } from './clock.js';
import { Desk } from './desk.js';
import { follow } from './follow.js';
import { Timers } from './timers.js';
import { Topics } from './topics.js';
import { afterClose, fullJitter } from './reconnect.js';
import { expiryOf } from './token.js';

export { Cursor, ServerClock, afterClose, expiryOf, follow, fullJitter };
export { HoldError } from './desk.js';

const REFRESH_AGAIN = 5_000;
const AUTH = Symbol('auth');

export class AdelanteClient extends EventTarget {
  #access;
  #connection;
  #topics;
  #timers = new Timers();

  /** @param {import('./adelante-client.js').ClientOptions} options */
  constructor(options) {
    super();
    const whole = { WebSocket: globalThis.WebSocket, random: Math.random, now: Date.now, monotonic: () => performance.now(), ...options };
    if (!whole.WebSocket) throw new TypeError('This platform has no WebSocket: pass one as options.WebSocket');
    this.clock = new ServerClock(whole.now);
    /** Rooms and held slots, see desk.js. */
    this.desk = new Desk(this, (type, detail) => this.#emit(type, detail));
    this.state = 'idle';
    this.retryAt = null;
    this.why = null;
    this.counters = { events: 0, duplicates: 0, gapsFound: 0, gapsHealed: 0, reloads: 0, connections: 0, refreshes: 0 };
    this.#access = new Access({ token: options.token, refresh: options.refresh, clock: this.clock, counters: this.counters });
    this.#connection = new Connection({
      options: whole, access: this.#access, clock: this.clock,
      became: (now) => this.#became(now),
      opened: () => this.#opened(),
      received: (frame, asked) => this.#received(frame, asked),
      closed: () => this.#closed(),
      clockSet: () => this.#timers.cancel('refresh'),
    });
    this.#topics = new Topics({
      counters: this.counters,
      emit: (type, detail) => this.#emit(type, detail),
      latencyOf: (event) => this.latencyOf(event),
    });
  }

  // ---- what a page calls

  /** Adds a listener that receives the detail itself. @returns {() => void} removes it */
  on(type, listener) {
    const wrapped = (e) => listener(e.detail);
    this.addEventListener(type, wrapped);
    return () => this.removeEventListener(type, wrapped);
  }

  connect() {
    this.#connection.start();
  }

  /** Ends it for good; `connect` starts again, from the same positions. */
  close() {
    this.#connection.close();
  }

  /**
   * Follow a topic. With a snapshot's position nothing between the snapshot and the stream is missed or repeated;
   * calling it again with a lower position replays what came since (those events say `repeated`).
   * @param {string} topic
   * @param {{seq: number, epoch: string}} [position] of the snapshot; without one, from now on, or on from where it is
   */
  subscribe(topic, position) {
    this.#topics.subscribe(topic, position);
  }

  unsubscribe(topic) {
    this.#topics.unsubscribe(topic);
    this.#settle();
  }

  /** @returns {{seq: number|null, epoch: string|null}|null} how far this client is in a topic */
  position(topic) {
    return this.#topics.position(topic);
  }

  /** Sends any other command. @returns {number|null} its id, which its reply has too; null: there is no line to send it on */
  command(fields) {
    return this.#line?.isOpen ? this.#line.ask(undefined, fields) : null;
  }

  /** Be in a room of the salon, also after a reconnect; `state`: what this desk says of itself. */
  enter(room, state) { this.desk.enter(room, state); }
  leave(room) { this.desk.leave(room); }

  /** Hold a slot while it is being booked, see `Desk.hold`; let go of it. */
  hold(slot, options) { return this.desk.hold(slot, options); }
  release(slot) { this.desk.release(slot); }

  /** The page got a new access token elsewhere: the live socket continues with it. */
  tokenChanged() {
    const token = this.#access.read();
    if (!token || token === this.#access.told) return;
    if (this.#line?.isOpen) this.#tellToken();
    this.#planRefresh();
  }

  /** Is the line alive? Asks at once; a line that does not answer within four seconds is replaced. */
  probe() {
    this.#connection.probe();
  }

  /** Don't wait for the next attempt. */
  retryNow() {
    this.#connection.retryNow();
  }

  /** Milliseconds from the commit of an event to now, on the server's clock. */
  latencyOf(event) {
    return Math.max(0, this.clock.serverNow() - Date.parse(event.at));
  }

  // ---- connection

  get #line() {
    return this.#connection.line;
  }

  #became(now) {
    // What was planned for the last line; its successor makes plans of its own.
    if (now.state === 'connecting') this.#timers.cancelAll();
    Object.assign(this, now);
    this.#emit('state', now);
  }

  #opened() {
    this.counters.connections += 1;
    // The page may have got another token since the handshake began.
    this.tokenChanged();
    this.#topics.opened(this.#line);
    this.#settle();
  }

  #closed() {
    this.#timers.cancelAll();
    this.#topics.closed();
  }

  // ---- frames

  #received(frame, asked) {
    switch (frame.type) {
      case 'pong': this.#ponged(frame); break;
      case 'subscribed': this.#topics.subscribed(frame); break;
      case 'unsubscribed': this.#unsubscribed(frame); break;
      case 'authenticated': this.#planRefresh(); break;
      case 'error': this.#refused(frame, asked); break;
      default: return this.#topics.event(frame);
    }
    this.#settle();
  }

  /** Unasked, with a code: the role may no longer read the topic, which a page may follow and be a member of. */
  #unsubscribed({ topic, code }) {
    if (!code) return;
    const wasKnown = [this.#topics.forget(topic), this.desk.forget(topic)];
    if (wasKnown.includes(true)) this.#emit('denied', { topic, code });
  }

  #refused(frame, asked) {
    const isPassing = frame.code === 'unavailable' || frame.code === 'rate_limited';
    if (asked === AUTH && isPassing) this.#timers.after('auth', frame.retryAfter ?? 1000, () => this.#tellToken());
    if (typeof asked === 'string') this.#topics.refused(asked, frame, isPassing);
    this.#emit('error', frame);
  }

  #ponged(frame) {
    // Only now the server's clock is known, by which the token's end is told.
    if (!this.#timers.has('refresh')) this.#planRefresh();
    this.#topics.heads(frame.heads ?? {});
    this.#emit('pong', { heads: frame.heads ?? {}, offset: this.clock.offset, uncertainty: this.clock.uncertainty });
  }

  /** Live as soon as every topic's position is known. */
  #settle() {
    if (this.#line?.isOpen && this.#topics.isSettled) this.#connection.settled();
  }

  // ---- token

  #tellToken() {
    const token = this.#access.read();
    if (!token || !this.#line?.isOpen) return;
    this.#access.told = token;
    this.#line.ask(AUTH, { type: 'auth', token });
  }

  #planRefresh() {
    const wait = this.#access.refreshIn;
    if (wait === null) return;
    const line = this.#line;
    this.#timers.after('refresh', wait, async () => {
      try {
        const fresh = await this.#access.refresh();
        if (fresh) this.tokenChanged();
        else this.#connection.signedOut();
      } catch {
        if (line && line === this.#line) this.#timers.after('refresh', REFRESH_AGAIN, () => this.#planRefresh());
      }
    });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

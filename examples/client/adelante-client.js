/**
 * The reference client of the `adelante.v1` realtime protocol. Browsers and Node 20+ (pass `WebSocket` where the
 * platform has none).
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
 * Events (`on(type, fn)`, or `addEventListener(type, e => e.detail)`):
 *   every type the server sends   {type, topic, seq, at, version, data, latency, repeated}
 *   `event`        the same, all types
 *   `state`        {state, retryAt, why}; state: idle, connecting, live, waiting, stopped
 *   `subscribed`   {topic, seq, epoch, recovered}
 *   `reload`       {topic, seq, epoch}   events were lost for good: read the snapshot, then `subscribe` with its position
 *   `denied`       {topic, code}         the role may not read this topic
 *   `gap`, `healed` {topic, after, upTo} / {topic, seq}
 *   `position`     {topic, seq}          the cursor moved
 *
 * A topic without a log, such as `telegram:<code>`, has no `seq`: every `subscribe` is answered with the present state.
 */
import { Cursor } from './cursor.js';
import { ServerClock } from './clock.js';
import { afterClose, fullJitter } from './reconnect.js';
import { expiryOf } from './token.js';

export { Cursor, ServerClock, afterClose, fullJitter, expiryOf };

const PING_EVERY = 20_000;
const PONG_WITHIN = 10_000;
const PROBE_WITHIN = 4_000;
const OPEN_WITHIN = 12_000;
const REPAIR_WITHIN = 5_000;
const STABLE_AFTER = 5_000;
const REFRESH_AHEAD = 60_000;
const LONGEST_TIMER = 2 ** 31 - 1;

export class AdelanteClient extends EventTarget {
  #options;
  #socket = null;
  #cursors = new Map();
  #pending = new Map();
  #timers = new Map();
  #nextId = 1;
  #attempt = 0;
  #pingSent = null;
  #sentToken = null;
  #isAnonymous;
  #wanted = false;
  #stopListening = () => {};

  /**
   * @param {object} options
   * @param {string} options.url `ws://…/ws` or `wss://…/ws`, without a query: the token travels as a subprotocol
   * @param {() => string|null} [options.token] the current access token; left out, the socket is anonymous and may follow
   *   only topics that need no login, such as `telegram:<code>`
   * @param {() => Promise<string|null>} [options.refresh] gets a new one; null: the session ended; a rejection: try later
   * @param {typeof globalThis.WebSocket} [options.WebSocket]
   * @param {() => number} [options.random] between 0 and 1
   * @param {() => number} [options.now] ms since 1970
   */
  constructor(options) {
    super();
    this.#options = { WebSocket: globalThis.WebSocket, random: Math.random, now: Date.now, ...options, token: options.token ?? (() => null) };
    this.#isAnonymous = !options.token;
    if (!this.#options.WebSocket) throw new TypeError('This platform has no WebSocket: pass one as options.WebSocket');
    this.clock = new ServerClock(this.#options.now);
    this.state = 'idle';
    this.retryAt = null;
    this.why = null;
    this.counters = {
      events: 0, duplicates: 0, gapsFound: 0, gapsHealed: 0, reloads: 0, connections: 0, refreshes: 0,
    };
  }

  // ---- what a page calls

  /** Adds a listener that receives the detail itself. @returns {() => void} removes it */
  on(type, listener) {
    const wrapped = (e) => listener(e.detail);
    this.addEventListener(type, wrapped);
    return () => this.removeEventListener(type, wrapped);
  }

  connect() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#attempt = 0;
    this.#listenToPlatform();
    this.#open();
  }

  /** Ends it for good; `connect` starts again, from the same positions. */
  close() {
    this.#wanted = false;
    this.#stopListening();
    this.#drop(1000);
    this.#become('idle');
  }

  /**
   * Follow a topic. With a snapshot's position nothing between the snapshot and the stream is missed or repeated;
   * calling it again with a lower position replays what came since (those events say `repeated`).
   * @param {string} topic
   * @param {{seq: number, epoch: string}} [position] of the snapshot; without one, from now on
   */
  subscribe(topic, position) {
    const cursor = this.#cursors.get(topic);
    if (!cursor) this.#cursors.set(topic, new Cursor(position));
    else if (position) cursor.rewind(position);
    if (this.#isOpen()) this.#sendSubscribe(topic);
  }

  unsubscribe(topic) {
    if (!this.#cursors.delete(topic)) return;
    if (this.#isOpen()) this.#send({ type: 'unsubscribe', topic });
  }

  /** @returns {{seq: number|null, epoch: string|null}|null} how far this client is in a topic */
  position(topic) {
    const cursor = this.#cursors.get(topic);
    return cursor ? { seq: cursor.last, epoch: cursor.epoch } : null;
  }

  /** The page got a new access token elsewhere: the live socket continues with it. */
  tokenChanged() {
    const token = this.#options.token();
    if (!token || token === this.#sentToken) return;
    this.#sentToken = token;
    if (this.#isOpen()) this.#send({ type: 'auth', token });
    this.#planRefresh();
  }

  /** Is the line alive? Asks at once; a line that does not answer within four seconds is replaced. */
  probe() {
    if (this.state === 'waiting') return this.retryNow();
    if (this.#isOpen()) this.#ping(PROBE_WITHIN);
  }

  /** Don't wait for the next attempt. */
  retryNow() {
    if (this.state !== 'waiting' || !this.#wanted) return;
    this.#open();
  }

  /** Milliseconds from the commit of an event to now, on the server's clock. */
  latencyOf(event) {
    return Math.max(0, this.clock.serverNow() - Date.parse(event.at));
  }

  // ---- connection

  async #open() {
    this.#stopTimers();
    this.#become('connecting');
    let token = this.#options.token();
    const expiry = token && expiryOf(token);
    if (!this.#isAnonymous && (!token || (expiry !== null && expiry - this.clock.serverNow() < 5_000))) token = await this.#refreshed();
    if ((!token && !this.#isAnonymous) || !this.#wanted || this.#socket) return;

    let socket;
    try {
      socket = new this.#options.WebSocket(this.#options.url, ['adelante.v1', ...(token ? [`bearer.${token}`] : [])]);
    } catch {
      return this.#retryIn(fullJitter(this.#attempt++, this.#options.random));
    }
    this.#socket = socket;
    this.#sentToken = token;
    const isCurrent = () => this.#socket === socket;
    this.#after('open', OPEN_WITHIN, () => this.#lost(1006, ''));
    socket.onopen = () => isCurrent() && this.#opened();
    socket.onmessage = (message) => isCurrent() && this.#received(message.data);
    socket.onclose = (e) => isCurrent() && this.#lost(e.code, e.reason);
    socket.onerror = () => {};
  }

  #opened() {
    this.#cancel('open');
    this.counters.connections += 1;
    this.#pending.clear();
    // The first exchanges settle the clock; then one ping every 20 s also compares the heads.
    this.#ping();
    this.#after('settle', 300, () => this.#ping());
    for (const topic of this.#cursors.keys()) this.#sendSubscribe(topic);
    this.#after('stable', STABLE_AFTER, () => { this.#attempt = 0; });
    if (this.#cursors.size === 0) this.#become('live');
  }

  #lost(code, reason) {
    this.#drop();
    if (!this.#wanted) return;
    const next = afterClose(code, reason, this.#attempt, this.#options.random);
    this.#attempt += 1;
    if (next.action === 'stop') return this.#stop(next.why);
    if (next.action === 'refresh' && !this.#isAnonymous) return this.#refreshThenOpen(next.delay);
    this.#retryIn(next.delay);
  }

  async #refreshThenOpen(delay) {
    this.#become('connecting');
    if (await this.#refreshed() && this.#wanted) this.#retryIn(delay);
  }

  /** A fresh token, or null after having arranged what follows. */
  async #refreshed() {
    try {
      this.counters.refreshes += 1;
      const token = await this.#options.refresh();
      if (!token && this.#wanted) this.#stop('login');
      return token;
    } catch {
      if (this.#wanted) this.#retryIn(fullJitter(this.#attempt++, this.#options.random) + 500);
      return null;
    }
  }

  #retryIn(delay) {
    this.retryAt = this.#options.now() + delay;
    this.#become('waiting');
    this.#after('retry', delay, () => this.#open());
  }

  #stop(why) {
    this.#wanted = false;
    this.#stopListening();
    this.#drop(1000);
    this.#become('stopped', why);
  }

  /** Forgets the socket at once: a dead line may take a minute to report its close. */
  #drop(code) {
    const socket = this.#socket;
    this.#socket = null;
    this.#pingSent = null;
    this.#stopTimers();
    for (const cursor of this.#cursors.values()) cursor.acknowledged = false;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    try { socket.close(code ?? 1000); } catch { /* it was closed already */ }
  }

  // ---- frames

  #received(text) {
    let frame;
    try { frame = JSON.parse(text); } catch { return; }
    switch (frame.type) {
      case 'pong': return this.#ponged(frame);
      case 'subscribed': return this.#subscribed(frame);
      case 'unsubscribed': return this.#unsubscribed(frame);
      case 'authenticated': return this.#planRefresh();
      case 'error': return this.#refused(frame);
      default: return this.#delivered(frame);
    }
  }

  #delivered(frame) {
    const event = { ...frame, latency: frame.at ? this.latencyOf(frame) : null, repeated: false };
    const cursor = this.#cursors.get(frame.topic);
    if (cursor && typeof frame.seq === 'number') {
      switch (cursor.event(frame.seq)) {
        case 'early': return;
        case 'duplicate': this.counters.duplicates += 1; return;
        case 'gap': return this.#repair(frame.topic, cursor);
        case 'repeat': event.repeated = true; break;
        case 'heal': this.#healed(frame.topic, frame.seq); break;
      }
    }
    this.counters.events += 1;
    this.#emit(frame.type, event);
    this.#emit('event', event);
    if (cursor) this.#emit('position', { topic: frame.topic, seq: cursor.last });
  }

  #subscribed(frame) {
    if (frame.id !== undefined) this.#pending.delete(frame.id);
    const cursor = this.#cursors.get(frame.topic);
    if (!cursor) return;
    // A later `subscribe` for the same topic is under way: only its reply tells where we stand.
    if ([...this.#pending.values()].includes(frame.topic)) return;
    const verdict = cursor.subscribed(frame);
    this.#emit('subscribed', frame);
    this.#emit('position', { topic: frame.topic, seq: cursor.last });
    if (verdict === 'reload') {
      this.counters.reloads += 1;
      this.#cancel(`repair:${frame.topic}`);
      this.#emit('reload', { topic: frame.topic, seq: frame.seq, epoch: frame.epoch });
    }
    if ([...this.#cursors.values()].every((c) => c.acknowledged)) this.#become('live');
  }

  #unsubscribed(frame) {
    if (!frame.code) return;
    this.#cursors.delete(frame.topic);
    this.#emit('denied', { topic: frame.topic, code: frame.code });
  }

  #refused(frame) {
    const topic = this.#pending.get(frame.id);
    this.#pending.delete(frame.id);
    if (topic && (frame.code === 'forbidden' || frame.code === 'unknown_topic' || frame.code === 'too_many_topics')) {
      this.#cursors.delete(topic);
      this.#emit('denied', { topic, code: frame.code });
      if ([...this.#cursors.values()].every((c) => c.acknowledged)) this.#become('live');
    } else if (topic && (frame.code === 'unavailable' || frame.code === 'rate_limited')) {
      this.#after(`again:${topic}`, frame.retryAfter ?? 1000, () => this.#cursors.has(topic) && this.#sendSubscribe(topic));
    }
    this.#emit('error', frame);
  }

  #repair(topic, cursor) {
    this.counters.gapsFound += 1;
    this.#emit('gap', { topic, after: cursor.last, upTo: cursor.missingUpTo });
    this.#sendSubscribe(topic);
    this.#after(`repair:${topic}`, REPAIR_WITHIN, () => this.#lost(1006, ''));
  }

  #healed(topic, seq) {
    this.counters.gapsHealed += 1;
    this.#cancel(`repair:${topic}`);
    this.#emit('healed', { topic, seq });
  }

  #sendSubscribe(topic) {
    const id = this.#nextId++;
    this.#pending.set(id, topic);
    this.#send({ type: 'subscribe', id, topic, ...this.#cursors.get(topic).request() });
  }

  // ---- liveness and clock

  #ping(within = PONG_WITHIN) {
    if (this.#pingSent === null) {
      this.#pingSent = this.#options.now();
      this.#send({ type: 'ping' });
    }
    this.#after('pong', within, () => this.#lost(4408, ''));
    this.#after('ping', PING_EVERY, () => this.#ping());
  }

  #ponged(frame) {
    this.#cancel('pong');
    if (this.#pingSent !== null) this.clock.sample(this.#pingSent, this.#options.now(), Date.parse(frame.at));
    this.#pingSent = null;
    // Only now the server's clock is known, by which the token's end is told.
    if (!this.#timers.has('refresh')) this.#planRefresh();
    for (const [topic, head] of Object.entries(frame.heads ?? {})) {
      const cursor = this.#cursors.get(topic);
      if (cursor?.head(head)) this.#repair(topic, cursor);
    }
    this.#emit('pong', { heads: frame.heads ?? {}, offset: this.clock.offset, uncertainty: this.clock.uncertainty });
  }

  /** Refresh a minute before the end, or at half of what is left of a short-lived token. */
  #planRefresh() {
    const token = this.#options.token();
    const expiry = token && expiryOf(token);
    if (!expiry) return;
    const left = expiry - this.clock.serverNow();
    const wait = left > 2 * REFRESH_AHEAD ? left - REFRESH_AHEAD : left / 2;
    this.#after('refresh', Math.max(1000, wait), async () => {
      try {
        this.counters.refreshes += 1;
        const fresh = await this.#options.refresh();
        if (fresh) this.tokenChanged();
        else if (this.#wanted) this.#stop('login');
      } catch {
        this.#after('refresh', 5_000, () => this.#planRefresh());
      }
    });
  }

  #listenToPlatform() {
    const { document, addEventListener, removeEventListener } = globalThis;
    if (!document || !addEventListener) return;
    const wake = () => { if (!document.hidden) this.probe(); };
    const offline = () => this.probe();
    addEventListener('online', wake);
    addEventListener('offline', offline);
    document.addEventListener('visibilitychange', wake);
    this.#stopListening = () => {
      removeEventListener('online', wake);
      removeEventListener('offline', offline);
      document.removeEventListener('visibilitychange', wake);
      this.#stopListening = () => {};
    };
  }

  // ---- small things

  #isOpen() {
    return this.#socket?.readyState === 1;
  }

  #send(frame) {
    try { this.#socket?.send(JSON.stringify(frame)); } catch { /* the close that follows is handled */ }
  }

  #become(state, why = null) {
    if (state !== 'waiting') this.retryAt = null;
    if (this.state === state && this.why === why && state !== 'waiting') return;
    this.state = state;
    this.why = why;
    this.#emit('state', { state, why, retryAt: this.retryAt });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #after(name, ms, action) {
    this.#cancel(name);
    const timer = setTimeout(() => { this.#timers.delete(name); action(); }, Math.min(ms, LONGEST_TIMER));
    this.#timers.set(name, timer);
  }

  #cancel(name) {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  #stopTimers() {
    for (const name of [...this.#timers.keys()]) this.#cancel(name);
  }
}

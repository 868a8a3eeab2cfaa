/** One line to the server, from the handshake to its loss: commands and their replies, the pace, and whether it is alive. */
import { Outbox } from './outbox.js';
import { Timers } from './timers.js';

const PING_EVERY = 20_000;
const PONG_WITHIN = 10_000;
const PROBE_WITHIN = 4_000;
const OPEN_WITHIN = 12_000;

const PING = Symbol('ping');

export class Line {
  #parts;
  #socket;
  #timers = new Timers();
  #outbox = new Outbox();
  #pending = new Map();
  #nextId = 1;
  #pingSent = null;
  #pongBy = 0;

  /**
   * @param {object} parts
   * @param {string} parts.url
   * @param {string|null} parts.token
   * @param {typeof globalThis.WebSocket} parts.WebSocket
   * @param {import('./clock.js').ServerClock} parts.clock told by every pong
   * @param {() => number} parts.now
   * @param {() => number} parts.monotonic
   * @param {() => void} parts.opened
   * @param {(frame: object, asked: unknown) => void} parts.received `asked`: what `ask` was called with for it, if it was
   * @param {(code: number, reason: string) => void} parts.lost once, and nothing follows; not after `end`
   * @throws what the platform's WebSocket throws
   */
  constructor(parts) {
    this.#parts = parts;
    const socket = new parts.WebSocket(parts.url, ['adelante.v1', ...(parts.token ? [`bearer.${parts.token}`] : [])]);
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (message) => this.#received(message.data);
    socket.onclose = (e) => this.#lost(e.code, e.reason);
    socket.onerror = () => {};
    this.#timers.after('open', OPEN_WITHIN, () => this.#lost(1006, ''));
  }

  get isOpen() {
    return this.#socket?.readyState === 1;
  }

  /**
   * Sends a command.
   * @param {unknown} what its reply is handed on with this
   * @returns {number} its id
   */
  ask(what, command) {
    const id = this.#nextId++;
    this.#pending.set(id, what);
    this.#outbox.push({ ...command, id });
    this.#flush();
    return id;
  }

  /** Whether a reply to such a command is still to come. */
  isAsking(what) {
    return [...this.#pending.values()].includes(what);
  }

  /** Asks whether it is alive; if it does not say so soon, it is lost. */
  probe() {
    if (this.isOpen) this.#ping(PROBE_WITHIN);
  }

  /** The exchange that is under way would tell a wrong time. */
  clockWasSet() {
    this.#pingSent = null;
  }

  /** It is given up. */
  fail() {
    this.#lost(1006, '');
  }

  /** Forgets the socket at once: a dead line may take a minute to report its close. */
  end() {
    const socket = this.#socket;
    this.#socket = null;
    this.#timers.cancelAll();
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    try { socket.close(1000); } catch { /* it was closed already */ }
  }

  #opened() {
    this.#timers.cancel('open');
    // The first exchanges settle the clock; then one ping every 20 s also compares the heads.
    this.#ping();
    this.#timers.after('settle', 300, () => this.#ping());
    this.#parts.opened();
  }

  #lost(code, reason) {
    if (!this.#socket) return;
    this.end();
    this.#parts.lost(code, reason);
  }

  #received(text) {
    let frame;
    try { frame = JSON.parse(text); } catch { return; }
    if (typeof frame?.type !== 'string') return;
    const asked = frame.id === undefined ? undefined : this.#pending.get(frame.id);
    this.#pending.delete(frame.id);
    if (frame.type === 'pong') this.#ponged(frame);
    if (frame.type === 'error' && asked === PING) this.#pingRefused(frame);
    this.#parts.received(frame, asked);
  }

  #ping(within = PONG_WITHIN) {
    if (!this.isAsking(PING)) {
      this.#pingSent = this.#parts.now();
      this.ask(PING, { type: 'ping' });
    }
    this.#expectPong(within);
    this.#timers.after('ping', PING_EVERY, () => this.#ping());
  }

  /** A probe makes the time shorter; nothing makes it longer. */
  #expectPong(within) {
    const by = this.#parts.monotonic() + within;
    if (this.#timers.has('pong') && this.#pongBy <= by) return;
    this.#pongBy = by;
    this.#timers.after('pong', within, () => this.#lost(4408, ''));
  }

  #ponged(frame) {
    this.#timers.cancel('pong');
    if (this.#pingSent !== null) this.#parts.clock.sample(this.#pingSent, this.#parts.now(), Date.parse(frame.at));
    this.#pingSent = null;
  }

  /** It is alive, and takes no more at present. */
  #pingRefused({ retryAfter = 1000 }) {
    this.#timers.cancel('pong');
    this.#timers.after('ping', retryAfter, () => this.#ping());
  }

  #flush() {
    const { frames, wait } = this.#outbox.take(this.#parts.monotonic());
    for (const frame of frames) {
      try { this.#socket?.send(JSON.stringify(frame)); } catch { /* the close that follows is handled */ }
    }
    if (wait !== null) this.#timers.after('send', wait, () => this.#flush());
  }
}

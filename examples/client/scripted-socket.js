/** For the tests: a socket that they play the server on, and a client on it whose clock and chance they hold. */
import { afterEach, beforeEach, mock } from 'node:test';
import { AdelanteClient } from './adelante-client.js';

export class Socket {
  static all = [];
  readyState = 0;
  sent = [];

  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
    Socket.all.push(this);
  }

  send(text) { this.sent.push(JSON.parse(text)); }
  close() { this.readyState = 3; }
  open() { this.readyState = 1; this.onopen(); }
  say(frame) { this.onmessage?.({ data: JSON.stringify(frame) }); }
  end(code, reason = '') { this.readyState = 3; this.onclose?.({ code, reason }); }
  all(type) { return this.sent.filter((f) => f.type === type); }
  last(type) { return this.all(type).at(-1); }
  acknowledge(seq, more = {}) { this.say({ type: 'subscribed', id: this.last('subscribe').id, topic: 'appointments', seq, epoch: 'e', recovered: true, ...more }); }
  refuse(type, code, more = {}) { this.say({ type: 'error', id: this.last(type).id, code, message: '', ...more }); }
  event(seq) { this.say({ type: 'appointment:updated', topic: 'appointments', seq, at: serverTime(), data: { id: seq } }); }
  /** Answers the last ping. */
  pong(heads = {}) { this.say({ type: 'pong', id: this.last('ping').id, at: serverTime(), heads }); }
}

/** What the test sets: how far the server's clock is ahead, how far the client's own was set, its tokens. */
export const world = { ahead: 0, set: 0, token: null, refreshed: 0 };

const serverTime = () => new Date(Date.now() + world.ahead).toISOString();

/** An access token that ends at `exp`, in seconds of the server's clock. */
export const token = (exp, n = 0) => `h.${Buffer.from(JSON.stringify({ exp, n })).toString('base64url')}.s`;

export const flush = async () => { for (let i = 0; i < 12; i += 1) await null; };

/** The next token lasts for long. */
export async function refresh() {
  world.refreshed += 1;
  world.token = token(99_999, world.refreshed);
  return world.token;
}

export function make(options = {}) {
  const client = new AdelanteClient({
    url: 'ws://host/ws',
    token: () => world.token,
    refresh,
    WebSocket: Socket,
    random: () => 0.5,
    now: () => Date.now() + world.set,
    monotonic: Date.now,
    ...options,
  });
  const seen = [];
  client.on('event', (e) => seen.push(e.seq));
  return { client, seen, socket: () => Socket.all.at(-1) };
}

/** A client that is live on `appointments` at 4. */
export async function live(options) {
  const all = make(options);
  all.client.subscribe('appointments', { seq: 4, epoch: 'e' });
  all.client.connect();
  await flush();
  all.socket().open();
  all.socket().acknowledge(4);
  return all;
}

/** Time goes by in small steps, and every ping is answered. */
export async function pass(seconds, socket) {
  for (let s = 0; s < seconds; s += 1) {
    mock.timers.tick(1_000);
    if (socket?.().readyState === 1) socket().pong();
    await flush();
  }
}

export function everyTest() {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
    Socket.all = [];
    Object.assign(world, { ahead: 0, set: 0, token: token(99_999), refreshed: 0 });
  });
  afterEach(() => mock.timers.reset());
}

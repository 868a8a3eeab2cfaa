/** Joins the realtime client to the store: connection, positions, activity with its delay, reloads. */
import { AdelanteClient } from '../client/adelante-client.js';
import { SOCKET } from './config.js';
import { session } from './session.js';

const KEPT = 40;

/** Right after the next painted frame; at once in a window that paints nothing. */
function painted() {
  if (document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(resolve, 120);
    requestAnimationFrame(() => { clearTimeout(late); const c = new MessageChannel(); c.port1.onmessage = resolve; c.port2.postMessage(0); });
  });
}

/**
 * Fires `activity` {type, event, before, after, ms, own}, `connection` {state, since, retryAt, why},
 * `seq` {seq}, `notification` (the event), `reload`.
 */
export class Live extends EventTarget {
  #store;
  #writes;

  constructor(store, writes) {
    super();
    this.#store = store;
    this.#writes = writes;
    this.activity = [];
    /** When the line was lost, or null while it holds. */
    this.lostAt = null;
    this.client = new AdelanteClient({ url: SOCKET, token: () => session.token, refresh: () => session.refresh() });
    this.client.on('event', (event) => this.#received(event));
    this.client.on('state', (state) => this.#state(state));
    this.client.on('position', ({ topic, seq }) => topic === 'appointments' && this.#fire('seq', { seq }));
    this.client.on('reload', ({ topic }) => this.#fire('reload', { topic }));
    session.onChange((what) => what === 'token' && this.client.tokenChanged());
  }

  get seq() { return this.client.position('appointments')?.seq ?? null; }
  get isLive() { return this.client.state === 'live'; }

  start() { this.client.connect(); }
  stop() { this.client.close(); }

  /** A snapshot was read at this position: go on from there, unless the stream is already past it without a hole. */
  follow(topic, position) {
    const current = this.client.position(topic);
    if (!position) {
      if (!current) this.client.subscribe(topic);
      return;
    }
    const ahead = current?.epoch === position.epoch && current.seq !== null && current.seq <= position.seq;
    if (!ahead) this.client.subscribe(topic, position);
  }

  async #received(event) {
    if (event.topic === 'notifications') return this.#fire('notification', event);
    // Held slots come on this topic too, beside its log.
    if (!event.type.startsWith('appointment:')) return;
    const before = this.#store.visit(event.data.id);
    const change = this.#store.apply(event);
    if (event.repeated) return;
    await painted();
    const ms = this.client.latencyOf(event);
    const echo = await this.#writes.echoOf(event);
    const entry = { type: event.type, event, before: echo?.before ?? change?.before ?? before, after: event.type === 'appointment:deleted' ? null : event.data, ms, own: echo !== null };
    this.activity.unshift(entry);
    this.activity.length = Math.min(this.activity.length, KEPT);
    this.#fire('activity', entry);
  }

  #state({ state, retryAt, why }) {
    if (state === 'live') this.lostAt = null;
    else this.lostAt ??= new Date();
    this.#fire('connection', { state, since: this.lostAt, retryAt, why });
  }

  #fire(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

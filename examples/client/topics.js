/** The followed topics and where each stands: subscribes, delivers every event once and in order, repairs holes. */
import { Cursor } from './cursor.js';
import { Timers } from './timers.js';

const REPAIR_WITHIN = 5_000;

export class Topics {
  #cursors = new Map();
  #timers = new Timers();
  #line = null;
  #counters;
  #emit;
  #latencyOf;

  /**
   * @param {object} parts
   * @param {Record<string, number>} parts.counters
   * @param {(type: string, detail: object) => void} parts.emit
   * @param {(event: object) => number} parts.latencyOf
   */
  constructor({ counters, emit, latencyOf }) {
    this.#counters = counters;
    this.#emit = emit;
    this.#latencyOf = latencyOf;
  }

  /** Whether every topic's position is known on this line. */
  get isSettled() {
    return [...this.#cursors.values()].every((cursor) => cursor.acknowledged);
  }

  subscribe(topic, position) {
    const cursor = this.#cursors.get(topic);
    if (cursor && !position) return;
    if (!cursor) this.#cursors.set(topic, new Cursor(position));
    else cursor.rewind(position);
    this.#timers.cancel(`repair:${topic}`);
    if (this.#line) this.#send(topic);
  }

  unsubscribe(topic) {
    if (!this.forget(topic)) return;
    this.#line?.ask(undefined, { type: 'unsubscribe', topic });
  }

  position(topic) {
    const cursor = this.#cursors.get(topic);
    return cursor ? { seq: cursor.last, epoch: cursor.epoch } : null;
  }

  /** A line is open: goes on from where the last one ended. */
  opened(line) {
    this.#line = line;
    for (const topic of this.#cursors.keys()) this.#send(topic);
  }

  closed() {
    this.#line = null;
    this.#timers.cancelAll();
    for (const cursor of this.#cursors.values()) cursor.acknowledged = false;
  }

  // ---- frames

  event(frame) {
    const cursor = this.#cursors.get(frame.topic);
    // What was still under way when the page unsubscribed. What has no number belongs to whoever asked for it.
    if (frame.seq !== undefined && !cursor) return;
    const event = { ...frame, latency: frame.at ? this.#latencyOf(frame) : null, repeated: false };
    if (cursor && typeof frame.seq === 'number') {
      switch (cursor.event(frame.seq)) {
        case 'early': return;
        case 'duplicate': this.#counters.duplicates += 1; return;
        case 'gap': return this.#repair(frame.topic, cursor);
        case 'repeat': event.repeated = true; break;
        case 'heal': this.#healed(frame.topic, frame.seq); break;
      }
      if (cursor.missingUpTo !== null) this.#expectRepair(frame.topic);
    }
    this.#counters.events += 1;
    this.#emit(frame.type, event);
    this.#emit('event', event);
    if (cursor) this.#emit('position', { topic: frame.topic, seq: cursor.last });
  }

  subscribed(frame) {
    const cursor = this.#cursors.get(frame.topic);
    // With a later `subscribe` for the same topic under way only its reply tells where we stand.
    if (!cursor || this.#line.isAsking(frame.topic)) return;
    const verdict = cursor.subscribed(frame);
    this.#emit('subscribed', frame);
    this.#emit('position', { topic: frame.topic, seq: cursor.last });
    if (verdict !== 'reload') return;
    this.#counters.reloads += 1;
    this.#timers.cancel(`repair:${frame.topic}`);
    this.#emit('reload', { topic: frame.topic, seq: frame.seq, epoch: frame.epoch });
  }

  /** The server ended it. @returns {boolean} whether it was followed */
  forget(topic) {
    const wasFollowed = this.#cursors.delete(topic);
    this.#timers.cancel(`repair:${topic}`);
    this.#timers.cancel(`again:${topic}`);
    return wasFollowed;
  }

  /** A `subscribe` was refused. @param {boolean} isPassing only for the moment */
  refused(topic, frame, isPassing) {
    if (isPassing) this.#timers.after(`again:${topic}`, frame.retryAfter ?? 1000, () => this.#cursors.has(topic) && this.#send(topic));
    else if (this.forget(topic)) this.#emit('denied', { topic, code: frame.code });
  }

  /** A pong's heads: is even the last event of each topic here? */
  heads(heads) {
    for (const [topic, head] of Object.entries(heads)) {
      const cursor = this.#cursors.get(topic);
      if (cursor?.head(head)) this.#repair(topic, cursor);
    }
  }

  // ---- inside

  #send(topic) {
    this.#line.ask(topic, { type: 'subscribe', topic, ...this.#cursors.get(topic).request() });
  }

  #repair(topic, cursor) {
    this.#counters.gapsFound += 1;
    this.#emit('gap', { topic, after: cursor.last, upTo: cursor.missingUpTo });
    this.#send(topic);
    this.#expectRepair(topic);
  }

  /** A repair that does not get on costs the line; the next one begins where this one came to. */
  #expectRepair(topic) {
    this.#timers.after(`repair:${topic}`, REPAIR_WITHIN, () => this.#line?.fail());
  }

  #healed(topic, seq) {
    this.#counters.gapsHealed += 1;
    this.#timers.cancel(`repair:${topic}`);
    this.#emit('healed', { topic, seq });
  }
}

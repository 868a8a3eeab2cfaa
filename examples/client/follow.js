/**
 * A list that stays as the server has it: a snapshot, then every event behind it, once and in order. Any number of lists may
 * follow one topic of one client, each with a snapshot of its own; the last one that stops ends the subscription.
 *
 *     const list = follow(client, 'appointments', {
 *       load: async () => ({ rows, seq, epoch }),     // GET, with X-Topic-Seq and X-Topic-Epoch
 *       snapshot: (rows) => show(rows),               // again after a `reload`
 *       event: (event) => apply(event),
 *       failed: (error) => tell(error),               // tried again, unless it returns false
 *     });
 *     list.stop();
 */
import { fullJitter } from './reconnect.js';

const AGAIN_AT_LEAST = 500;
/** How many lists of a client follow each topic. */
const followers = new WeakMap();

export function follow(client, topic, { load, snapshot, event, failed = () => {} }) {
  /** What came since a load began; null: none is under way, and events go straight on. */
  let early = [];
  /** The position that the list has; null: it has none yet. */
  let last = null;
  let turn = 0;
  let attempt = 0;
  let timer = null;

  async function begin() {
    clearTimeout(timer);
    timer = null;
    turn += 1;
    const mine = turn;
    early = [];
    try {
      const { rows, ...position } = await load();
      if (mine === turn) begun(rows, position);
    } catch (error) {
      if (mine === turn && failed(error) !== false) timer = setTimeout(begin, AGAIN_AT_LEAST + fullJitter(attempt++));
    }
  }

  function begun(rows, position) {
    attempt = 0;
    let behind = early.filter((e) => e.seq === undefined || e.seq > position.seq);
    const at = client.position(topic);
    // Another list began further on, so the stream left out what this one needs: it comes again, for this one alone.
    const isAhead = at?.epoch === position.epoch && at.seq - position.seq > behind.filter((e) => e.seq !== undefined).length;
    if (!at || at.seq === null || isAhead) {
      behind = behind.filter((e) => e.seq === undefined);
      client.subscribe(topic, position);
    }
    early = null;
    last = position.seq;
    snapshot(rows);
    behind.forEach(heard);
  }

  function heard(e) {
    if (early) return void early.push(e);
    if (e.seq !== undefined) {
      if (e.seq <= last) return;
      last = e.seq;
    }
    event(e);
  }

  function denied(code) {
    turn += 1;
    clearTimeout(timer);
    failed(Object.assign(new Error(`${topic}: ${code}`), { code }));
  }

  const stops = [
    client.on('event', (e) => e.topic === topic && heard(e)),
    client.on('reload', (e) => e.topic === topic && begin()),
    client.on('denied', (e) => e.topic === topic && denied(e.code)),
    // The server is back: what waits for another try need not wait longer.
    client.on('state', ({ state }) => state === 'live' && timer !== null && begin()),
  ];
  const counts = followers.get(client) ?? new Map();
  followers.set(client, counts.set(topic, (counts.get(topic) ?? 0) + 1));
  begin();

  return {
    /** Loads it anew. */
    reload: begin,
    stop() {
      if (stops.length === 0) return;
      stops.splice(0).forEach((stop) => stop());
      clearTimeout(timer);
      turn += 1;
      counts.set(topic, counts.get(topic) - 1);
      if (counts.get(topic) === 0) client.unsubscribe(topic);
    },
  };
}

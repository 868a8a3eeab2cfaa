/**
 * What desks say of themselves beside the log: who is in which room, and which slots are being booked. A part of
 * `AdelanteClient`, which hands on what concerns it.
 *
 * Rooms and holds outlive a lost line: they are entered and held again as soon as there is one. They are not kept on without
 * end: a hold is renewed only while its `while` says so.
 */
const RENEW_AT = 0.5;
const SHORTEST = 1_000;
const TOPIC = 'presence:';

const sameSlot = (a, b) => a.staffId === b.staffId && a.date === b.date && a.startTime === b.startTime && a.endTime === b.endTime;

/**
 * Why a slot is not held: `code` as in Protocol/errors.yaml, or `released` where the page let go of it before the answer; with
 * `slot_held`, `hold` is the one in the way.
 */
export class HoldError extends Error {
  constructor(frame) {
    super(frame.message ?? frame.code);
    this.name = 'HoldError';
    this.code = frame.code;
    this.hold = frame.hold ?? null;
  }
}

export class Desk {
  #client;
  #emit;
  #rooms = new Map();
  #holds = new Map();
  /** The slots that this desk wants: `{slot, fence, told, expiresAt, old, again, timer, settle}`; `told`: the fence that the page knows. */
  #own = new Set();
  /** What was asked for and not answered, by the command's id. */
  #asked = new Map();
  #sweeping = null;

  /** @param {(type: string, detail: object) => void} emit tells the client's listeners */
  constructor(client, emit) {
    this.#client = client;
    this.#emit = emit;
    client.on('state', ({ state }) => state === 'live' && this.#live());
    client.on('subscribed', ({ topic }) => topic === 'appointments' && this.#forgetHolds());
    client.on('error', (frame) => this.#refused(frame));
    client.on('presence:members', (e) => this.#room(e, (members) => {
      members.clear();
      for (const member of e.data.members) members.set(member.connection, member);
    }, e.data.you));
    for (const type of ['presence:joined', 'presence:updated']) client.on(type, (e) => this.#room(e, (members) => members.set(e.data.connection, e.data)));
    client.on('presence:left', (e) => this.#room(e, (members) => members.delete(e.data.connection)));
    client.on('slot:held', (e) => this.#held(e));
    client.on('slot:released', (e) => this.#released(e));
  }

  // ---- rooms

  enter(room, state) {
    const present = this.#rooms.get(room);
    this.#rooms.set(room, { members: new Map(), you: null, ...present, state });
    this.#sendEnter(room);
  }

  leave(room) {
    if (this.#rooms.delete(room)) this.#client.command({ type: 'presence:leave', room });
  }

  /** The server ended a topic. @returns {boolean} whether it was a room that was entered */
  forget(topic) {
    return topic?.startsWith(TOPIC) && this.#rooms.delete(topic.slice(TOPIC.length));
  }

  /** Who is in a room that was entered, this desk among them as `you`. */
  members(room) {
    const known = this.#rooms.get(room);
    return known ? [...known.members.values()].map((m) => ({ ...m, you: m.connection === known.you })) : [];
  }

  #sendEnter(room) {
    const { state } = this.#rooms.get(room);
    const id = this.#client.command({ type: 'presence:enter', room, ...(state ? { state } : {}) });
    if (id !== null) this.#asked.set(id, { room });
  }

  #room({ topic }, change, you) {
    const room = topic.slice(TOPIC.length);
    const known = this.#rooms.get(room);
    if (!known) return;
    change(known.members);
    if (you) known.you = you;
    this.#emit('presence', { room, members: this.members(room) });
  }

  // ---- slots

  /** The slots that are held, by any desk; this one's own as `own`. */
  get holds() {
    const own = new Set([...this.#own].map((h) => h.fence));
    return [...this.#holds.values()].map((hold) => ({ ...hold, own: own.has(hold.fence) }));
  }

  /**
   * Holds a slot until it is released.
   * @param {{staffId: number, date: string, startTime: string, endTime: string}} slot
   * @param {{replacing?: object, while?: () => boolean}} [options] `replacing`: what an earlier call resolved to, whose place this one
   *   takes; `while`: whether to go on holding it, asked before it would end
   * @returns {Promise<{fence: number, expiresAt: string}>} resolves when it is held, also if that is only after a reconnect; rejects
   *   with a `HoldError` if it cannot be, or is let go of before
   */
  hold(slot, options = {}) {
    // What is replaced is asked for no more; it is this desk's until the answer comes.
    const old = options.replacing && [...this.#own].find((own) => this.#isNamed(own, options.replacing.fence));
    clearTimeout(old?.timer);
    return new Promise((resolve, reject) => {
      const again = options.while ?? (() => true);
      const own = { slot, fence: null, told: null, expiresAt: null, old, again, timer: null, settle: { resolve, reject } };
      this.#own.add(own);
      this.#sendHold(own);
    });
  }

  /** Lets go of what `hold` resolved to, or of a slot that is only being asked for. */
  release(slot) {
    for (const own of [...this.#own]) {
      if (slot.fence !== undefined ? !this.#isNamed(own, slot.fence) : !sameSlot(own.slot, slot)) continue;
      this.#drop(own);
      own.settle.reject(new HoldError({ code: 'released' }));
      // One that is not answered yet is let go of when it is.
      if (own.fence !== null) this.#client.command({ type: 'slot:release', fence: own.fence });
    }
  }

  /** After a time without a line it may have got another number than the page was told. */
  #isNamed(own, fence) {
    return own.fence !== null && (own.fence === fence || own.told === fence);
  }

  /** Whether it is this desk's, and no other hold is about to take its place. */
  #isWanted(own) {
    return this.#own.has(own) && ![...this.#own].some((other) => other.old === own);
  }

  #drop(own) {
    clearTimeout(own.timer);
    this.#own.delete(own);
    // What it was to replace goes on.
    if (own.old && this.#isWanted(own.old)) this.#renew(own.old);
  }

  #renew(own) {
    clearTimeout(own.timer);
    const left = own.expiresAt - this.#client.clock.serverNow();
    own.timer = setTimeout(() => this.#goOn(own), Math.max(SHORTEST, left * RENEW_AT));
  }

  /** Asks for it (again), unless it was held and nobody is at it any more. */
  #goOn(own) {
    if (this.#isWanted(own) && (own.fence === null || own.again())) this.#sendHold(own);
  }

  #sendHold(own) {
    const id = this.#client.command({ type: 'slot:hold', ...own.slot, ...(own.old ? { fence: own.old.fence } : {}) });
    if (id !== null) this.#asked.set(id, { own });
  }

  #held({ id, data }) {
    const own = id === undefined ? null : this.#asked.get(id)?.own;
    this.#asked.delete(id);
    if (own && !this.#own.has(own)) return this.#heldTooLate(own, data.fence);
    if (own) {
      if (own.old) {
        this.#holds.delete(own.old.fence);
        this.#drop(own.old);
        own.old = null;
      }
      own.fence = data.fence;
      own.told ??= data.fence;
      own.expiresAt = Date.parse(data.expiresAt);
      own.settle.resolve(data);
      if (this.#isWanted(own)) this.#renew(own);
    }
    this.#holds.set(data.fence, data);
    this.#tell();
  }

  /** It was let go of before the answer. */
  #heldTooLate(own, fence) {
    // A later hold of the same slot gets the same number.
    if (![...this.#own].some((other) => sameSlot(other.slot, own.slot))) this.#client.command({ type: 'slot:release', fence });
    // It took the place of another one, which may still be wanted.
    if (!own.old) return;
    this.#goOn(own.old);
    if (this.#holds.delete(own.old.fence)) this.#tell();
  }

  #released({ id, data }) {
    if (id !== undefined) this.#asked.delete(id);
    for (const own of [...this.#own]) if (own.fence !== null && own.fence === data.fence) this.#drop(own);
    if (this.#holds.delete(data.fence)) this.#tell();
  }

  #refused(frame) {
    const asked = this.#asked.get(frame.id);
    this.#asked.delete(frame.id);
    if (!asked) return;
    if (frame.code === 'unavailable' || frame.code === 'rate_limited') {
      setTimeout(() => {
        if (asked.own) this.#goOn(asked.own);
        if (asked.room && this.#rooms.has(asked.room)) this.#sendEnter(asked.room);
      }, frame.retryAfter ?? SHORTEST);
    } else if (asked.own) {
      this.#drop(asked.own);
      asked.own.settle.reject(new HoldError(frame));
    } else if (this.#rooms.delete(asked.room)) {
      this.#emit('denied', { topic: TOPIC + asked.room, code: frame.code });
    }
  }

  // ---- the line

  /** What was asked for on an earlier line is asked for again; a hold of a moment ago keeps its number. */
  #live() {
    this.#asked.clear();
    for (const room of this.#rooms.keys()) this.#sendEnter(room);
    for (const own of this.#own) this.#goOn(own);
  }

  /** The present holds follow behind the subscription. */
  #forgetHolds() {
    if (!this.#holds.size) return;
    this.#holds.clear();
    this.#tell();
  }

  #tell() {
    this.#emit('holds', { holds: this.holds });
    clearTimeout(this.#sweeping);
    if (!this.#holds.size) return;
    // What the server cannot say ends by itself.
    const next = Math.min(...[...this.#holds.values()].map((hold) => Date.parse(hold.expiresAt)));
    this.#sweeping = setTimeout(() => this.#sweep(), Math.max(SHORTEST, next + 2_000 - this.#client.clock.serverNow()));
  }

  #sweep() {
    const now = this.#client.clock.serverNow();
    for (const hold of this.#holds.values()) if (Date.parse(hold.expiresAt) + 2_000 <= now) this.#holds.delete(hold.fence);
    this.#tell();
  }
}

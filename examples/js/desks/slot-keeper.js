/** Holds the time that an open form is about, so that other desks see it and leave it alone. */

/** A form that nobody touches for this long holds nothing any more. */
const IDLE_AFTER = 180_000;
/** Whoever goes through the times of a list does not hold each of them. */
const SETTLE = 120;
const ACTIVITY = ['pointerdown', 'keydown', 'input'];

const same = (a, b) => a?.staffId === b?.staffId && a?.date === b?.date && a?.startTime === b?.startTime && a?.endTime === b?.endTime;

export class SlotKeeper {
  #client;
  #changed;
  #wanted = null;
  #held = null;
  #asking = null;
  #timer = null;
  #activeAt = Date.now();
  #stop;
  /** Another desk's hold that is in the way, or null. */
  other = null;

  /** @param {() => void} changed `other` is another one */
  constructor(client, changed) {
    this.#client = client;
    this.#changed = changed;
    const active = () => { this.#activeAt = Date.now(); if (this.#isLapsed) this.#ask(); };
    for (const type of ACTIVITY) document.addEventListener(type, active, { capture: true, passive: true });
    const unlisten = client.on('holds', () => this.#looked());
    this.#stop = () => {
      for (const type of ACTIVITY) document.removeEventListener(type, active, { capture: true });
      unlisten();
    };
  }

  /** @param {{staffId, date, startTime, endTime}} slot without a master there is nothing to hold */
  want({ staffId, date, startTime, endTime }) {
    const slot = staffId === null ? null : { staffId, date, startTime, endTime };
    if (same(slot, this.#wanted)) return;
    const isFirst = this.#wanted === null;
    this.#wanted = slot;
    this.#setOther(null);
    clearTimeout(this.#timer);
    if (isFirst || !slot) this.#ask();
    else this.#timer = setTimeout(() => this.#ask(), SETTLE);
  }

  close() {
    this.#stop();
    clearTimeout(this.#timer);
    this.#wanted = null;
    this.#letGo();
  }

  get #isLapsed() {
    return this.#wanted && this.#held && !this.#client.desk.holds.some((hold) => hold.fence === this.#held.fence);
  }

  #letGo() {
    if (this.#asking) this.#client.release(this.#asking);
    if (this.#held) this.#client.release(this.#held);
    this.#asking = this.#held = null;
  }

  async #ask() {
    const slot = this.#wanted;
    if (!slot) return this.#letGo();
    if (this.#asking === slot) return;
    if (this.#asking) this.#client.release(this.#asking);
    this.#asking = slot;
    const replacing = this.#held ?? undefined;
    try {
      const held = await this.#client.hold(slot, { replacing, while: () => Date.now() - this.#activeAt < IDLE_AFTER });
      if (this.#asking !== slot) return;
      this.#held = held;
      this.#asking = null;
      this.#setOther(null);
    } catch (error) {
      if (this.#asking !== slot) return;
      this.#asking = null;
      // What it was to replace is still held, but no longer wanted.
      if (this.#held) this.#client.release(this.#held);
      this.#held = null;
      this.#setOther(error.hold ?? null);
    }
  }

  /** The time that was held by another desk may be free now. */
  #looked() {
    if (this.other && !this.#client.desk.holds.some((hold) => hold.fence === this.other.fence)) {
      this.#setOther(null);
      this.#ask();
    }
  }

  #setOther(hold) {
    if (hold?.fence === this.other?.fence) return;
    this.other = hold;
    this.#changed();
  }
}

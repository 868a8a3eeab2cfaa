/**
 * What is to be sent, at a pace that the server takes: it allows 20 commands a second and 40 at once, and a client with many
 * topics subscribes to all of them when a new line opens. A pure value; the caller has the clock.
 */
export class Outbox {
  #frames = [];
  #sent = [];

  constructor({ atOnce = 30, perSecond = 15 } = {}) {
    this.atOnce = atOnce;
    this.gap = 1000 / perSecond;
  }

  push(frame) {
    this.#frames.push(frame);
  }

  /**
   * @param {number} now ms
   * @returns {{frames: object[], wait: number|null}} what may go now, and after how many ms to ask again; null: nothing waits
   */
  take(now) {
    const window = this.atOnce * this.gap;
    this.#sent = this.#sent.filter((at) => at <= now && at > now - window);
    const frames = this.#frames.splice(0, Math.max(0, this.atOnce - this.#sent.length));
    this.#sent.push(...frames.map(() => now));
    return { frames, wait: this.#frames.length > 0 ? Math.max(1, Math.ceil(this.#sent[0] + window - now)) : null };
  }
}

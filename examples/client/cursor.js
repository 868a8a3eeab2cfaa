/**
 * Where a client stands in one topic: a pure value without I/O or timers.
 *
 * Within an epoch a topic's events are numbered 1, 2, 3 … without holes, so `last + 1` is the only event that may be
 * delivered. What comes again is a duplicate, what comes early proves that something is missing.
 */
export class Cursor {
  /** @param {{seq?: number|null, epoch?: string|null}} [start] the position a snapshot was read at */
  constructor({ seq = null, epoch = null } = {}) {
    this.last = seq;
    this.epoch = epoch;
    /** The highest seq ever delivered: what is at or below it is a repetition that was asked for. */
    this.highest = seq ?? 0;
    /** The seq up to which events are known to be missing, or null. */
    this.missingUpTo = null;
    /** False from the moment a `subscribe` is sent until its reply: what arrives between belongs to the old position. */
    this.acknowledged = false;
  }

  /** A `subscribe` is about to be sent: its fields. */
  request() {
    this.acknowledged = false;
    const fields = {};
    if (this.last !== null) fields.since = this.last;
    if (this.last !== null && this.epoch) fields.epoch = this.epoch;
    return fields;
  }

  /** Go (back) to the position of a newly read snapshot. */
  rewind({ seq, epoch }) {
    if (epoch !== this.epoch) this.highest = seq;
    this.last = seq;
    this.epoch = epoch ?? this.epoch;
    this.missingUpTo = null;
  }

  /**
   * The server's `subscribed`.
   * @returns {'continue'|'reload'} 'reload' when events were lost for good and a new snapshot is needed
   */
  subscribed({ seq, epoch, recovered }) {
    const first = this.last === null;
    this.acknowledged = true;
    // A topic without a log: its state comes behind, and there is no position to keep.
    if (seq === undefined) return 'continue';
    this.epoch = epoch ?? this.epoch;
    if (recovered === false) {
      this.last = seq;
      this.highest = seq;
      this.missingUpTo = null;
      return 'reload';
    }
    if (first) {
      this.last = seq;
      this.highest = Math.max(this.highest, seq);
    }
    return 'continue';
  }

  /**
   * An event arrived.
   * @returns {'deliver'|'repeat'|'heal'|'duplicate'|'gap'|'early'} `repeat` is a delivery that was seen before the last
   * rewind, `heal` a delivery that fills the last hole, `early` an event that a running repair will bring again
   */
  event(seq) {
    if (!this.acknowledged) return 'early';
    if (seq <= this.last) return 'duplicate';
    if (seq > this.last + 1) return this.lost(seq - 1) ? 'gap' : 'early';
    this.last = seq;
    const repeated = seq <= this.highest;
    this.highest = Math.max(this.highest, seq);
    if (this.missingUpTo !== null && seq >= this.missingUpTo) {
      this.missingUpTo = null;
      return 'heal';
    }
    return repeated ? 'repeat' : 'deliver';
  }

  /** The server says that `head` is the topic's last event. @returns {boolean} true when this tells of a new gap */
  head(head) {
    return this.acknowledged && this.last !== null && head > this.last && this.lost(head);
  }

  lost(upTo) {
    const isNew = this.missingUpTo === null;
    this.missingUpTo = Math.max(this.missingUpTo ?? 0, upTo);
    return isNew;
  }
}

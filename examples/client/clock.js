/**
 * How far the server's clock is ahead of this one, told from ping/pong pairs as NTP does: the exchange with the
 * shortest round trip among the last few is the one that was delayed least.
 */
export class ServerClock {
  constructor(now = Date.now) {
    this.now = now;
    this.samples = [];
  }

  /** @param {number} sent @param {number} received local ms @param {number} serverTime the pong's `at` in ms */
  sample(sent, received, serverTime) {
    const roundTrip = received - sent;
    if (!(roundTrip >= 0) || !Number.isFinite(serverTime)) return;
    this.samples.push({ roundTrip, offset: serverTime - (sent + received) / 2 });
    if (this.samples.length > 8) this.samples.shift();
  }

  /** This clock was set: what was told by it before no longer holds. */
  forget() {
    this.samples = [];
  }

  get best() {
    return this.samples.reduce((a, b) => (a === null || b.roundTrip < a.roundTrip ? b : a), null);
  }

  /** Server time minus local time in ms; 0 while unknown. */
  get offset() {
    return this.best?.offset ?? 0;
  }

  /** Half of the best round trip: the offset is right within this many ms. Infinity while unknown. */
  get uncertainty() {
    return this.best ? this.best.roundTrip / 2 : Infinity;
  }

  /** The server's time now, in ms since 1970. */
  serverNow() {
    return this.now() + this.offset;
  }
}

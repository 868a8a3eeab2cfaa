/** Timers by name: setting one replaces the one of that name. */
const LONGEST = 2 ** 31 - 1;

export class Timers {
  #running = new Map();

  after(name, ms, action) {
    this.cancel(name);
    const timer = setTimeout(() => { this.#running.delete(name); action(); }, Math.min(ms, LONGEST));
    this.#running.set(name, timer);
  }

  has(name) {
    return this.#running.has(name);
  }

  cancel(name) {
    clearTimeout(this.#running.get(name));
    this.#running.delete(name);
  }

  cancelAll() {
    for (const name of [...this.#running.keys()]) this.cancel(name);
  }
}

/**
 * This window's own writes: their answers go into the store at once, and their echoes in the stream are recognised, so
 * that only what others did is announced as news.
 */
import { api } from './api.js';

export class Writes {
  #store;
  /** What each own write replaced, by visit and version. */
  #own = new Map();
  #underWay = new Set();

  constructor(store) { this.#store = store; }

  book(visit, key) { return this.#run(api.book(visit, key)); }
  change(id, fields, version) { return this.#run(api.change(id, fields, version), this.#store.visit(id)); }
  restore(id, key) { return this.#run(api.restore(id, key)); }

  async remove(id) {
    const visit = this.#store.visit(id);
    await this.#track(api.remove(id));
    this.#own.set(`${id}:deleted`, visit);
    this.#store.remove(id, 'own');
    return visit;
  }

  /**
   * Whether an event is the echo of a write of this window; waits for answers that are still under way.
   * @returns {Promise<{before: object|null}|null>} what the own write replaced; null: somebody else did it
   */
  async echoOf(event) {
    if (this.#underWay.size) {
      const patience = new Promise((resolve) => { setTimeout(resolve, 3000); });
      await Promise.race([Promise.allSettled([...this.#underWay]), patience]);
    }
    if (event.type === 'appointment:deleted') {
      return this.#take(`${event.data.id}:deleted`);
    }
    return this.#take(`${event.data.id}:${event.data.version}`);
  }

  #take(key) {
    if (!this.#own.has(key)) return null;
    const before = this.#own.get(key);
    this.#own.delete(key);
    return { before };
  }

  async #run(request, before = null) {
    const visit = await this.#track(request);
    this.#own.set(`${visit.id}:${visit.version}`, before);
    this.#store.put(visit, 'own');
    return visit;
  }

  #track(promise) {
    this.#underWay.add(promise);
    const done = () => this.#underWay.delete(promise);
    promise.then(done, done);
    return promise;
  }
}

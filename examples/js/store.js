/**
 * The schedule as this window knows it: snapshots of whole weeks, kept up by events. Applying the same change twice, or
 * an old one after a new one, changes nothing: a visit's `version` decides.
 */
import { api } from './api.js';
import { fullName } from './format.js';
import { lyingOn } from './layout.js';
import { addDays, mondayOf, weekOf, wallClock } from './time.js';

const DEFAULT_ZONE = 'Europe/Kyiv';

export class Store extends EventTarget {
  salon = null;
  staff = [];
  services = [];
  #rows = new Map();
  /** What is gone: `{version, seq}` as far as known, by visit. */
  #deleted = new Map();
  #weeks = new Set();
  #loading = new Map();

  get zone() { return this.salon?.timezone || DEFAULT_ZONE; }
  get currency() { return this.salon?.currency || 'UAH'; }
  get now() { return wallClock(this.zone); }
  get today() { return this.now.date; }

  visit(id) { return this.#rows.get(id) ?? null; }
  on(date) { return [...this.#rows.values()].filter((v) => v.date === date); }
  /** What takes up time on a day: its visits, and what of the evening before reaches past midnight. */
  during(date) { return [...this.#rows.values()].map((v) => lyingOn(v, date)).filter(Boolean); }
  knows(date) { return this.#weeks.has(mondayOf(date)); }
  member(id) { return this.staff.find((m) => m.id === id) ?? null; }
  /** The name of a visit's master, also of one who works here no more; null without one. */
  masterOf(visit) {
    const member = this.member(visit.staffId);
    return member ? fullName(member) : (visit.staffId && visit.staffName) || null;
  }
  service(id) { return this.services.find((s) => s.id === id) ?? null; }

  /** What hardly changes in a day. */
  async loadSalon() {
    const [frame, services] = await Promise.all([api.frame(), api.services()]);
    [this.salon, this.staff, this.services] = [frame.salon, frame.staff, services];
    this.staff = this.staff.filter((m) => m.isActive !== false);
    this.services = this.services.filter((s) => s.isActive !== false);
    this.#changed({ how: 'load' });
  }

  /**
   * Reads the week of a date and the evening before it, unless it is known. One request at a time for a week.
   * @returns {Promise<{seq, epoch}|null>} the stream position of the snapshot; null when nothing was read
   */
  loadWeek(date) {
    const monday = mondayOf(date);
    if (this.#weeks.has(monday)) return Promise.resolve(null);
    if (!this.#loading.has(monday)) {
      const loading = this.#read(monday).finally(() => {
        if (this.#loading.get(monday) === loading) this.#loading.delete(monday);
      });
      this.#loading.set(monday, loading);
    }
    return this.#loading.get(monday);
  }

  /** The snapshots are no longer complete: the next `loadWeek` reads anew. What is shown stays until then. */
  outdate() {
    this.#weeks.clear();
    this.#loading.clear();
    this.#deleted.clear();
  }

  async #read(monday) {
    const days = [addDays(monday, -1), ...weekOf(monday)];
    const { rows, position } = await api.appointments(days[0], days.at(-1));
    const fresh = new Map(rows.map((v) => [v.id, v]));
    for (const old of [...this.#rows.values()]) {
      if (days.includes(old.date) && !fresh.has(old.id)) this.#rows.delete(old.id);
    }
    for (const row of fresh.values()) {
      this.#deleted.delete(row.id);
      this.#rows.set(row.id, row);
    }
    this.#weeks.add(monday);
    this.#changed({ how: 'load' });
    return position;
  }

  /** @returns {{before, after}|null} null when it told nothing new */
  put(visit, how, event) {
    const before = this.#rows.get(visit.id) ?? null;
    if (before && visit.version < before.version) return null;
    const deletion = this.#deleted.get(visit.id);
    // A deletion's event does not tell its version. But a topic is in order: created after deleted is a restoration.
    const isRestored = event?.type === 'appointment:created' && event.seq > deletion?.seq;
    if (!before && deletion && !isRestored && !(visit.version > deletion.version)) return null;
    this.#deleted.delete(visit.id);
    this.#rows.set(visit.id, visit);
    const news = !before || before.version !== visit.version;
    if (news) this.#changed({ how, before, after: visit, event });
    return news ? { before, after: visit } : null;
  }

  remove(id, how, version, event) {
    const before = this.#rows.get(id) ?? null;
    if (before && version && version < before.version) return null;
    this.#deleted.set(id, { version: version ?? before?.version ?? 0, seq: event?.seq });
    if (!before) return null;
    this.#rows.delete(id);
    this.#changed({ how, before, after: null, event });
    return { before, after: null };
  }

  /** @returns what the event changed here, see `put` */
  apply(event) {
    const how = event.repeated ? 'load' : 'event';
    if (event.type === 'appointment:deleted') return this.remove(event.data.id, how, event.version, event);
    return this.put(event.data, how, event);
  }

  #changed(detail) {
    this.dispatchEvent(new CustomEvent('change', { detail }));
  }
}

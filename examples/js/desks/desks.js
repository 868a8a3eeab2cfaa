/** The other desks, as this page shows them: who has this day open, and which of its slots they are booking. */
import { t } from '../i18n.js';
import { lyingOn } from '../layout.js';
import { announce } from '../ui/announce.js';
import { HoldLayer } from './hold-layer.js';
import { PresenceView } from './presence-view.js';

const roomOf = (date) => `day:${date}`;

export class Desks {
  #app;
  #room = null;
  #layer;
  #view;
  /** Those that a screen reader was told of. */
  #told = new Set();

  constructor(app) {
    this.#app = app;
    this.#layer = new HoldLayer(app, this);
    this.#view = new PresenceView(app);
    const { client } = app.live;
    client.on('presence', ({ room, members }) => room === this.#room && this.#members(members));
    client.on('denied', ({ topic }) => topic === `presence:${this.#room}` && this.#members([]));
    client.on('holds', () => this.#held());
  }

  /** This day is open here now. */
  show(date) {
    const room = roomOf(date);
    if (room === this.#room) return;
    const { client } = this.#app.live;
    if (this.#room) client.leave(this.#room);
    this.#room = room;
    this.#view.show([]);
    client.enter(room);
  }

  /** The sheet or the language is another one. */
  draw() {
    this.#layer.draw();
    this.#view.draw();
  }

  /** What other desks are booking on a day; the rest of what began the evening before too. */
  heldOn(date) {
    return this.#app.live.client.desk.holds.filter((hold) => !hold.own)
      .map((hold) => lyingOn({ ...hold, id: `hold-${hold.fence}`, status: 'scheduled' }, date)).filter(Boolean);
  }

  #members(members) {
    const others = members.filter((m) => !m.you);
    const news = this.#view.show(others);
    for (const member of news) announce(t('desks.came', { who: member.name }));
  }

  #held() {
    this.#layer.draw();
    this.#app.grid.drawEmpty();
    const held = this.heldOn(this.#app.date);
    for (const hold of held) {
      if (this.#told.has(hold.fence)) continue;
      this.#told.add(hold.fence);
      announce(t('desks.booking', { who: hold.name, time: hold.startTime, staff: this.#app.store.masterOf(hold) ?? '' }));
    }
    const now = new Set(held.map((hold) => hold.fence));
    for (const fence of this.#told) if (!now.has(fence)) this.#told.delete(fence);
  }
}

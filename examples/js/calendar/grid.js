/** The sheet of a day: a column for each master and one for visits without, and every visit in its place. */
import { $, calmMotion, h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { fullName, initials } from '../format.js';
import { countOf, gapsBetween, lanes, lyingOn, salonHours, sheetHours, STEP, workingSpans } from '../layout.js';
import { span, timeOf } from '../time.js';
import { createCard, showDelay, updateCard } from './card.js';

export class Grid {
  #app;
  #cards = new Map();
  #headers = [];

  constructor(app, board) {
    this.#app = app;
    this.board = board;
    this.columns = [];
    this.hours = { start: 9 * 60, end: 20 * 60 };
    /** Fields that are on their way to the server, by visit. */
    this.overrides = new Map();
  }

  get writable() { return this.#app.mayWrite; }
  card(id) { return this.#cards.get(id) ?? null; }

  /** The visits shown, as they are shown; the rest of one that began the evening before has it as `whole`. */
  get visits() {
    const { store, date } = this.#app;
    return store.during(date).map((v) => (v.whole ? v : { ...v, ...this.overrides.get(v.id) }));
  }

  visit(id) { return this.visits.find((v) => v.id === id) ?? null; }

  visitsOf(staffId) {
    const known = new Set(this.#app.store.staff.map((m) => m.id));
    return this.visits.filter((v) => (known.has(v.staffId) ? v.staffId : null) === staffId);
  }

  // ---- whole states

  showLoading() {
    this.#cards.clear();
    this.columns = [];
    this.board.setAttribute('aria-busy', 'true');
    this.board.replaceChildren(h('.skeleton', { testid: 'loading' }, h('span.visually-hidden', t('board.loading')),
      Array.from({ length: 5 }, (_, c) => h('.skeleton-column', h('.skeleton-head'),
        Array.from({ length: 4 }, (_, i) => h('.skeleton-card', { style: { '--h': `${[58, 96, 72, 120][(c + i) % 4]}px` } }))))));
  }

  showError(text, retry) {
    this.#cards.clear();
    this.columns = [];
    this.board.removeAttribute('aria-busy');
    this.board.replaceChildren(h('.board-message', { role: 'alert', testid: 'board-error' }, icon('offline', 36), h('h2', t('board.errorTitle')), h('p', text),
      h('button.button', { type: 'button', onclick: retry }, t('common.retry'))));
  }

  // ---- the day

  /** Draws the day anew: another date, other staff, another language. */
  render() {
    const { store, date } = this.#app;
    const focusedId = document.activeElement?.closest?.('.visit')?.dataset.id;
    const { scrollTop, scrollLeft } = this.board;
    this.board.removeAttribute('aria-busy');
    this.#cards.clear();
    this.hours = sheetHours(store.salon, store.staff, store.during(date), date);
    this.columns = [...store.staff.map((member) => ({ id: member.id, member })), { id: null, member: null }];

    this.sheet = h('.sheet', { style: { '--columns': this.columns.length, '--minutes': this.hours.end - this.hours.start } },
      h('.corner', { 'aria-hidden': 'true' }),
      this.#headers = this.columns.map((c) => this.#header(c)),
      this.#gutter(),
      this.columns.map((c, i) => this.#column(c, i)),
      h('.now', { 'aria-hidden': 'true', hidden: true }, h('span.now-time')));
    this.board.replaceChildren(this.sheet, this.#emptyHint());
    this.board.scrollTop = scrollTop;
    this.board.scrollLeft = scrollLeft;
    this.#place();
    this.drawNow();
    this.#app.keys?.afterRender(focusedId ? Number(focusedId) : null);
  }

  #header({ id, member }) {
    const name = member ? fullName(member) : t('staff.none');
    return h('.column-head', { 'data-staff': id ?? 'none' },
      h('span.avatar', { 'data-hue': member ? member.id % 6 : 'none', 'aria-hidden': 'true' }, member ? initials(name) : icon('user', 16)),
      h('span.column-name', h('b', { title: name }, name), h('small')));
  }

  #gutter() {
    const marks = [];
    for (let m = this.hours.start; m < this.hours.end; m += 60) {
      marks.push(h('span.hour', { style: { '--at': m - this.hours.start } }, timeOf(m)));
    }
    return h('.gutter', { 'aria-hidden': 'true' }, marks);
  }

  #column({ id, member }, index) {
    const { store, date } = this.#app;
    const off = gapsBetween(member ? workingSpans(store.salon, member, date) : [salonHours(store.salon, date)].filter(Boolean), this.hours.start, this.hours.end);
    const shades = off.map((g) => h('.off', { style: { '--at': g.start - this.hours.start, '--length': g.end - g.start } }));
    return h('.column', { role: 'group', style: { '--n': index + 2 }, 'data-staff': id ?? 'none', testid: 'column', 'aria-label': member ? fullName(member) : t('staff.none') }, shades);
  }

  /** The column of a master; that of visits without one also has those of masters who are here no more. */
  columnNode(staffId) {
    return $(`.column[data-staff="${this.#app.store.member(staffId) ? staffId : 'none'}"]`, this.sheet);
  }

  #emptyHint() {
    return h('.empty-day', { testid: 'empty-day', hidden: true },
      h('.empty-card', icon('calendar', 32), h('h2', t('board.emptyTitle')), h('p', t(this.writable ? 'board.emptyWrite' : 'board.emptyRead'))));
  }

  /** Brings the cards up to the store without touching what did not change. */
  #place() {
    const { store } = this.#app;
    const seen = new Set();
    const focused = document.activeElement;
    for (const [i, column] of this.columns.entries()) {
      const node = this.columnNode(column.id);
      const visits = this.visitsOf(column.id).sort((a, b) => span(a).start - span(b).start || a.id - b.id);
      const places = lanes(visits);
      let previous = null;
      for (const visit of visits) {
        seen.add(visit.id);
        let card = this.#cards.get(visit.id);
        if (!card) {
          card = createCard(visit);
          this.#cards.set(visit.id, card);
        }
        const s = span(visit);
        updateCard(card, visit, store.masterOf(visit), { top: s.start - this.hours.start, height: Math.min(s.end, this.hours.end) - s.start, ...places.get(visit.id) }, this.writable);
        card.classList.toggle('saving', this.overrides.has(visit.id));
        const right = card.parentNode === node && (previous ? previous.nextElementSibling === card : !card.previousElementSibling?.classList.contains('visit'));
        if (!right) {
          if (previous) previous.after(card);
          else ($('.visit', node) ? $('.visit', node).before(card) : node.append(card));
        }
        previous = card;
      }
      $('small', this.#headers[i]).textContent = t('visit.count', { n: countOf(visits) });
    }
    for (const [id, card] of this.#cards) {
      if (seen.has(id)) continue;
      this.#cards.delete(id);
      card.remove();
    }
    if (focused?.classList?.contains('visit') && focused.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
    this.#app.desks?.draw();
    this.drawEmpty();
  }

  /** Says so where there is nothing on the day, not even something that another desk is booking. */
  drawEmpty() {
    const { store, date, desks } = this.#app;
    const nothing = this.visits.length === 0 && !desks?.heldOn(date).length && store.knows(date);
    const hint = $('.empty-day', this.board);
    if (hint) hint.hidden = !nothing;
    this.board.classList.toggle('is-empty', nothing);
  }

  /** One visit changed. What came from elsewhere moves into its place. */
  update({ how, before, after }) {
    const id = (after ?? before).id;
    const { date } = this.#app;
    const card = this.#cards.get(id);
    const from = card?.getBoundingClientRect();
    const needed = [before, after].map((v) => v && lyingOn(v, date)).filter(Boolean).map(span);
    if (needed.some((s) => s.start < this.hours.start || Math.min(s.end, 1440) > this.hours.end)) this.render();
    else this.#place();
    if (how !== 'event' || calmMotion()) return;

    const now = this.#cards.get(id);
    if (!now && card && from) this.#leave(card, from);
    else if (now && !from) now.animate([{ opacity: 0, transform: 'scale(.9)' }, { opacity: 1, transform: 'none' }], { duration: 320, easing: 'cubic-bezier(.2,.9,.3,1.2)' });
    else if (now && from) this.#glide(now, from);
  }

  redraw() { this.#place(); }

  #glide(card, from) {
    const to = card.getBoundingClientRect();
    if (Math.abs(from.left - to.left) < 1 && Math.abs(from.top - to.top) < 1 && Math.abs(from.height - to.height) < 1) return;
    card.classList.add('gliding');
    card.animate([{ transform: `translate(${from.left - to.left}px, ${from.top - to.top}px)`, height: `${from.height}px` }, { transform: 'none', height: `${to.height}px` }],
      { duration: 420, easing: 'cubic-bezier(.3,.8,.25,1)' }).finished.finally(() => card.classList.remove('gliding'));
  }

  #leave(card, from) {
    const ghost = card.cloneNode(true);
    ghost.removeAttribute('data-testid');
    ghost.removeAttribute('data-id');
    ghost.inert = true;
    Object.assign(ghost.style, { position: 'fixed', left: `${from.left}px`, top: `${from.top}px`, width: `${from.width}px`, height: `${from.height}px`, margin: 0 });
    ghost.classList.add('ghost');
    document.body.append(ghost);
    ghost.animate([{ opacity: 1 }, { opacity: 0, transform: 'scale(.92)' }], { duration: 380, easing: 'ease-in' }).finished.finally(() => ghost.remove());
  }

  /** Another desk did this: mark the card and say how fast it came. */
  mark({ after, ms }) {
    const card = after && this.#cards.get(after.id);
    if (!card) return;
    showDelay(card, ms);
    card.classList.remove('remote');
    void card.offsetWidth;
    card.classList.add('remote');
  }

  drawNow() {
    const line = this.sheet && $('.now', this.sheet);
    if (!line) return;
    const { date, minutes } = this.#app.store.now;
    line.hidden = date !== this.#app.date || minutes < this.hours.start || minutes > this.hours.end;
    line.style.setProperty('--at', minutes - this.hours.start);
    $('.now-time', line).textContent = timeOf(minutes);
  }

  /** Puts the hours that matter into view: now, or the first visit, or the opening. */
  scrollToDay() {
    const { date, minutes } = this.#app.store.now;
    const first = Math.min(...this.visits.filter((v) => !v.whole).map((v) => span(v).start), salonHours(this.#app.store.salon, this.#app.date)?.start ?? this.hours.start);
    const at = date === this.#app.date && minutes > this.hours.start && minutes < this.hours.end ? minutes - 75 : first - 15;
    this.board.scrollTop = Math.max(0, (at - this.hours.start) * this.minuteHeight);
  }

  // ---- geometry for pointers

  get minuteHeight() {
    const column = $('.column', this.sheet);
    return column ? column.getBoundingClientRect().height / (this.hours.end - this.hours.start) : 1.6;
  }

  /** The column and the minute (not rounded) under a point; null outside. */
  slotAt(x, y) {
    const nodes = [...this.sheet.querySelectorAll('.column')].filter((n) => n.offsetParent);
    if (!nodes.length) return null;
    const boxes = nodes.map((n) => n.getBoundingClientRect());
    let i = boxes.findIndex((b) => x >= b.left && x < b.right);
    if (i < 0) i = x < boxes[0].left ? 0 : boxes.length - 1;
    const minute = this.hours.start + (y - boxes[i].top) / this.minuteHeight;
    const staffId = nodes[i].dataset.staff === 'none' ? null : Number(nodes[i].dataset.staff);
    return { node: nodes[i], staffId, minute: Math.min(Math.max(minute, this.hours.start), this.hours.end) };
  }

  /** A shape on the sheet that is no visit: a range being drawn, the place of a dragged card. */
  outline(className, staffId, start, end, text) {
    let node = $(`.${className}`, this.sheet);
    if (!node) node = h(`.outline.${className}`, { 'aria-hidden': 'true' }, h('span'));
    const column = this.columnNode(staffId);
    if (node.parentNode !== column) column.append(node);
    node.style.setProperty('--at', start - this.hours.start);
    node.style.setProperty('--length', Math.max(end - start, STEP));
    $('span', node).textContent = text ?? `${timeOf(start)}–${timeOf(end)}`;
    return node;
  }

  clearOutlines() {
    for (const node of this.sheet?.querySelectorAll('.outline') ?? []) node.remove();
  }
}

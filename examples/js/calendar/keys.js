/**
 * The keyboard on the sheet. One stop of the Tab key; arrows go from quarter to quarter and from master to master, over
 * free time and visits alike. Free time is a button that wanders: Enter books there, Enter on a visit opens it.
 */
import { $, h } from '../dom.js';
import { t } from '../i18n.js';
import { fullName } from '../format.js';
import { STEP, salonHours } from '../layout.js';
import { span, timeOf } from '../time.js';

export class Keys {
  #app;
  #grid;
  #at = { column: 0, minute: null };
  #slot = h('button.slot-cursor', { type: 'button', testid: 'slot-cursor' }, h('span'));

  constructor(app, grid) {
    this.#app = app;
    this.#grid = grid;
    grid.board.addEventListener('keydown', (e) => this.#key(e));
    grid.board.addEventListener('focusin', (e) => this.#focused(e.target));
    this.#slot.addEventListener('click', (e) => {
      if (e.detail === 0) app.openBooking({ staffId: this.#column.id, start: this.#at.minute });
    });
  }

  get #column() { return this.#grid.columns[this.#at.column]; }

  afterRender(focusedId) {
    const { columns, hours } = this.#grid;
    if (!columns.length) return;
    this.#at.column = Math.min(this.#at.column, columns.length - 1);
    if (this.#at.minute === null || this.#at.minute < hours.start || this.#at.minute >= hours.end) {
      const { date, minutes } = this.#app.store.now;
      const opening = salonHours(this.#app.store.salon, this.#app.date)?.start ?? hours.start;
      this.#at.minute = date === this.#app.date && minutes >= opening && minutes < hours.end - STEP ? Math.floor(minutes / STEP) * STEP : opening;
    }
    this.#rest(focusedId === null ? null : this.#grid.card(focusedId));
    if (focusedId !== null) this.#grid.card(focusedId)?.focus({ preventScroll: true });
  }

  /** Goes to a place from outside, for instance where a deleted visit was. */
  focusAt(staffId, minute) {
    const column = this.#grid.columns.findIndex((c) => c.id === staffId);
    this.#land(Math.max(column, 0), minute);
  }

  focusVisit(id) { this.#grid.card(id)?.focus(); }

  showColumn(column) { this.#at.column = column; this.#rest(null); }

  /** Leaves exactly one element in the Tab order. */
  #rest(card) {
    for (const other of this.#grid.board.querySelectorAll('.visit[tabindex="0"]')) other.tabIndex = -1;
    this.#grid.board.tabIndex = -1;
    if (card) {
      card.tabIndex = 0;
      if (this.#slot.isConnected && document.activeElement !== this.#slot) this.#slot.remove();
      return;
    }
    if (this.#app.mayWrite) return this.#placeSlot();
    const first = this.#grid.board.querySelector('.visit');
    if (first) first.tabIndex = 0;
    else this.#grid.board.tabIndex = 0;
  }

  #placeSlot() {
    const node = this.#grid.columnNode(this.#column.id);
    if (this.#slot.parentNode !== node) node.append(this.#slot);
    this.#slot.tabIndex = 0;
    this.#slot.style.setProperty('--at', this.#at.minute - this.#grid.hours.start);
    this.#slot.style.setProperty('--length', STEP);
    this.#slot.firstChild.textContent = timeOf(this.#at.minute);
    this.#slot.setAttribute('aria-label', t('keys.free', { time: timeOf(this.#at.minute), who: this.#nameOf(this.#column) }));
  }

  #nameOf(column) { return column.member ? fullName(column.member) : t('staff.none'); }

  #focused(target) {
    const card = target.closest?.('.visit');
    if (!card) return;
    const visit = this.#grid.visit(Number(card.dataset.id));
    if (!visit) return;
    const column = this.#grid.columns.findIndex((c) => this.#grid.columnNode(c.id) === card.parentNode);
    const s = span(visit);
    this.#at.column = Math.max(column, 0);
    if (this.#at.minute < s.start || this.#at.minute >= s.end) this.#at.minute = s.start;
    this.#rest(card);
  }

  #key(e) {
    if (e.altKey || e.ctrlKey || e.metaKey || !this.#grid.columns.length) return;
    const card = e.target.closest?.('.visit');
    const visit = card && this.#grid.visit(Number(card.dataset.id));
    const done = this.#act(e, visit);
    if (done) { e.preventDefault(); e.stopPropagation(); }
  }

  #act(e, visit) {
    switch (e.key) {
      case 'ArrowDown': this.#vertical(1, visit); return true;
      case 'ArrowUp': this.#vertical(-1, visit); return true;
      case 'ArrowRight': this.#horizontal(1, visit); return true;
      case 'ArrowLeft': this.#horizontal(-1, visit); return true;
      case 'PageDown': this.#land(this.#at.column, this.#at.minute + 60); return true;
      case 'PageUp': this.#land(this.#at.column, this.#at.minute - 60); return true;
      case 'Home': this.#land(this.#at.column, this.#grid.hours.start); return true;
      case 'End': this.#land(this.#at.column, this.#grid.hours.end - STEP); return true;
      case 'Delete': if (visit && this.#app.mayWrite) this.#app.remove(visit.whole ?? visit); return Boolean(visit);
      default:
    }
    // By place, so that they work with a Ukrainian layout too.
    if (e.code === 'KeyM' && visit && this.#app.mayWrite) { this.#app.openMove(visit.whole ?? visit); return true; }
    if (e.code === 'KeyN' && this.#app.mayWrite) { this.#app.openBooking({ staffId: this.#column.id, start: this.#at.minute }); return true; }
    if (e.code === 'KeyT') { this.#app.go(this.#app.store.today); return true; }
    return false;
  }

  #vertical(step, visit) {
    if (!this.#app.mayWrite) return this.#toNeighbour(step, visit);
    const s = visit && span(visit);
    const minute = s ? (step > 0 ? Math.ceil(s.end / STEP) * STEP : Math.ceil(s.start / STEP) * STEP - STEP) : this.#at.minute + step * STEP;
    this.#land(this.#at.column, minute, step);
  }

  #horizontal(step, visit) {
    const cards = visit ? this.#covering(this.#at.column, this.#at.minute) : [];
    const next = cards[cards.indexOf(this.#grid.card(visit?.id)) + step];
    if (visit && cards.length > 1 && next) return next.focus();
    const column = this.#at.column + step;
    if (column < 0 || column >= this.#grid.columns.length) return;
    this.#app.showColumn?.(column);
    if (this.#app.mayWrite) return this.#land(column, this.#at.minute, step);
    const nearest = this.#ordered(column).sort((a, b) => Math.abs(a.start - this.#at.minute) - Math.abs(b.start - this.#at.minute))[0];
    if (nearest) nearest.card.focus();
    else { this.#at.column = column; this.#horizontal(step, null); }
  }

  #ordered(column) {
    return this.#grid.visitsOf(this.#grid.columns[column].id).map((v) => ({ card: this.#grid.card(v.id), ...span(v) })).sort((a, b) => a.start - b.start);
  }

  #toNeighbour(step, visit) {
    const list = this.#ordered(this.#at.column);
    const i = list.findIndex((x) => x.card === this.#grid.card(visit?.id));
    (list[i + step] ?? list[i])?.card.focus();
  }

  #covering(column, minute) {
    return this.#grid.visitsOf(this.#grid.columns[column].id)
      .filter((v) => { const s = span(v); return s.start < minute + STEP && minute < s.end; })
      .map((v) => this.#grid.card(v.id))
      .sort((a, b) => Number(a.style.getPropertyValue('--lane')) - Number(b.style.getPropertyValue('--lane')));
  }

  #land(column, minute, direction = 1) {
    const { hours } = this.#grid;
    this.#at.column = column;
    this.#at.minute = Math.max(hours.start, Math.min(minute, hours.end - STEP));
    const cards = this.#covering(column, this.#at.minute);
    if (cards.length) return (direction > 0 ? cards[0] : cards.at(-1)).focus();
    if (!this.#app.mayWrite) return;
    this.#placeSlot();
    this.#rest(null);
    this.#slot.focus();
    this.#slot.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
}

/** Whether the sheet has the keyboard. */
export const sheetHasFocus = () => Boolean($('#board')?.contains(document.activeElement));

/** On a narrow screen: one master at a time, by swipe, by buttons and by name. */
import { $, calmMotion, h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { fullName } from '../format.js';
import { countOf } from '../layout.js';
import { addDays } from '../time.js';

const NARROW = matchMedia('(max-width: 640px)');

function onSwipe(node, listener) {
  let from = null;
  node.addEventListener('touchstart', (e) => { from = e.touches.length === 1 ? { x: e.touches[0].clientX, y: e.touches[0].clientY } : null; }, { passive: true });
  node.addEventListener('touchend', (e) => {
    if (!from) return;
    const dx = e.changedTouches[0].clientX - from.x;
    const dy = e.changedTouches[0].clientY - from.y;
    from = null;
    if (Math.abs(dx) > 48 && Math.abs(dx) > 2 * Math.abs(dy)) listener(dx < 0 ? 1 : -1);
  }, { passive: true });
}

export class Pager {
  #app;
  #grid;
  #index = 0;
  #root = $('#pager');

  constructor(app, grid) {
    this.#app = app;
    this.#grid = grid;
    NARROW.addEventListener('change', () => this.draw());
    this.#attachSwipe();
  }

  get isOn() { return NARROW.matches; }
  get staffId() { return this.#grid.columns[this.#index]?.id ?? null; }

  show(index, direction = 0) {
    const count = this.#grid.columns.length;
    if (!count) return;
    this.#index = Math.max(0, Math.min(index, count - 1));
    this.draw();
    if (!this.isOn || !direction || calmMotion()) return;
    this.#grid.columnNode(this.#grid.columns[this.#index].id).animate(
      [{ transform: `translateX(${direction * 40}px)`, opacity: 0.2 }, { transform: 'none', opacity: 1 }], { duration: 200, easing: 'ease-out' });
  }

  draw() {
    const { columns, sheet } = this.#grid;
    this.#root.hidden = !this.isOn || !columns.length;
    document.body.classList.toggle('one-column', this.isOn);
    if (!sheet) return;
    this.#index = Math.min(this.#index, columns.length - 1);
    for (const kind of ['.column', '.column-head']) {
      [...sheet.querySelectorAll(kind)].forEach((node, i) => node.classList.toggle('away', this.isOn && i !== this.#index));
    }
    if (!this.isOn || !columns.length) return;
    const step = (n) => this.#step(n);
    const select = h('select.pager-select', { 'aria-label': t('pager.label'), testid: 'pager-select', onchange: (e) => this.#step(Number(e.target.value) - this.#index) },
      columns.map((c, i) => h('option', { value: i, selected: i === this.#index },
        `${c.member ? fullName(c.member) : t('staff.none')} · ${countOf(this.#grid.visitsOf(c.id))}`)));
    const hadFocus = this.#root.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
    this.#root.replaceChildren(
      h('button.icon-button', { type: 'button', 'aria-label': t('pager.previous'), disabled: this.#index === 0, testid: 'pager-previous', onclick: () => step(-1) }, icon('left')),
      h('.pager-middle', select, h('.dots', { 'aria-hidden': 'true' }, columns.map((_, i) => h(`i${i === this.#index ? '.on' : ''}`)))),
      h('button.icon-button', { type: 'button', 'aria-label': t('pager.next'), disabled: this.#index === columns.length - 1, testid: 'pager-next', onclick: () => step(1) }, icon('right')));
    if (hadFocus) ($(`[data-testid="${hadFocus}"]:not(:disabled)`, this.#root) ?? $('select', this.#root)).focus();
  }

  #step(n) {
    if (!n) return;
    this.show(this.#index + n, Math.sign(n));
    this.#app.keys.showColumn(this.#index);
  }

  /** Sideways on the sheet: the next master; sideways on the week: the next week. The buttons and the date picker do the same. */
  #attachSwipe() {
    onSwipe(this.#grid.board, (step) => this.isOn && !document.body.classList.contains('dragging') && this.#step(step));
    onSwipe($('#week-days'), (step) => this.#app.go(addDays(this.#app.date, 7 * step)));
  }
}

/** Slots that other desks are booking: hatched places on the sheet, with who it is. */
import { h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { span, timeOf } from '../time.js';

export class HoldLayer {
  #app;
  #desks;
  #nodes = new Map();

  constructor(app, desks) {
    this.#app = app;
    this.#desks = desks;
  }

  /** Brings the sheet up to what is held. */
  draw() {
    const { grid, date } = this.#app;
    if (!grid.sheet || !grid.columns.length) return;
    const held = this.#desks.heldOn(date);
    const seen = new Set(held.map((hold) => hold.fence));
    for (const [fence, node] of this.#nodes) {
      if (seen.has(fence) && node.isConnected) continue;
      node.remove();
      this.#nodes.delete(fence);
    }
    for (const hold of held) this.#place(hold);
  }

  #place(hold) {
    const { grid, store } = this.#app;
    const { start, end } = span(hold);
    const from = Math.max(start, grid.hours.start);
    const to = Math.min(end, grid.hours.end);
    let node = this.#nodes.get(hold.fence);
    if (to <= from) return node?.remove();
    if (!node) this.#nodes.set(hold.fence, node = h('.hold', { testid: 'hold', role: 'img' }));
    const column = grid.columnNode(hold.staffId);
    if (node.parentNode !== column) column.append(node);
    node.dataset.fence = hold.fence;
    node.style.setProperty('--at', from - grid.hours.start);
    node.style.setProperty('--length', to - from);
    node.classList.toggle('over', grid.visitsOf(hold.staffId).some((v) => span(v).start < end && start < span(v).end));
    node.setAttribute('aria-label', `${hold.startTime}–${timeOf(end)}: ${t('desks.booking', { who: hold.name, time: hold.startTime, staff: store.masterOf(hold) ?? '' })}`);
    node.replaceChildren(h('span.hold-who', icon('edit', 13), h('span', t('desks.holder', { who: hold.name }))));
  }
}

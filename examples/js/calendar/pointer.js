/** Mouse and touch on the sheet: draw a range to book, drag a visit to move it, pull its edge to change its length. */
import { STEP, overlapping } from '../layout.js';
import { span, timeOf } from '../time.js';

const THRESHOLD = 5;
const HOLD_MS = 380;
const EDGE = 48;
const snap = (minute) => Math.round(minute / STEP) * STEP;
const floor = (minute) => Math.floor(minute / STEP) * STEP;

export function attachPointer(app, grid) {
  const { board } = grid;
  let gesture = null;

  board.addEventListener('pointerdown', (e) => {
    if (e.button !== 0 || gesture || !grid.sheet || !app.mayWrite) return;
    const card = e.target.closest('.visit');
    const column = e.target.closest('.column');
    if (!card && !column) return;
    const visit = card && grid.visit(Number(card.dataset.id));
    // The rest of a visit of the evening before: it opens, but is moved from where it begins.
    if (visit?.whole) return;
    gesture = { pointer: e.pointerId, touch: e.pointerType === 'touch', x: e.clientX, y: e.clientY, lastX: e.clientX, lastY: e.clientY,
      card, visit, edge: e.target.dataset?.edge, active: false, slot: grid.slotAt(e.clientX, e.clientY) };
    if (gesture.touch && card) gesture.hold = setTimeout(() => gesture && begin(), HOLD_MS);
    if (!gesture.touch && !card) e.preventDefault();
  });

  function begin() {
    const g = gesture;
    g.active = true;
    try { board.setPointerCapture(g.pointer); } catch { /* the pointer has left */ }
    document.body.classList.add(g.visit ? (g.edge ? 'resizing' : 'dragging') : 'drawing');
    if (g.visit) {
      const box = g.card.getBoundingClientRect();
      g.grip = (g.y - box.top) / grid.minuteHeight;
      g.card.classList.add('lifted');
      if (g.touch) navigator.vibrate?.(15);
    }
    g.scroll = requestAnimationFrame(autoscroll);
    follow();
  }

  addEventListener('pointermove', (e) => {
    const g = gesture;
    if (!g || e.pointerId !== g.pointer) return;
    g.lastX = e.clientX;
    g.lastY = e.clientY;
    const far = Math.hypot(e.clientX - g.x, e.clientY - g.y) > THRESHOLD;
    if (!g.active && far) {
      if (g.touch) return stop();
      begin();
    } else if (g.active) follow();
  });

  function target() {
    const g = gesture;
    const slot = grid.slotAt(g.lastX, g.lastY);
    if (!g.visit) {
      const a = g.slot.minute;
      const start = floor(Math.min(a, slot.minute));
      return { staffId: g.slot.staffId, start, end: Math.max(start + STEP, Math.ceil(Math.max(a, slot.minute) / STEP) * STEP) };
    }
    const s = span(g.visit);
    if (g.edge === 'end') return { staffId: g.visit.staffId, start: s.start, end: Math.max(s.start + STEP, snap(slot.minute)) };
    if (g.edge === 'start') return { staffId: g.visit.staffId, start: Math.min(s.end - STEP, snap(slot.minute)), end: s.end };
    const length = s.end - s.start;
    const start = Math.max(0, Math.min(snap(slot.minute - g.grip), 1440 - Math.min(length, 1440)));
    // The column without a master also has the visits of masters who left: moving one in there takes nobody away.
    const staffId = slot.staffId ?? (app.store.member(g.visit.staffId) ? null : g.visit.staffId);
    return { staffId, start, end: start + length };
  }

  function follow() {
    const g = gesture;
    const to = target();
    g.target = to;
    if (!g.visit) return grid.outline('range', to.staffId, to.start, to.end);
    const taken = overlapping(grid.visits, { ...to, except: g.visit.id });
    const node = grid.outline('drop', to.staffId, to.start, to.end, `${timeOf(to.start)}–${timeOf(to.end)}`);
    node.classList.toggle('taken', Boolean(taken));
  }

  function autoscroll() {
    if (!gesture?.active) return;
    const box = board.getBoundingClientRect();
    const { lastX: x, lastY: y } = gesture;
    const dy = y < box.top + EDGE + 56 ? -10 : y > box.bottom - EDGE ? 10 : 0;
    const dx = x < box.left + EDGE + 40 ? -10 : x > box.right - EDGE ? 10 : 0;
    const { scrollTop, scrollLeft } = board;
    board.scrollBy(gesture.edge || !gesture.visit ? 0 : dx, dy);
    if (board.scrollTop !== scrollTop || board.scrollLeft !== scrollLeft) follow();
    gesture.scroll = requestAnimationFrame(autoscroll);
  }

  function stop() {
    if (!gesture) return;
    clearTimeout(gesture.hold);
    cancelAnimationFrame(gesture.scroll);
    gesture.card?.classList.remove('lifted');
    document.body.classList.remove('dragging', 'resizing', 'drawing');
    grid.clearOutlines();
    gesture = null;
  }

  addEventListener('pointerup', (e) => {
    const g = gesture;
    if (!g || e.pointerId !== g.pointer) return;
    const { active, visit, target: to, slot } = g;
    if (active) swallowClick();
    stop();
    if (active && visit) {
      const s = span(visit);
      if (to.staffId !== visit.staffId || to.start !== s.start || to.end !== s.end) {
        app.move(visit, { staffId: to.staffId, startTime: timeOf(to.start), endTime: timeOf(to.end) });
      }
    } else if (active) {
      app.openBooking({ staffId: to.staffId, start: to.start, end: to.end });
    } else if (!visit && slot) {
      app.openBooking({ staffId: slot.staffId, start: floor(slot.minute) });
    }
  });
  addEventListener('pointercancel', stop);
  addEventListener('keydown', (e) => { if (e.key === 'Escape' && gesture?.active) { e.preventDefault(); stop(); } }, true);
  board.addEventListener('touchmove', (e) => { if (gesture?.active) e.preventDefault(); }, { passive: false });
  board.addEventListener('contextmenu', (e) => { if (gesture?.touch) e.preventDefault(); });

  /** The click that ends a drag opens nothing. */
  function swallowClick() {
    const swallow = (e) => { e.stopPropagation(); e.preventDefault(); };
    addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener('click', swallow, { capture: true }), 50);
  }

  board.addEventListener('click', (e) => {
    const card = e.target.closest('.visit');
    if (card) app.openVisitById(Number(card.dataset.id));
  });

  // ---- the range under a resting mouse
  board.addEventListener('pointermove', (e) => {
    if (gesture || e.pointerType !== 'mouse' || !app.mayWrite || !grid.sheet) return;
    if (!e.target.classList?.contains('column') && !e.target.classList?.contains('off')) return clearHover();
    const slot = grid.slotAt(e.clientX, e.clientY);
    const start = floor(slot.minute);
    grid.outline('hover', slot.staffId, start, start + STEP, timeOf(start));
  });
  board.addEventListener('pointerleave', clearHover);
  function clearHover() { if (!gesture) grid.sheet?.querySelector('.hover')?.remove(); }
}

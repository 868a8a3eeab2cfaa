/** Moving a visit without dragging. */
import { h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { overlapping } from '../layout.js';
import { duration } from '../format.js';
import { minutesOf, span, timeOf } from '../time.js';
import { openDialog } from '../ui/dialog.js';
import { slotTaken } from './conflict.js';
import { dateButton, enterSends, field, staffOf, staffSelect, timeSelect } from './fields.js';

/** @param {{wanted: object, other: object}} [taken] the move that was refused: its way out is offered at once */
export function openMove(app, visit, taken = null) {
  const s = span(visit);
  const from = { ...visit, ...taken?.wanted };
  const length = taken ? span(from).end - span(from).start : s.end - s.start;
  const staff = staffSelect(app, from);
  staff.dataset.testid = 'move-staff';
  staff.setAttribute('autofocus', '');
  const date = dateButton(app, from.date, async (d) => {
    await app.store.loadWeek(d).then((p) => p && app.live.follow('appointments', p)).catch(() => {});
    hint();
  });
  date.dataset.testid = 'move-date';
  const start = timeSelect(from.startTime, 'move-start');
  const status = h('p.time-hint', { 'aria-live': 'polite' });
  const alert = h('.form-alert');
  const submit = h('button.button.primary', { type: 'submit', form: 'move-form', testid: 'move-save' }, icon('move', 18), t('move.submit'));

  const wanted = () => {
    const at = minutesOf(start.value);
    return { id: visit.id, staffId: staffOf(staff), date: date.date, start: at, end: at + length };
  };
  function hint() {
    const w = wanted();
    const other = overlapping(app.store.during(w.date), { ...w, except: visit.id });
    status.replaceChildren(t('form.until', { start: timeOf(w.start), end: timeOf(w.end), duration: duration(length) }),
      other ? h('span.soft-warning', icon('alert', 15), t('form.looksTaken', { who: other.clientName, start: other.startTime, end: other.endTime })) : h('span.soft-good', icon('check', 15), t('move.free')));
  }
  async function send({ allowOverlap = false } = {}) {
    const w = wanted();
    submit.disabled = true;
    alert.replaceChildren();
    const result = await app.tryMove(app.store.visit(visit.id) ?? visit, { staffId: w.staffId, date: w.date, startTime: timeOf(w.start), endTime: timeOf(w.end) }, { allowOverlap });
    submit.disabled = false;
    if (result.done) return dialog.close();
    if (result.taken !== undefined) showTaken(result.taken);
    else if (result.handled) dialog.close();
    else alert.replaceChildren(h('p.form-error', { role: 'alert' }, icon('alert', 18), result.text));
  }
  function showTaken(other) {
    const node = slotTaken(app, wanted(), other, (choice) => {
      staff.value = choice.staffId ?? '';
      start.value = timeOf(choice.start);
      hint();
      send({ allowOverlap: Boolean(choice.allowOverlap) });
    });
    alert.replaceChildren(node);
    node.querySelector('button')?.focus();
  }

  for (const control of [staff, start]) control.addEventListener('change', hint);
  const form = h('form.visit-form', { id: 'move-form', onsubmit: (e) => { e.preventDefault(); send(); } }, alert,
    h('p.move-who', h('b', visit.clientName), ' ', visit.serviceName || visit.service || ''),
    field(t('form.staffId'), staff), h('.field-row', field(t('form.date'), date), field(t('form.start'), start)), status);
  enterSends(form);
  const dialog = openDialog({ title: t('move.title'), kind: 'sheet', content: form, footer: submit, testid: 'move-dialog', onClose: () => app.dialogClosed(visit) });
  hint();
  if (taken) showTaken(taken.other);
}

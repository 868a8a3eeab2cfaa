/** What to do about a 409: the time is taken, or somebody else changed the visit meanwhile. */
import { h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { fullName, money } from '../format.js';
import { freeStaff, freeTimes, workingSpans } from '../layout.js';
import { dateMedium, span, timeOf } from '../time.js';
import { STATUS_ICONS } from '../calendar/card.js';
import { mayOverlap } from '../session.js';

/** What another desk is booking, as if it were a visit already. */
export const heldVisit = (hold) => (hold ? { ...hold, isHold: true, clientName: t('conflict.heldBy', { who: hold.name }) } : null);

/**
 * The other visit, and the nearest ways out as single clicks.
 * @param {object} wanted {id?, date, staffId, start, end} in minutes
 * @param {object|null} other the visit in the way, as far as this role may see it
 * @param {(choice: {staffId, start, end, allowOverlap?: true}) => void} pick
 */
export function slotTaken(app, wanted, other, pick) {
  const { store } = app;
  const length = wanted.end - wanted.start;
  const member = store.member(wanted.staffId);
  const who = store.masterOf({ staffName: other?.staffName, staffId: wanted.staffId });
  const visits = [...store.during(wanted.date), ...app.desks.heldOn(wanted.date)];
  const { date, minutes } = store.now;
  const notBefore = wanted.date === date && wanted.start >= minutes ? minutes : 0;
  const times = freeTimes(visits, workingSpans(store.salon, member, wanted.date), { staffId: wanted.staffId, start: wanted.start, length, except: wanted.id, notBefore });
  const others = freeStaff(store.salon, store.staff, visits, wanted.date, { ...wanted, except: wanted.id }).slice(0, 3);

  const choice = (text, value, testid, ...inside) => h('button.choice', { type: 'button', testid, onclick: () => pick(value) }, ...inside, text);
  return h('section.conflict', { role: 'alert', testid: 'slot-taken' },
    h('h3', icon('alert', 20), t(other?.isHold ? 'conflict.heldTitle' : 'conflict.title', { time: `${timeOf(wanted.start)}–${timeOf(wanted.end)}`, who: who ?? t('staff.none') })),
    other && h('.conflict-other', { 'data-status': other.status, testid: 'conflict-other' },
      h('span.conflict-time', `${other.startTime}–${other.endTime}`),
      h('span', h('b', other.clientName || t('conflict.hidden')), h('small', [other.serviceName || other.service, other.createdBy && t('conflict.by', { who: other.createdBy })].filter(Boolean).join(' · '), other.isHold && t('conflict.heldHint'))),
      other.status && h('span.status-pill', icon(STATUS_ICONS[other.status] ?? 'clock', 14), t(`status.${other.status}`))),
    times.length ? [
      h('p.conflict-label', t('conflict.nearest', { who: who ?? '' })),
      h('.choices', times.map((at) => choice(`${timeOf(at)}–${timeOf(at + length)}`, { staffId: wanted.staffId, start: at, end: at + length }, 'free-time', icon('clock', 16)))),
    ] : h('p.conflict-label', t('conflict.noTimes')),
    others.length ? [
      h('p.conflict-label', t('conflict.others', { time: timeOf(wanted.start) })),
      h('.choices', others.map((m) => choice(fullName(m), { staffId: m.id, start: wanted.start, end: wanted.end }, 'free-staff', icon('user', 16)))),
    ] : null,
    mayOverlap() ? h('button.link-button', { type: 'button', testid: 'allow-overlap', onclick: () => pick({ staffId: wanted.staffId, start: wanted.start, end: wanted.end, allowOverlap: true }) }, t('conflict.overlap')) : null);
}

const COMPARED = [
  ['clientName', (v) => v.clientName],
  ['service', (v) => v.serviceName || v.service],
  ['staffId', (v, app) => app.store.masterOf(v) ?? t('staff.none')],
  ['date', (v) => dateMedium(v.date)],
  ['time', (v) => `${v.startTime}–${timeOf(span(v).end)}`],
  ['status', (v) => t(`status.${v.status}`)],
  ['type', (v) => t(`type.${v.type ?? 'standard'}`)],
  ['price', (v, app) => money(v.price, app.store.currency)],
  ['notes', (v) => v.notes ?? ''],
];
const PARTS = { clientName: ['clientId', 'clientName', 'clientPhone'], service: ['serviceId', 'service'], time: ['startTime', 'endTime'] };

/**
 * Both versions side by side. Each differing line is a choice; what only one side changed is chosen already.
 * @param {object} mine the whole visit as this window wants it
 * @param {object} base the version this window started from
 * @param {object} theirs the row as it is now
 * @param {(fields: object) => void} save gets the fields that are to differ from `theirs`; may be empty
 */
export function versionConflict(app, { mine, base, theirs }, save) {
  const rows = COMPARED.map(([key, show]) => ({ key, mine: show(mine, app) ?? '', theirs: show(theirs, app) ?? '', base: show(base, app) ?? '' })).filter((r) => r.mine !== r.theirs);
  const picks = new Map();
  const choose = (value) => { for (const input of table.querySelectorAll(`input[value="${value}"]`)) input.checked = true; };
  const option = (row, side, checked) => h('label.version-option', h('input', { type: 'radio', name: `version-${row.key}`, value: side, checked }), h('span', row[side] || '—'));

  const table = h('.versions', { role: 'group', 'aria-label': t('version.title') },
    h('.version-row.version-head', h('span'), h('b', t('version.mine')), h('b', t('version.theirs', { n: theirs.version }))),
    rows.map((row) => {
      const changedByMe = row.mine !== row.base;
      const node = h('fieldset.version-row', { 'data-key': row.key }, h('legend.version-name', t(row.key === 'price' ? 'form.priceName' : `form.${row.key}`)), option(row, 'mine', changedByMe), option(row, 'theirs', !changedByMe));
      picks.set(row.key, node);
      return node;
    }));

  const fields = () => {
    const chosen = {};
    for (const [key, node] of picks) {
      if (node.querySelector('input:checked')?.value !== 'mine') continue;
      for (const part of PARTS[key] ?? [key]) if (mine[part] !== undefined) chosen[part] = mine[part];
    }
    return chosen;
  };
  return h('section.conflict.version', { role: 'alert', testid: 'version-conflict' },
    h('h3', icon('swap', 20), t('version.title')),
    h('p', rows.length ? t('version.explain') : t('version.same')),
    rows.length ? table : null,
    h('.choices',
      rows.length ? h('button.choice', { type: 'button', testid: 'take-mine', onclick: () => choose('mine') }, t('version.allMine')) : null,
      rows.length ? h('button.choice', { type: 'button', testid: 'take-theirs', onclick: () => choose('theirs') }, t('version.allTheirs')) : null,
      h('button.button.primary', { type: 'button', testid: 'save-merged', onclick: () => save(fields()) }, rows.length ? t('version.save') : t('common.ok'))));
}

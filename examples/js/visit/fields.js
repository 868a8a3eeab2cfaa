/** The parts that booking forms are made of. */
import { h, icon, newId } from '../dom.js';
import { t } from '../i18n.js';
import { duration, fullName, money } from '../format.js';
import { STATUSES, STEP } from '../layout.js';
import { STATUS_ICONS } from '../calendar/card.js';
import { dateMedium, minutesOf, timeOf } from '../time.js';
import { pickDate } from '../calendar/date-picker.js';

/** A label, a control, a place for its hint and for its error. `node.setError(text)` marks and unmarks it. */
export function field(label, control, { hint, className = '', name } = {}) {
  const id = control.id || newId('field');
  const errorId = `${id}-error`;
  control.id = id;
  const error = h('span.field-error', { id: errorId, hidden: true });
  const node = h(`.field${className ? `.${className}` : ''}`, { 'data-field': name }, h('label', { for: id }, label), control, hint && h('span.field-hint', hint), error);
  node.setError = (text) => {
    error.textContent = text ?? '';
    error.hidden = !text;
    if (text) {
      control.setAttribute('aria-invalid', 'true');
      control.setAttribute('aria-describedby', errorId);
    } else {
      control.removeAttribute('aria-invalid');
      control.removeAttribute('aria-describedby');
    }
  };
  node.control = control;
  return node;
}

/** Enter in a closed list sends the form, as it does in a text field. */
export function enterSends(form) {
  form.addEventListener('keydown', (e) => {
    if (e.key !== 'Enter' || e.target.tagName !== 'SELECT') return;
    e.preventDefault();
    form.requestSubmit();
  });
}

/** Who of the masters; also the one that a visit has, should they work here no more. */
export function staffSelect(app, { staffId = null, staffName }) {
  const isFormer = staffId !== null && !app.store.member(staffId);
  return h('select', { testid: 'field-staff' },
    h('option', { value: '', selected: staffId === null }, t('staff.none')),
    isFormer && h('option', { value: staffId, selected: true }, staffName || `№ ${staffId}`),
    app.store.staff.map((m) => h('option', { value: m.id, selected: m.id === staffId }, fullName(m))));
}
export const staffOf = (select) => (select.value === '' ? null : Number(select.value));

const CATEGORIES = ['hair', 'nails', 'face', 'body', 'makeup'];

export function serviceSelect(app, visit) {
  const groups = new Map();
  for (const s of app.store.services) {
    const key = CATEGORIES.includes(s.category) ? s.category : s.category || 'other';
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(s);
  }
  const text = visit.serviceName || visit.service || '';
  const known = app.store.service(visit.serviceId);
  const asIs = text && (!known || known.name !== text);
  return h('select', { testid: 'field-service' },
    h('option', { value: '', selected: !known && !asIs }, t('form.serviceNone')),
    asIs && h('option', { value: 'as-is', selected: true }, text),
    [...groups].map(([key, list]) => h('optgroup', { label: t(`category.${key}`) === `category.${key}` ? key : t(`category.${key}`) },
      list.map((s) => h('option', { value: s.id, selected: !asIs && s.id === visit.serviceId },
        [s.name, s.duration && duration(s.duration), money(s.price, app.store.currency)].filter(Boolean).join(' · '))))));
}

export function timeSelect(value, testid = 'field-start') {
  const minutes = new Set(Array.from({ length: 1440 / STEP }, (_, i) => i * STEP));
  minutes.add(minutesOf(value));
  return h('select.tabular', { testid }, [...minutes].sort((a, b) => a - b).map((m) => h('option', { value: timeOf(m), selected: timeOf(m) === value }, timeOf(m))));
}

export function durationSelect(minutes) {
  const choices = new Set(Array.from({ length: 32 }, (_, i) => (i + 1) * STEP));
  choices.add(minutes);
  const option = (m) => h('option', { value: m, selected: m === minutes }, duration(m));
  const select = h('select', { testid: 'field-duration' }, [...choices].sort((a, b) => a - b).map(option));
  select.setMinutes = (m) => {
    if (![...select.options].some((o) => Number(o.value) === m)) select.append(option(m));
    select.value = String(m);
  };
  return select;
}

/** A button that shows a date and opens the month's sheet. `button.date` is its value. */
export function dateButton(app, date, onPick = () => {}) {
  const text = h('span');
  const button = h('button.date-button', { type: 'button', testid: 'field-date' }, icon('calendar', 18), text);
  const draw = () => { text.textContent = dateMedium(button.date); };
  button.date = date;
  button.setDate = (d) => { button.date = d; draw(); };
  button.addEventListener('click', async () => {
    const picked = await pickDate({ date: button.date, today: app.store.today });
    if (!picked) return;
    button.setDate(picked);
    onPick(picked);
  });
  draw();
  return button;
}

/** One of a few, as native radio buttons that look like chips. `node.value` is the choice. */
export function chips(legend, name, choices, value, onChange = () => {}) {
  const group = newId(name);
  const node = h('fieldset.chips', { testid: `field-${name}` }, h('legend', legend), choices.map(({ key, label, iconName }) => h('label.chip', { 'data-key': key },
    h('input', { type: 'radio', name: group, value: key, checked: key === value, onchange: () => onChange(key) }),
    h('span', iconName && icon(iconName, 16), label))));
  Object.defineProperty(node, 'value', {
    get: () => node.querySelector('input:checked')?.value,
    set: (key) => { for (const input of node.querySelectorAll('input')) input.checked = input.value === key; },
  });
  return node;
}

export const statusChips = (value) => chips(t('form.status'), 'status',
  STATUSES.map((key) => ({ key, label: t(`status.${key}`), iconName: STATUS_ICONS[key] })), value);

export const typeChips = (value) => chips(t('form.type'), 'type',
  ['standard', 'important', 'special'].map((key) => ({ key, label: t(`type.${key}`), iconName: key === 'standard' ? null : 'star' })), value);

import { $, h } from '../dom.js';
import { t } from '../i18n.js';
import { countOf } from '../layout.js';
import { dateLong, dayNumber, weekdayShort, weekOf } from '../time.js';

/** Seven days from Monday, each with how full it is. */
export function drawWeek(app) {
  const { store, date } = app;
  const focused = document.activeElement?.closest?.('.day')?.dataset.date;
  const days = weekOf(date);
  const counts = days.map((d) => countOf(store.on(d)));
  const most = Math.max(8, ...counts);
  $('#week-days').replaceChildren(...days.map((d, i) => h('li',
    h('button.day', { type: 'button', 'data-date': d, testid: 'day', 'aria-current': d === date ? 'date' : null,
      'aria-label': `${dateLong(d)}, ${t('visit.count', { n: counts[i] })}${d === store.today ? `, ${t('nav.today')}` : ''}`, onclick: () => app.go(d) },
    h('span.day-name', weekdayShort(d)),
    h(`span.day-number${d === store.today ? '.today' : ''}`, dayNumber(d)),
    h('span.day-load', { style: { '--load': counts[i] / most } })))));
  if (focused) $(`.day[data-date="${focused}"]`)?.focus();
}

import { $, h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { addDays, addMonths, dateLong, dayNumber, monthName, monthSheet, weekday, weekdayShort, weekOf } from '../time.js';
import { openDialog } from '../ui/dialog.js';

/** A month's sheet from Monday. Arrows go by day and week, Page Up and Down by month. @returns {Promise<string|null>} */
export function pickDate({ date, today }) {
  return new Promise((resolve) => {
    let focus = date;
    let picked = null;
    const title = h('strong.month-name', { 'aria-live': 'polite' });
    const sheet = h('.month', { role: 'grid' });
    const page = (n) => { focus = addMonths(focus, n); draw(false); };
    const content = [
      h('.month-head',
        h('button.icon-button', { type: 'button', 'aria-label': t('picker.previous'), onclick: () => page(-1) }, icon('left')), title,
        h('button.icon-button', { type: 'button', 'aria-label': t('picker.next'), onclick: () => page(1) }, icon('right'))),
      sheet,
      h('button.button.wide', { type: 'button', onclick: () => choose(today), testid: 'pick-today' }, t('nav.today')),
    ];
    const choose = (d) => { picked = d; dialog.close(); };
    const dialog = openDialog({ title: t('picker.title'), kind: 'small', content, testid: 'date-picker', onClose: () => resolve(picked) });

    function draw(takeFocus) {
      title.textContent = monthName(focus);
      sheet.setAttribute('aria-label', monthName(focus));
      const head = h('.month-row', { role: 'row' }, weekOf(focus).map((d) => h('span.month-day-name', { role: 'columnheader' }, weekdayShort(d))));
      const rows = monthSheet(focus).map((week) => h('.month-row', { role: 'row' }, week.map((d) => h(`span`, { role: 'gridcell', 'aria-selected': String(d === date) },
        h(`button.month-day${d.slice(0, 7) === focus.slice(0, 7) ? '' : '.other'}${d === today ? '.today' : ''}${d === date ? '.chosen' : ''}`,
          { type: 'button', tabindex: d === focus ? '0' : '-1', 'data-date': d, 'aria-label': dateLong(d), 'aria-current': d === today ? 'date' : null, onclick: () => choose(d) }, dayNumber(d))))));
      sheet.replaceChildren(head, ...rows);
      if (takeFocus) $(`[data-date="${focus}"]`, sheet).focus();
    }
    sheet.addEventListener('keydown', (e) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, Home: -weekday(focus), End: 6 - weekday(focus) }[e.key];
      if (step !== undefined) focus = addDays(focus, step);
      else if (e.key === 'PageUp') focus = addMonths(focus, -1);
      else if (e.key === 'PageDown') focus = addMonths(focus, 1);
      else return;
      e.preventDefault();
      draw(true);
    });
    draw(true);
  });
}

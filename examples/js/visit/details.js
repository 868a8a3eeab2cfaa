/** A visit for those who read only. */
import { h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { duration, money } from '../format.js';
import { dateLong, span } from '../time.js';
import { openDialog } from '../ui/dialog.js';
import { STATUS_ICONS } from '../calendar/card.js';

export function openDetails(app, visit) {
  const { store } = app;
  const s = span(visit);
  const line = (name, value) => (value ? [h('dt', name), h('dd', value)] : []);
  openDialog({ title: visit.clientName, kind: 'drawer', testid: 'visit-details', content: [
    h('p', h('span.status-pill.large', { 'data-status': visit.status }, icon(STATUS_ICONS[visit.status], 16), t(`status.${visit.status}`))),
    h('dl.details',
      line(t('form.date'), dateLong(visit.date)),
      line(t('form.time'), `${visit.startTime}–${visit.endTime} · ${duration(s.end - s.start)}`),
      line(t('form.service'), visit.serviceName || visit.service),
      line(t('form.staffId'), store.masterOf(visit) ?? t('staff.none')),
      line(t('form.priceName'), money(visit.price, store.currency)),
      line(t('form.type'), visit.type && visit.type !== 'standard' ? t(`type.${visit.type}`) : ''),
      line(t('form.notes'), visit.notes)),
    h('p.form-note', icon('lock', 16), t('visit.readOnly')),
  ] });
}

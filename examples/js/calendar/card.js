/** One visit on the sheet. */
import { fill, h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { milliseconds } from '../format.js';
import { span, timeOf } from '../time.js';

export const STATUS_ICONS = {
  scheduled: 'clock', confirmed: 'check', arrived: 'door', completed: 'checks', 'no-show': 'absent', cancelled: 'cross',
};

export function createCard(visit) {
  const card = h('button.visit', { type: 'button', 'data-id': visit.id, testid: 'visit', tabindex: '-1' });
  return card;
}

/** What a card says to those who do not see it. */
export function describeVisit(visit, master) {
  return [
    `${(visit.whole ?? visit).startTime}–${visit.endTime}`,
    visit.whole ? t('visit.sinceEvening') : '',
    visit.clientName,
    visit.serviceName || visit.service,
    master ?? t('staff.none'),
    t(`status.${visit.status}`),
    visit.type && visit.type !== 'standard' ? t(`type.${visit.type}`) : '',
    visit.notes ? t('visit.hasNote') : '',
  ].filter(Boolean).join(', ');
}

/** Brings a card's look up to a visit. `place` is {top, height} in minutes from the sheet's start and {lane, lanes}. `master` is a name or null. */
export function updateCard(card, visit, master, place, writable) {
  const { start, end } = span(visit);
  const length = end - start;
  card.dataset.status = visit.status;
  card.dataset.type = visit.type ?? 'standard';
  card.dataset.size = length < 30 ? 'line' : length < 45 ? 'short' : length < 60 ? 'medium' : length < 90 ? 'tall' : 'huge';
  card.dataset.version = visit.version;
  card.classList.toggle('narrow', place.lanes > 1);
  card.classList.toggle('rest', Boolean(visit.whole));
  card.style.setProperty('--at', place.top);
  card.style.setProperty('--length', place.height);
  card.style.setProperty('--lane', place.lane);
  card.style.setProperty('--lanes', place.lanes);
  const label = describeVisit(visit, master);
  card.setAttribute('aria-label', label);
  card.title = label.replaceAll(', ', '\n');

  const mark = JSON.stringify([visit.startTime, visit.endTime, visit.clientName, visit.serviceName, visit.status, visit.type, visit.notes, t('lang'), writable, Boolean(visit.whole)]);
  if (card.dataset.mark === mark) return;
  card.dataset.mark = mark;
  const badge = card.querySelector('.ms-badge');
  fill(card,
    h('span.visit-time', visit.whole ? h('span', t('visit.until', { time: visit.endTime })) : [h('span', visit.startTime), h('span.visit-end', `–${timeOf(end)}`)], visit.type && visit.type !== 'standard' ? icon('star', 13) : null, visit.notes ? icon('note', 13) : null),
    h('span.visit-client', visit.clientName),
    h('span.visit-service', visit.serviceName || visit.service || ''),
    h('span.visit-status', icon(STATUS_ICONS[visit.status] ?? 'clock', 14), h('span', t(`status.${visit.status}`))),
    writable && !visit.whole ? [h('span.edge.edge-start', { 'data-edge': 'start' }), h('span.edge.edge-end', { 'data-edge': 'end' })] : null,
    badge);
}

/** How long another desk's change took to get here. It goes by itself. */
export function showDelay(card, ms) {
  card.querySelector('.ms-badge')?.remove();
  const badge = h('span.ms-badge', { testid: 'ms-badge' }, icon('bolt', 11), milliseconds(ms));
  card.append(badge);
  setTimeout(() => badge.remove(), 8000);
}

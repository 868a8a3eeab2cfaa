/** The geometry of a day, as pure functions of visits, staff and hours. */
import { addDays, dayKey, minutesOf, span } from './time.js';

export const STEP = 15;
export const STATUSES = ['scheduled', 'confirmed', 'arrived', 'completed', 'no-show', 'cancelled'];
/** Cancelled and missed visits free their time. */
export const isLive = (visit) => visit.status !== 'cancelled' && visit.status !== 'no-show';

/**
 * A visit as it lies on a day: itself; or, when it takes up time past midnight, the rest of it on the day after, from 00:00,
 * with the visit itself as `whole`; else null.
 */
export function lyingOn(visit, date) {
  if (visit.date === date) return visit;
  const isRest = isLive(visit) && span(visit).end > 1440 && addDays(visit.date, 1) === date;
  return isRest ? { ...visit, date, startTime: '00:00', whole: visit } : null;
}

/** How many of a day's visits take place; those of the evening before count there. */
export const countOf = (visits) => visits.filter((v) => v.status !== 'cancelled' && !v.whole).length;

/** Places overlapping visits side by side. @returns {Map<id, {lane, lanes}>} */
export function lanes(visits) {
  const places = new Map();
  let cluster = [];
  let clusterEnd = -1;
  const close = () => {
    const count = Math.max(0, ...cluster.map((item) => item.lane + 1));
    for (const item of cluster) places.set(item.id, { lane: item.lane, lanes: count });
    cluster = [];
  };
  const order = visits.map((v) => ({ id: v.id, ...span(v) })).sort((a, b) => a.start - b.start || b.end - a.end || a.id - b.id);
  for (const item of order) {
    if (item.start >= clusterEnd) { close(); clusterEnd = -1; }
    const busy = new Set(cluster.filter((other) => other.end > item.start).map((other) => other.lane));
    item.lane = 0;
    while (busy.has(item.lane)) item.lane += 1;
    cluster.push(item);
    clusterEnd = Math.max(clusterEnd, item.end);
  }
  close();
  return places;
}

/** When the salon is open that day, or null. */
export function salonHours(salon, date) {
  const day = salon?.workingHours?.[dayKey(date)];
  if (!day || day.isOpen === false || !day.start || !day.end) return null;
  const start = minutesOf(day.start);
  const end = minutesOf(day.end);
  return { start, end: end > start ? end : 1440 };
}

/** When a column works: a list of {start, end}. A member of staff without a schedule is there while the salon is open. */
export function workingSpans(salon, member, date) {
  const open = salonHours(salon, date);
  const day = member?.schedule?.[dayKey(date)];
  if (!member?.schedule) return open ? [open] : [];
  if (!day?.enabled || !day.from || !day.to) return [];
  let spans = [{ start: minutesOf(day.from), end: minutesOf(day.to) || 1440 }];
  for (const pause of day.breaks ?? []) {
    const from = minutesOf(pause.from);
    const to = minutesOf(pause.to);
    spans = spans.flatMap((s) => [{ start: s.start, end: Math.min(s.end, from) }, { start: Math.max(s.start, to), end: s.end }])
      .filter((s) => s.end > s.start);
  }
  return spans;
}

/** What of [from, to] lies outside the spans. */
export function gapsBetween(spans, from, to) {
  const gaps = [];
  let at = from;
  for (const s of spans) {
    if (s.start > at) gaps.push({ start: at, end: Math.min(s.start, to) });
    at = Math.max(at, s.end);
  }
  if (at < to) gaps.push({ start: at, end: to });
  return gaps.filter((g) => g.end > g.start);
}

/** The hours that the sheet has to show: the salon's, everyone's, and whatever visits reach beyond. */
export function sheetHours(salon, staff, visits, date) {
  const spans = [salonHours(salon, date), ...staff.flatMap((m) => workingSpans(salon, m, date)), ...visits.map(span)].filter(Boolean);
  const start = Math.min(...spans.map((s) => s.start), spans.length ? 1440 : 9 * 60);
  const end = Math.max(...spans.map((s) => s.end), spans.length ? 0 : 19 * 60);
  return { start: Math.max(0, Math.floor(start / 60) * 60), end: Math.min(1440, Math.max(Math.ceil(end / 60) * 60, start + 240)) };
}

/** The visit that is in the way, or null. */
export function overlapping(visits, { staffId, start, end, except }) {
  if (staffId === null) return null;
  const found = visits.find((v) => {
    if (v.id === except || v.staffId !== staffId || !isLive(v)) return false;
    const other = span(v);
    return other.start < end && start < other.end;
  });
  return found?.whole ?? found ?? null;
}

/**
 * The nearest free times for a visit of this length with one master: inside working time, at most `count`, half an hour apart.
 * `notBefore` keeps out what is past today.
 */
export function freeTimes(visits, spans, { staffId, start, length, except, notBefore = 0, count = 4 }) {
  const found = [];
  for (const s of spans) {
    for (let at = Math.ceil(Math.max(s.start, notBefore) / STEP) * STEP; at + length <= s.end; at += STEP) {
      if (!overlapping(visits, { staffId, start: at, end: at + length, except })) found.push(at);
    }
  }
  const nearest = found.sort((a, b) => Math.abs(a - start) - Math.abs(b - start) || a - b);
  const apart = [];
  for (const at of nearest) {
    if (apart.length < count && apart.every((other) => Math.abs(other - at) >= 2 * STEP)) apart.push(at);
  }
  return apart.sort((a, b) => a - b);
}

/** Who else is at work and free at that very time. */
export function freeStaff(salon, staff, visits, date, { start, end, staffId, except }) {
  return staff.filter((m) => m.id !== staffId
    && workingSpans(salon, m, date).some((s) => s.start <= start && end <= s.end)
    && !overlapping(visits, { staffId: m.id, start, end, except }));
}

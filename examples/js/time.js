/**
 * Dates and times of the salon. A date is 'YYYY-MM-DD', a time of day 'HH:mm' or minutes after midnight; both are the
 * salon's local ones. The browser's own zone is never asked: calendar arithmetic runs in UTC, "now" through Intl.
 */
import { language } from './i18n.js';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

const parts = (zone, instant) => Object.fromEntries(
  new Intl.DateTimeFormat('en-CA', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
    hour: '2-digit', minute: '2-digit' }).formatToParts(instant).map((p) => [p.type, p.value]),
);

/** @returns {{date: string, minutes: number}} what the salon's wall clock shows at an instant */
export function wallClock(zone, instant = new Date()) {
  const p = parts(zone, instant);
  return { date: `${p.year}-${p.month}-${p.day}`, minutes: Number(p.hour) * 60 + Number(p.minute) };
}

const utc = (date) => new Date(`${date}T00:00:00Z`);
const iso = (instant) => instant.toISOString().slice(0, 10);

export const isDate = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text ?? '') && !Number.isNaN(utc(text).getTime());
export const addDays = (date, n) => iso(new Date(utc(date).getTime() + n * 86_400_000));
/** 0 is Monday. */
export const weekday = (date) => (utc(date).getUTCDay() + 6) % 7;
export const dayKey = (date) => DAYS[weekday(date)];
export const mondayOf = (date) => addDays(date, -weekday(date));
export const weekOf = (date) => DAYS.map((_, i) => addDays(mondayOf(date), i));

export function addMonths(date, n) {
  const [y, m, d] = date.split('-').map(Number);
  const last = new Date(Date.UTC(y, m + n, 0)).getUTCDate();
  return iso(new Date(Date.UTC(y, m - 1 + n, Math.min(d, last))));
}

/** The weeks of a month's sheet, each seven dates from Monday. */
export function monthSheet(date) {
  const first = `${date.slice(0, 7)}-01`;
  const weeks = [];
  for (let day = mondayOf(first); day.slice(0, 7) <= date.slice(0, 7); day = addDays(day, 7)) weeks.push(weekOf(day));
  return weeks;
}

export const minutesOf = (time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
export const timeOf = (minutes) => {
  const m = ((minutes % 1440) + 1440) % 1440;
  return `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`;
};

/** A visit's minutes on its day; the end is above 1440 when it passes midnight. */
export function span(visit) {
  const start = minutesOf(visit.startTime);
  const end = minutesOf(visit.endTime);
  return { start, end: end > start ? end : end + 1440 };
}

const format = (date, options) => new Intl.DateTimeFormat(language.locale, { timeZone: 'UTC', ...options }).format(utc(date));
const withoutYearMark = (text) => text.replace(/\s*р\.$/, '');

export const dateLong = (date) => withoutYearMark(format(date, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }));
export const dateMedium = (date) => format(date, { weekday: 'short', day: 'numeric', month: 'long' });
export const dateTitle = (date) => format(date, { weekday: 'short', day: 'numeric', month: 'short' });
export const dateShort = (date) => format(date, { day: 'numeric', month: 'short' });
export const monthName = (date) => withoutYearMark(format(date, { month: 'long', year: 'numeric' }));
export const weekdayShort = (date) => format(date, { weekday: 'short' });
export const weekdayLong = (date) => format(date, { weekday: 'long' });
export const dayNumber = (date) => String(Number(date.slice(8)));

/** An instant as the salon's clock shows it: 'HH:mm', with the day when it is another one. */
export function instantText(text, zone) {
  const at = wallClock(zone, new Date(text));
  return at.date === wallClock(zone).date ? timeOf(at.minutes) : `${dateShort(at.date)}, ${timeOf(at.minutes)}`;
}

import { language, t } from './i18n.js';

/** '1 250 ₴' */
export function money(amount, currency = 'UAH') {
  if (amount === null || amount === undefined || amount === '') return '';
  const whole = Number.isInteger(Number(amount));
  const digits = new Intl.NumberFormat('uk-UA', { minimumFractionDigits: whole ? 0 : 2, maximumFractionDigits: 2, useGrouping: 'always' })
    .format(Number(amount));
  return `${digits} ${currency === 'UAH' ? '₴' : currency}`;
}

/** Digits with the country, as the server compares them: 067…, 8067… and +38067… are one. '' when it is no phone. */
export function phoneDigits(text) {
  const digits = (text ?? '').replace(/\D/g, '');
  if (/^0\d{9}$/.test(digits)) return `38${digits}`;
  if (/^80\d{9}$/.test(digits)) return `3${digits}`;
  return digits.length >= 9 && digits.length <= 15 ? digits : '';
}

/** '+380 67 123 45 67'; what is no Ukrainian number or is masked stays as it is. */
export function phone(text) {
  if (!text || /[•*]/.test(text)) return text ?? '';
  const digits = phoneDigits(text);
  const ukrainian = /^380(\d{2})(\d{3})(\d{2})(\d{2})$/.exec(digits);
  return ukrainian ? `+380 ${ukrainian.slice(1).join(' ')}` : text;
}

/** '1 год 30 хв' */
export function duration(minutes) {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (!hours) return t('time.minutes', { m: rest });
  return rest ? t('time.hoursMinutes', { h: hours, m: rest }) : t('time.hours', { h: hours });
}

export const initials = (name) => name.split(/\s+/).filter(Boolean).slice(0, 2).map((w) => w[0].toLocaleUpperCase(language.locale)).join('');
export const fullName = (person) => [person.firstName, person.lastName].filter(Boolean).join(' ');
export const milliseconds = (ms) => t('time.ms', { n: ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms) });

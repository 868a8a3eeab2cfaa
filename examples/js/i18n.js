import { durable } from './storage.js';
import uk from './i18n/uk.js';
import en from './i18n/en.js';

const CATALOGUES = { uk, en };
const KEY = 'adelante:language';
const listeners = new Set();

export const language = {
  code: CATALOGUES[durable.get(KEY)] ? durable.get(KEY) : 'uk',
  /** BCP 47, for Intl: English keeps the salon's 24 h clock and Monday weeks. */
  get locale() { return this.code === 'uk' ? 'uk-UA' : 'en-GB'; },
  set(code) {
    if (!CATALOGUES[code] || code === this.code) return;
    this.code = code;
    durable.set(KEY, code);
    translatePage();
    for (const listener of listeners) listener(code);
  },
  onChange(listener) { listeners.add(listener); },
};

function lookUp(catalogue, key) {
  return key.split('.').reduce((node, part) => node?.[part], catalogue);
}

/**
 * The text for a key of the catalogue. `{name}` is replaced by a parameter; an entry that is an object of plural forms
 * (`one`, `few`, `many`, `other`) is chosen by the parameter `n`.
 */
export function t(key, parameters = {}) {
  let text = lookUp(CATALOGUES[language.code], key) ?? lookUp(uk, key) ?? key;
  if (typeof text === 'object') {
    const form = new Intl.PluralRules(language.locale).select(parameters.n ?? 0);
    text = text[form] ?? text.other ?? text.many;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => parameters[name] ?? whole);
}

/** Fills `data-i18n` (text), and `data-i18n-label` / `-title` / `-placeholder` (attributes) of a subtree. */
export function translatePage(root = document) {
  document.documentElement.lang = language.code;
  const attributes = { i18nLabel: 'aria-label', i18nTitle: 'title', i18nPlaceholder: 'placeholder' };
  for (const node of root.querySelectorAll('[data-i18n]')) node.textContent = t(node.dataset.i18n);
  for (const [name, attribute] of Object.entries(attributes)) {
    const selector = `[data-${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}]`;
    for (const node of root.querySelectorAll(selector)) node.setAttribute(attribute, t(node.dataset[name]));
  }
}

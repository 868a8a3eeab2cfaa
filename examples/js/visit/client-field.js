/** Who comes: found by name or phone while typing, or entered here as a new client. */
import { h, icon, newId } from '../dom.js';
import { language, t } from '../i18n.js';
import { api, keyPerBody } from '../api.js';
import { fullName, phone, phoneDigits } from '../format.js';
import { field } from './fields.js';

const isSameName = (a, b) => a.localeCompare(b, language.locale, { sensitivity: 'accent' }) === 0;
const looksLikePhone = (text) => /^[+\d][\d\s()+-]{2,}$/.test(text.trim());

export class ClientField {
  #app;
  #chosen = null;
  #isNew = false;
  #options = [];
  #active = -1;
  #timer = null;
  #asked = 0;
  #keyOf = keyPerBody();

  /** @param {{clientId, clientName, clientPhone}} value */
  constructor(app, value, onChange = () => {}) {
    this.#app = app;
    this.onChange = onChange;
    const listId = newId('clients');
    this.input = h('input', { type: 'text', role: 'combobox', autocomplete: 'off', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': listId,
      placeholder: t('client.placeholder'), testid: 'client-search', autofocus: !value.clientName });
    this.list = h('ul.options', { id: listId, role: 'listbox', 'aria-label': t('client.label'), hidden: true });
    this.phoneInput = h('input', { type: 'tel', inputmode: 'tel', autocomplete: 'off', placeholder: '067 123 45 67', testid: 'client-phone' });
    this.phoneField = field(t('client.phone'), this.phoneInput, { name: 'clientPhone', hint: t('client.newHint') });
    this.about = h('.client-about', { testid: 'client-about', hidden: true });
    this.main = field(t('client.label'), this.input, { className: 'client-main', name: 'clientName' });
    this.input.after(this.list);
    this.node = h('.client-field', this.main, this.about, this.phoneField);
    this.phoneField.hidden = true;
    this.set(value);

    this.input.addEventListener('input', () => { this.#typed(); this.onChange(); });
    this.input.addEventListener('keydown', (e) => this.#key_(e));
    this.input.addEventListener('focus', () => { if (!this.#chosen && this.input.value.trim().length > 1) this.#search(); });
    this.input.addEventListener('blur', () => setTimeout(() => this.#closeList(), 120));
    this.phoneInput.addEventListener('input', () => this.onChange());
    this.phoneInput.addEventListener('blur', () => { this.phoneInput.value = phone(this.phoneInput.value); });
  }

  set({ clientId, clientName, clientPhone, isNew = false }) {
    this.input.value = clientName ?? '';
    this.#chosen = clientId ? { id: clientId, name: clientName, phone: clientPhone } : null;
    this.#isNew = isNew;
    this.phoneInput.value = this.#chosen ? '' : phone(clientPhone ?? '');
    this.#draw();
  }

  /** What the form holds now, also half typed. */
  get value() {
    return {
      clientId: this.#chosen?.id ?? null,
      clientName: this.input.value.trim(),
      clientPhone: this.#chosen ? this.#chosen.phone ?? '' : phone(this.phoneInput.value.trim()),
      isNew: this.#isNew,
    };
  }

  /**
   * Makes the new client exist, once; whoever has the phone already is taken instead.
   * @returns {Promise<{clientId?, clientName, clientPhone?}>}
   * @throws when that is somebody of another name: the form shows whom, and the next time it is them
   */
  async resolve() {
    const { clientId, clientName, clientPhone, isNew } = this.value;
    if (clientId || !isNew) return clientId ? { clientId, clientName } : { clientName, clientPhone };
    const [firstName, ...rest] = clientName.split(/\s+/);
    const body = { firstName, lastName: rest.join(' '), phone: clientPhone };
    let client;
    try {
      client = await api.addClient(body, this.#keyOf(body));
      this.#choose(client);
    } catch (error) {
      client = error.code === 'PHONE_TAKEN' ? await this.#ownerOf(clientPhone) : null;
      if (!client) throw error;
      this.#choose(client);
      if (!isSameName(fullName(client), fullName(body))) throw Object.assign(error, { fields: { clientName: t('client.phoneTaken') } });
    }
    return { clientId: client.id, clientName: fullName(client) };
  }

  async #ownerOf(number) {
    const digits = phoneDigits(number);
    return (await api.findClients(digits)).find((client) => phoneDigits(client.phone) === digits) ?? null;
  }

  /** @returns {boolean} whether what is there can be sent */
  check() {
    this.#closeList();
    const name = this.input.value.trim();
    this.main.setError(name ? null : t('client.missing'));
    const typedPhone = this.phoneInput.value.trim();
    const badPhone = this.#isNew && typedPhone && !phoneDigits(typedPhone);
    this.phoneField.setError(badPhone ? t('client.badPhone') : null);
    if (!name) this.input.focus();
    else if (badPhone) this.phoneInput.focus();
    return Boolean(name) && !badPhone;
  }

  #typed() {
    this.#chosen = null;
    this.#draw();
    clearTimeout(this.#timer);
    if (this.input.value.trim().length < 2) return this.#closeList();
    this.#timer = setTimeout(() => this.#search(), 180);
  }

  async #search() {
    const text = this.input.value.trim();
    const turn = ++this.#asked;
    let found = [];
    let failed = false;
    try { found = await api.findClients(looksLikePhone(text) ? phoneDigits(text) || text.replace(/[^\d+]/g, '') : text); } catch { failed = true; }
    if (turn !== this.#asked || document.activeElement !== this.input || this.#chosen) return;
    this.#options = [...found.map((client) => ({ client })), { create: true }];
    this.#active = found.length ? 0 : -1;
    this.#drawList(text, failed);
  }

  #drawList(text, failed) {
    const create = looksLikePhone(text) ? t('client.createPhone', { phone: phone(text) }) : t('client.create', { name: text });
    this.list.replaceChildren(
      ...(failed ? [h('li.option-note', { role: 'presentation' }, t('client.searchFailed'))] : []),
      ...this.#options.map((o, i) => h('li.option', { role: 'option', id: `${this.list.id}-${i}`, 'aria-selected': String(i === this.#active),
        testid: o.client ? 'client-option' : 'client-create', onpointerdown: (e) => { e.preventDefault(); this.#take(i); } },
      o.client ? [h('b', fullName(o.client)), h('span', phone(o.client.phone ?? ''))] : [icon('userPlus', 18), h('span', create)])));
    this.list.hidden = false;
    this.input.setAttribute('aria-expanded', 'true');
    this.#mark();
  }

  #mark() {
    [...this.list.querySelectorAll('.option')].forEach((node, i) => {
      node.setAttribute('aria-selected', String(i === this.#active));
      if (i === this.#active) node.scrollIntoView({ block: 'nearest' });
    });
    if (this.#active >= 0) this.input.setAttribute('aria-activedescendant', `${this.list.id}-${this.#active}`);
    else this.input.removeAttribute('aria-activedescendant');
  }

  #key_(e) {
    if (this.list.hidden) {
      if (e.key === 'ArrowDown' && this.input.value.trim()) { e.preventDefault(); this.#search(); }
      return;
    }
    const count = this.#options.length;
    if (e.key === 'ArrowDown') this.#active = (this.#active + 1) % count;
    else if (e.key === 'ArrowUp') this.#active = (this.#active - 1 + count) % count;
    else if (e.key === 'Enter' && this.#active >= 0) this.#take(this.#active);
    else if (e.key === 'Escape') this.#closeList();
    else return;
    e.preventDefault();
    e.stopPropagation();
    this.#mark();
  }

  #take(i) {
    const option = this.#options[i];
    if (option.client) this.#choose(option.client);
    else {
      const text = this.input.value.trim();
      this.#isNew = true;
      this.#draw();
      if (looksLikePhone(text)) {
        this.phoneInput.value = phone(text);
        this.input.value = '';
        this.input.focus();
      } else this.phoneInput.focus();
    }
    this.#closeList();
    this.onChange();
  }

  #choose(client) {
    this.set({ clientId: client.id, clientName: fullName(client), clientPhone: client.phone });
    this.#chosen = { id: client.id, name: fullName(client), phone: client.phone, visits: client.totalVisits };
    this.main.setError(null);
    this.#draw();
  }

  #draw() {
    this.phoneField.hidden = Boolean(this.#chosen) || !this.#isNew;
    // A visit may have a phone without a client on the list.
    const { phone: number, visits } = this.#chosen ?? { phone: this.#isNew ? '' : this.phoneInput.value };
    this.about.replaceChildren(...[
      number ? h('a.client-phone', { href: `tel:${phoneDigits(number) ? `+${phoneDigits(number)}` : number}` }, icon('phone', 15), phone(number)) : null,
      visits !== undefined ? h('span', visits ? t('client.visits', { n: visits }) : t('client.firstVisit')) : null,
    ].filter(Boolean));
    this.about.hidden = this.about.childElementCount === 0;
  }

  #closeList() {
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.input.removeAttribute('aria-activedescendant');
    this.#asked += 1;
  }
}

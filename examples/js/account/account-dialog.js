/** The signed-in person's account: who it is, and whether Telegram opens it. */
import { fill, h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { api } from '../api.js';
import { SOCKET } from '../config.js';
import { openDialog } from '../ui/dialog.js';
import { announce } from '../ui/announce.js';
import { CodeView } from '../telegram/code-view.js';
import { CodeWatch } from '../telegram/code-watch.js';

/** @param {{textOf: (error) => string}} app */
export function openAccount(app) {
  new AccountDialog(app);
}

class AccountDialog {
  #app;
  #about = h('dl.details', { testid: 'account-about' });
  #telegram = h('section.account-telegram', { testid: 'account-telegram', 'aria-label': 'Telegram', tabindex: -1 });
  #watch = null;
  #code = null;
  #closed = false;

  constructor(app) {
    this.#app = app;
    openDialog({ title: t('account.title'), kind: 'small', testid: 'account-dialog', content: [this.#about, this.#telegram],
      onClose: () => { this.#closed = true; this.#leaveCode(); } });
    this.#load();
  }

  async #load(note) {
    try {
      const user = await api.me();
      if (!this.#closed) this.#show(user, note);
    } catch (error) {
      if (!this.#closed) this.#refuse(this.#app.textOf(error), () => this.#load(note));
    }
  }

  #show(user, note) {
    const isLinked = user.telegram_id !== null;
    const name = user.telegram_username ? `@${user.telegram_username}` : t('account.linked');
    const rows = [
      [t('account.name'), [user.first_name, user.last_name].filter(Boolean).join(' '), 'account-name'],
      [t('account.email'), user.email, 'account-email'],
      [t('account.role'), t(`role.${user.role}`), 'account-role'],
      ['Telegram', isLinked ? name : t('account.notLinked'), 'account-state'],
    ];
    fill(this.#about, rows.map(([term, text, testid]) => [h('dt', term), h('dd', { testid }, text)]));
    this.#put(
      note && h('p.form-note', { testid: 'account-note' }, icon('check'), h('span', note)),
      isLinked
        ? h('button.button.danger', { type: 'button', testid: 'account-unlink', onclick: () => this.#askUnlink() }, t('account.unlink'))
        : [h('p.field-hint', t('account.why')),
          h('button.button', { type: 'button', testid: 'account-link', onclick: () => this.#link() }, icon('telegram'), t('account.link'))]);
    if (note) announce(note);
  }

  // ---- linking

  async #link() {
    this.#put(h('p.telegram-busy', h('span.turning'), h('span', t('telegram.starting'))));
    try {
      const begun = await api.beginTelegramLink();
      if (!this.#closed) this.#follow(begun);
    } catch (error) {
      if (!this.#closed) this.#refuse(this.#wordsOf(error), error.code === 'TELEGRAM_DISABLED' ? null : () => this.#link());
    }
  }

  #follow(begun) {
    let state = { status: 'pending', expiresAt: Date.now() + begun.expires_in * 1000, live: true };
    const code = new CodeView(begun);
    const watch = new CodeWatch(begun.link_code, state.expiresAt, { url: SOCKET });
    const update = (news) => {
      state = { ...state, ...news };
      if (this.#watch !== watch) return;
      if (state.status === 'pending') code.show(state);
      else this.#settled(state);
    };
    this.#put(code.node, h('button.link-button', { type: 'button', testid: 'account-cancel', onclick: () => this.#load() }, t('account.cancel')));
    this.#code = code;
    this.#watch = watch;
    code.show(state);
    code.link.focus();
    watch.addEventListener('line', ({ detail }) => update({ live: detail.live }));
    watch.addEventListener('status', ({ detail }) => update({ ...detail, expiresAt: detail.expiresAt ?? state.expiresAt }));
    watch.start();
  }

  #settled({ status, telegram }) {
    // Whose Telegram it is: the first who opens the link gets the account.
    if (status === 'linked') return this.#load(t('account.nowLinked', { who: telegram }));
    this.#refuse(t(status === 'refused' ? 'account.refused' : 'telegram.over.expired'), () => this.#link());
  }

  #leaveCode() {
    this.#watch?.stop();
    this.#code?.close();
    this.#watch = this.#code = null;
  }

  // ---- unlinking

  #askUnlink() {
    this.#put(h('p', { testid: 'account-sure' }, t('account.sure')),
      h('.account-answers',
        h('button.button', { type: 'button', testid: 'account-keep', onclick: () => this.#load() }, t('account.keep')),
        h('button.button.danger', { type: 'button', testid: 'account-unlink-yes', onclick: (e) => this.#unlink(e.currentTarget) }, t('account.unlink'))));
  }

  async #unlink(button) {
    button.disabled = true;
    try {
      await api.unlinkTelegram();
      await this.#load(t('account.nowUnlinked'));
    } catch (error) {
      if (!this.#closed) this.#refuse(this.#wordsOf(error), error.code === 'TELEGRAM_ONLY_LOGIN' ? null : () => this.#unlink(button));
    }
  }

  // ---- what is shown below

  #refuse(text, again) {
    this.#put(h('p.form-error', { testid: 'account-error' }, icon('alert'), h('span', text)),
      again && h('button.button', { type: 'button', testid: 'account-again', onclick: again }, t('common.retry')));
    announce(text);
  }

  /** The focus stays here when what had it goes away. */
  #put(...content) {
    this.#leaveCode();
    const hadFocus = this.#telegram.contains(document.activeElement);
    fill(this.#telegram, ...content);
    if (hadFocus) (this.#telegram.querySelector('button, a') ?? this.#telegram).focus();
  }

  #wordsOf(error) {
    if (error.code === 'TELEGRAM_ONLY_LOGIN') return t('account.onlyLogin');
    if (error.code === 'TELEGRAM_DISABLED') return t('telegram.disabled');
    if (error.status === 429) return error.retryAfter ? t('telegram.tooMany', { n: error.retryAfter }) : t('login.tooMany');
    if (error.status >= 500) return t('telegram.away');
    return this.#app.textOf(error);
  }
}

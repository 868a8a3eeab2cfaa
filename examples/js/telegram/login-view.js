/** A login through Telegram as people see it. Drawn anew only where another thing is to be done: the focus stays where it is. */
import { fill, h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { announce } from '../ui/announce.js';
import { CodeView } from './code-view.js';

export class TelegramLoginView {
  #login;
  #code = null;
  #drawn = null;
  #waiting = null;
  #heading = h('h1', { tabindex: -1, testid: 'telegram-title' }, t('telegram.title'));
  #body = h('.telegram-body');

  constructor(login) {
    this.#login = login;
    this.node = h('section.telegram-login', { testid: 'telegram-login', 'aria-label': t('telegram.title') },
      this.#heading, this.#body,
      h('button.link-button', { type: 'button', testid: 'telegram-leave', onclick: () => login.leave() }, t('telegram.leave')));
  }

  focus() { this.#heading.focus({ preventScroll: true }); }

  close() {
    this.#code?.close();
    clearInterval(this.#waiting);
  }

  show(state) {
    const shape = state.phase === 'waiting' ? `waiting ${state.begun.auth_code}` : state.phase;
    if (shape !== this.#drawn || state.phase === 'over' || state.phase === 'failed') {
      const hadFocus = this.#body.contains(document.activeElement);
      this.close();
      this.#code = null;
      this.#drawn = shape;
      this.node.dataset.phase = state.phase;
      this.#draw(state);
      if (hadFocus) (this.#body.querySelector('button:not(:disabled)') ?? this.#heading).focus({ preventScroll: true });
    }
    if (state.phase === 'waiting') this.#code.show(state);
  }

  #draw(state) {
    switch (state.phase) {
      case 'starting': return this.#busy(t('telegram.starting'));
      case 'waiting':
        this.#code = new CodeView(state.begun);
        return fill(this.#body, this.#code.node);
      case 'taking':
      case 'entered': return this.#busy(t('telegram.status.completed'));
      case 'over': return this.#over(state);
      case 'failed': return this.#failed(state);
      default: return fill(this.#body);
    }
  }

  #over({ status, reason, before }) {
    const why = reason ?? (before === 'awaiting_approval' ? 'approval' : status);
    this.#ended(t(`telegram.over.${why}`), 'telegram-over');
  }

  #failed({ error, retryAt }) {
    const again = this.#ended(wordsOf(error, retryAt), 'telegram-failed');
    if (this.#login.isDisabled) return again.remove();
    if (!retryAt) return;
    // As long as it would be refused, it is not offered.
    again.disabled = true;
    this.#waiting = setInterval(() => {
      if (retryAt > Date.now()) return this.#say(wordsOf(error, retryAt));
      clearInterval(this.#waiting);
      this.#say(t('telegram.mayAgain'));
      announce(t('telegram.mayAgain'));
      again.disabled = false;
    }, 1000);
  }

  #say(text) { this.#body.querySelector('.telegram-why span').textContent = text; }

  #busy(text) {
    fill(this.#body, h('p.telegram-busy', h('span.turning'), h('span', text)));
    announce(text);
  }

  #ended(text, testid) {
    const again = h('button.button.primary.wide', { type: 'button', testid: 'telegram-again', onclick: () => this.#login.again() }, t('common.retry'));
    fill(this.#body, h('p.form-error.telegram-why', { testid }, icon('alert'), h('span', text)), again);
    announce(text);
    return again;
  }
}

function wordsOf(error, retryAt) {
  if (error.code === 'TELEGRAM_DISABLED') return t('telegram.disabled');
  if (error.status === 0) return t('login.offline');
  if (error.status === 429) return retryAt ? t('telegram.tooMany', { n: Math.max(1, Math.ceil((retryAt - Date.now()) / 1000)) }) : t('login.tooMany');
  if (error.status >= 500) return t('telegram.away');
  return error.message || t('common.failed');
}

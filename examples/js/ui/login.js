import { $, h, icon } from '../dom.js';
import { language, t } from '../i18n.js';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from '../config.js';
import { session } from '../session.js';
import { TelegramLoginView } from '../telegram/login-view.js';

const ROLE_ICONS = { owner: 'star', manager: 'user', reception: 'calendar', master: 'scissors', lviv: 'swap' };

/** Ends what the page that is shown now follows. */
let leave = () => {};

/** The page for whoever is not signed in. Calls `entered` after a login; `telegram` is a `TelegramLogin`. */
export function showLogin(root, { entered, notice, telegram }) {
  const typed = { email: $('#login-email')?.value ?? '', password: $('#login-password')?.value ?? '' };
  leave();
  const error = h('p.form-error', { role: 'alert', hidden: true, testid: 'login-error' });
  const email = h('input', { id: 'login-email', type: 'email', name: 'email', autocomplete: 'username', required: true, autofocus: true,
    testid: 'login-email', placeholder: 'name@salon.ua', value: typed.email });
  const password = h('input', { id: 'login-password', type: 'password', name: 'password', autocomplete: 'current-password', required: true,
    testid: 'login-password', value: typed.password });
  const remember = h('input', { type: 'checkbox', checked: true });
  const submit = h('button.button.primary.wide', { type: 'submit', testid: 'login-submit' }, t('login.submit'));
  const byTelegram = h('button.button.wide', { type: 'button', testid: 'login-telegram', onclick: () => telegram.start({ remember: remember.checked }) },
    icon('telegram'), t('telegram.button'));

  async function enter(address, secret, button) {
    error.hidden = true;
    root.inert = true;
    button.classList.add('busy');
    try {
      await session.login(address, secret, remember.checked);
      entered();
    } catch (problem) {
      error.textContent = problem.status === 401 ? t('login.wrong')
        : problem.status === 429 ? t('login.tooMany')
          : problem.status === 0 ? t('login.offline') : problem.message || t('common.failed');
      error.hidden = false;
    } finally {
      root.inert = false;
      button.classList.remove('busy');
    }
  }

  const form = h('form.login-form', { novalidate: true, onsubmit(e) {
    e.preventDefault();
    const missing = !email.value.trim() ? email : !password.value ? password : null;
    if (missing) {
      error.textContent = t('login.missing');
      error.hidden = false;
      missing.focus();
      return;
    }
    enter(email.value, password.value, submit);
  } },
  h('.field', h('label', { for: 'login-email' }, t('login.email')), email),
  h('.field', h('label', { for: 'login-password' }, t('login.password')), password),
  h('label.check', remember, h('span', t('login.remember'))),
  error, submit);

  const demo = h('.demo-roles', { role: 'group', 'aria-label': t('login.demo') }, Object.keys(DEMO_ACCOUNTS).map((role) => h('button.demo-role',
    { type: 'button', testid: `demo-${role}`, onclick: (e) => enter(DEMO_ACCOUNTS[role], DEMO_PASSWORD, e.currentTarget) },
    icon(ROLE_ICONS[role]), h('span', h('b', t(`demo.${role}`)), h('small', DEMO_ACCOUNTS[role])))));

  const byPassword = h('.login-password',
    h('h1', t('login.title')),
    notice && h('p.form-note', { role: 'status' }, notice),
    form, byTelegram,
    h('h2.login-or', t('login.demo')),
    demo);
  const view = new TelegramLoginView(telegram);

  root.replaceChildren(h('main.login-card', { testid: 'login' },
    h('.login-brand', h('span.mark', icon('logo', 26)), h('span', 'Adelante'),
      h('button.link-button', { type: 'button', lang: language.code === 'uk' ? 'en' : 'uk', testid: 'login-language',
        onclick: () => language.set(language.code === 'uk' ? 'en' : 'uk') }, t('nav.otherLanguage'))),
    byPassword, view.node));
  root.hidden = false;

  /** One of the two ways at a time; the focus goes along. */
  const show = (state) => {
    const wasHidden = view.node.hidden;
    view.node.hidden = state.phase === 'idle';
    byPassword.hidden = !view.node.hidden;
    byTelegram.hidden = telegram.isDisabled;
    view.show(state);
    if (state.phase === 'entered') entered();
    else if (!view.node.hidden && wasHidden) view.focus();
    else if (view.node.hidden && !wasHidden) (byTelegram.hidden ? email : byTelegram).focus({ preventScroll: true });
  };
  view.node.hidden = true;
  const changed = ({ detail }) => show(detail);
  telegram.addEventListener('change', changed);
  leave = () => { telegram.removeEventListener('change', changed); view.close(); };
  email.focus({ preventScroll: true });
  show(telegram.state);
  telegram.resume();
}

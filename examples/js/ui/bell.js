import { $, h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { api } from '../api.js';
import { instantText } from '../time.js';
import { attachPanel } from './menu.js';
import { toast } from './toast.js';

/** The notification bell: what one device reads or removes, the others follow by event. */
export class Bell {
  #app;
  #items = [];
  #unread = 0;
  #failed = false;
  #button = $('#bell');
  #panel = $('#bell-panel');

  constructor(app) {
    this.#app = app;
    attachPanel(this.#button, this.#panel, { onOpen: () => this.#draw(true) });
    app.live.addEventListener('notification', (e) => this.#apply(e.detail));
    this.#draw();
  }

  async load() {
    try {
      const { data, unreadCount, position } = await api.notifications();
      this.#items = data;
      this.#unread = unreadCount ?? data.filter((n) => !n.isRead).length;
      this.#failed = false;
      this.#app.live.follow('notifications', position);
    } catch {
      this.#failed = true;
    }
    this.#draw();
  }

  draw() { this.#draw(); }

  #apply({ type, data, repeated }) {
    if (type === 'notification:new') {
      const known = this.#items.some((n) => n.id === data.id);
      this.#items = [data, ...this.#items.filter((n) => n.id !== data.id)].slice(0, 50);
      if (!known && !repeated) this.#ring();
    } else if (type === 'notification:read') {
      const ids = new Set(data.ids.map(String));
      this.#items = this.#items.map((n) => (ids.has(String(n.id)) ? { ...n, read: true, isRead: true } : n));
    } else if (type === 'notification:deleted') {
      this.#items = this.#items.filter((n) => String(n.id) !== String(data.id));
    }
    this.#unread = data.unreadCount ?? this.#items.filter((n) => !n.isRead).length;
    this.#draw();
  }

  #ring() {
    this.#button.classList.remove('ringing');
    void this.#button.offsetWidth;
    this.#button.classList.add('ringing');
  }

  #draw(opening = false) {
    const count = this.#unread;
    this.#button.setAttribute('aria-label', count ? t('bell.labelUnread', { n: count }) : t('bell.label'));
    $('#bell-count').textContent = count > 99 ? '99+' : count || '';
    $('#bell-count').hidden = !count;
    if (!opening && !this.#panel.matches(':popover-open')) return;

    const hadFocus = this.#panel.contains(document.activeElement);
    const list = this.#failed ? h('p.panel-empty', t('bell.failed'))
      : this.#items.length ? h('ul.notes', this.#items.map((n) => this.#item(n)))
        : h('.panel-empty', icon('bell', 28), h('p', t('bell.empty')));
    this.#panel.replaceChildren(
      h('.panel-head', h('h2', t('bell.title')),
        h('button.link-button', { type: 'button', disabled: !count, testid: 'bell-read-all', onclick: () => this.#do(api.readAllNotifications()) }, t('bell.readAll'))),
      list);
    if (hadFocus && !this.#panel.contains(document.activeElement)) ($('button:not(:disabled)', this.#panel) ?? this.#panel).focus();
  }

  #item(n) {
    return h(`li.note${n.isRead ? '' : '.unread'}`, { testid: 'notification', 'data-id': n.id },
      h('button.note-main', { type: 'button', onclick: () => this.#open(n) },
        h('span.note-title', n.title, !n.isRead && h('span.visually-hidden', ` (${t('bell.unread')})`)),
        h('span.note-text', n.message),
        h('span.note-time', instantText(n.createdAt, this.#app.store.zone))),
      h('button.icon-button', { type: 'button', 'aria-label': t('bell.remove'), title: t('bell.remove'), onclick: () => this.#do(api.removeNotification(n.id)) },
        icon('close', 18)));
  }

  #open(n) {
    if (!n.isRead) this.#do(api.readNotification(n.id));
    const id = Number(/appointments\/(\d+)/.exec(n.link ?? '')?.[1]);
    if (!id) return;
    this.#panel.hidePopover();
    this.#app.openVisitById(id);
  }

  async #do(request) {
    try { await request; } catch (error) { toast({ tone: 'bad', text: this.#app.textOf(error) }); }
  }
}

/** The calendar page: puts its parts together and carries out what they ask for. */
import { $, fillIcons, h } from './dom.js';
import { language, t, translatePage } from './i18n.js';
import { DEMO_ACCOUNTS, DEMO_PASSWORD, DESK, EMBEDDED, ENTER_AS } from './config.js';
import { mayWrite, session } from './session.js';
import { Store } from './store.js';
import { Writes } from './writes.js';
import { Live } from './live.js';
import { FrameGuest } from './frame.js';
import { api, idempotencyKey } from './api.js';
import { dateLong, dateMedium, dateShort, dateTitle, addDays, isDate, minutesOf, span, timeOf } from './time.js';
import { freeTimes, lyingOn, salonHours, workingSpans } from './layout.js';
import { Grid } from './calendar/grid.js';
import { Keys } from './calendar/keys.js';
import { Pager } from './calendar/pager.js';
import { attachPointer } from './calendar/pointer.js';
import { drawWeek } from './calendar/week-strip.js';
import { pickDate } from './calendar/date-picker.js';
import { VisitDialog } from './visit/visit-dialog.js';
import { openDetails } from './visit/details.js';
import { openMove } from './visit/move-dialog.js';
import { openVersions } from './visit/version-dialog.js';
import { drafts } from './visit/drafts.js';
import { heldVisit } from './visit/conflict.js';
import { Desks } from './desks/desks.js';
import { showLogin } from './ui/login.js';
import { openAccount } from './account/account-dialog.js';
import { telegramLogin } from './telegram/login-here.js';
import { ConnectionView } from './ui/connection.js';
import { Bell } from './ui/bell.js';
import { attachPanel } from './ui/menu.js';
import { announce } from './ui/announce.js';
import { toast } from './ui/toast.js';
import { openDialog } from './ui/dialog.js';

const UNDO_SECONDS = 10;
const OFFLINE_UNDO_SECONDS = 60;

class App {
  constructor() {
    this.store = new Store();
    this.writes = new Writes(this.store);
    this.live = new Live(this.store, this.writes);
    this.grid = new Grid(this, $('#board'));
    this.keys = new Keys(this, this.grid);
    this.pager = new Pager(this, this.grid);
    this.guest = EMBEDDED ? new FrameGuest() : null;
    this.telegram = telegramLogin();
    this.date = null;
    attachPointer(this, this.grid);
    this.connection = new ConnectionView(this);
    this.bell = new Bell(this);
    this.desks = new Desks(this);
    this.#listen();
    this.#controls();
  }

  get mayWrite() { return mayWrite(); }

  // ---- coming and going

  async enter(again = false) {
    if (ENTER_AS && DEMO_ACCOUNTS[ENTER_AS] && session.user?.email !== DEMO_ACCOUNTS[ENTER_AS]) {
      await session.login(DEMO_ACCOUNTS[ENTER_AS], DEMO_PASSWORD).catch((e) => { this.notice = e.status === 429 ? t('login.tooMany') : e.status === 0 ? t('login.offline') : e.message; });
    }
    if (!session.user || this.notice) return this.#showLogin(this.notice);
    $('#login').hidden = true;
    $('#login').replaceChildren();
    $('#app').hidden = false;
    document.body.dataset.role = session.user.role;
    document.body.classList.toggle('read-only', !this.mayWrite);
    this.grid.showLoading();
    this.date = this.#askedDate();
    this.#drawHeader();
    try {
      await this.store.loadSalon();
    } catch (error) {
      // A demo desk whose kept session is gone (a new database, for instance) simply enters again.
      if (!session.user) return ENTER_AS && !again ? this.enter(true) : undefined;
      return this.grid.showError(this.textOf(error), () => this.enter());
    }
    // Only now the salon's own zone is known.
    this.date = this.#askedDate();
    this.#drawFrame();
    await this.#showDay();
    this.live.start();
    this.bell.load();
    const draft = drafts.get();
    if (draft && this.mayWrite) toast({ text: t('form.draftKept'), iconName: 'edit', seconds: 15, testid: 'draft-toast', action: { label: t('form.draftResume'), run: () => this.resumeDraft(draft) } });
    this.guest?.tell({ what: 'entered', role: session.user.role, name: this.store.salon.name, salon: session.user.salon_id });
  }

  #askedDate() {
    const asked = location.hash.slice(1);
    return isDate(asked) ? asked : this.store.today;
  }

  #showLogin(notice) {
    for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
    $('#app').hidden = true;
    document.title = `${t('login.title')} · Adelante`;
    showLogin($('#login'), { notice, telegram: this.telegram, entered: () => { this.#forgetAddress(); location.reload(); } });
  }

  /** Who enters by hand stays that one, also after a reload. */
  #forgetAddress() {
    const address = new URL(location.href);
    address.searchParams.delete('as');
    history.replaceState(null, '', address);
  }

  async #logout() {
    this.live.stop();
    await session.logout();
    drafts.drop();
    this.#forgetAddress();
    this.#showLogin();
  }

  // ---- the day

  async go(date) {
    if (!date || date === this.date) return;
    this.date = date;
    history.replaceState(null, '', date === this.store.today ? location.pathname + location.search : `#${date}`);
    await this.#showDay();
    announce(t('nav.showing', { date: dateLong(date) }));
  }

  #failed = false;

  async #showDay() {
    const { date } = this;
    this.#failed = false;
    this.#drawHeader();
    this.desks.show(date);
    if (!this.store.knows(date)) {
      this.grid.showLoading();
      this.pager.draw();
      try {
        const position = await this.store.loadWeek(date);
        if (position) this.live.follow('appointments', position);
      } catch (error) {
        if (!session.user || this.date !== date) return;
        this.#failed = true;
        this.grid.showError(this.textOf(error), () => this.#showDay());
        return;
      }
    }
    if (this.date !== date) return;
    this.#drawDay();
    this.grid.scrollToDay();
  }

  #drawDay() {
    if (!this.store.knows(this.date) && !this.grid.columns.length) return;
    this.grid.render();
    this.pager.draw();
    drawWeek(this);
  }

  #drawHeader() {
    const { date, store } = this;
    $('#day-title-long').textContent = dateLong(date);
    $('#day-title-short').textContent = dateTitle(date);
    $('#today').disabled = date === store.today;
    document.title = `${dateMedium(date)} · ${store.salon?.name ?? 'Adelante'}`;
    drawWeek(this);
  }

  #drawFrame() {
    const { user } = session;
    $('#salon-name').textContent = this.store.salon.name;
    $('#user-role').textContent = t(`role.${user.role}`);
    $('#user-name').textContent = [user.first_name, user.last_name].filter(Boolean).join(' ');
    $('#new-visit').hidden = !this.mayWrite;
    $('#fab').hidden = !this.mayWrite;
  }

  showColumn(index) {
    if (this.pager.isOn) this.pager.show(index);
  }

  // ---- booking, changing, moving, deleting

  openBooking({ staffId = null, start, end, date = this.date } = {}) {
    if (!this.mayWrite || !this.store.knows(date)) return;
    const at = start ?? this.#nextFreeStart(staffId);
    const base = { clientName: '', clientPhone: '', staffId, date, startTime: timeOf(at), endTime: timeOf(end ?? at + 60), status: 'scheduled', type: 'standard', price: null, notes: '' };
    new VisitDialog(this, base);
  }

  /** The first free hour of a master from now on; else the opening. */
  #nextFreeStart(staffId) {
    const { date, minutes } = this.store.now;
    const opening = salonHours(this.store.salon, this.date)?.start ?? 9 * 60;
    const from = date === this.date ? Math.min(23 * 60, Math.max(opening, Math.ceil(minutes / 15) * 15)) : opening;
    const spans = workingSpans(this.store.salon, this.store.member(staffId), this.date);
    return freeTimes(this.store.during(this.date), spans, { staffId, start: from, length: 60, notBefore: from, count: 1 })[0] ?? from;
  }

  openVisit(visit, { note } = {}) {
    if (!this.mayWrite) return openDetails(this, visit);
    const dialog = new VisitDialog(this, visit);
    if (note) dialog.note(note);
  }

  async openVisitById(id) {
    try {
      const visit = this.store.visit(id) ?? await api.appointment(id);
      if (!lyingOn(visit, this.date)) await this.go(visit.date);
      this.openVisit(this.store.visit(id) ?? visit);
    } catch (error) {
      toast({ tone: 'bad', text: this.textOf(error) });
    }
  }

  async resumeDraft({ base, values }) {
    if (values.date !== this.date) await this.go(values.date);
    new VisitDialog(this, base.id ? this.store.visit(base.id) ?? base : base, values);
  }

  saved(visit, isNew, { silent = false } = {}) {
    if (!silent) {
      const text = t(isNew ? 'done.booked' : 'done.saved', { who: visit.clientName, date: dateShort(visit.date), time: visit.startTime });
      toast({ text, testid: 'saved-toast' });
      announce(text);
    }
    if (visit.date === this.date) this.keys.focusVisit(visit.id);
  }

  /** A dialog went away: the keyboard returns to where it was on the sheet. */
  dialogClosed(visit) {
    if (document.querySelector('dialog[open]') || (document.activeElement && document.activeElement !== document.body)) return;
    if (visit.id && this.grid.card(visit.id)) this.keys.focusVisit(visit.id);
    else if (visit.date === this.date && this.grid.columns.length) this.keys.focusAt(visit.staffId ?? null, minutesOf(visit.startTime));
  }

  openMove(visit) { openMove(this, visit); }

  /** Sends a move and says how it went, for forms that show that themselves. */
  async tryMove(visit, fields, { allowOverlap = false } = {}) {
    this.grid.overrides.set(visit.id, fields);
    this.#redraw();
    try {
      const moved = await this.writes.change(visit.id, allowOverlap ? { ...fields, allowOverlap: true } : fields, visit.version);
      this.#moved(visit, moved);
      return { done: true };
    } catch (error) {
      if (error.code === 'SLOT_TAKEN') return { taken: error.body.conflict ?? null };
      if (error.code === 'SLOT_HELD') return { taken: heldVisit(error.body.hold) };
      if (error.code === 'VERSION_CONFLICT') {
        const theirs = error.body.current;
        this.store.put(theirs, 'own');
        openVersions(this, { mine: { ...visit, ...fields }, base: visit, theirs });
        return { handled: true };
      }
      return { text: error.isOffline ? t('offline.notMoved') : this.textOf(error) };
    } finally {
      this.grid.overrides.delete(visit.id);
      this.#redraw();
    }
  }

  /** A move by pointer: what it comes to is shown by itself. */
  async move(visit, fields) {
    const result = await this.tryMove(visit, fields);
    if (result.taken !== undefined) openMove(this, visit, { wanted: fields, other: result.taken });
    else if (result.text) {
      toast({ tone: 'bad', text: result.text, testid: 'refused-toast' });
      announce(result.text);
    }
  }

  #moved(before, after) {
    const text = t('done.moved', { who: after.clientName, date: dateShort(after.date), time: `${after.startTime}–${after.endTime}`, staff: this.store.masterOf(after) ?? t('staff.none') });
    const { staffId, date, startTime, endTime } = before;
    toast({ text, iconName: 'move', testid: 'moved-toast', action: { label: t('done.back'), run: () => this.move(this.store.visit(after.id) ?? after, { staffId, date, startTime, endTime }) } });
    announce(text);
  }

  async remove(visit) {
    const place = { staffId: visit.staffId ?? null, minute: span(visit).start };
    try {
      await this.writes.remove(visit.id);
    } catch (error) {
      toast({ tone: 'bad', text: error.isOffline ? t('offline.notDeleted') : this.textOf(error), testid: 'refused-toast' });
      return;
    }
    if (visit.date === this.date) this.keys.focusAt(place.staffId, place.minute);
    const text = t('done.deleted', { who: visit.clientName, time: visit.startTime });
    this.#offerUndo(visit, { text, iconName: 'trash', seconds: UNDO_SECONDS });
    announce(`${text}. ${t('done.undoHint')}`);
  }

  /** All attempts at one undo have one key: what was done without an answer is not done twice. */
  #offerUndo(visit, { label = t('done.undo'), ...message }, key = idempotencyKey()) {
    toast({ ...message, testid: 'undo-toast', action: { label, run: () => this.#restore(visit, key) } });
  }

  async #restore(visit, key) {
    try {
      const back = await this.writes.restore(visit.id, key);
      announce(t('done.restored', { who: back.clientName }));
      if (back.date === this.date) this.keys.focusVisit(back.id);
    } catch (error) {
      if (error.isOffline) {
        const text = t('offline.notRestored', { who: visit.clientName });
        this.#offerUndo(visit, { text, label: t('common.retry'), tone: 'bad', iconName: 'offline', seconds: OFFLINE_UNDO_SECONDS }, key);
        announce(text);
        return;
      }
      toast({ tone: 'bad', text: this.textOf(error) });
      // Nothing is lost: the same visit as a new one, for another time.
      const { id, version, ...copy } = visit;
      if (error.code === 'SLOT_TAKEN') new VisitDialog(this, { ...copy }, { ...copy, service: visit.serviceName });
    }
  }

  /** Events were lost for good: the snapshot is read again, until that works. What is shown stays meanwhile. */
  async #readAnew(pause = 1000) {
    this.store.outdate();
    try {
      const position = await this.store.loadWeek(this.date);
      if (position) this.live.follow('appointments', position);
    } catch {
      if (session.user) setTimeout(() => this.#readAnew(Math.min(2 * pause, 15_000)), pause);
    }
  }

  #redraw() {
    if (!this.grid.columns.length) return;
    this.grid.redraw();
    this.pager.draw();
  }

  // ---- in words

  textOf(error) {
    if (error?.isOffline) return t('offline.short');
    if (error?.status === 403) return error.message || t('error.forbidden');
    return error?.message || t('common.failed');
  }

  /** One change of somebody, as a sentence. */
  describe({ type, before, after }) {
    const visit = after ?? before;
    if (!visit) return t('change.deletedUnknown');
    const who = visit.clientName;
    const when = `${visit.date === this.store.today ? '' : `${dateShort(visit.date)}, `}${visit.startTime}`;
    const staff = this.store.masterOf(visit) ?? t('staff.none');
    if (type === 'appointment:deleted') return t('change.deleted', { who, when });
    if (type === 'appointment:created') return t('change.created', { who, when, staff });
    if (before && (before.date !== after.date || before.startTime !== after.startTime || before.staffId !== after.staffId)) return t('change.moved', { who, when, staff });
    if (before && before.endTime !== after.endTime) return t('change.resized', { who, when: `${after.startTime}–${after.endTime}` });
    if (before && before.status !== after.status) return t('change.status', { who, status: t(`status.${after.status}`) });
    return t('change.updated', { who, when });
  }

  // ---- wiring

  #listen() {
    this.store.addEventListener('change', ({ detail }) => {
      if (detail.how === 'load') { if (this.date && this.grid.columns.length) this.#drawDay(); return; }
      if (![detail.before, detail.after].some((v) => v && lyingOn(v, this.date))) { drawWeek(this); return; }
      if (!this.grid.columns.length) return;
      this.grid.update(detail);
      this.pager.draw();
      drawWeek(this);
    });
    this.live.addEventListener('activity', ({ detail }) => {
      this.guest?.tell({ what: 'change', type: detail.type, ms: detail.ms, own: detail.own, seq: detail.event.seq, text: this.describe(detail), uncertainty: this.live.client.clock.uncertainty });
      if (detail.own) return;
      this.grid.mark(detail);
      announce(t('change.elsewhere', { what: this.describe(detail) }));
    });
    this.live.addEventListener('connection', ({ detail }) => {
      this.guest?.tell({ what: 'connection', state: detail.state });
      if (detail.state === 'stopped' && detail.why === 'login') session.end();
      if (detail.state !== 'live') return;
      announce(t('connection.live'));
      if (this.#failed) this.#showDay();
    });
    this.live.addEventListener('seq', ({ detail }) => this.guest?.tell({ what: 'seq', seq: detail.seq }));
    this.live.addEventListener('reload', ({ detail }) => {
      if (detail.topic === 'notifications') return this.bell.load();
      if (detail.topic === 'appointments') this.#readAnew();
    });
    session.onChange((what) => {
      if (what !== 'ended') return;
      this.live.stop();
      this.#showLogin(t('login.ended'));
    });
    language.onChange(() => this.#translate());
    this.guest?.addEventListener('host', ({ detail }) => {
      if (detail.language) language.set(detail.language);
      this.guest.tell({ what: 'connection', state: this.live.client.state });
      if (this.live.seq !== null) this.guest.tell({ what: 'seq', seq: this.live.seq });
    });
    setInterval(() => this.#tick(), 15_000);
  }

  #lastToday = null;

  #tick() {
    this.grid.drawNow();
    const { today } = this.store;
    if (this.#lastToday && this.#lastToday !== today && this.date) {
      $('#today').disabled = this.date === today;
      drawWeek(this);
    }
    this.#lastToday = today;
  }

  #translate() {
    translatePage();
    if (!session.user) return this.#showLogin();
    if (!this.date) return;
    this.#drawFrame();
    this.#drawHeader();
    this.#drawDay();
    this.connection.draw();
    this.bell.draw();
    this.desks.draw();
  }

  #controls() {
    $('#previous-day').addEventListener('click', () => this.go(addDays(this.date, -1)));
    $('#next-day').addEventListener('click', () => this.go(addDays(this.date, 1)));
    $('#previous-week').addEventListener('click', () => this.go(addDays(this.date, -7)));
    $('#next-week').addEventListener('click', () => this.go(addDays(this.date, 7)));
    $('#today').addEventListener('click', () => this.go(this.store.today));
    $('#day-title').addEventListener('click', async () => this.go(await pickDate({ date: this.date, today: this.store.today })));
    for (const id of ['#new-visit', '#fab']) $(id).addEventListener('click', () => this.openBooking({ staffId: this.pager.isOn ? this.pager.staffId : this.store.staff[0]?.id ?? null }));
    attachPanel($('#user-button'), $('#user-panel'));
    $('#logout').addEventListener('click', () => { $('#user-panel').hidePopover(); this.#logout(); });
    $('#language').addEventListener('click', () => { $('#user-panel').hidePopover(); language.set(language.code === 'uk' ? 'en' : 'uk'); });
    $('#account').addEventListener('click', () => { $('#user-panel').hidePopover(); openAccount(this); });
    $('#shortcuts').addEventListener('click', () => { $('#user-panel').hidePopover(); this.#showShortcuts(); });
    addEventListener('hashchange', () => { const d = location.hash.slice(1); if (isDate(d)) this.go(d); });
  }

  #showShortcuts() {
    const keys = [['↑ ↓ ← →', 'arrows'], ['Enter', 'enter'], ['N', 'new'], ['M', 'move'], ['Delete', 'delete'], ['Ctrl + Z', 'undo'], ['Page Up / Page Down', 'page'], ['Home / End', 'ends'], ['T', 'today']];
    openDialog({ title: t('keys.title'), kind: 'sheet', content: h('dl.shortcuts', keys.map(([key, name]) => [h('dt', h('kbd', key)), h('dd', t(`keys.${name}`))])) });
  }
}

document.body.classList.toggle('embedded', EMBEDDED);
document.body.dataset.desk = DESK;
fillIcons();
translatePage();
new App().enter();

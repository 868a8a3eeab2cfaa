/** The form of one visit: a new one, or one that exists. Nothing typed in it is lost, whatever the server answers. */
import { $, h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { keyPerBody } from '../api.js';
import { duration, money } from '../format.js';
import { overlapping } from '../layout.js';
import { minutesOf, span, timeOf } from '../time.js';
import { openDialog } from '../ui/dialog.js';
import { toast } from '../ui/toast.js';
import { SlotKeeper } from '../desks/slot-keeper.js';
import { ClientField } from './client-field.js';
import { heldVisit, slotTaken, versionConflict } from './conflict.js';
import { drafts } from './drafts.js';
import { dateButton, durationSelect, enterSends, field, serviceSelect, staffOf, staffSelect, statusChips, timeSelect, typeChips } from './fields.js';

const FIELDS = ['clientId', 'clientName', 'clientPhone', 'serviceId', 'service', 'staffId', 'date', 'startTime', 'endTime', 'status', 'type', 'price', 'notes'];
const FIELD_OF = { clientId: 'clientName', firstName: 'clientName', lastName: 'clientName', phone: 'clientPhone', serviceId: 'service', startTime: 'startTime', endTime: 'duration' };

export class VisitDialog {
  #app;
  #base;
  #keyOf = keyPerBody();
  #saving = false;
  #finished = false;
  #waiting = false;
  #alert = h('.form-alert');
  #unlisten = [];

  /**
   * @param {object} base the visit; without `id` a new one
   * @param {object} [typed] values of a draft to go on with
   */
  constructor(app, base, typed = null) {
    this.#app = app;
    this.#base = base;
    this.#build({ ...base, ...typed });
    this.#initial = typed ? JSON.stringify(null) : JSON.stringify(this.values);
    this.#listen();
  }

  #initial;

  get isNew() { return !this.#base.id; }
  get isDirty() { return JSON.stringify(this.values) !== this.#initial; }

  /** The whole visit as the form has it. */
  get values() {
    const start = minutesOf(this.start.value);
    const service = this.service.value;
    const chosen = this.#app.store.service(Number(service));
    const price = this.price.value.trim().replace(/\s/g, '').replace(',', '.');
    const { clientId, clientName, clientPhone } = this.client.value;
    return {
      clientId, clientName, clientPhone,
      serviceId: service === 'as-is' ? this.#base.serviceId ?? null : chosen?.id ?? null,
      service: service === 'as-is' ? this.#base.serviceName || this.#base.service : chosen?.name ?? '',
      staffId: staffOf(this.staff),
      date: this.date.date,
      startTime: timeOf(start),
      endTime: timeOf(start + Number(this.length.value)),
      status: this.status.value,
      type: this.type.value,
      price: price === '' ? null : Number(price),
      notes: this.notes.value,
    };
  }

  #build(v) {
    const app = this.#app;
    const s = span(v);
    this.client = new ClientField(app, v);
    this.service = serviceSelect(app, v);
    this.staff = staffSelect(app, v);
    this.date = dateButton(app, v.date, async (d) => { await app.store.loadWeek(d).then((p) => p && app.live.follow('appointments', p)).catch(() => {}); this.#hint(); });
    this.start = timeSelect(v.startTime);
    this.length = durationSelect(s.end - s.start);
    this.price = h('input.tabular', { type: 'text', inputmode: 'decimal', autocomplete: 'off', value: v.price ?? '', testid: 'field-price' });
    this.notes = h('textarea', { rows: 3, testid: 'field-notes', value: v.notes ?? '' });
    this.status = statusChips(v.status ?? 'scheduled');
    this.type = typeChips(v.type ?? 'standard');
    this.endHint = h('p.time-hint', { 'aria-live': 'polite' });
    this.priceField = field(t('form.price', { currency: money(0, app.store.currency).replace(/[\d\s]/g, '') }), this.price, { name: 'price' });

    this.service.addEventListener('change', () => this.#fillFromService());
    for (const control of [this.staff, this.start, this.length]) control.addEventListener('change', () => this.#hint());

    this.fields = [
      this.client.main, this.client.phoneField,
      field(t('form.service'), this.service, { name: 'service' }), field(t('form.staffId'), this.staff, { name: 'staffId' }),
      field(t('form.date'), this.date, { name: 'date' }), field(t('form.start'), this.start, { name: 'startTime' }),
      field(t('form.duration'), this.length, { name: 'duration' }), this.priceField, field(t('form.notes'), this.notes, { name: 'notes' }),
    ];
    const [, , service, staff, date, start, length, , notes] = this.fields;
    this.form = h('form.visit-form', { id: 'visit-form', novalidate: true, onsubmit: (e) => { e.preventDefault(); this.save(); } },
      this.#alert, this.client.node,
      h('.field-row', service, this.priceField), staff,
      h('.field-row.three', date, start, length), this.endHint,
      this.status, notes, this.type,
      !this.isNew && h('p.form-meta', t('form.meta', { n: this.#base.version, who: this.#base.createdBy || '—' })));

    enterSends(this.form);
    this.submit = h('button.button.primary', { type: 'submit', form: 'visit-form', testid: 'save' }, t(this.isNew ? 'form.book' : 'form.save'));
    const footer = [
      !this.isNew && h('button.button.danger', { type: 'button', testid: 'delete', onclick: () => { this.#finish(); app.remove(this.#current()); } }, icon('trash', 18), t('form.delete')),
      !this.isNew && h('button.button', { type: 'button', testid: 'open-move', onclick: () => { if (this.#leave()) { this.#finish(); app.openMove(this.#current()); } } }, icon('move', 18), t('move.button')),
      this.submit,
    ];
    this.keeper = new SlotKeeper(app.live.client, () => this.#hint());
    this.window = openDialog({ title: t(this.isNew ? 'form.titleNew' : 'form.titleEdit'), kind: 'drawer', content: this.form, footer, testid: 'visit-dialog',
      mayClose: () => this.#leave(), onClose: () => this.#closed() });
    if (!this.isNew && v.clientName) this.window.dialog.querySelector('.dialog-head .icon-button').focus();
    this.#hint();
  }

  #current() { return this.#app.store.visit(this.#base.id) ?? this.#base; }

  #fillFromService() {
    const service = this.#app.store.service(Number(this.service.value));
    if (!service) return;
    if (service.duration) this.length.setMinutes(service.duration);
    if (service.price !== undefined) this.price.value = String(service.price);
    this.#hint();
  }

  /** The end in words, and a quiet word when the time looks taken already. */
  #hint() {
    const v = this.values;
    const { start, end } = span(v);
    const other = overlapping(this.#app.store.during(v.date), { staffId: v.staffId, start, end, except: this.#base.id });
    if (!this.#finished) this.keeper.want(v);
    const holder = this.keeper.other;
    this.endHint.replaceChildren(t('form.until', { start: v.startTime, end: v.endTime, duration: duration(end - start) }),
      other ? h('span.soft-warning', icon('alert', 15), t('form.looksTaken', { who: other.clientName, start: other.startTime, end: other.endTime }))
        : holder ? h('span.soft-warning', { testid: 'looks-held' }, icon('edit', 15), t('form.looksHeld', { who: holder.name })) : '');
  }

  // ---- saving

  async save({ allowOverlap = false, version = this.#base.version, fields = null } = {}) {
    if (this.#saving || !this.client.check() || !this.#checkPrice()) return;
    this.#setSaving(true);
    this.#alert.replaceChildren();
    this.#setErrors({});
    try {
      const visit = this.isNew ? await this.#create(allowOverlap) : await this.#change(allowOverlap, version, fields);
      this.#finish();
      drafts.drop();
      this.#app.saved(visit, this.isNew);
    } catch (error) {
      this.#setSaving(false);
      this.#failed(error);
    }
  }

  async #create(allowOverlap) {
    const client = await this.client.resolve();
    const { clientId: _, clientName: __, clientPhone: ___, ...rest } = this.values;
    const body = { ...rest, ...client };
    if (body.staffId === null) delete body.staffId;
    if (body.serviceId === null) delete body.serviceId;
    if (body.price === null) delete body.price;
    if (!body.clientPhone) delete body.clientPhone;
    if (allowOverlap) body.allowOverlap = true;
    return this.#app.writes.book(body, this.#keyOf(body));
  }

  async #change(allowOverlap, version, fields) {
    const client = await this.client.resolve();
    const body = fields ?? this.#changes();
    if (client.clientId && client.clientId !== this.#base.clientId && 'clientName' in body) Object.assign(body, client);
    if (Object.keys(body).length === 0) return this.#current();
    if (allowOverlap) body.allowOverlap = true;
    return this.#app.writes.change(this.#base.id, body, version);
  }

  #changes() {
    const { values } = this;
    const base = { ...this.#base, service: this.#base.serviceName || this.#base.service || '' };
    const changed = Object.fromEntries(FIELDS.filter((k) => (values[k] ?? null) !== (base[k] ?? null) && !(k === 'notes' && !values[k] && !base[k])).map((k) => [k, values[k]]));
    // A phone is shown formatted: the same digits are no change.
    if (!('clientName' in changed) && !('clientId' in changed)) delete changed.clientPhone;
    if ('clientPhone' in changed && !changed.clientPhone) delete changed.clientPhone;
    return changed;
  }

  #failed(error) {
    if (error.isOffline) return this.#waitForLine();
    if (error.code === 'SLOT_TAKEN') return this.#showTaken(error.body.conflict);
    if (error.code === 'SLOT_HELD') return this.#showTaken(heldVisit(error.body.hold));
    if (error.code === 'VERSION_CONFLICT') return this.#showVersions(error.body.current);
    if (error.status === 401) { this.#keepDraft(); return; }
    this.#setErrors(error.fields);
    this.#alert.replaceChildren(h('p.form-error', { role: 'alert', testid: 'form-error' }, icon('alert', 18), this.#app.textOf(error)));
    $('[aria-invalid="true"]', this.form)?.focus();
  }

  #showTaken(other) {
    const v = this.values;
    const { start, end } = span(v);
    this.#show(slotTaken(this.#app, { id: this.#base.id, date: v.date, staffId: v.staffId, start, end }, other, (choice) => {
      this.staff.value = choice.staffId ?? '';
      this.start.value = timeOf(choice.start);
      if (this.start.value !== timeOf(choice.start)) { this.start.append(h('option', { value: timeOf(choice.start) }, timeOf(choice.start))); this.start.value = timeOf(choice.start); }
      this.#hint();
      this.save({ allowOverlap: Boolean(choice.allowOverlap) });
    }));
  }

  #showVersions(theirs) {
    const mine = this.values;
    if (FIELDS.every((k) => ['clientPhone', 'service'].includes(k) || (mine[k] ?? '') === (theirs[k] ?? ''))) {
      // Our own write whose answer was lost.
      this.#app.store.put(theirs, 'own');
      this.#finish();
      return this.#app.saved(theirs, false);
    }
    this.#show(versionConflict(this.#app, { mine: { ...mine, staffName: this.#base.staffName }, base: this.#base, theirs }, (fields) => {
      this.#app.store.put(theirs, 'own');
      if (Object.keys(fields).length === 0) {
        this.#finish();
        return this.#app.saved(theirs, false, { silent: true });
      }
      return this.save({ version: theirs.version, fields });
    }));
  }

  #show(node) {
    this.#alert.replaceChildren(node);
    $('.dialog-body', this.window.dialog).scrollTop = 0;
    $('button, input', node)?.focus({ preventScroll: true });
  }

  #waitForLine() {
    this.#waiting = true;
    this.#keepDraft();
    this.#alert.replaceChildren(h('section.conflict.offline', { role: 'alert', testid: 'not-saved' },
      h('h3', icon('offline', 20), t('offline.notSaved')), h('p', t('offline.willRetry')),
      h('button.choice', { type: 'button', onclick: () => this.save() }, t('common.retry'))));
  }

  #checkPrice() {
    const { price } = this.values;
    const good = price === null || (Number.isFinite(price) && price >= 0);
    this.priceField.setError(good ? null : t('form.badPrice'));
    if (!good) this.price.focus();
    return good;
  }

  #setErrors(errors) {
    for (const node of this.fields) node.setError(null);
    for (const [name, text] of Object.entries(errors)) {
      const wanted = FIELD_OF[name] ?? name;
      this.fields.find((node) => node.dataset.field === wanted)?.setError(String(text));
    }
  }

  #setSaving(on) {
    this.#saving = on;
    this.#waiting = false;
    this.submit.disabled = on;
    this.submit.classList.toggle('busy', on);
  }

  // ---- what happens around the open form

  #listen() {
    const { store, live } = this.#app;
    const changed = (e) => this.#othersChanged(e.detail);
    const connected = () => { if (this.#waiting && live.isLive) this.save(); };
    store.addEventListener('change', changed);
    live.addEventListener('connection', connected);
    this.#unlisten.push(() => store.removeEventListener('change', changed), () => live.removeEventListener('connection', connected));
  }

  #othersChanged({ how, before, after }) {
    this.#hint();
    if (how === 'own' || this.isNew || this.#saving || this.#finished || (after ?? before)?.id !== this.#base.id) return;
    if (!after) {
      this.submit.textContent = t('form.bookAgain');
      for (const button of this.window.dialog.querySelectorAll('.dialog-foot .button:not([type=submit])')) button.remove();
      this.#base = { ...this.#base, id: undefined, version: undefined };
      this.#show(h('section.conflict', { role: 'alert', testid: 'deleted-elsewhere' }, h('h3', icon('trash', 20), t('form.deletedElsewhere')), h('p', t('form.deletedExplain'))));
    } else if (this.isDirty) this.#showVersions(after);
    else this.#replace(after);
  }

  /** Nothing was typed yet: the form just follows. */
  #replace(visit) {
    this.#finish({ silent: true });
    this.#app.openVisit(visit, { note: t('form.followed') });
  }

  note(text) {
    this.#alert.replaceChildren(h('p.form-note', { role: 'status' }, icon('live', 16), text));
  }

  #keepDraft() {
    drafts.keep({ base: this.#base, values: { ...this.values, isNew: this.client.value.isNew } });
  }

  /** The user closes: what was typed stays within reach. */
  #leave() {
    if (this.#finished || !this.isDirty) return true;
    this.#keepDraft();
    const draft = drafts.get();
    toast({ text: t('form.draftKept'), iconName: 'edit', seconds: 12, testid: 'draft-toast', action: { label: t('form.draftResume'), run: () => this.#app.resumeDraft(draft) } });
    return true;
  }

  #finish() {
    this.#finished = true;
    this.window.close();
  }

  #closed() {
    for (const stop of this.#unlisten) stop();
    this.#finished = true;
    this.keeper.close();
    this.#app.dialogClosed(this.#base);
  }
}

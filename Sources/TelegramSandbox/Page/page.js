// The telephone. All that happens is the sandbox's: the page asks it for the chat, and is told of every change by a long poll.

import { post } from "./messages.js";
import { TEXTS } from "./texts.js";

const element = (id) => document.getElementById(id);
const remembered = (name) => localStorage.getItem(`telegram-sandbox:${name}`);
const remember = (name, value) => localStorage.setItem(`telegram-sandbox:${name}`, value);

let language = remembered("language") ?? "uk";
let person = Number(remembered("person")) || null;
let bot = null;
let people = [];
let messages = [];
let shown = new Map();
/** What the deep link that was opened carries, until Start is pressed; "" for one without a parameter. */
let waitingStart = null;
/** Start was pressed: the focus goes on to the field, once the chat has begun and the field is visible. */
let wantsText = false;
let listener = null;
let toastTimer = null;

const texts = () => TEXTS[language];
const current = () => people.find(({ id }) => id === person);

// ---- the sandbox

async function ask(action, body) {
  const answer = await fetch(`/sandbox/${action}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error((await answer.json()).error);
  return answer.json();
}

async function listen() {
  listener?.abort();
  const { signal } = (listener = new AbortController());
  let version = -1;
  while (!signal.aborted) {
    try {
      const query = new URLSearchParams({ after: version, timeout: 25, ...(person && { person }) });
      const answer = await fetch(`/sandbox/state?${query}`, { signal });
      const state = await answer.json();
      version = state.version;
      show(state);
    } catch (error) {
      if (error.name === "AbortError") return;
      toast(texts().failed);
      version = -1;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

// ---- what is shown

function show(state) {
  bot = state.bot;
  people = state.people;
  element("bot-name").textContent = bot.first_name;
  element("bot-username").textContent = `@${bot.username}`;
  element("listening").textContent = state.listening ? texts().listening : texts().silent;
  element("listening").dataset.listening = state.listening;
  showPeople();
  if (!current()) return choose(people[0].id);
  messages = state.messages ?? [];
  showChat();
  showFoot();
  document.body.dataset.ready = "true";
}

function name({ first_name: first, last_name: last }) {
  return [first, last].filter(Boolean).join(" ");
}

function showPeople() {
  const select = element("person");
  if (select.options.length !== people.length) {
    select.replaceChildren(...people.map((one) => new Option(name(one), one.id)));
  }
  select.value = person;
  const blocked = current()?.blocked ?? false;
  element("block").setAttribute("aria-pressed", blocked);
  element("block").textContent = blocked ? texts().blocked : texts().block;
}

/** Only what is new or different is put in: the focus stays where it is, and readers hear of new things alone. */
function showChat() {
  const chat = element("chat");
  const isAtEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80;
  const before = shown;
  shown = new Map();
  const items = messages.map((message) => {
    const key = JSON.stringify(message);
    const old = before.get(message.message_id);
    const item = old?.key === key ? old.item : post(message, { person, language, texts: texts(), tap });
    if (old && old.item !== item && old.item.contains(document.activeElement)) requestAnimationFrame(() => chat.focus());
    shown.set(message.message_id, { key, item });
    return item;
  });
  if (items.length === 0) {
    const empty = document.createElement("div");
    empty.className = "empty";
    empty.textContent = texts().empty;
    items.push(empty);
  }
  items.forEach((item, index) => {
    const there = chat.children[index];
    if (there === item) return;
    if (there && !items.includes(there)) there.replaceWith(item);
    else chat.insertBefore(item, there ?? null);
  });
  while (chat.children.length > items.length) chat.lastChild.remove();
  if (isAtEnd) chat.scrollTop = chat.scrollHeight;
}

function showFoot() {
  const { started, blocked } = current();
  const isWriting = waitingStart === null && started && !blocked;
  element("start").hidden = isWriting;
  if (isWriting && wantsText) {
    wantsText = false;
    element("text").focus();
  }
}

function toast(text) {
  const line = element("toast");
  line.textContent = text;
  line.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (line.hidden = true), 4000);
}

function showTexts() {
  document.documentElement.lang = language;
  document.title = texts().title;
  for (const line of document.querySelectorAll("[data-text]")) line.textContent = texts()[line.dataset.text];
  element("language").textContent = texts().other;
  element("language").lang = language === "uk" ? "en" : "uk";
  shown = new Map();
}

// ---- what people do

function choose(id) {
  person = id;
  remember("person", id);
  shown = new Map();
  element("chat").replaceChildren();
  listen();
}

/** Opens a link as Telegram does: the chat with the bot, with Start to be pressed. */
function open(link) {
  const error = element("link-error");
  error.textContent = "";
  let url;
  try {
    url = new URL(link, location.href);
  } catch {
    error.textContent = texts().badLink;
    return;
  }
  const start = url.searchParams.get("start") ?? "";
  const isForBot = !bot || url.pathname === `/${bot.username}`;
  if (!isForBot || (start !== "" && !/^[A-Za-z0-9_-]{1,64}$/.test(start))) {
    error.textContent = texts().badLink;
    return;
  }
  waitingStart = start;
  if (current()) showFoot();
  element("start").focus();
}

async function attempt(action, body) {
  try {
    return await ask(action, body);
  } catch (error) {
    toast(error.message || texts().failed);
    return null;
  }
}

async function start() {
  const parameter = waitingStart;
  waitingStart = null;
  element("link").value = "";
  // The code is used up: it need not stay in the address, nor in the history.
  if (location.pathname !== "/") history.replaceState(null, "", "/");
  wantsText = true;
  if (!(await attempt("open", { person, ...(parameter && { start: parameter }) }))) wantsText = false;
}

async function tap(message, button, key) {
  key.setAttribute("aria-busy", "true");
  const answer = await attempt("tap", { person, message: message.message_id, button, timeout: 15 });
  key.removeAttribute("aria-busy");
  if (!answer) return;
  if (!answer.answered) return toast(texts().late);
  if (!answer.text) return;
  if (!answer.show_alert) return toast(answer.text);
  element("alert-text").textContent = answer.text;
  element("alert").showModal();
}

async function addPerson() {
  const field = (id) => element(id).value.trim() || undefined;
  const added = await attempt("people", {
    first_name: field("first-name"),
    last_name: field("last-name"),
    username: field("username"),
    language_code: field("person-language"),
  });
  if (!added) return;
  element("person-dialog").close();
  element("person-form").reset();
  choose(added.id);
}

element("person").addEventListener("change", (event) => choose(Number(event.target.value)));
element("start").addEventListener("click", start);
element("new-person").addEventListener("click", () => element("person-dialog").showModal());
element("person-cancel").addEventListener("click", () => element("person-dialog").close());
element("block").addEventListener("click", () => attempt("block", { person, blocked: !current().blocked }));
element("person-form").addEventListener("submit", (event) => {
  event.preventDefault();
  addPerson();
});
element("link-form").addEventListener("submit", (event) => {
  event.preventDefault();
  open(element("link").value.trim());
});
element("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = element("text").value.trim();
  if (text && (await attempt("write", { person, text }))) element("text").value = "";
});
element("language").addEventListener("click", () => {
  language = language === "uk" ? "en" : "uk";
  remember("language", language);
  showTexts();
  listen();
});

showTexts();
if (location.pathname !== "/") open(location.href);
listen();

// Draws openapi.json or asyncapi.json. No library: the two documents are all that it knows.

import { element, prose, Schemas } from "./schema.js";

const isRealtime = location.pathname.replace(/\/$/, "").endsWith("/realtime");
const file = isRealtime ? "/asyncapi" : "/openapi";
const main = document.getElementById("content");
const list = document.getElementById("list");
const METHODS = ["get", "post", "put", "patch", "delete"];

for (const link of document.querySelectorAll("header nav a")) {
  if (link.pathname === (isRealtime ? "/docs/realtime" : "/docs")) link.setAttribute("aria-current", "page");
}
for (const link of document.querySelectorAll("[data-file]")) link.href = `${file}.${link.dataset.file}`;

const code = (value) => element("pre", {}, element("code", {}, typeof value === "string" ? value : JSON.stringify(value, null, 2)));
const table = (heads, rows) => element("div", { class: "wide", tabindex: "0", role: "group", "aria-label": heads.join(", ") },
  element("table", {}, element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, rows.map((cells) => element("tr", {}, cells.map((cell) => element("td", {}, cell)))))));
const section = (title, ...content) => (content.flat().some(Boolean) ? [element("h4", {}, title), ...content] : []);

function schemaOf(schemas, schema) {
  if (!schema) return [];
  const fields = schemas.fields(schema);
  return [
    element("p", {}, element("code", {}, schemas.type(schema))),
    prose(schemas.at(schema).description),
    fields,
    element("details", {}, element("summary", {}, "Example"), code(schemas.example(schema))),
  ];
}

const PERMISSIONS = { nobody: "no token", signedIn: "signed in", admin: "admin" };

function operation(schemas, method, path, item, errors) {
  const parameters = [...(item.shared ?? []), ...(item.parameters ?? [])].map((parameter) => schemas.at(parameter));
  const body = item.requestBody?.content ?? {};
  const answers = Object.entries(item.responses).map(([status, given]) => [status, schemas.at(given)]);
  const codes = [...new Set(answers.flatMap(([, answer]) => answer.description?.match(/\b[A-Z][A-Z_]+\b/g) ?? []))].filter((name) => errors[name]);
  return element("article", { id: item.operationId, "data-words": `${method} ${path} ${item.operationId} ${item.summary} ${item.description ?? ""}`.toLowerCase() },
    element("h3", {}, item.summary),
    element("p", { class: "path" }, element("span", { class: `badge ${method}` }, method.toUpperCase()), " ", path),
    element("p", {}, element("span", { class: "badge note" }, PERMISSIONS[item["x-permission"]] ?? item["x-permission"]),
      item.deprecated ? element("span", { class: "badge delete" }, "deprecated") : null),
    prose(item.description),
    section("Parameters", parameters.length > 0 ? table(["Name", "In", "Type", "Meaning"], parameters.map((parameter) => [
      [element("code", {}, parameter.name), parameter.required ? element("span", { class: "must" }, " required") : null],
      parameter.in, element("code", {}, schemas.type(parameter.schema)),
      [...prose(parameter.description), schemas.limits(parameter.schema)],
    ])) : null),
    Object.entries(body).map(([type, content]) => section(`Body, ${type}`, ...schemaOf(schemas, content.schema))),
    item["x-rules"] ? section("Beside its schema", ...prose(item["x-rules"])) : [],
    section("Answers", ...answers.map(([status, answer]) => {
      const content = Object.entries(answer.content ?? {});
      const headers = Object.entries(answer.headers ?? {});
      const badge = element("span", { class: `badge ${status < 300 ? "get" : status < 400 ? "post" : "note"}` }, status);
      const text = element("span", {}, ...prose(answer.description).flatMap((one) => [...one.childNodes]));
      if (status >= 400 || (content.length === 0 && headers.length === 0)) return element("p", {}, badge, " ", text);
      return element("details", { open: status < 300 && content.length > 0 },
        element("summary", {}, badge, " ", text),
        headers.length > 0 ? table(["Header", "Meaning"], headers.map(([name, header]) => [element("code", {}, name), prose(schemas.at(header).description)])) : null,
        content.flatMap(([type, { schema }]) => [element("p", { class: "muted" }, type), ...schemaOf(schemas, schema)]));
    })),
    section("What its codes mean", codes.length > 0 ? element("details", {}, element("summary", {}, codes.join(", ")), errorTable(codes.map((name) => [name, errors[name]]))) : null),
  );
}

const errorTable = (entries) => table(["Code", "Meaning", "What to do"], entries.map(([name, entry]) => [
  [element("code", {}, name), entry.status ? ` ${entry.status}` : ""], prose(entry.meaning), prose(entry.action)]));

function entry(id, label, kind) {
  return element("li", {}, element("a", { href: `#${id}` }, kind ? element("span", { class: `method ${kind}` }, kind.toUpperCase()) : null, label));
}

function group(title, id, text, articles, entries) {
  main.append(element("section", {}, element("div", { class: "tag", id }, element("h2", {}, title), prose(text)), ...articles));
  list.append(element("section", {}, element("h2", {}, title), element("ul", {}, ...entries)));
}

function drawREST(description) {
  const schemas = new Schemas(description);
  const errors = description["x-errors"].rest;
  const operations = Object.entries(description.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ method, path, item: { ...item[method], shared: item.parameters } })));
  for (const tag of description.tags) {
    const own = operations.filter(({ item }) => item.tags?.[0] === tag.name);
    if (own.length === 0) continue;
    group(tag.name, `tag-${tag.name}`, tag.description,
      own.map(({ method, path, item }) => operation(schemas, method, path, item, errors)),
      own.map(({ method, item }) => entry(item.operationId, item.summary, method)));
  }
  group("Errors", "errors", "Every error body has the same shape; `code` is for programs, `message` for people.", [
    element("article", { id: "error-body" }, ...schemaOf(schemas, { $ref: "#/components/schemas/Error" })),
    element("article", { id: "error-codes" }, errorTable(Object.entries(errors)))], [entry("error-body", "The body"), entry("error-codes", "All codes")]);
}

function drawRealtime(description) {
  const schemas = new Schemas(description);
  const drawn = new Set();
  const channel = Object.values(description.channels)[0];
  group("Connecting", "connecting", channel.description, [element("article", { id: "connect" },
    element("p", { class: "path" }, element("span", { class: "badge get" }, "GET"), ` ${channel.address}`),
    table(["Where", "What"], [...Object.entries(channel.bindings.ws.headers.properties), ...Object.entries(channel.bindings.ws.query.properties)]
      .map(([name, schema]) => [element("code", {}, name), prose(schema.description)])))], [entry("connect", "The handshake")]);
  const message = (reference) => {
    const key = reference.$ref.split("/").pop();
    if (drawn.has(key)) return null;
    drawn.add(key);
    const found = schemas.at(reference);
    return { key, found };
  };
  for (const [name, item] of Object.entries(description.operations)) {
    const parts = [[item.title, item.summary, item.messages, item.action]];
    if (item.reply) parts.push(["Replies", "To the command that carries the same `id`.", item.reply.messages, "send"]);
    for (const [index, [title, text, messages, action]] of parts.entries()) {
      const own = messages.map(message).filter(Boolean);
      if (own.length === 0) continue;
      group(title, `${name}-${index}`, text, own.map(({ key, found }) => element("article", { id: `m-${key}`, "data-words": `${found.name} ${key}`.toLowerCase() },
        element("h3", {}, element("code", {}, found.name), element("span", { class: `badge ${action}` }, action === "receive" ? "client says" : "server says")),
        ...schemaOf(schemas, found.payload))), own.map(({ key, found }) => entry(`m-${key}`, found.name)));
    }
  }
  const lists = description["x-errors"];
  group("Codes", "codes", "", [
    element("article", { id: "socket-codes" }, element("h3", {}, "Error frames"), errorTable(Object.entries(lists.socket))),
    element("article", { id: "close-codes" }, element("h3", {}, "Close codes"), errorTable(Object.entries({ ...lists.close, ...lists.standardClose })))],
  [entry("socket-codes", "Error frames"), entry("close-codes", "Close codes")]);
}

function find() {
  const words = document.getElementById("filter").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  for (const article of main.querySelectorAll("article")) {
    const text = article.dataset.words ?? article.textContent.toLowerCase();
    article.hidden = !words.every((word) => text.includes(word));
    const link = list.querySelector(`a[href="#${CSS.escape(article.id)}"]`)?.parentElement;
    if (link) link.hidden = article.hidden;
  }
  for (const part of [...main.querySelectorAll("section"), ...list.querySelectorAll("section")]) {
    const inner = [...part.querySelectorAll("article, li:has(> a[href])")];
    part.hidden = inner.length > 0 && inner.every((one) => one.hidden);
  }
}

async function draw() {
  const answer = await fetch(`${file}.json`);
  if (!answer.ok) throw new Error(`${answer.status}`);
  const description = await answer.json();
  document.title = description.info.title;
  main.replaceChildren(element("h1", {}, description.info.title),
    element("p", { class: "muted" }, `Version ${description.info.version}. ${description.info.summary ?? ""}`), ...prose(description.info.description));
  (isRealtime ? drawRealtime : drawREST)(description);
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView({ behavior: "instant" });
}

document.getElementById("filter").addEventListener("input", find);
document.getElementById("contents").addEventListener("click", (event) => {
  const isOpen = document.getElementById("side").classList.toggle("open");
  event.currentTarget.setAttribute("aria-expanded", String(isOpen));
});
list.addEventListener("click", () => {
  document.getElementById("side").classList.remove("open");
  document.getElementById("contents").setAttribute("aria-expanded", "false");
});
draw().catch((error) => main.replaceChildren(element("p", { class: "state", role: "alert" }, `The description could not be read (${error.message}).`)));

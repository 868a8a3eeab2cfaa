// A chat's messages as elements. Texts come with their formatting as places in UTF-16 units, which is how JavaScript counts.

const ELEMENTS = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "code",
  blockquote: "q",
  spoiler: "span",
  text_link: "a",
};

/** A text with its formatting, as nodes. */
export function formatted(text, entities = []) {
  const known = entities.filter((entity) => entity.type in ELEMENTS);
  const places = new Set([0, text.length]);
  for (const { offset, length } of known) {
    places.add(offset);
    places.add(offset + length);
  }
  const sorted = [...places].filter((place) => place <= text.length).sort((a, b) => a - b);
  return sorted.slice(1).map((end, index) => {
    const start = sorted[index];
    const around = known.filter(({ offset, length }) => offset <= start && end <= offset + length);
    return around.reduceRight((node, entity) => {
      const element = document.createElement(ELEMENTS[entity.type]);
      if (entity.type === "text_link" && /^https?:/.test(entity.url ?? "")) Object.assign(element, link(entity.url));
      element.append(node);
      return element;
    }, document.createTextNode(text.slice(start, end)));
  });
}

/** One message; `tap(message, button, element)` is called for a button with data. */
export function post(message, { person, language, texts, tap }) {
  const item = document.createElement("div");
  item.className = message.from.id === person ? "post mine" : "post";
  item.dataset.id = message.message_id;
  item.dataset.testid = "post";
  const bubble = document.createElement("div");
  bubble.className = "bubble";
  bubble.append(...formatted(message.text, message.entities), meta(message, language, texts));
  item.append(bubble);
  if (message.reply_markup) item.append(keys(message, tap));
  return item;
}

function meta(message, language, texts) {
  const time = document.createElement("time");
  const date = new Date(1000 * message.date);
  time.dateTime = date.toISOString();
  time.textContent = date.toLocaleTimeString(language === "en" ? "en-GB" : language, { hour: "2-digit", minute: "2-digit" });
  const element = document.createElement("span");
  element.className = "meta";
  element.append(...(message.edit_date ? [`${texts.edited} `] : []), time);
  return element;
}

function keys(message, tap) {
  const element = document.createElement("div");
  element.className = "keys";
  let number = 0;
  for (const row of message.reply_markup.inline_keyboard) {
    const line = document.createElement("div");
    for (const key of row) line.append(button(message, key, number++, tap));
    element.append(line);
  }
  return element;
}

function button(message, key, number, tap) {
  const element = document.createElement(key.url ? "a" : "button");
  element.textContent = key.text;
  element.dataset.testid = "key";
  if (key.url) return Object.assign(element, link(key.url));
  element.type = "button";
  element.addEventListener("click", () => tap(message, number, element));
  return element;
}

function link(url) {
  return { href: url, target: "_blank", rel: "noreferrer" };
}

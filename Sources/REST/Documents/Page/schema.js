// JSON Schemas as lists of fields, and values that fit them.

/** An element; children are elements, or texts that stay texts. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}

/** Prose with `code` in it, in paragraphs. */
export function prose(text = "") {
  return text.split(/\n\s*\n/).filter(Boolean).map((paragraph) =>
    element("p", {}, ...paragraph.split(/(`[^`]+`)/).map((part) =>
      part.startsWith("`") && part.length > 2 ? element("code", {}, part.slice(1, -1)) : part)));
}

export class Schemas {
  constructor(description) {
    this.description = description;
  }

  /** What a reference leads to, with what stands beside it. */
  at(node) {
    let found = node;
    for (let step = 0; found?.$ref && step < 20; step += 1) {
      const { $ref, ...beside } = found;
      const target = $ref.slice(2).split("/")
        .reduce((value, part) => value?.[part.replaceAll("~1", "/").replaceAll("~0", "~")], this.description);
      found = { ...target, ...beside };
    }
    return found ?? {};
  }

  name(schema) {
    return schema?.$ref?.split("/").pop();
  }

  /** Properties and what is required, also of a schema that is made of several. */
  members(schema) {
    const found = this.at(schema);
    const all = { properties: { ...found.properties }, required: new Set(found.required) };
    for (const part of found.allOf ?? []) {
      const inner = this.members(part);
      Object.assign(all.properties, inner.properties);
      for (const name of inner.required) all.required.add(name);
    }
    return all;
  }

  /** In a few words. */
  type(schema) {
    const found = this.at(schema);
    if ("const" in found) return JSON.stringify(found.const);
    if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(" | ");
    const choices = found.anyOf ?? found.oneOf;
    if (choices && !found.properties) return [...new Set(choices.map((part) => this.type(part)))].join(" | ");
    const kinds = [found.type ?? (found.properties || found.allOf ? "object" : "any")].flat();
    return kinds.map((kind) => {
      if (kind === "array") return `${this.type(found.items)}[]`;
      return kind === "object" && this.name(schema) ? this.name(schema) : kind;
    }).join(" | ");
  }

  /** Limits, in words. */
  limits(schema) {
    const found = this.at(schema);
    const limits = [];
    if (found.format) limits.push(found.format);
    if (found.minimum !== undefined || found.maximum !== undefined) limits.push(`${found.minimum ?? "…"} to ${found.maximum ?? "…"}`);
    if (found.maxLength) limits.push(`at most ${found.maxLength} characters`);
    if (found.maxItems) limits.push(`at most ${found.maxItems}`);
    if (found.multipleOf) limits.push(`steps of ${found.multipleOf}`);
    if (found.examples?.length) limits.push(`such as ${JSON.stringify(found.examples[0])}`);
    return limits.join("; ");
  }

  /** The fields of an object, those of inner objects folded away; nothing for what has none. */
  fields(schema, depth = 0) {
    let found = this.at(schema);
    if (found.items) found = this.at(schema = found.items);
    const { properties, required } = this.members(schema);
    const names = Object.keys(properties);
    if (names.length === 0 || depth > 6) return null;
    return element("ul", { class: "fields" }, names.map((name) => {
      const inner = this.fields(properties[name], depth + 1);
      const limits = this.limits(properties[name]);
      const head = [
        element("code", {}, name), " ", element("span", { class: "type" }, this.type(properties[name])),
        required.has(name) ? element("span", { class: "must" }, " required") : null,
        limits ? element("span", { class: "muted" }, ` (${limits})`) : null,
      ];
      // Of what is named after a type that many fields have, that type's description would only be noise.
      const text = properties[name].$ref && !inner ? properties[name].description : this.at(properties[name]).description;
      return element("li", {}, inner ? element("details", {}, element("summary", {}, ...head), inner) : head, prose(text));
    }));
  }

  /** A value that fits. */
  example(schema, depth = 0, key = "") {
    const found = this.at(schema);
    if ("const" in found) return found.const;
    if (found.examples?.length) return found.examples[0];
    if (found.enum) return found.enum.find(Boolean) ?? found.enum[0];
    const choice = (found.anyOf ?? found.oneOf)?.[0];
    const { properties, required } = this.members(schema);
    if (Object.keys(properties).length > 0) {
      if (depth > 4) return {};
      const wanted = Object.keys(properties).filter((name) => required.has(name) || (depth < 1 && required.size === 0));
      return Object.fromEntries(wanted.map((name) => [name, this.example(properties[name], depth + 1, name)]));
    }
    if (choice) return this.example(choice, depth, key);
    switch ([found.type ?? "string"].flat().find((kind) => kind !== "null")) {
      case "array": return depth > 4 ? [] : [this.example(found.items ?? {}, depth + 1, key)];
      case "object": return {};
      case "integer": return Math.max(found.minimum ?? 1, 1);
      case "number": return 500;
      case "boolean": return true;
      default: return TEXTS[key] ?? (found.format === "email" ? "olena@example.com" : "text");
    }
  }
}

const TEXTS = {
  firstName: "Олена", first_name: "Олена", lastName: "Шевченко", last_name: "Шевченко", name: "Стрижка", phone: "+380 67 123 45 67",
  clientName: "Марія Шевченко", clientPhone: "+380 67 123 45 67", email: "olena@example.com", category: "hair", id: "1",
  service: "Стрижка", serviceName: "Стрижка", staffName: "Ольга Коваль", position: "master", timezone: "Europe/Kyiv", currency: "UAH",
};

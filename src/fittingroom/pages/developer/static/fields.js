/** Parameters and answers as lists of fields, nested ones below the field that holds them. */

import { language, say } from "/shell/shell.js";
import { make, marked } from "/docs/static/parts.js";

/** @typedef {Record<string, any>} Schema */

/**
 * The fields of an object's schema as <dt>, <dd>.
 * @param {Schema} schema
 * @param {Record<string, Schema>} all the document's schemas
 * @param {import("/shell/shell.js").Texts} texts
 * @param {boolean} asked whether these are parameters, of which some must be there
 * @returns {Node[]}
 */
export function fields(schema, all, texts, asked) {
  const must = asked ? schema.required ?? [] : [];
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const inner = innerOf(field, all);
    const below = inner ? [nested(inner, all, texts, asked, !asked || must.includes(name))] : [];
    return one(name, field, texts, must.includes(name), below);
  });
}

/**
 * The fields within a field, folded away where it may be left out.
 * @param {Schema} schema @param {Record<string, Schema>} all @param {import("/shell/shell.js").Texts} texts
 * @param {boolean} asked @param {boolean} open
 */
function nested(schema, all, texts, asked, open) {
  const list = make("dl", { class: "fields inner" }, ...fields(schema, all, texts, asked));
  if (open) return list;
  const names = Object.keys(schema.properties).join(", ");
  return make("details", {}, make("summary", { class: "small" }, say(texts, "within", { names })), list);
}

/**
 * One field.
 * @param {string} name
 * @param {Schema} field
 * @param {import("/shell/shell.js").Texts} texts
 * @param {boolean} required
 * @param {Node[]} [below]
 * @returns {Node[]}
 */
export function one(name, field, texts, required, below = []) {
  const schema = field.schema ?? field;
  const facts = [make("span", { class: "type" }, typeOf(schema, texts)), ...limits(schema, texts)];
  if (required) facts.unshift(make("strong", {}, say(texts, "required")));
  const words = language() === "zh" ? field["x-description-zh"] : field.description;
  return [
    make("dt", {}, make("code", {}, name), make("span", { class: "facts small" }, ...facts)),
    make("dd", {}, make("p", {}, ...marked(words ?? "")), ...values(schema), ...below),
  ];
}

/** @param {Schema} schema @param {Record<string, Schema>} all @returns {Schema | undefined} */
function innerOf(schema, all) {
  const reference = schema.$ref ?? schema.items?.$ref;
  return reference && all[reference.split("/").pop()];
}

/** @param {Schema} schema @param {import("/shell/shell.js").Texts} texts @returns {string} */
function typeOf(schema, texts) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.type === "array") return `${typeOf(schema.items, texts)}[]`;
  if (Array.isArray(schema.type)) return `${schema.type[0]} ${say(texts, "null")}`;
  return schema.type ?? (schema.enum || schema.const ? "string" : "any");
}

/** @param {Schema} schema @param {import("/shell/shell.js").Texts} texts @returns {Node[]} */
function limits(schema, texts) {
  const told = [];
  if ("minimum" in schema) told.push(say(texts, "range", { least: schema.minimum, most: schema.maximum }));
  if ("minItems" in schema) told.push(say(texts, "items", { least: schema.minItems, most: schema.maxItems }));
  if ("default" in schema) told.push(say(texts, "default", { value: schema.default }));
  return told.map((text) => make("span", {}, text));
}

/** @param {Schema} schema @returns {Node[]} */
function values(schema) {
  if (!schema.enum) return [];
  return [make("ul", { role: "list", class: "values small" }, ...schema.enum.map((value) => make("li", {}, make("code", {}, value))))];
}

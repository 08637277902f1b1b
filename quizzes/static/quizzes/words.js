// Words come from the page, translated; data come beside them.

export const read = (id) => JSON.parse(document.getElementById(id).textContent);

/** fill("Question {n} of {total}", {n: 3, total: 8}) */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

/** 10:42:07, where the reader is. */
export const time = (moment) =>
  new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** An element: el("p", {class: "x", text: "…"}, child, …). `text` is text; a function is a listener; false and null leave an attribute out. */
export function el(name, given = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (key === "text") element.textContent = value;
    else if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

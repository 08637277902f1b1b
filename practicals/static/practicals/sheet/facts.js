// Panels that ask for words: the fact behind a critical 0 or a violation (confirmed by a second tap), and a plain note on a line.

import { clockTime } from "./clock.js";

const insert = (area, text) => {
  const gap = area.value && !area.value.endsWith(" ") && !area.value.endsWith("\n") ? " " : "";
  area.setRangeText(gap + text, area.selectionEnd, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input"));
  area.focus();
};

const addPhrases = (list, phrases, area) => {
  for (const phrase of phrases) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = phrase.label;
    button.addEventListener("click", () => insert(area, phrase.now ? `${clockTime(new Date()).slice(0, 5)} ` : phrase.text));
    item.append(button);
    list.append(item);
  }
};

const fill = (template, { label, note, phrases }) => {
  const panel = template.content.firstElementChild.cloneNode(true);
  const area = panel.querySelector("textarea");
  area.id = `note-${label.replace(/\W+/g, "-")}`;
  const caption = panel.querySelector("[data-label]");
  caption.htmlFor = area.id;
  caption.textContent = label;
  area.value = note;
  addPhrases(panel.querySelector("[data-phrases]"), phrases, area);
  return { panel, area };
};

// Asks for the fact, and for a second tap. `typed(note)` on each letter, `confirm(note)`, `back()`.
export const askFact = (slot, { title, label, action, note, phrases, typed, confirm, back }) => {
  const { panel, area } = fill(document.querySelector("[data-fact-template]"), { label, note, phrases });
  const yes = panel.querySelector("[data-confirm]");
  panel.querySelector("[data-title]").textContent = title;
  panel.setAttribute("aria-label", title);
  yes.textContent = action;
  const ready = () => { yes.disabled = !area.value.trim(); };
  area.addEventListener("input", () => { ready(); typed(area.value); });
  yes.addEventListener("click", () => { slot.replaceChildren(); confirm(area.value.trim()); });
  panel.querySelector("[data-back]").addEventListener("click", () => { slot.replaceChildren(); back(); });
  ready();
  slot.replaceChildren(panel);
  area.focus({ preventScroll: true });
  panel.scrollIntoView({ block: "nearest" });
};

export const askNote = (slot, { label, note, phrases, typed, done }) => {
  const { panel, area } = fill(document.querySelector("[data-note-template]"), { label, note, phrases });
  panel.setAttribute("aria-label", label);
  area.addEventListener("input", () => typed(area.value));
  panel.querySelector("[data-done]").addEventListener("click", () => { slot.replaceChildren(); done(); });
  slot.replaceChildren(panel);
  area.focus({ preventScroll: true });
  panel.scrollIntoView({ block: "nearest" });
};

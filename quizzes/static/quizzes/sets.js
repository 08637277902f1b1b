// Several entries in one question: pairs chosen from a list (matching, labels of a diagram, an extended matching) and the questions of a case.

import { figure, put } from "./figure.js";
import { reason } from "./told.js";
import { el, fill } from "./words.js";

const LETTERS = "ABCDEFGHIJ";

function spell(select) {
  const text = select.value ? select.selectedOptions[0].textContent : "";
  select.nextSibling.textContent = text.length > 36 ? text : "";
}

/** A select for each entry. `once`: a target taken by another entry moves. `name` says what an entry is called. */
function pairing(frame, question, { answer, locked, words, say, change, told }, { once, name = (option) => option.text, focus = () => {} }) {
  const pairs = { ...answer?.pairs };
  const rows = question.options.map((option, index) => {
    const id = `match-${index}`;
    // A narrow select cuts long entries off: what is chosen stands under it in full.
    const chosen = el("span", { class: "chosen", "aria-hidden": "true" });
    const select = el("select", {
      id, disabled: locked,
      focus: () => focus(index, true),
      blur: () => focus(index, false),
      change: () => {
        const taken = once && select.value && question.options.find((other) => other.id !== option.id && pairs[other.id] === select.value);
        if (taken) {
          delete pairs[taken.id];
          const other = frame.querySelector(`#match-${question.options.indexOf(taken)}`);
          other.value = "";
          spell(other);
          say(fill(words.taken_back, { text: question.targets.find((target) => target.id === select.value).text }));
        }
        if (select.value) pairs[option.id] = select.value;
        else delete pairs[option.id];
        spell(select);
        change(Object.keys(pairs).length ? { pairs: { ...pairs } } : null);
      },
    }, el("option", { value: "", text: words.choose }), ...question.targets.map((target) => el("option", { value: target.id, text: target.text })));
    select.value = pairs[option.id] ?? "";
    const cell = el("span", {}, select, chosen);
    spell(select);
    const row = told.get(option.id);
    return el("div", { class: "match-row" }, el("label", { for: id, text: name(option) }), cell,
      row && reason(row, { right: words.right, wrong: fill(words.belongs_to, { text: row.right }), missed: fill(words.belongs_to, { text: row.right }) }));
  });
  frame.append(...rows);
}

export function matching(frame, question, given) {
  if (!given.locked) frame.append(el("p", { class: "q-hint", text: given.words.match_hint }));
  pairing(frame, question, given, { once: true });
}

export function labelling(frame, question, given) {
  const { words, locked } = given;
  const pins = question.options.map((pin) => put(el("span", { class: "pin", "aria-hidden": "true", text: pin.text }), pin.x, pin.y));
  if (!locked) frame.append(el("p", { class: "q-hint", text: words.label_hint }));
  if (question.media.length) frame.append(figure(question.media[0], words, ...pins));
  pairing(frame, question, given, {
    once: true,
    name: (pin) => fill(words.pin, { n: pin.text, where: pin.where }),
    focus: (index, on) => pins[index].classList.toggle("current", on),
  });
}

export function extended(frame, question, given) {
  frame.append(el("p", { class: "q-theme" }, el("span", { class: "kicker", text: given.words.theme }), question.theme));
  frame.append(el("ul", { class: "q-list" }, ...question.targets.map((target) => el("li", { text: target.text }))));
  pairing(frame, question, given, { once: false });
}

export function caseSet(frame, question, { answer, locked, words, change, explained }) {
  const parts = { ...answer?.parts };
  const told = new Map((explained?.parts ?? []).flatMap((part) => part.options.map((row) => [row.id, row])));
  question.parts.forEach((part, place) => {
    const rows = part.options.map((option, index) => {
      const row = told.get(option.id);
      const text = el("span", { text: option.text });
      if (row) text.append(reason(row, { right: words.your_right, wrong: words.your_wrong, missed: words.the_right }));
      const input = el("input", {
        type: "radio", name: `part-${place}`, value: option.id, checked: parts[part.id] === option.id, disabled: locked,
        change: () => {
          parts[part.id] = option.id;
          change({ parts: { ...parts } });
        },
      });
      return el("label", { class: "opt" }, input, el("span", { class: "let", "aria-hidden": "true", text: LETTERS[index] }), text);
    });
    frame.append(el("fieldset", { class: "opts q-part" }, el("legend", {}, el("span", { class: "n num", text: fill(words.part, { n: place + 1, total: question.parts.length }) }), part.text), ...rows));
  });
}

export function essay(frame, question, { answer, locked, words, change }) {
  const count = el("p", { class: "q-hint num", id: "essay-count" });
  const area = el("textarea", { id: "answer", rows: 14, maxlength: 20000, readonly: locked, "aria-describedby": "essay-count" });
  area.value = answer?.text ?? "";
  const tell = () => {
    const written = area.value.trim() ? area.value.trim().split(/\s+/).length : 0;
    count.textContent = fill(words.essay_words, { n: written, about: question.words });
  };
  const save = (soon) => change(area.value.trim() ? { text: area.value } : null, { soon });
  if (!locked) {
    area.addEventListener("input", () => { tell(); save(true); });
    area.addEventListener("change", () => save(false));
  }
  tell();
  frame.append(el("div", { class: "field essay-field" }, el("label", { for: "answer", text: words.your_essay }), area, count));
}

// One question on the page: its seven forms, and the answer read back from them. Everything works from the keyboard.
//
// render(question, {answer, locked, explained, heading, words, say, change}) returns the element. `change(answer, {soon})` is called on every
// change; `soon` while somebody is still typing. `explained` is what the server says of an answer that was checked.

import { el, fill } from "./words.js";

const LETTERS = "ABCDEFGHIJ";

export function isAnswered(answer) {
  if (!answer) return false;
  const [value] = Object.values(answer);
  if (typeof value === "string") return value.trim() !== "";
  if (value && typeof value === "object") return Object.keys(value).length > 0;
  return value !== null && value !== undefined;
}

export function render(question, given) {
  const grouped = !["numeric", "text"].includes(question.type);
  const frame = el(grouped ? "fieldset" : "div", { class: "q opts" });
  const head = el(grouped ? "legend" : "h2", { class: grouped ? false : "q-head", id: "question-text", tabindex: "-1" });
  if (given.heading) head.append(el("span", { class: "n", text: given.heading }));
  if (question.stimulus) head.append(el("span", { class: "situation", text: question.stimulus }), el("strong", { text: question.stem }));
  else head.append(question.stem);
  frame.append(head, ...question.media.map((medium) => figure(medium, given.words)));
  FORMS[question.type](frame, question, { ...given, told: new Map((given.explained?.options ?? []).map((row) => [row.id, row])) });
  if (given.explained) {
    const said = verdict(given.explained, given.words);
    if (grouped) frame.querySelector("legend").after(said);
    else frame.append(said);
  }
  return frame;
}

// Choices

function choices(frame, question, { answer, locked, words, change, told }, kind) {
  const many = kind === "checkbox";
  const chosen = new Set(many ? answer?.choices : [answer?.choice]);
  if (many && !locked && !question.stem.includes(words.choose_all)) frame.append(el("p", { class: "q-hint", text: words.choose_all }));
  question.options.forEach((option, index) => {
    const input = el("input", {
      type: kind, name: "answer", value: option.id, checked: chosen.has(option.id), disabled: locked,
      change: () => {
        const ids = [...frame.querySelectorAll("input:checked")].map((each) => each.value);
        if (!many) change({ choice: ids[0] });
        else change(ids.length ? { choices: ids } : null);
      },
    });
    const row = told.get(option.id);
    const letter = el("span", { class: "let", "aria-hidden": "true", text: LETTERS[index] });
    const text = el("span", { text: option.text });
    if (row) text.append(reason(row, { right: words.your_right, wrong: words.your_wrong, missed: many ? words.also_right : words.the_right }));
    frame.append(el("label", { class: "opt" }, input, letter, text));
  });
}

// Ordering: buttons that keep the focus, and dragging beside them

function ordering(frame, question, given) {
  const { answer, locked, words, say, change, told } = given;
  const options = new Map(question.options.map((option) => [option.id, option]));
  let order = answer?.order ?? question.options.map((option) => option.id);
  const list = el("ol", { class: "steps-list" });
  if (!locked) frame.append(el("p", { class: "q-hint", text: words.order_hint }));
  frame.append(list);

  const move = (id, to, focus) => {
    const from = order.indexOf(id);
    if (to < 0 || to >= order.length || from === to) return;
    order = order.filter((each) => each !== id);
    order.splice(to, 0, id);
    draw();
    const row = list.querySelector(`[data-id="${CSS.escape(id)}"]`);
    const button = focus && row.querySelector(`[data-move="${focus}"]`);
    if (button) (button.disabled ? row.querySelector("button:not(:disabled)") : button).focus();
    say(fill(words.moved, { text: options.get(id).text, n: to + 1, total: order.length }));
    change({ order });
  };

  const draw = () => {
    list.replaceChildren(...order.map((id, place) => {
      const text = el("span", { class: "step-text", text: options.get(id).text });
      const row = told.get(id);
      if (row) text.append(reason(row, { right: words.right_place, wrong: fill(words.belongs_place, { n: row.right }) }));
      const item = el("li", { "data-id": id, draggable: !locked && "true" }, el("span", { class: "num place", "aria-hidden": "true", text: place + 1 }), text);
      if (!locked) item.append(el("span", { class: "moves" },
        arrow("up", fill(words.up, { text: options.get(id).text }), place === 0, () => move(id, place - 1, "up")),
        arrow("down", fill(words.down, { text: options.get(id).text }), place === order.length - 1, () => move(id, place + 1, "down"))));
      return item;
    }));
  };
  draw();
  if (!locked) dragging(list, move);
}

function arrow(way, label, disabled, click) {
  const button = el("button", { type: "button", class: "btn btn-2 btn-s", "data-move": way, "aria-label": label, disabled, click });
  button.innerHTML = `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="${way === "up" ? "M12 19.5v-15M6 10.5l6-6 6 6" : "M12 4.5v15M6 13.5l6 6 6-6"}"/></svg>`;
  return button;
}

function dragging(list, move) {
  let held = null;
  list.addEventListener("dragstart", (event) => {
    held = event.target.closest("li");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.dataset.id);
    requestAnimationFrame(() => held?.classList.add("held"));
  });
  list.addEventListener("dragover", (event) => {
    if (!held) return;
    event.preventDefault();
    const over = event.target.closest("li");
    for (const item of list.children) item.classList.toggle("over", item === over && item !== held);
  });
  list.addEventListener("drop", (event) => {
    event.preventDefault();
    const over = event.target.closest("li");
    if (held && over) move(held.dataset.id, [...list.children].indexOf(over));
  });
  list.addEventListener("dragend", () => {
    for (const item of list.children) item.classList.remove("held", "over");
    held = null;
  });
}

// Matching: a select for each entry; a target taken by another entry moves

function spell(select) {
  const text = select.value ? select.selectedOptions[0].textContent : "";
  select.nextSibling.textContent = text.length > 36 ? text : "";
}

function matching(frame, question, { answer, locked, words, say, change, told }) {
  const pairs = { ...answer?.pairs };
  if (!locked) frame.append(el("p", { class: "q-hint", text: words.match_hint }));
  const rows = question.options.map((option, index) => {
    const id = `match-${index}`;
    // A narrow select cuts long entries off: what is chosen stands under it in full.
    const chosen = el("span", { class: "chosen", "aria-hidden": "true" });
    const select = el("select", {
      id, disabled: locked,
      change: () => {
        const taken = select.value && question.options.find((other) => other.id !== option.id && pairs[other.id] === select.value);
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
    return el("div", { class: "match-row" }, el("label", { for: id, text: option.text }), cell,
      row && reason(row, { right: words.right, wrong: fill(words.belongs_to, { text: row.right }), missed: fill(words.belongs_to, { text: row.right }) }));
  });
  frame.append(...rows);
}

// A number, a text

function field(frame, question, { answer, locked, words, change }, { value, label, attributes, parse }) {
  const problem = el("p", { class: "error", id: "answer-error", role: "alert", hidden: true });
  const input = el("input", { id: "answer", type: "text", autocomplete: "off", value: value(answer), readonly: locked, "aria-describedby": "question-text answer-error", ...attributes });
  const box = el("div", { class: "field answer-field" });
  const tell = (soon) => {
    const found = parse(input.value);
    problem.hidden = found !== undefined || soon;
    problem.textContent = problem.hidden ? "" : words.not_a_number;
    box.classList.toggle("is-error", !problem.hidden);
    if (problem.hidden) input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
    if (found !== undefined) change(found, { soon });
  };
  if (!locked) {
    input.addEventListener("input", () => tell(true));
    input.addEventListener("change", () => tell(false));
  }
  box.append(el("label", { for: "answer", text: label }), problem,
    el("div", { class: "row" }, input, question.unit ? el("span", { class: "unit", text: question.unit }) : null));
  frame.append(box);
}

export function numberIn(text) {
  const plain = text.trim().replace(/\s/g, "").replace(",", ".").replace("−", "-");
  if (plain === "") return null;
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) && Math.abs(Number(plain)) <= 1e15 ? { value: Number(plain) } : undefined;
}

const FORMS = {
  single: (frame, question, given) => choices(frame, question, given, "radio"),
  truefalse: (frame, question, given) => choices(frame, question, given, "radio"),
  multiple: (frame, question, given) => choices(frame, question, given, "checkbox"),
  order: ordering,
  match: matching,
  numeric: (frame, question, given) => field(frame, question, given, {
    label: given.words.your_number,
    value: (answer) => (answer ? String(answer.value) : ""),
    attributes: { inputmode: "decimal", maxlength: 20, class: "num w-s" },
    parse: numberIn,
  }),
  text: (frame, question, given) => field(frame, question, given, {
    label: given.words.your_text,
    value: (answer) => answer?.text ?? "",
    attributes: { maxlength: 500, spellcheck: "false" },
    parse: (text) => (text.trim() ? { text } : null),
  }),
};

// What is said of an answer once it was checked

const SHAPES = { right: "pass", wrong: "fail", missed: "due" };

function reason(row, said) {
  const words = said[row.verdict];
  return el("span", { class: "reason" }, words ? el("span", { class: `status ${SHAPES[row.verdict]}`, text: words }) : null, el("span", { text: row.rationale }));
}

function verdict(explained, words) {
  const [shape, word] = explained.earned === 1 ? ["pass", words.right] : explained.earned > 0 ? ["due", words.in_part] : ["fail", words.not_right];
  const tone = { pass: "pass", due: "caution", fail: "stop" }[shape];
  return el("div", { class: `notice ${tone} verdict`, tabindex: "-1" },
    el("strong", {}, el("span", { class: `status ${shape}`, text: word })),
    explained.solution ? el("p", { text: fill(words.solution, { text: explained.solution }) }) : null,
    explained.rationale ? el("p", { text: explained.rationale }) : null);
}

function figure(medium, words) {
  const frame = el("figure", { class: "plate q-figure" });
  const credit = el("figcaption", { text: fill(words.figure, { credit: medium.credit }) });
  if (medium.type !== "image/svg+xml") {
    frame.append(el("img", { src: medium.url, alt: medium.alt }), credit);
    return frame;
  }
  // A drawing of ours stands in the page itself, so that it takes the page's colours. It was made harmless when it was kept.
  const place = el("div", { class: "fossa", role: "img", "aria-label": medium.alt });
  fetch(medium.url, { credentials: "same-origin" })
    .then((response) => response.text())
    .then((text) => {
      const drawing = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
      if (drawing.nodeName === "svg") place.append(document.importNode(drawing, true));
    })
    .catch(() => { place.textContent = medium.alt; });
  frame.append(place, credit);
  return frame;
}

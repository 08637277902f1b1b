// The drawing board of the item editor: above each list of outlines or pins stands the item's figure, on which they are drawn with the
// mouse. What is drawn is written into the fields, and what is typed there is drawn: the fields hold everything.

const SPACE = "http://www.w3.org/2000/svg";
const NEAR = 0.02;
const boards = new Map(); // a list of the editor and its board
const figures = new Map(); // a figure's number and what the server says of it

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const short = (value) => String(Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000);
const pair = (point) => point.map(short).join(",");

function make(name, given = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (key === "text") element.textContent = value;
    else if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== null) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** What stands in a field: {shape, points}, of an ellipse its centre and half-axes, as far as it can be read. */
export function parse(text) {
  const words = text.trim().split(/\s+/);
  const shape = ["ellipse", "polygon"].includes(words[0]) ? words.shift() : "point";
  const points = words.map((word) => word.split(",").map(Number));
  if (points.some((point) => point.length !== 2 || point.some(Number.isNaN))) return null;
  return { shape, points };
}

class Board {
  constructor(list, field) {
    this.list = list;
    this.kind = field.dataset.place;
    this.words = (name, values = {}) => fill(field.getAttribute(`data-word-${name}`), values);
    this.figures = field.dataset.figures;
    this.current = 0;
    this.which = make("select", { change: () => { this.current = Number(this.which.value); this.draw(); } });
    this.shape = "ellipse";
    this.stage = make("div", { class: "board-stage" });
    this.overlay = document.createElementNS(SPACE, "svg");
    for (const [name, value] of Object.entries({ viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" })) this.overlay.setAttribute(name, value);
    this.picture = make("div", { class: "board-picture" });
    this.stage.append(this.picture, this.overlay);
    this.stage.addEventListener("pointerdown", (event) => this.press(event));
    const tools = make("div", { class: "board-tools" }, make("label", {}, `${this.words("which")} `, this.which));
    if (this.kind === "outline") {
      const name = `shape-${Math.random()}`;
      for (const shape of ["ellipse", "polygon"]) {
        const input = make("input", { type: "radio", name, value: shape, change: () => { this.shape = shape; } });
        tools.append(make("label", {}, input, ` ${this.words(shape)}`));
      }
      tools.append(make("button", { type: "button", class: "button button-small button-secondary", text: this.words("undo"), click: () => this.undo() }));
    }
    tools.append(make("button", { type: "button", class: "button button-small button-secondary", text: this.words("clear"), click: () => this.write(this.field, "") }));
    this.root = make("div", { class: "board", role: "group", "aria-label": this.words(`${this.kind}s`) }, make("p", { class: "help", text: this.words(`hint_${this.kind}`) }), tools, this.stage);
    this.list.before(this.root);
    this.list.addEventListener("input", () => this.draw());
    this.list.addEventListener("focusin", (event) => {
      const at = this.fields.indexOf(event.target);
      if (at < 0 || at === this.current) return;
      this.current = at;
      this.draw();
    });
    this.show();
    this.draw();
  }

  /** The fields of the list, without those of deleted entries. */
  get fields() {
    return [...this.list.querySelectorAll("textarea[data-place]")].filter((field) => {
      const gone = field.closest("[data-streamfield-child]")?.querySelector("input[name$='-deleted']");
      return gone?.value !== "1";
    });
  }

  get field() {
    return this.fields[this.current];
  }

  write(field, text) {
    if (!field) return;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    this.draw();
  }

  undo() {
    const drawn = this.field && parse(this.field.value);
    if (drawn?.shape !== "polygon") return;
    const left = drawn.points.slice(0, -1);
    this.write(this.field, left.length ? `polygon ${left.map(pair).join(" ")}` : "");
  }

  async show() {
    const number = document.querySelector("input[name=figure]")?.value;
    if (number === this.number) return;
    this.number = number;
    this.picture.replaceChildren();
    if (!number) {
      this.picture.textContent = this.words("choose");
      return;
    }
    if (!figures.has(number)) figures.set(number, fetch(this.figures.replace("/0/", `/${number}/`)).then((response) => response.json()));
    const figure = await figures.get(number);
    if (number !== this.number) return;
    if (figure.image) {
      this.picture.replaceChildren(make("img", { src: figure.image, alt: figure.title }));
      return;
    }
    const drawing = new DOMParser().parseFromString(figure.drawing, "image/svg+xml").documentElement;
    if (drawing.nodeName === "svg") this.picture.replaceChildren(document.importNode(drawing, true));
  }

  draw() {
    const { fields } = this;
    this.current = Math.max(0, Math.min(this.current, fields.length - 1));
    const options = fields.map((_field, index) => make("option", { value: index, text: this.words(this.kind, { n: index + 1 }) }));
    this.which.replaceChildren(...options);
    this.which.value = String(this.current);
    this.overlay.replaceChildren();
    for (const old of this.stage.querySelectorAll(".board-number, .board-handle")) old.remove();
    fields.forEach((field, index) => {
      const drawn = parse(field.value);
      if (drawn?.points.length) this.trace(drawn, index);
    });
    const mine = this.field && parse(this.field.value);
    if (mine && mine.shape !== "point") this.shape = mine.shape;
    for (const input of this.root.querySelectorAll("input[type=radio]")) input.checked = input.value === this.shape;
  }

  trace({ shape, points }, index) {
    const current = index === this.current;
    const middle = shape === "polygon" ? [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length) : points[0];
    if (shape !== "point") {
      const path = document.createElementNS(SPACE, shape);
      if (shape === "polygon") path.setAttribute("points", points.map((point) => point.join(",")).join(" "));
      else if (points.length === 2) ["cx", "cy", "rx", "ry"].forEach((name, at) => path.setAttribute(name, points.flat()[at]));
      path.setAttribute("class", current ? "is-current" : "");
      this.overlay.append(path);
    }
    this.stage.append(this.at(middle, make("span", { class: `board-number ${current ? "is-current" : ""}`, text: index + 1 })));
    if (!current || shape === "point") return;
    const [[x, y], [rx, ry] = [0, 0]] = points;
    const handles = shape === "polygon" ? points : [[x, y], [x + rx, y], [x, y + ry]];
    handles.forEach((point, at) => this.stage.append(this.at(point, make("span", { class: "board-handle", "data-handle": at }))));
  }

  at([x, y], element) {
    element.style.left = `${x * 100}%`;
    element.style.top = `${y * 100}%`;
    return element;
  }

  place(event) {
    const box = this.stage.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map((value) => Math.min(1, Math.max(0, value)));
  }

  press(event) {
    if (!this.field || !this.number || event.button !== 0) return;
    event.preventDefault();
    const start = this.place(event);
    const handle = event.target.dataset.handle;
    if (handle !== undefined) this.drag((point) => this.pull(Number(handle), point));
    else if (this.kind === "point") this.write(this.field, pair(start));
    else if (this.shape === "polygon") {
      const drawn = parse(this.field.value);
      const before = drawn?.shape === "polygon" ? drawn.points : [];
      this.write(this.field, `polygon ${[...before, start].map(pair).join(" ")}`);
    } else {
      this.drag((point) => {
        const half = [0, 1].map((axis) => Math.abs(point[axis] - start[axis]) / 2);
        if (Math.max(...half) < NEAR / 2) return;
        const middle = [0, 1].map((axis) => (point[axis] + start[axis]) / 2);
        this.write(this.field, `ellipse ${pair(middle)} ${pair(half)}`);
      });
    }
  }

  /** Move one handle of the current shape. */
  pull(handle, point) {
    const { shape, points } = parse(this.field.value);
    if (shape === "polygon") points[handle] = point;
    else if (handle === 0) points[0] = point;
    else points[1][handle - 1] = Math.max(NEAR / 2, Math.abs(point[handle - 1] - points[0][handle - 1]));
    this.write(this.field, `${shape} ${points.map(pair).join(" ")}`);
  }

  drag(step) {
    const move = (event) => step(this.place(event));
    const end = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  }
}

/** A board for every list that has none yet; gone lists lose theirs. */
function look() {
  for (const field of document.querySelectorAll("textarea[data-place]")) {
    const list = field.closest("[data-streamfield-list-container]");
    if (list && !boards.has(list)) boards.set(list, new Board(list, field));
  }
  for (const [list, board] of boards) {
    if (list.isConnected) board.draw();
    else {
      board.root.remove();
      boards.delete(list);
    }
  }
}

let waiting = false;
function soon(changes) {
  const ours = (node) => node.nodeType === 1 && node.closest(".board");
  if (waiting || changes.every((change) => ours(change.target))) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; look(); });
}

new MutationObserver(soon).observe(document.body, { childList: true, subtree: true });
document.addEventListener("change", (event) => {
  if (event.target.name === "figure") for (const board of boards.values()) board.show();
});
look();

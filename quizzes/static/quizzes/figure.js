// A figure of a question. What stands on it is placed in shares of its width and height.

import { el, fill } from "./words.js";

/** The figure; `over` are elements that lie on the picture. */
export function figure(medium, words, ...over) {
  const picture = medium.type === "image/svg+xml" ? drawing(medium) : el("img", { src: medium.url, alt: medium.alt });
  const frame = over.length ? el("div", { class: "on-figure" }, picture, ...over) : picture;
  return el("figure", { class: "plate q-figure" }, frame, el("figcaption", { text: fill(words.figure, { credit: medium.credit }) }));
}

/** A drawing of ours stands in the page itself, so that it takes the page's colours. It was made harmless when it was kept. */
function drawing(medium) {
  const place = el("div", { class: "fossa", role: "img", "aria-label": medium.alt });
  const show = (text) => {
    const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    if (root.nodeName === "svg") place.append(document.importNode(root, true));
  };
  if (medium.drawing) show(medium.drawing);
  else {
    fetch(medium.url, { credentials: "same-origin" })
      .then((response) => { if (!response.ok) throw new Error(response.status); return response.text(); })
      .then(show)
      .catch(() => { place.textContent = medium.alt; });
  }
  return place;
}

export function put(element, x, y) {
  element.style.left = `${x * 100}%`;
  element.style.top = `${y * 100}%`;
  return element;
}

/** Outlines over the picture: [{outline, class}]. */
export function outlines(rows) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [name, value] of Object.entries({ class: "outlines", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" })) svg.setAttribute(name, value);
  for (const { outline, shape } of rows) {
    const round = outline.shape === "ellipse";
    const path = document.createElementNS(space, round ? "ellipse" : "polygon");
    const given = round ? { cx: outline.x, cy: outline.y, rx: outline.rx, ry: outline.ry } : { points: outline.points.map((point) => point.join(",")).join(" ") };
    for (const [name, value] of Object.entries({ ...given, class: shape })) path.setAttribute(name, value);
    svg.append(path);
  }
  return svg;
}

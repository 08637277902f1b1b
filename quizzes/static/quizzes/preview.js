// An item as a candidate sees it, on the page where its author previews it. Nothing is saved.

import { render } from "./question.js";
import { read } from "./words.js";

const words = read("player-words");
const place = document.querySelector("[data-question]");
place.replaceChildren(render(read("question-data"), { answer: null, words, say() {}, change() {} }));

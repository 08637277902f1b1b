// Keys for a list of rows: J and K move, Enter opens (the row's link has the focus), / goes to the search field.

const rows = [...document.querySelectorAll("[data-row]")];
const linkOf = (row) => row.querySelector("a[href]");
const typing = (target) => target.closest("input, select, textarea, [contenteditable]");

function show(row) {
  for (const other of rows) {
    other.classList.toggle("at", other === row);
    if (other === row) other.setAttribute("aria-current", "true");
    else other.removeAttribute("aria-current");
  }
}

function move(by) {
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1)];
  linkOf(next)?.focus();
}

for (const row of rows) {
  row.addEventListener("focusin", () => show(row));
  // A click anywhere in the row opens it, unless it is on something of its own or selects text.
  row.addEventListener("click", (event) => {
    if (event.target.closest("a, button, input, label") || String(getSelection())) return;
    linkOf(row)?.click();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const find = document.querySelector("[data-find]");
  if (event.key === "Escape" && event.target === find) {
    find.blur();
    return;
  }
  if (typing(event.target)) return;
  if (event.key === "/" && find) {
    event.preventDefault();
    find.focus();
    find.select();
  } else if (rows.length && event.key.toLowerCase() === "j") {
    event.preventDefault();
    move(1);
  } else if (rows.length && event.key.toLowerCase() === "k") {
    event.preventDefault();
    move(-1);
  }
});

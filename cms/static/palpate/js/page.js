// Small conveniences of every page. Everything works without them.

// An error summary takes the focus, so that it is read and its links are next.
document.querySelector("[data-focus]")?.focus();

// The account menu closes with Escape, with a click elsewhere, and when the focus leaves it.
for (const menu of document.querySelectorAll("[data-menu]")) {
  const close = () => { menu.open = false; };
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      close();
      menu.querySelector("summary").focus();
    }
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) close();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) close();
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

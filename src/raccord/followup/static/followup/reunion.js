// The room works without this file: it only turns pages by keyboard, and counts when somebody asks it to.
"use strict";

const typing = (element) => element && element.matches("input, select, textarea, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || typing(document.activeElement)) return;
  const towards = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = towards && document.querySelector(`.salle a[rel="${towards}"]`);
  if (link) link.click();
});

for (const told of document.querySelectorAll(".salle .touches")) told.hidden = false;

// Off until somebody starts it: nobody is hurried by default.
for (const timer of document.querySelectorAll(".salle .minuteur")) {
  const [button, shown] = [timer.querySelector("button"), timer.querySelector("output")];
  let started = 0;
  timer.hidden = false;
  button.addEventListener("click", () => {
    started = started ? 0 : Date.now();
    button.setAttribute("aria-pressed", String(Boolean(started)));
    shown.textContent = "";
  });
  setInterval(() => {
    if (!started) return;
    const seconds = Math.floor((Date.now() - started) / 1000);
    shown.textContent = `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")}`;
  }, 1000);
}

// Every page works without this file: it only spares gestures.
"use strict";

// A form that proposes a date for each result: taken unless somebody chose another one.
for (const form of document.querySelectorAll("form[data-propose]")) {
  const dates = JSON.parse(form.dataset.propose);
  const next = form.elements.namedItem("next_on");
  let chosen = false;
  next.addEventListener("input", () => { chosen = true; });
  for (const result of form.querySelectorAll('[name="result"]')) {
    result.addEventListener("change", () => { if (!chosen) next.value = dates[result.value] || ""; });
  }
}

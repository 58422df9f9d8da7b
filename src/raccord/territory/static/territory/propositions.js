// Names proposed while a place is typed (`data-propositions` is where they are asked). The field
// works without this file: what is typed is recognised on the server.
"use strict";

for (const field of document.querySelectorAll("input[data-propositions]")) {
  const list = document.createElement("ul");
  const said = document.createElement("p");
  let asked = "";
  let waiting = 0;

  list.id = `${field.id}-propositions`;
  list.className = "propositions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Propositions");
  said.className = "fr-sr-only";
  said.setAttribute("role", "status");
  field.after(list, said);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) field.setAttribute(name, value);

  const close = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const pointed = () => list.querySelector('[aria-selected="true"]');
  const point = (option) => {
    pointed()?.setAttribute("aria-selected", "false");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  };
  const choose = (option) => {
    field.value = asked = option.textContent;
    close();
    said.textContent = "";
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const show = (names) => {
    list.replaceChildren(...names.map((name, rank) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${rank}`;
      option.textContent = name;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      return option;
    }));
    close();
    const several = names.length > 1 ? "s" : "";
    said.textContent = names.length
      ? `${names.length} proposition${several} : flèche vers le bas pour choisir.` : "";
    if (!names.length) return;
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
  };
  const ask = async () => {
    const typed = field.value.trim();
    if (typed === asked) return;
    asked = typed;
    if (typed.length < 2) { show([]); return; }
    try {
      const answer = await fetch(`${field.dataset.propositions}?q=${encodeURIComponent(typed)}`);
      const names = answer.ok ? (await answer.json()).propositions : [];
      if (asked === typed && document.activeElement === field) show(names);
    } catch { close(); }
  };

  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 200); });
  field.addEventListener("blur", close);
  // The field keeps the focus: a blur would take the list away before the click.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) choose(option);
  });
  field.addEventListener("keydown", (event) => {
    const options = [...list.children];
    if (list.hidden || !options.length) return;
    const at = options.indexOf(pointed());
    if (event.key === "ArrowDown") point(options[(at + 1) % options.length]);
    else if (event.key === "ArrowUp") point(options[(at < 1 ? options.length : at) - 1]);
    else if (event.key === "Enter" && at >= 0) choose(options[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
}

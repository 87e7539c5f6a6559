// Derive: the program, and its gradients as one types.

import { Newest, answerOf, ask, copier, make, typeset } from "./common.js";

const PAUSE = 60; // milliseconds without a key before the server is asked
const FIRST = "Y[s,k] = exp(X[s,k]) / sum[j](exp(X[s,j]))";

export function openDerive(room, keep) {
  const box = room.querySelector("textarea");
  const shade = room.querySelector(".editor pre");
  const said = room.querySelector(".problem");
  const answer = answerOf(room);
  const view = { tab: "NumPy", open: new Set() };
  let pause;

  const newest = new Newest("api/derive", {
    begin: () => answer.busy("Deriving …"),
    show: (told) => { mark(); said.textContent = ""; answer.show(...told.chapters.flatMap((chapter) => chapterOf(chapter, view))); },
    fail: (told) => { mark(told); answer.settle(answer.result.childElementCount ? "The last program that could be derived:" : ""); },
  });

  function mark(told) {
    const text = box.value;
    if (!told) return shade.replaceChildren(text, "\n");
    said.textContent = told.line ? `Line ${told.line}, column ${told.column}: ${told.error}` : told.error;
    const lines = text.split("\n");
    const start = lines.slice(0, told.line - 1).reduce((sum, line) => sum + line.length + 1, 0) + told.column - 1;
    if (!told.line || start > text.length) return shade.replaceChildren(text, "\n");
    const end = start + Math.max(1, /^\w*/.exec(text.slice(start))[0].length);
    shade.replaceChildren(text.slice(0, start), make("mark", {}, text.slice(start, end).trim() ? text.slice(start, end) : " "), text.slice(end), "\n");
  }

  function typed(now = false) {
    shade.replaceChildren(box.value, "\n");
    keep(box.value);
    clearTimeout(pause);
    if (!box.value.trim()) {
      newest.drop();
      said.textContent = "";
      return answer.show(make("p", { class: "missing" }, "Write an equation, such as ", make("code", {}, "Y[i,j] = sum[k](A[i,k] * B[k,j])"), ", or choose from the list."));
    }
    pause = setTimeout(() => newest.send({ text: box.value }), now ? 0 : PAUSE);
  }

  box.addEventListener("input", () => typed());
  listPrograms(room, (text) => { box.value = text; typed(true); });
  return {
    read(text) {
      if (text && text === box.value) return;
      box.value = text || box.value || FIRST;
      typed(true);
    },
  };
}

async function listPrograms(room, choose) {
  const [list, search] = [room.querySelector(".choices"), room.querySelector("[type=search]")];
  let programs = [];
  const show = () => {
    const wanted = search.value.toLowerCase().split(/[\s_-]+/).filter(Boolean);
    const found = programs.filter((each) => wanted.every((word) => `${each.name} ${each.title} ${each.group}`.toLowerCase().includes(word)));
    list.replaceChildren(...found.map((each) =>
      make("li", {}, make("button", { type: "button", onclick: () => choose(each.text) }, each.name, make("small", {}, each.title)))));
    if (!found.length) list.append(make("li", { class: "quiet" }, programs.length ? "Nothing of that name." : "Loading …"));
  };
  search.addEventListener("input", show);
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") list.querySelector("button")?.click(); });
  show();
  try {
    programs = (await ask("api/programs")).programs;
    show();
  } catch (error) {
    list.replaceChildren(make("li", { class: "quiet" }, error.message));
  }
}

function chapterOf(chapter, view) {
  const suffix = chapter.variant ? `, ${chapter.variant}` : "";
  return [
    make("h2", {}, `Forward${suffix}`), ...chapter.forward.map((each) => typeset(each)),
    ...chapter.assumptions.map((each) => make("p", {}, make("code", {}, each))),
    make("h2", {}, `Gradients${suffix}`), ...chapter.gradients.map((each) => typeset(each)),
    make("p", { class: "quiet" }, chapter.proof),
    make("h2", {}, `Step by step${suffix}`), ...chapter.sections.map((each) => stepsOf(each, view)),
    make("h2", {}, `To copy${suffix}`), formsOf(chapter.forms, view),
  ];
}

function stepsOf(section, view) {
  const summary = typeset(section.heading, "summary", "");
  summary.append(` ${section.steps.length} ${section.steps.length === 1 ? "step" : "steps"}`);
  const details = make("details", { open: view.open.has(section.name) }, summary);
  const fill = () => {
    if (details.open) view.open.add(section.name);
    else view.open.delete(section.name);
    if (details.open && !details.querySelector("ol")) {
      details.append(make("ol", { class: "steps" }, ...section.steps.map((step) =>
        make("li", {}, make("span", { class: "law" }, step.law), typeset(step.formula)))));
    }
  };
  details.addEventListener("toggle", fill);
  if (details.open) fill();
  return details;
}

function formsOf(forms, view) {
  const names = Object.keys(forms).filter((name) => forms[name]);
  const code = make("pre", { tabindex: 0, role: "tabpanel", "aria-label": "To copy" });
  const tabs = names.map((name) => make("button", { type: "button", role: "tab", onclick: () => choose(name) }, name));
  const choose = (name) => {
    view.tab = name;
    code.textContent = forms[name].replace(/\n+$/, "");
    tabs.forEach((tab, k) => {
      tab.setAttribute("aria-selected", String(names[k] === name));
      tab.tabIndex = names[k] === name ? 0 : -1;
    });
  };
  const bar = make("div", { role: "tablist", class: "tabs", "aria-label": "Forms to copy", onkeydown: (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (names.indexOf(view.tab) + step + names.length) % names.length;
    choose(names[next]);
    tabs[next].focus();
  } }, ...tabs);
  choose(names.includes(view.tab) ? view.tab : names[0]);
  return make("div", {}, make("div", { class: "row" }, bar, copier(() => code.textContent)), code);
}

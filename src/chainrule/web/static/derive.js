// Derive: the program, and its gradients as one types.

import { answerOf, ask, copier, linkOf, make, Newest, rove, typeset } from "./common.js";
import { Editor } from "./editor.js";
import { numbersOf } from "./numbers.js";

const PAUSE = 15; // milliseconds without a key before the server is asked
const ORIGIN =
  "Point at a part of a formula, or go to a step by the Tab key, to see where it came from and which law made it.";
const FIRST = "Y[s,k] = exp(X[s,k]) / sum[j](exp(X[s,j]))";

export function openDerive(room, keep) {
  const editor = new Editor(room);
  const said = room.querySelector(".problem");
  const answer = answerOf(room);
  const view = { tab: "NumPy", open: new Set(), sizes: {}, seed: 1 };
  let pause;

  const newest = new Newest("api/derive", {
    most: 2, // as many as derive at once
    begin: () => answer.busy("Deriving …"),
    show: (told, order) => {
      editor.clear();
      said.textContent = "";
      answer.show(
        ...told.chapters.flatMap((chapter) => chapterOf(chapter, order.text, view)),
        numbersOf(() => editor.text, view),
      );
    },
    fail: (told) => {
      editor.markWord(told.line, told.column);
      said.textContent = told.line ? `Line ${told.line}, column ${told.column}: ${told.error}` : told.error;
      const [, meant] = /\(did you mean (\w+)\?\)/.exec(told.error) ?? [];
      if (meant && told.line)
        said.append(" ", make("button", { type: "button", onclick: () => mend(told, meant) }, `Write ${meant}`));
      answer.settle(answer.result.childElementCount ? "The last program that could be derived:" : "");
    },
  });

  function mend(told, meant) {
    const start = editor.startOf(told.line) + told.column - 1;
    editor.text = editor.text.slice(0, start) + editor.text.slice(start).replace(/^\w+/, meant);
    editor.box.focus();
    typed(true);
  }

  function typed(now = false) {
    keep(editor.text);
    clearTimeout(pause);
    if (!editor.text.trim()) {
      newest.drop();
      said.textContent = "";
      return answer.show(
        make(
          "p",
          { class: "missing" },
          "Write an equation, such as ",
          make("code", {}, "Y[i,j] = sum[k](A[i,k] * B[k,j])"),
          ", or choose from the list.",
        ),
      );
    }
    pause = setTimeout(() => newest.send({ text: editor.text }), now ? 0 : PAUSE);
  }

  editor.box.addEventListener("input", () => typed());
  room.querySelector(".links").append(linkOf());
  listPrograms(room, (text) => {
    editor.text = text;
    typed(true);
  });
  return {
    read(text) {
      if (text && text === editor.text) return;
      editor.text = text || editor.text || FIRST;
      typed(true);
    },
  };
}

async function listPrograms(room, choose) {
  const [list, search] = [room.querySelector(".choices"), room.querySelector("[type=search]")];
  const stop = rove(list);
  let programs = [];
  const show = () => {
    const wanted = search.value
      .toLowerCase()
      .split(/[\s_-]+/)
      .filter(Boolean);
    const found = programs.filter((each) =>
      wanted.every((word) => `${each.name} ${each.title} ${each.group}`.toLowerCase().includes(word)),
    );
    list.replaceChildren(
      ...found.map((each) =>
        make(
          "li",
          {},
          make(
            "button",
            { type: "button", onclick: () => choose(each.text) },
            each.name,
            make("small", {}, each.title),
          ),
        ),
      ),
    );
    stop(list.querySelector("button"));
    if (!found.length)
      list.append(make("li", { class: "quiet" }, programs.length ? "Nothing of that name." : "Loading …"));
  };
  search.addEventListener("input", show);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") list.querySelector("button")?.click();
    if (event.key === "ArrowDown") list.querySelector("button")?.focus();
  });
  show();
  try {
    programs = (await ask("api/programs")).programs;
    show();
  } catch (error) {
    list.replaceChildren(make("li", { class: "quiet" }, error.message));
  }
}

function chapterOf(chapter, text, view) {
  const suffix = chapter.variant ? `, ${chapter.variant}` : "";
  return [
    make("h2", {}, `Forward${suffix}`),
    ...chapter.forward.map((each) => typeset(each)),
    ...chapter.assumptions.map((each) => make("p", {}, make("code", {}, each))),
    make("h2", {}, `Gradients${suffix}`),
    ...chapter.gradients.map((each) => typeset(each)),
    make("p", { class: "quiet" }, chapter.proof),
    make("h2", {}, `Step by step${suffix}`),
    ...chapter.sections.map((each) => stepsOf(each, chapter.variant, text, view)),
    make("h2", {}, `To copy${suffix}`),
    formsOf(chapter.forms, view),
  ];
}

/** The steps of a gradient, which are asked for when they are opened. */
function stepsOf(section, variant, text, view) {
  const summary = typeset(section.heading, "summary", "");
  summary.append(` ${section.steps} ${section.steps === 1 ? "step" : "steps"}`);
  const details = make("details", { open: view.open.has(section.name) }, summary);
  let asked = false;
  const fill = async () => {
    if (details.open) view.open.add(section.name);
    else view.open.delete(section.name);
    if (!details.open || asked) return;
    asked = true;
    const waiting = make("p", { class: "quiet" }, "Typesetting …");
    details.append(waiting);
    try {
      waiting.replaceWith(chainOf(await ask("api/steps", { text, variant, name: section.name })));
    } catch (error) {
      waiting.textContent = error.message;
    }
  };
  details.addEventListener("toggle", fill);
  if (details.open) fill();
  return details;
}

/** The chain of steps; what one points at is told: since which step it stands there, by which law, and made of what. */
function chainOf(section) {
  const told = make("p", { class: "origin quiet", role: "status" }, ORIGIN);
  const laws = [...new Set(section.steps.map((step) => step.law))];
  const rows = section.steps.map((step, place) => {
    const row = make(
      "li",
      { tabindex: 0 },
      make("span", { class: "law" }, `${place + 1}. ${step.law}`),
      typeset(step.formula),
    );
    const show = (part) => tell(place, part);
    row.addEventListener("pointerover", (event) => show(event.target.closest("[data-part]")));
    row.addEventListener("focus", () => show(row.querySelector("[data-part]")));
    return row;
  });
  const list = make("ol", { class: "steps traced", onpointerleave: forget, onfocusout: forget }, ...rows);
  const law = make(
    "select",
    { "aria-label": "Steps to show", onchange: () => fold(law.value) },
    make("option", { value: "" }, "every step"),
    ...laws.map((each) => make("option", { value: each }, `by ${each}`)),
  );

  function mark(place, number, name) {
    for (const each of rows[place].querySelectorAll(`[data-part="${number}"]`)) each.classList.add(name);
  }

  function forget() {
    for (const each of list.querySelectorAll(".meant, .source")) each.classList.remove("meant", "source");
  }

  function tell(place, part) {
    if (!part) return;
    forget();
    const number = Number(part.dataset.part);
    const since = section.steps[place].origins[number];
    for (let each = since; each <= place; each += 1) mark(each, number, "meant");
    const { law: by, gone } = section.steps[since];
    if (since) for (const source of gone) mark(since - 1, source, "source");
    told.textContent = since
      ? `Written in step ${since + 1} by: ${by}. It came from what is underlined in step ${since}.`
      : `There from step 1: ${by}.`;
  }

  function fold(wanted) {
    rows.forEach((row, place) => {
      row.hidden = Boolean(wanted) && section.steps[place].law !== wanted;
    });
  }

  return make("div", {}, make("p", { class: "row" }, law), told, list);
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
  const bar = make("div", { role: "tablist", class: "tabs", "aria-label": "Forms to copy" }, ...tabs);
  rove(bar, (tab) => choose(tab.textContent));
  choose(names.includes(view.tab) ? view.tab : names[0]);
  return make(
    "div",
    {},
    make(
      "div",
      { class: "row" },
      bar,
      copier(() => code.textContent),
    ),
    code,
  );
}

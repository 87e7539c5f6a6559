// Check: a person's Python file, and the verdicts on what it holds, each as soon as it is made.

import { answerOf, askInParts, make, Newest, receiveFiles, typeset } from "./common.js";
import { Editor } from "./editor.js";
import { openMaps } from "./maps.js";

const EXAMPLE = `import numpy as np


def softmax_forward(X):
    E = np.exp(X - X.max(axis=1, keepdims=True))
    Y = E / E.sum(axis=1, keepdims=True)
    return Y, Y


def softmax_backward(dY, cache):
    Y = cache
    return Y * (dY - dY.sum(axis=1, keepdims=True))
`;

export function openCheck(room) {
  const editor = new Editor(room);
  const answer = answerOf(room);
  let suffix = ".py";
  let board = null;

  const newest = new Newest("api/check", {
    ask: askInParts,
    begin: () => answer.busy("Checking in a process of its own …"),
    hear: (part) => {
      if (part.source) [editor.text, suffix] = [part.source, ".py"];
      board ??= new Board(editor, recheck);
      board.hear(part);
      answer.put(board.element);
    },
    show: (told) => {
      board.end(told);
      answer.show(board.element);
    },
    fail: (told) => {
      const [, line] = /\bline (\d+)/.exec(told.error) ?? [];
      if (line) editor.markLines([Number(line)]);
      answer.show(make("p", { class: "missing problem", role: "alert" }, told.error), board?.element);
    },
  });
  const again = new Newest("api/check", {
    ask: askInParts,
    begin: () => {},
    hear: (part, order) => part.found || board?.hear(part, order.name),
    show: () => {},
    fail: (told, order) => board?.hear({ complaint: told.error }, order.name),
  });

  function check() {
    again.drop();
    board = null;
    if (editor.text.trim()) return newest.send({ text: editor.text, suffix, given: readInputs() });
    newest.drop();
    show();
  }

  function readInputs() {
    const lines = room.querySelector("#inputs").value.split("\n");
    const pairs = lines.filter((line) => line.trim()).map((line) => line.split("="));
    return Object.fromEntries(pairs.map(([name, ...form]) => [name.trim(), form.join("=").trim() || "?"]));
  }

  /** Check one function once more, at other shapes or stage by stage. */
  function recheck(name, wanted) {
    board.hear({ begin: name }, name);
    again.send({
      text: editor.text,
      suffix,
      name,
      stages: wanted.stages,
      given: { ...readInputs(), ...wanted.given },
    });
  }

  function show() {
    const words =
      "Paste a file with a forward and a backward: every gradient is held to the truth, and what is wrong with it is named.";
    answer.show(make("p", { class: "missing" }, words));
  }

  function take(text, kind) {
    suffix = kind;
    editor.text = text;
    check();
  }

  editor.clear();
  editor.box.addEventListener("input", () => {
    if (!editor.text.trim()) suffix = ".py";
  });
  room.querySelector("#check-now").addEventListener("click", check);
  room.querySelector("#check-example").addEventListener("click", () => take(EXAMPLE, ".py"));
  receiveFiles(room, room.querySelector("[type=file]"), (text, name, wrong) => {
    if (wrong) return answer.show(make("p", { class: "problem", role: "alert" }, wrong));
    take(text, name.toLowerCase().endsWith(".ipynb") ? ".ipynb" : ".py");
  });
  return {
    read() {
      if (!answer.result.childElementCount) show();
    },
  };
}

/** What was found in a file, one row each, and below the verdicts that there are. */
class Board {
  constructor(editor, recheck) {
    Object.assign(this, { editor, recheck, places: new Map(), verdicts: new Map() });
    this.summary = make("p", { class: "summary", role: "status" }, "Looking for what can be checked …");
    this.list = make("ul", { class: "found", "aria-label": "What was found" });
    this.sections = make("div");
    this.rest = make("div");
    this.element = make("div", {}, this.summary, this.list, this.rest, this.sections);
  }

  /** Take a part of an answer; `only` is the name that is checked once more. */
  hear(part, only) {
    for (const name of part.found ?? []) this.placeOf(name);
    if (part.begin) this.say(part.begin, "being checked …");
    if (part.verdict) this.judge(part.verdict);
    if (part.complaint) {
      const place = only ? this.placeOf(only).section : this.rest;
      place.append(make("p", { class: "unsure", role: "alert" }, part.complaint));
      if (only) this.say(only, this.verdicts.get(only)?.kind ?? "not judged");
    }
    this.count();
  }

  say(name, words) {
    this.placeOf(name).row.lastChild.textContent = words;
  }

  /** The row and the section of a name. */
  placeOf(name) {
    if (!this.places.has(name)) {
      const section = make("div");
      const link = make("button", { type: "button", onclick: () => section.scrollIntoView() }, name);
      const row = make(
        "li",
        {},
        make("span", { class: "sign", "aria-hidden": "true" }, "·"),
        link,
        make("span", {}, "waits"),
      );
      this.places.set(name, { row, section });
      this.list.append(row);
      this.sections.append(section);
    }
    return this.places.get(name);
  }

  judge(verdict) {
    this.verdicts.set(verdict.target, verdict);
    const { row, section } = this.placeOf(verdict.target);
    const tone = verdict.ok ? "right" : verdict.kind === "wrong" ? "wrong" : "unsure";
    row.className = tone;
    row.firstChild.textContent = { right: "✓", wrong: "✗", unsure: "?" }[tone];
    row.lastChild.textContent = verdict.kind;
    const shown = typeset(verdict.markup, "div", "verdict-of");
    openMaps(shown);
    section.replaceChildren(shown, shapesOf(verdict, this.recheck));
    const guilty = [...this.verdicts.values()].flatMap((each) => each.lines);
    this.editor.markLines([...new Set(guilty)].sort((a, b) => a - b));
    if (verdict.lines.length) shown.querySelector("h2").after(this.linkTo(verdict.lines));
  }

  linkTo(lines) {
    const links = lines.map((line) =>
      make("button", { type: "button", class: "small", onclick: () => this.editor.select(line) }, `line ${line}`),
    );
    return make("p", { class: "row quiet" }, "Marked in the code:", ...links);
  }

  end(told) {
    for (const [name, { row }] of this.places) {
      if (!row.className) this.say(name, "not judged");
    }
    this.ended = true;
    this.complaints = told.complaints.length;
    this.rest.replaceChildren(
      ...told.complaints.map((each) => make("p", { class: "unsure" }, each)),
      ...(told.printed
        ? [make("p", { class: "quiet" }, "The file printed:"), make("pre", { tabindex: 0 }, told.printed)]
        : []),
      make("p", { class: "quiet" }, `Kept apart by: ${told.isolation}.`),
    );
    this.count();
  }

  count() {
    const verdicts = [...this.verdicts.values()];
    const right = verdicts.filter((each) => each.ok).length;
    const all = this.places.size;
    if (!all) return;
    const open = all > verdicts.length ? `, ${all - verdicts.length} not judged` : "";
    const good = right === all && !this.complaints;
    this.summary.textContent = this.ended
      ? `${right} of ${all} right${open}`
      : `${verdicts.length} of ${all} checked, ${right} right …`;
    this.summary.className = this.ended ? `summary ${good ? "right" : "wrong"}` : "summary";
  }
}

/** The shapes that were tried, which can be changed and tried again, and stages that are to be compared. */
function shapesOf(verdict, recheck) {
  const names = Object.keys(verdict.shapes);
  const boxes = names.map((name) =>
    make("input", { value: verdict.shapes[name] || "value:0.5", size: 12, spellcheck: "false" }),
  );
  const stages = make("input", { size: 16, spellcheck: "false", placeholder: "dxhat, dvar", autocapitalize: "off" });
  const send = (event) => {
    event.preventDefault();
    const changed = names.filter((name, k) => boxes[k].value.trim() !== (verdict.shapes[name] || "value:0.5"));
    const given = Object.fromEntries(changed.map((name) => [name, boxes[names.indexOf(name)].value.trim()]));
    recheck(verdict.target, { given, stages: stages.value });
  };
  return make(
    "details",
    {},
    make("summary", {}, "Shapes that were tried, and stages"),
    make("ul", {}, ...verdict.places.map((place) => make("li", {}, place))),
    make(
      "form",
      { class: "row sizes", onsubmit: send },
      ...names.map((name, k) => make("label", {}, `${name} `, boxes[k])),
      make("label", {}, "stages ", stages),
      make("button", {}, "Check at these"),
    ),
    make(
      "p",
      { class: "quiet" },
      "Write a shape as 4x5, class numbers as labels:8:5, a number as value:0.1. Stages are local names of the backward " +
        "such as dxhat: each is held to the gradient of what the forward calls xhat.",
    ),
  );
}

// Check: a person's Python file, and the verdicts on what it holds.

import { Newest, answerOf, make, receiveFiles, typeset } from "./common.js";

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
  const box = room.querySelector("textarea");
  let suffix = ".py";
  let given = {}; // shapes that the person wants, by the inputs' names
  const answer = answerOf(room);
  const newest = new Newest("api/check", {
    begin: () => answer.busy("Checking in a process of its own …"),
    show: (told) => answer.show(...showVerdicts(told, (wanted) => { given = wanted; check(); })),
    fail: (told) => answer.show(make("p", { class: "missing problem", role: "alert" }, told.error)),
  });

  function check() {
    if (box.value.trim()) newest.send({ text: box.value, suffix, given });
    else show();
  }

  function show() {
    answer.show(make("p", { class: "missing" }, "Paste a file with a forward and a backward: every gradient is held to the truth, and what is wrong with it is named."));
  }

  const begin = (kind) => { suffix = kind; given = {}; };
  box.addEventListener("input", () => { given = {}; if (!box.value.trim()) suffix = ".py"; });
  room.querySelector("#check-now").addEventListener("click", check);
  room.querySelector("#check-example").addEventListener("click", () => { begin(".py"); box.value = EXAMPLE; check(); });
  receiveFiles(box, room.querySelector("[type=file]"), (text, name, wrong) => {
    if (wrong) return answer.show(make("p", { class: "problem", role: "alert" }, wrong));
    begin(name.toLowerCase().endsWith(".ipynb") ? ".ipynb" : ".py");
    box.value = text;
    check();
  });
  return { read() { if (!answer.result.childElementCount) show(); } };
}

function showVerdicts(told, again) {
  const right = told.verdicts.filter((each) => each.ok).length;
  const good = right === told.verdicts.length && !told.complaints.length;
  return [
    make("p", { class: `summary ${good ? "right" : "wrong"}` }, `${right} of ${told.verdicts.length} right`),
    ...told.verdicts.map((each) => make("div", {}, typeset(each.markup, "div", "verdict-of"), shapesOf(each, again))),
    ...told.complaints.map((each) => make("p", { class: "unsure" }, each)),
  ];
}

/** The shapes that were tried, which can be changed and tried again. */
function shapesOf(verdict, again) {
  const names = Object.keys(verdict.shapes);
  if (!names.length) return null;
  const boxes = names.map((name) => make("input", { value: verdict.shapes[name] || "value:0.5", size: 12, spellcheck: "false" }));
  const send = (event) => {
    event.preventDefault();
    const changed = names.filter((name, k) => boxes[k].value.trim() !== (verdict.shapes[name] || "value:0.5"));
    again(Object.fromEntries(changed.map((name) => [name, boxes[names.indexOf(name)].value.trim()])));
  };
  return make("details", {}, make("summary", {}, "Shapes that were tried"),
    make("ul", {}, ...verdict.places.map((place) => make("li", {}, place))),
    make("form", { class: "row sizes", onsubmit: send },
      ...names.map((name, k) => make("label", {}, `${name} `, boxes[k])), make("button", {}, "Check at these")),
    make("p", { class: "quiet" }, "Write a shape as 4x5, class numbers as labels:8:5, a number as value:0.1."));
}

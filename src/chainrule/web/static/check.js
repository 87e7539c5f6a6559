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
  const answer = answerOf(room);
  const newest = new Newest("api/check", {
    begin: () => answer.busy("Checking in a process of its own …"),
    show: (told) => answer.show(...showVerdicts(told)),
    fail: (told) => answer.show(make("p", { class: "missing problem", role: "alert" }, told.error)),
  });

  function check() {
    if (box.value.trim()) newest.send({ text: box.value });
    else show();
  }

  function show() {
    answer.show(make("p", { class: "missing" }, "Paste a file with a forward and a backward: every gradient is held to the truth, and what is wrong with it is named."));
  }

  room.querySelector("#check-now").addEventListener("click", check);
  room.querySelector("#check-example").addEventListener("click", () => { box.value = EXAMPLE; check(); });
  receiveFiles(box, room.querySelector("[type=file]"), (text, name, wrong) => {
    if (wrong) return answer.show(make("p", { class: "problem", role: "alert" }, wrong));
    box.value = text;
    check();
  });
  return { read() { if (!answer.result.childElementCount) show(); } };
}

function showVerdicts(told) {
  const right = told.verdicts.filter((each) => each.ok).length;
  const good = right === told.verdicts.length && !told.complaints.length;
  return [
    make("p", { class: `summary ${good ? "right" : "wrong"}` }, `${right} of ${told.verdicts.length} right`),
    ...told.verdicts.map((each) => typeset(each.markup, "div", "verdict-of")),
    ...told.complaints.map((each) => make("p", { class: "unsure" }, each)),
  ];
}

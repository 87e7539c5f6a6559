// Prove: a person's derivation, and beside it the verdict row by row.

import { Newest, answerOf, make, matrixOf, receiveFiles } from "./common.js";

const PAUSE = 600;
const EXAMPLE = `forward
    Y[i,j] = exp(X[i,j]) / sum[k](exp(X[i,k]))
gradient dX[m,n]
    = sum[i,j](dY[i,j] * d(Y[i,j])/d(X[m,n]))       # chain rule
    = sum[j](dY[m,j] * d(Y[m,j])/d(X[m,n]))         # other rows do not depend on X[m,n]
    = sum[j](dY[m,j] * Y[m,j] * (delta[j,n] + Y[m,n]))
    = Y[m,n] * (dY[m,n] - sum[j](dY[m,j] * Y[m,j]))
`;

export function openProve(room, keep) {
  const box = room.querySelector("textarea");
  const answer = answerOf(room);
  let suffix = "";
  let judged = ""; // the text that the verdict is about
  let pause;

  const newest = new Newest("api/prove", {
    begin: () => answer.busy("Judging …"),
    show: (told, order) => {
      judged = order.text;
      answer.show(...(told.verdict ? showVerdict(told.verdict) : showDocument(told.document)));
    },
    fail: (told) => answer.show(problemOf(told)),
  });

  function problemOf(told) {
    const place = told.line ? `Line ${told.line}, column ${told.column}: ` : "";
    const go = told.line && make("button", { type: "button", onclick: () => select(told.line, told.column) }, "Show the place");
    return make("div", { class: "missing", role: "alert" }, make("p", { class: "problem" }, place + told.error), go);
  }

  function select(line, column) {
    const start = box.value.split("\n").slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    box.focus();
    box.setSelectionRange(start + column - 1, start + box.value.split("\n")[line - 1].length);
  }

  function judge(now) {
    clearTimeout(pause);
    if (suffix !== ".ipynb") keep(box.value.length < 6000 ? box.value : "");
    if (!box.value.trim()) {
      newest.drop();
      return answer.show(make("p", { class: "missing" }, "Write a derivation on the left, or open a document: every line is judged, and the first that does not follow is repaired where a small edit does it."));
    }
    pause = setTimeout(() => newest.send({ text: box.value, suffix }), now ? 0 : PAUSE);
  }

  /** The line that a repair is of, cut before and after what it replaces; null where that is not plain. */
  function cut(row) {
    const line = box.value.split("\n")[row.repaired_line - 1] ?? "";
    const found = row.repaired_line === row.line
      ? /^(\s*(?:[^=<>!#]*[^=<>!#\s]\s*)?=(?!=)\s*)(.*?)(\s*#.*)?$/.exec(line)
      : /^(\s*(?:where\s+)?)(.*?)(\s*#.*)?$/.exec(line);
    return row.part || !found ? null : { lead: found[1], remark: found[3] ?? "" };
  }

  function apply(row) {
    if (box.value !== judged) return judge(true);
    const lines = box.value.split("\n");
    const { lead, remark } = cut(row);
    const repair = /where\s/.test(lead) ? row.repair.replace(/^where\s+/, "") : row.repair;
    lines[row.repaired_line - 1] = lead + repair + remark;
    box.value = lines.join("\n");
    judge(true);
  }

  function showVerdict(verdict) {
    const parts = [make("p", { class: `summary ${verdict.ok ? "right" : "wrong"}` }, verdict.summary)];
    for (const chain of verdict.gradients) {
      parts.push(make("h2", {}, `${chain.kind} ${chain.gradient}`));
      parts.push(make("ol", { class: "judged" }, ...chain.lines.map((row) => rowOf(row, `= ${row.text}`, true))));
      parts.push(...chain.notes.map((note) => make("p", { class: "quiet" }, `Line ${note.line}: ${note.text}`)));
    }
    return [...parts, ...(verdict.readings ?? []).map((told) => make("p", { class: "quiet" }, `Read so: ${told}.`))];
  }

  function showDocument(told) {
    const parts = [make("p", { class: `summary ${told.ok ? "right" : "wrong"}` }, told.summary)];
    for (const each of told.derivations) {
      parts.push(make("h2", {}, `${each.title || "(no heading)"}: ${each.gradient}`));
      parts.push(...each.forward.map((line) => make("p", { class: "quiet" }, make("code", {}, line.equation), ` ${line.source}`)));
      parts.push(make("ol", { class: "judged" }, ...each.rows.map((row) => rowOf(row, row.latex, false))));
      parts.push(make("p", {}, each.summary));
    }
    return [...parts, ...told.unread.map((row) => make("p", { class: "quiet" }, `Line ${row.line} can't be read: ${row.latex}`))];
  }

  function rowOf(row, text, mendable) {
    const kind = { true: "right", false: "wrong" }[row.follows] ?? "note";
    const sign = { right: "✓", wrong: "✗", note: "·" }[kind];
    const name = { right: "follows", wrong: "does not follow", note: "not judged" }[kind];
    const notes = ["shape", "where", "reason", "problem"].filter((key) => row[key]).map((key) => make("p", {}, ...worded(row[key])));
    const found = (row.readings ?? []).map((each) => make("p", { class: "quiet" }, `= ${each}`));
    const repair = row.repair && make("div", { class: "repair" }, make("p", {}, "It would follow as ", make("code", {}, row.repair)),
      row.repair_latex && make("pre", {}, row.repair_latex),
      mendable && cut(row) && make("button", { type: "button", onclick: () => apply(row) }, "Apply it"));
    return make("li", { class: kind }, make("span", { class: "place" }, String(row.line)),
      make("span", { class: "sign", role: "img", "aria-label": name }, sign),
      make("div", {}, make("code", {}, text), ...found, ...notes, caseOf(row.counterexample), repair));
  }

  box.addEventListener("input", () => { if (!box.value.trim()) suffix = ""; judge(false); });
  room.querySelector("#prove-now").addEventListener("click", () => judge(true));
  room.querySelector("#prove-example").addEventListener("click", () => { suffix = ""; box.value = EXAMPLE; judge(true); });
  receiveFiles(box, room.querySelector("[type=file]"), (text, name, wrong) => {
    if (wrong) return answer.show(problemOf({ error: wrong }));
    suffix = /\.\w+$/.exec(name)?.[0].toLowerCase() ?? "";
    box.value = text;
    judge(true);
  });
  return {
    read(text) {
      if (text && text === box.value) return;
      if (text) [box.value, suffix] = [text, ""];
      judge(true);
    },
  };
}

/** A sentence with what stands in backticks as code. */
function worded(text) {
  return text.split("`").map((part, k) => (k % 2 ? make("code", {}, part) : part));
}

function caseOf(found) {
  if (!found) return null;
  const at = Object.entries(found.at).map(([name, index]) => `${name} = ${index}`).join(", ");
  return make("div", {}, make("p", {}, `Counterexample${at ? ` at ${at} (from 0)` : ""}: what stands before gives ${found.before}, this line ${found.here}.`),
    make("div", { class: "matrices" }, ...Object.entries(found.given).map(([name, value]) => matrixOf(name, value))));
}

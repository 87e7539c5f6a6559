// Prove: a person's derivation, and beside it the verdict row by row.

import { answerOf, ask, linkOf, make, Newest, receiveFiles, typeset } from "./common.js";
import { Editor } from "./editor.js";
import { matrixOf } from "./numbers.js";

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
  const editor = new Editor(room);
  const answer = answerOf(room);
  let suffix = "";
  let judged = ""; // the text that the verdict is about
  let pause;

  const newest = new Newest("api/prove", {
    begin: () => answer.busy("Judging …"),
    show: (told, order) => {
      judged = order.text;
      answer.show(...(told.verdict ? showVerdict(told.verdict) : showDocument(told.document)));
      markWrong(told);
    },
    fail: (told) => {
      answer.show(problemOf(told));
      editor.markWord(told.line, told.column);
    },
  });

  function problemOf(told) {
    const place = told.line ? `Line ${told.line}, column ${told.column}: ` : "";
    const go =
      told.line &&
      make("button", { type: "button", onclick: () => editor.select(told.line, told.column) }, "Show the place");
    return make("div", { class: "missing", role: "alert" }, make("p", { class: "problem" }, place + told.error), go);
  }

  /** Mark what does not follow: the rows of a document where they stand as they were read, else whole lines. */
  function markWrong(told) {
    const chains = told.verdict ? told.verdict.gradients : told.document.derivations;
    const wrong = chains.flatMap((each) => each.lines ?? each.rows).filter((row) => row.follows === false);
    const spans = wrong.map((row) => {
      const start = row.latex ? editor.text.indexOf(row.latex, editor.startOf(row.line)) : -1;
      return start < 0 ? editor.spanOf(row.line) : [start, start + row.latex.length];
    });
    if (suffix !== ".ipynb") editor.mark(spans);
  }

  function judge(now) {
    clearTimeout(pause);
    if (suffix !== ".ipynb") keep(editor.text.length < 20_000 ? editor.text : "");
    if (!editor.text.trim()) {
      newest.drop();
      return answer.show(
        make(
          "p",
          { class: "missing" },
          "Write a derivation, or open a document: every line is judged, and the first that does not follow is repaired where a small edit does it.",
        ),
      );
    }
    pause = setTimeout(() => newest.send({ text: editor.text, suffix }), now ? 0 : PAUSE);
  }

  /** Where what a repair replaces begins and ends in the text; null where that is not plain. */
  function cut(row) {
    if (row.part || suffix === ".ipynb") return null;
    if (row.repair_latex) return cutLatex(row);
    const line = editor.text.split("\n")[row.repaired_line - 1] ?? "";
    const found =
      row.repaired_line === row.line
        ? /^(\s*(?:[^=<>!#]*[^=<>!#\s]\s*)?=(?!=)\s*)(.*?)(\s*#.*)?$/.exec(line)
        : /^(\s*(?:where\s+)?)(.*?)(\s*#.*)?$/.exec(line);
    if (!found) return null;
    const start = editor.startOf(row.repaired_line) + found[1].length;
    const repair = /where\s/.test(found[1]) ? row.repair.replace(/^where\s+/, "") : row.repair;
    return { start, end: start + found[2].length, repair };
  }

  /** The same in a document: a row with one sign of equality, and no words, which stands there as it was read. */
  function cutLatex(row) {
    const found = /^([^=]*=\s*)([^=]+)$/.exec(row.latex);
    const start = editor.text.indexOf(row.latex, editor.startOf(row.line));
    if (!found || start < 0 || /\\text|\\mbox/.test(found[2])) return null;
    return { start: start + found[1].length, end: start + row.latex.length, repair: row.repair_latex };
  }

  function apply(row) {
    if (editor.text === judged) {
      const { start, end, repair } = cut(row);
      editor.text = editor.text.slice(0, start) + repair + editor.text.slice(end);
    }
    judge(true);
  }

  function showVerdict(verdict) {
    const parts = [make("p", { class: `summary ${verdict.ok ? "right" : "wrong"}` }, verdict.summary)];
    for (const chain of verdict.gradients) {
      parts.push(make("h2", {}, `${chain.kind} ${chain.gradient}`));
      parts.push(make("ol", { class: "judged" }, ...chain.lines.map((row) => rowOf(row))));
      parts.push(...chain.notes.map((note) => make("p", { class: "quiet" }, `Line ${note.line}: ${note.text}`)));
    }
    return [...parts, ...(verdict.readings ?? []).map((told) => make("p", { class: "quiet" }, `Read so: ${told}.`))];
  }

  function showDocument(told) {
    const parts = [make("p", { class: `summary ${told.ok ? "right" : "wrong"}` }, told.summary)];
    for (const each of told.derivations) {
      parts.push(make("h2", {}, `${each.title.replace(/[.:\s]+$/, "") || "(no heading)"}: ${each.gradient}`));
      parts.push(
        ...each.forward.map((line) =>
          make("p", { class: "quiet" }, make("code", {}, line.equation), ` ${line.source}`),
        ),
      );
      parts.push(make("ol", { class: "judged" }, ...each.rows.map((row) => rowOf(row))));
      parts.push(make("p", {}, each.summary));
    }
    return [
      ...parts,
      ...told.unread.map((row) => make("p", { class: "quiet" }, `Line ${row.line} can't be read: ${row.latex}`)),
    ];
  }

  function rowOf(row) {
    const kind = { true: "right", false: "wrong" }[row.follows] ?? "note";
    const sign = { right: "✓", wrong: "✗", note: "·" }[kind];
    const name = { right: "follows", wrong: "does not follow", note: "not judged" }[kind];
    const notes = ["shape", "where", "reason", "problem"]
      .filter((key) => row[key])
      .map((key) => make("p", {}, ...worded(row[key])));
    const found = (row.readings ?? []).map((each) => make("p", { class: "quiet" }, `= ${each}`));
    const repair =
      row.repair &&
      make(
        "div",
        { class: "repair" },
        make("p", {}, "It would follow as ", make("code", {}, row.repair)),
        row.repair_latex && make("pre", {}, row.repair_latex),
        cut(row) && make("button", { type: "button", onclick: () => apply(row) }, "Apply it"),
      );
    return make(
      "li",
      { class: kind },
      make("span", { class: "place" }, String(row.line)),
      make("span", { class: "sign", role: "img", "aria-label": name }, sign),
      make(
        "div",
        {},
        row.markup ? typeset(row.markup) : make("code", {}, `= ${row.text}`),
        ...found,
        ...notes,
        caseOf(row.counterexample),
        repair,
      ),
    );
  }

  editor.box.addEventListener("input", () => {
    if (!editor.text.trim()) suffix = "";
    judge(false);
  });
  room.querySelector(".links").append(linkOf());
  room.querySelector("#prove-now").addEventListener("click", () => judge(true));
  room.querySelector("#prove-example").addEventListener("click", () => {
    suffix = "";
    editor.text = EXAMPLE;
    judge(true);
  });
  room.querySelector("#prove-report").addEventListener("click", async () => {
    try {
      const told = await ask("api/published");
      [editor.text, suffix] = [told.text, told.suffix];
      judge(true);
    } catch (error) {
      answer.show(problemOf({ error: error.message }));
    }
  });
  receiveFiles(room, room.querySelector("[type=file]"), (text, name, wrong) => {
    if (wrong) return answer.show(problemOf({ error: wrong }));
    suffix = /\.\w+$/.exec(name)?.[0].toLowerCase() ?? "";
    editor.text = text;
    judge(true);
  });
  return {
    read(text) {
      if (text && text === editor.text) return;
      if (text) [editor.text, suffix] = [text, ""];
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
  const at = Object.entries(found.at)
    .map(([name, index]) => `${name} = ${index}`)
    .join(", ");
  return make(
    "div",
    {},
    make(
      "p",
      {},
      `Counterexample${at ? ` at ${at} (from 0)` : ""}: what stands before gives ${found.before}, this line ${found.here}.`,
    ),
    make("div", { class: "matrices" }, ...Object.entries(found.given).map(([name, value]) => matrixOf(name, value))),
  );
}

// Train: start a run, and watch it and all others.

import { answerOf, ask, make } from "./common.js";

const SVG = "http://www.w3.org/2000/svg";
const LISTED = 5000; // milliseconds between two looks at the list

export function openTrain(room) {
  const answer = answerOf(room);
  const problem = room.querySelector(".problem");
  const [form, choice, meaning] = ["#settings", "#experiment", "#meaning"].map((each) => room.querySelector(each));
  const [rate, shown] = [room.querySelector("#lr"), room.querySelector("#lr-shown")];
  let experiments = [];
  let events = null;
  let watched = "";

  const lr = () => Number((10 ** Number(rate.value)).toPrecision(2));
  const describe = () => {
    const chosen = experiments.find((each) => each.name === choice.value);
    meaning.textContent = chosen?.meaning ?? "";
    if (chosen) rate.value = Math.log10(chosen.lr);
    shown.textContent = lr();
  };
  choice.addEventListener("change", describe);
  rate.addEventListener("input", () => (shown.textContent = lr()));

  async function tell(work) {
    problem.textContent = "";
    try {
      const told = await work;
      if (told.run) watch(told.run);
      list();
    } catch (error) {
      answer.settle();
      problem.textContent = error.message;
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = (id) => room.querySelector(`#${id}`).value.trim();
    const more = value("more").split("\n").map((line) => line.trim()).filter(Boolean);
    const settings = [`data=${value("data")}`, `steps=${value("steps")}`, `lr=${lr()}`, `seed=${value("seed")}`, ...more];
    answer.busy("The run begins …");
    tell(ask("api/train/start", { experiment: choice.value, settings }));
  });

  function watch(name) {
    if (name === watched && events) return;
    events?.close();
    watched = name;
    events = new EventSource(`api/runs/${encodeURIComponent(name)}/events`);
    events.onmessage = (event) => showRun(JSON.parse(event.data));
    events.onerror = () => answer.settle("The server does not answer; the run goes on where it can.");
  }

  function showRun(run) {
    const act = (path, words) => make("button", { type: "button", onclick: () => tell(ask(path, { run: run.name })) }, words);
    const last = run.metrics.at(-1);
    const said = last && `${run.part} accuracy ${(100 * last[`${run.part}_accuracy`]).toFixed(2)} %, loss ${last[`${run.part}_loss`].toFixed(4)}`;
    answer.show(
      make("h2", {}, run.name),
      make("p", {}, `${run.state}, step ${run.step.toLocaleString("en")} of ${run.steps.toLocaleString("en")}${said ? `; ${said}` : ""}`),
      make("progress", { max: run.steps, value: run.step, "aria-label": "Steps" }),
      make("p", { class: "row" }, run.state === "running" && act("api/train/stop", "Stop at a checkpoint") || "",
        run.state === "interrupted" && act("api/train/resume", "Go on") || ""),
      run.metrics.length ? make("div", { class: "charts" }, chart("Loss", run, "loss"), chart("Accuracy", run, "accuracy")) : make("p", { class: "missing" }, "The curves begin with the first evaluation."),
    );
    if (run.state === "finished" || run.state === "diverged") { events.close(); events = null; list(); }
  }

  async function list() {
    try {
      const { runs } = await ask("api/runs");
      room.querySelector("#runs tbody").replaceChildren(...runs.slice(0, 50).map((run) => make("tr", {},
        make("th", { scope: "row" }, make("button", { type: "button", onclick: () => watch(run.name) }, run.name)),
        make("td", {}, run.state), make("td", {}, `${run.step.toLocaleString("en")}/${run.steps.toLocaleString("en")}`),
        make("td", {}, run.accuracy == null ? "" : `${(100 * run.accuracy).toFixed(2)} %`))));
      if (!runs.length) room.querySelector("#runs tbody").replaceChildren(make("tr", {}, make("td", { colspan: 4, class: "quiet" }, "No runs yet.")));
    } catch {
      // the next look may succeed
    }
  }

  ask("api/experiments").then((told) => {
    experiments = told.experiments;
    choice.replaceChildren(...experiments.map((each) => make("option", { value: each.name }, each.name)));
    room.querySelector("#known").replaceChildren(...Object.entries(told.settings).flatMap(([name, words]) => [make("dt", {}, name), make("dd", {}, words)]));
    describe();
  }, (error) => (problem.textContent = error.message));
  list();
  setInterval(() => { if (!room.hidden && !document.hidden) list(); }, LISTED);
  answer.show(make("p", { class: "missing" }, "Start a run, or choose one of those below. It is the run of chainrule train, with its record."));
  return { read() { list(); } };
}

function chart(title, run, figure) {
  const [width, height, left, foot] = [320, 180, 48, 22];
  const parts = ["train", run.part];
  const points = run.metrics.map((line) => ({ x: line.step, y: parts.map((part) => line[`${part}_${figure}`]) }));
  const values = points.flatMap((point) => point.y).filter(Number.isFinite);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (step) => left + (step / run.steps) * (width - left - 6);
  const y = (value) => 8 + (1 - (value - low) / (high - low || 1)) * (height - foot - 8);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}: ${parts.map((part, k) => `${part} ${points.at(-1).y[k]?.toPrecision(4)}`).join(", ")} at step ${points.at(-1).x}` });
  svg.append(draw("line", { class: "axis", x1: left, x2: width, y1: y(low), y2: y(low) }), label(0, y(low) + 4, low.toPrecision(4)),
    label(0, y(high) + 4, high.toPrecision(4)), label(left, height - 4, "0"), label(width - 6, height - 4, String(run.steps), "end"));
  parts.forEach((part, k) => svg.append(draw("path", { class: part, d: points.filter((point) => Number.isFinite(point.y[k])).map((point, n) => `${n ? "L" : "M"}${x(point.x).toFixed(1)} ${y(point.y[k]).toFixed(1)}`).join("") })));
  return make("figure", {}, make("figcaption", { class: "key" }, `${title}: `, make("b", { class: "train" }, "training"), " ", make("b", { class: run.part }, run.part)), svg);
}

function label(x, y, text, anchor = "start") {
  const element = draw("text", { x, y, "text-anchor": anchor });
  element.textContent = text;
  return element;
}

function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

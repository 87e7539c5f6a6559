// Train: start a run, and watch it and all others.

import { chart } from "./chart.js";
import { answerOf, ask, make } from "./common.js";
import { Look } from "./look.js";
import { drawNetwork } from "./network.js";

const LISTED = 5000; // milliseconds between two looks at the list

export function openTrain(room) {
  const answer = answerOf(room);
  const problem = room.querySelector(".problem");
  const [form, choice, meaning] = ["#settings", "#experiment", "#meaning"].map((each) => room.querySelector(each));
  const [rate, shown] = [room.querySelector("#lr"), room.querySelector("#lr-shown")];
  let experiments = [];
  let events = null;
  let watched = "";
  let look = null;
  let now = null; // the run as it stands
  let names = [];
  const beside = { name: "", run: null };

  const lr = () => Number((10 ** Number(rate.value)).toPrecision(2));
  const describe = () => {
    const chosen = experiments.find((each) => each.name === choice.value);
    meaning.textContent = chosen?.meaning ?? "";
    if (chosen) rate.value = Math.log10(chosen.lr);
    shown.textContent = lr();
  };
  choice.addEventListener("change", () => {
    describe();
    network.redraw();
  });
  rate.addEventListener("input", () => shown.replaceChildren(lr()));

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
    const settings = [...basics(), ...network.settings(), ...written()];
    answer.busy("The run begins …");
    tell(ask("api/train/start", { experiment: choice.value, settings }));
  });

  const value = (id) => room.querySelector(`#${id}`).value.trim();
  const written = () =>
    value("more")
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);

  function basics() {
    const chosen = [
      value("backend") && `backend=${value("backend")}`,
      value("batch") && `batch_size=${value("batch")}`,
    ];
    return [
      `data=${value("data")}`,
      `steps=${value("steps")}`,
      `lr=${lr()}`,
      `seed=${value("seed")}`,
      ...chosen.filter(Boolean),
    ];
  }

  const network = drawNetwork(
    room.querySelector("#network"),
    () => ({ experiment: choice.value, settings: [...basics(), ...written()] }),
    () => {},
  );
  const fetching = room.querySelector("#fetching");
  const data = room.querySelector("#data");
  data.addEventListener("change", () => {
    network.redraw();
    lookAtData();
  });
  fetching.querySelector("button").addEventListener("click", () => lookAtData({}));

  /** Whether CIFAR-10 is there, and how far its fetching is. */
  async function lookAtData(order) {
    try {
      const told = await ask("api/data", order);
      fetching.hidden = data.value !== "cifar10" || (told.there && !told.running);
      fetching.querySelector("button").disabled = told.running;
      fetching.querySelector("span").textContent =
        told.running || told.code
          ? (told.said.at(-1) ?? "Fetching …")
          : "170 MB, kept for later; a run fetches it too.";
      if (told.running) setTimeout(lookAtData, 1000);
    } catch (error) {
      fetching.querySelector("span").textContent = error.message;
    }
  }

  function watch(name) {
    if (name === watched && events) return;
    events?.close();
    watched = name;
    if (look) look.ended = true;
    look = new Look(name, () => now && showRun(now));
    events = new EventSource(`api/runs/${encodeURIComponent(name)}/events`);
    events.onmessage = (event) => showRun(JSON.parse(event.data));
    events.onerror = () =>
      answer.settle(
        "The server does not answer; the run goes on where it can, and is among the runs when the server is back.",
      );
  }

  function showRun(run) {
    now = run;
    const act = (path, words) =>
      make("button", { type: "button", onclick: () => tell(ask(path, { run: run.name })) }, words);
    const last = run.metrics.at(-1);
    const said =
      last &&
      `${run.part} accuracy ${(100 * last[`${run.part}_accuracy`]).toFixed(2)} %, loss ${last[`${run.part}_loss`].toFixed(4)}`;
    if (answer.result.contains(document.activeElement) && document.activeElement.tagName === "SELECT") return; // being chosen from
    const focused = document.activeElement?.dataset?.act;
    answer.show(
      make("h2", {}, run.name),
      make(
        "p",
        {},
        `${run.state}, step ${run.step.toLocaleString("en")} of ${run.steps.toLocaleString("en")}${said ? `; ${said}` : ""}`,
      ),
      make("progress", { max: run.steps, value: run.step, "aria-label": "Steps" }),
      make(
        "p",
        { class: "row" },
        (run.state === "running" && act("api/train/stop", "Pause at a checkpoint")) || "",
        (run.state === "interrupted" && act("api/train/resume", "Go on")) || "",
        besideOf(run),
      ),
      run.metrics.length
        ? make("div", { class: "charts" }, curves("Loss", "loss"), curves("Accuracy", "accuracy"))
        : make("p", { class: "missing" }, "The curves begin with the first evaluation."),
      ...look.draw(),
    );
    if (focused) answer.result.querySelector(`[data-act="${focused}"]`)?.focus();
    look.renew(run);
    if (run.state === "finished" || run.state === "diverged") {
      events?.close();
      events = null;
      list();
    }
  }

  /** The curves of the run, and dashed those of the one beside it. */
  function curves(title, figure) {
    const linesOf = (run, dashed) =>
      ["train", run.part].map((part) => ({
        name: part === "train" ? "training" : part,
        tone: part,
        dashed,
        points: run.metrics.map((line) => [line.step, line[`${part}_${figure}`]]),
      }));
    const both = beside.run ? [...linesOf(now, false), ...linesOf(beside.run, true)] : linesOf(now, false);
    return chart(title, both, { steps: Math.max(now.steps, beside.run?.steps ?? 0) });
  }

  function besideOf(run) {
    const choose = make(
      "select",
      { "data-act": "beside", onchange: () => compare(choose.value) },
      make("option", { value: "" }, "no other"),
      ...names.filter((name) => name !== run.name).map((name) => make("option", { value: name }, name)),
    );
    choose.value = beside.name;
    return make("label", { class: "box" }, "Beside (dashed): ", choose);
  }

  async function compare(name) {
    Object.assign(beside, { name, run: null });
    document.activeElement?.blur();
    try {
      if (name) beside.run = await ask(`api/runs/${encodeURIComponent(name)}`);
    } catch (error) {
      problem.textContent = error.message;
    }
    if (now) showRun(now);
  }

  async function list() {
    try {
      const { runs } = await ask("api/runs");
      names = runs.slice(0, 50).map((run) => run.name);
      room
        .querySelector("#runs tbody")
        .replaceChildren(
          ...runs
            .slice(0, 50)
            .map((run) =>
              make(
                "tr",
                {},
                make(
                  "th",
                  { scope: "row" },
                  make("button", { type: "button", onclick: () => watch(run.name) }, run.name),
                ),
                make("td", {}, run.state),
                make("td", {}, `${run.step.toLocaleString("en")}/${run.steps.toLocaleString("en")}`),
                make("td", {}, run.accuracy == null ? "" : `${(100 * run.accuracy).toFixed(2)} %`),
              ),
            ),
        );
      if (!runs.length)
        room
          .querySelector("#runs tbody")
          .replaceChildren(make("tr", {}, make("td", { colspan: 4, class: "quiet" }, "No runs yet.")));
    } catch {
      // the next look may succeed
    }
  }

  ask("api/experiments").then(
    (told) => {
      experiments = told.experiments;
      choice.replaceChildren(...experiments.map((each) => make("option", { value: each.name }, each.name)));
      room
        .querySelector("#known")
        .replaceChildren(
          ...Object.entries(told.settings).flatMap(([name, words]) => [make("dt", {}, name), make("dd", {}, words)]),
        );
      describe();
    },
    (error) => problem.replaceChildren(error.message),
  );
  list();
  setInterval(() => {
    if (!room.hidden && !document.hidden) list();
  }, LISTED);
  answer.show(
    make(
      "p",
      { class: "missing" },
      "Start a run, or choose one of those below. It is the run of chainrule train, with its record.",
    ),
  );
  return {
    read() {
      list();
    },
  };
}

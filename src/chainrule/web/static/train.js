// Train: start a run, and watch it and all others.

import { answerOf, ask, make } from "./common.js";
import { drawNetwork } from "./network.js";
import { WatchedRun } from "./run.js";

const LISTED = 5000; // milliseconds between two looks at the list

export function openTrain(room) {
  const answer = answerOf(room);
  const problem = room.querySelector(".problem");
  const [form, choice, meaning] = ["#settings", "#experiment", "#meaning"].map((each) => room.querySelector(each));
  const [rate, shown] = [room.querySelector("#lr"), room.querySelector("#lr-shown")];
  let experiments = [];
  let watched = null;
  let names = [];

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
    watched?.close();
    watched = new WatchedRun(name, {
      act: (path) => tell(ask(path, { run: name })),
      said: (text) => answer.settle(text),
      ended: list,
    });
    watched.offer(names);
    answer.show(watched.element);
  }

  async function list() {
    try {
      const { runs } = await ask("api/runs");
      names = runs.slice(0, 50).map((run) => run.name);
      watched?.offer(names);
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

// Train: start a run, and watch it and all others.

import { answerOf, ask, make } from "./common.js";
import { drawNetwork } from "./network.js";
import { WatchedRun } from "./run.js";
import { drawSliders } from "./sliders.js";

const LISTED = 5000; // milliseconds between two looks at the list

export function openTrain(room) {
  const answer = answerOf(room);
  const problem = room.querySelector(".problem");
  const [form, choice, meaning] = ["#settings", "#experiment", "#meaning"].map((each) => room.querySelector(each));
  let experiments = [];
  let watched = null;
  let names = [];

  const describe = () => {
    const chosen = experiments.find((each) => each.name === choice.value);
    meaning.textContent = chosen?.meaning ?? "";
    if (chosen) sliders.read(chosen);
    network.redraw();
  };
  choice.addEventListener("change", describe);

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
    answer.busy("The run begins …");
    tell(ask("api/train/start", order(network.settings())));
  });

  const value = (id) => room.querySelector(`#${id}`).value.trim();
  const written = () =>
    value("more")
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);

  /** What is to be trained; of a setting that is given twice, the written one counts. */
  function order(drawn) {
    const chosen = ["data", "steps", "batch_size", "seed", "backend"].map((name) => [name, value(name.split("_")[0])]);
    const given = chosen.filter(([, each]) => each).map(([name, each]) => `${name}=${each}`);
    return { experiment: choice.value, settings: [...given, ...sliders.settings(), ...drawn, ...written()] };
  }

  const network = drawNetwork(room.querySelector("#network"), order);
  const sliders = drawSliders(room.querySelector("#sliders"), () => network.redraw());
  room.querySelector("#more").addEventListener("change", () => network.redraw());
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
    watched.element.scrollIntoView({ block: "nearest" }); // on a phone it is far below
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

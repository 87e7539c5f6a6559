// Report: the page that was written, what is missing of it, and the command that makes it.

import { answerOf, ask, make } from "./common.js";

const LOOK = 1500; // milliseconds between two looks at a command that runs

export function openReport(room) {
  const answer = answerOf(room);
  const problem = room.querySelector(".problem");
  const [write, run, stop, full, said, page, alone] = ["write", "run", "stop", "full", "said", "page", "alone"].map(
    (name) => room.querySelector(`#report-${name}`),
  );
  let shown; // when the page in the frame was written
  let running = false;
  let timer;

  async function tell(work) {
    problem.textContent = "";
    try {
      await work;
      await look();
    } catch (error) {
      problem.textContent = error.message;
    }
  }

  const start = (train) => tell(ask("api/report/start", { train, full: full.checked }));
  write.addEventListener("click", () => start(false));
  run.addEventListener("click", () => start(true));
  stop.addEventListener("click", () => tell(ask("api/report/stop", {})));
  full.addEventListener("change", () => listMissing());

  async function look() {
    clearTimeout(timer);
    const told = await ask("api/report");
    const ended = running && !told.job.running;
    running = told.job.running;
    stop.hidden = !running;
    write.disabled = run.disabled = running;
    const atFoot = said.scrollTop + said.clientHeight > said.scrollHeight - 30;
    said.hidden = !told.job.said.length;
    said.textContent = told.job.said.join("\n");
    if (atFoot) said.scrollTop = said.scrollHeight;
    if (!running && told.job.code)
      problem.textContent = `The command ended with code ${told.job.code}; what it said stands below.`;
    page.hidden = alone.hidden = !told.written;
    if (told.written && (shown !== told.written || ended)) page.src = "report/";
    shown = told.written;
    if (ended) listMissing();
    room.querySelector(".written")?.replaceWith(writtenOf(told));
    if (running && !room.hidden) timer = setTimeout(() => look().catch(() => {}), LOOK);
    return told;
  }

  async function listMissing() {
    try {
      answer.busy("Looking at what is missing …");
      const told = await look();
      const { missing } = await ask(`api/report/missing${full.checked ? "?full" : ""}`);
      answer.show(writtenOf(told), ...missingOf(missing));
    } catch (error) {
      answer.show(make("p", { class: "problem", role: "alert" }, error.message));
    }
  }

  return {
    read() {
      listMissing();
    },
  };
}

function writtenOf(told) {
  const marks = Object.entries(told.marks)
    .map(([mark, count]) => `${count} ${mark}`)
    .join(", ");
  const text = told.written
    ? `Written ${told.written} (${told.plan}): ${marks}.`
    : "No report has been written here yet.";
  return make("p", { class: "written" }, text);
}

function missingOf(missing) {
  if (!missing.length) return [make("p", {}, "Every run that it is made of is there.")];
  const words = (each) =>
    each.runs
      ? `${each.what}: ${each.runs} ${each.runs === 1 ? "run" : "runs"} of ${each.steps.toLocaleString("en")} steps`
      : each.what;
  return [
    make("h2", {}, `${missing.length} still missing`),
    make("ul", { class: "missing-list" }, ...missing.map((each) => make("li", {}, words(each)))),
  ];
}

// A run as it is watched: how it stands, its curves beside another's, and what is seen of it from within.

import { chart } from "./chart.js";
import { ask, make } from "./common.js";
import { Look } from "./look.js";

const ENDED = ["finished", "diverged"];
const SPARE = 50; // a drawing is left to stand this many times as long as it took: what is watched shall not be slowed

/** Watches a run. `act(path)` asks the server for something, `said(text)` tells what is wrong, `ended()` that it is. */
export class WatchedRun {
  constructor(name, { act, said, ended }) {
    Object.assign(this, { name, said, ended, run: null, beside: null, drawnAt: 0, spare: 0 });
    this.line = make("p");
    this.news = make("p", { class: "unseen", role: "status" });
    this.progress = make("progress", { value: 0, "aria-label": "Steps" });
    this.stop = make("button", { type: "button", onclick: () => act("api/train/stop") }, "Pause at a checkpoint");
    this.resume = make("button", { type: "button", onclick: () => act("api/train/resume") }, "Go on");
    this.others = make(
      "select",
      { onchange: () => this.compare(this.others.value) },
      make("option", { value: "" }, "no other"),
    );
    this.curves = make("div", { class: "charts" });
    this.seen = make("div");
    this.element = make(
      "div",
      {},
      make("h2", {}, name),
      this.line,
      this.news,
      this.progress,
      make(
        "p",
        { class: "row" },
        this.stop,
        this.resume,
        make("label", { class: "box" }, "Beside (dashed): ", this.others),
      ),
      this.curves,
      this.seen,
    );
    this.look = new Look(name, () => this.seen.replaceChildren(...this.look.draw()));
    this.events = new EventSource(`api/runs/${encodeURIComponent(name)}/events`);
    this.events.onmessage = (event) => this.hear(JSON.parse(event.data));
    this.events.onerror = () => {
      this.lost = true;
      said("The server does not answer; the run goes on where it can, and is among the runs when the server is back.");
    };
  }

  close() {
    this.look.close();
    this.events.close();
    clearTimeout(this.later);
  }

  hear(told) {
    if (told.error) {
      this.close();
      this.said(told.error);
      return;
    }
    const state = this.run?.state;
    this.run = told.fresh ? told : { ...told, metrics: [...this.run.metrics, ...told.metrics] };
    if (told.state !== state) this.news.textContent = `The run is ${told.state}.`;
    if (this.lost) this.said("");
    this.lost = false;
    this.plan();
    this.look.renew(this.run);
    if (ENDED.includes(told.state)) {
      this.events.close();
      this.ended();
    }
  }

  /** Draw now, or when the last drawing has stood long enough. */
  plan() {
    clearTimeout(this.later);
    const wait = ENDED.includes(this.run.state) ? 0 : this.drawnAt + this.spare - performance.now();
    if (wait > 0) this.later = setTimeout(() => this.draw(), wait);
    else this.draw();
  }

  draw() {
    const begun = performance.now();
    const { run } = this;
    const last = run.metrics.at(-1);
    const said = last
      ? `; ${run.part} accuracy ${(100 * last[`${run.part}_accuracy`]).toFixed(2)} %, loss ${last[`${run.part}_loss`].toFixed(4)}`
      : "";
    this.line.textContent = `${run.state}, step ${run.step.toLocaleString("en")} of ${run.steps.toLocaleString("en")}${said}`;
    Object.assign(this.progress, { max: run.steps, value: run.step });
    const held = [this.stop, this.resume].includes(document.activeElement);
    this.stop.hidden = run.state !== "running";
    this.resume.hidden = run.state !== "interrupted";
    if (held && document.activeElement === document.body) (this.resume.hidden ? this.stop : this.resume).focus();
    this.curves.replaceChildren(
      ...(run.metrics.length
        ? [this.chart("Loss", "loss"), this.chart("Accuracy", "accuracy")]
        : [make("p", { class: "missing" }, "The curves begin with the first evaluation.")]),
    );
    this.drawnAt = performance.now();
    this.spare = SPARE * (this.drawnAt - begun);
  }

  /** The curves of the run, and dashed those of the one beside it. */
  chart(title, figure) {
    const linesOf = (run, dashed) =>
      ["train", run.part].map((part) => ({
        name: part === "train" ? "training" : part,
        tone: part,
        dashed,
        points: run.metrics.map((line) => [line.step, line[`${part}_${figure}`]]),
      }));
    const both = this.beside ? [...linesOf(this.run, false), ...linesOf(this.beside, true)] : linesOf(this.run, false);
    return chart(title, both, { steps: Math.max(this.run.steps, this.beside?.steps ?? 0) });
  }

  /** Offer the other runs to stand beside this one. */
  offer(names) {
    const others = names.filter((name) => name !== this.name);
    const offered = [...this.others.options].slice(1).map((each) => each.value);
    if (others.join() === offered.join()) return;
    const chosen = this.others.value;
    this.others.replaceChildren(this.others.options[0], ...others.map((name) => make("option", { value: name }, name)));
    this.others.value = others.includes(chosen) ? chosen : "";
  }

  async compare(name) {
    try {
      this.beside = name ? await ask(`api/runs/${encodeURIComponent(name)}`) : null;
    } catch (error) {
      this.said(error.message);
    }
    if (this.run) this.draw();
  }
}

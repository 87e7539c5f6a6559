// What is seen of a run besides its loss: its layers, the first weights, the confusion matrix, the worst mistakes.

import { chart } from "./chart.js";
import { ask, make } from "./common.js";

const PAUSE = 2500; // milliseconds between two looks
const SPARE = 150; // a look is left to stand this many times as long as it took: the run shall not be slowed

/** Looks at a run when it has a new checkpoint, and keeps what it has seen of its layers. */
export class Look {
  constructor(name, show) {
    Object.assign(this, { name, show, seen: [], latest: null, next: 0, step: -1, ended: false });
  }

  close() {
    this.ended = true;
    clearTimeout(this.later);
  }

  async renew(run) {
    clearTimeout(this.later);
    if (this.ended || run.step === this.step || !run.metrics.length) return;
    const wait = run.state === "running" ? this.next - Date.now() : 0;
    if (wait > 0) {
      this.later = setTimeout(() => this.renew(run), wait);
      return;
    }
    this.step = run.step;
    try {
      const told = await ask(`api/runs/${encodeURIComponent(this.name)}/look`);
      if (told.step < this.latest?.step) return; // asked for earlier, while the run trained
      this.next = Date.now() + Math.max(PAUSE, SPARE * told.seconds * 1000);
      if (told.step !== this.seen.at(-1)?.step) this.seen.push(told);
      if (this.seen.length > 300) this.seen.shift();
      this.latest = told;
    } catch {
      return; // there is no checkpoint yet
    }
    if (!this.ended) this.show();
  }

  draw() {
    if (!this.latest) return [];
    const { layers, weights, classes, confusion, worst } = this.latest;
    return [
      ...(layers.length
        ? [
            make(
              "div",
              { class: "charts" },
              this.series("gradient", "Gradient of the weights, root mean square", true),
              this.series("saturated", "Share that is saturated"),
            ),
          ]
        : []),
      make("p", { class: "quiet" }, `At the checkpoint of step ${this.latest.step.toLocaleString("en")}.`),
      ...(weights
        ? [
            make("h3", {}, "Weights of the first units"),
            make("img", {
              class: "pixels",
              src: weights,
              alt: "Weights of the first layer's first units, each as an image",
            }),
          ]
        : []),
      make("h3", {}, "Confusion"),
      confusionOf(classes, confusion),
      ...(worst.length
        ? [make("h3", {}, "Worst mistakes"), make("div", { class: "worst" }, ...worst.map(mistakeOf))]
        : []),
    ];
  }

  series(figure, title, logarithmic = false) {
    const lines = this.latest.layers.map((_, k) => ({
      name: `layer ${k + 1}`,
      tone: `tone${k % 5}`,
      points: this.seen.map((each) => [each.step, each.layers[k]?.[figure]]),
    }));
    return chart(title, lines, { logarithmic });
  }
}

function confusionOf(classes, confusion) {
  const most = Math.max(...confusion.flat(), 1);
  const cell = (count, i, j) => {
    const td = make("td", { class: i === j ? "hit" : count ? "miss" : "" }, count ? String(count) : "");
    if (count) td.style.setProperty("--share", `${Math.round(10 + 35 * Math.sqrt(count / most))}%`);
    return td;
  };
  const head = make(
    "tr",
    {},
    make("th", { scope: "col" }, "is \\ taken for"),
    ...classes.map((each) => make("th", { scope: "col" }, each)),
  );
  return make(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": "Confusion matrix" },
    make(
      "table",
      { class: "confusion" },
      make("thead", {}, head),
      make(
        "tbody",
        {},
        ...confusion.map((row, i) =>
          make("tr", {}, make("th", { scope: "row" }, classes[i]), ...row.map((count, j) => cell(count, i, j))),
        ),
      ),
    ),
  );
}

function mistakeOf(each) {
  const words = `${each.is}, taken for ${each.taken} (${(100 * each.share).toFixed(0)}\u00a0%)`;
  return make(
    "figure",
    {},
    make("img", { class: "pixels", src: each.image, alt: words }),
    make("figcaption", {}, words),
  );
}

// Lines over the steps of a run, drawn as SVG.

import { make } from "./common.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, LEFT, FOOT] = [320, 180, 52, 22];

/** lines: of name, tone (a class), points [step, value] and dashed; steps: how far the axis goes. */
export function chart(title, lines, { steps = 0, logarithmic = false } = {}) {
  const scale = logarithmic ? Math.log10 : (value) => value;
  const drawn = lines.map((line) => ({
    ...line,
    points: thin(line.points.filter(([, value]) => Number.isFinite(value) && (!logarithmic || value > 0))),
  }));
  const all = drawn.flatMap((line) => line.points);
  if (!all.length) return make("figure", {}, make("figcaption", { class: "key" }, `${title}: nothing yet`));
  const values = all.map(([, value]) => scale(value));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const last = steps || Math.max(...all.map(([step]) => step));
  const x = (step) => LEFT + (step / (last || 1)) * (WIDTH - LEFT - 8);
  const y = (value) => 10 + (1 - (scale(value) - low) / (high - low || 1)) * (HEIGHT - FOOT - 14);
  const raw = (value) => (logarithmic ? 10 ** value : value).toPrecision(3);
  const label = `${title}: ${drawn
    .filter((line) => line.points.length)
    .map((line) => `${line.name} ${line.points.at(-1)[1].toPrecision(4)} at step ${line.points.at(-1)[0]}`)
    .join(", ")}`;
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label });
  const foot = HEIGHT - FOOT + 2;
  svg.append(
    draw("line", { class: "axis", x1: LEFT, x2: WIDTH, y1: foot, y2: foot }),
    text(0, foot - 2, raw(low)),
    text(0, 14, raw(high)),
    text(LEFT, HEIGHT - 4, "0"),
    text(WIDTH - 8, HEIGHT - 4, last.toLocaleString("en"), "end"),
  );
  for (const line of drawn) {
    const path = line.points
      .map(([step, value], k) => `${k ? "L" : "M"}${x(step).toFixed(1)} ${y(value).toFixed(1)}`)
      .join("");
    if (line.points.length === 1)
      svg.append(draw("circle", { class: line.tone, cx: x(line.points[0][0]), cy: y(line.points[0][1]), r: 2.5 }));
    svg.append(draw("path", { class: line.tone, d: path, ...(line.dashed ? { "stroke-dasharray": "5 4" } : {}) }));
  }
  const names = drawn.flatMap((line) => [
    make("b", { class: line.tone }, line.dashed ? `┄ ${line.name}` : line.name),
    " ",
  ]);
  return make("figure", {}, make("figcaption", { class: "key" }, `${title}: `, ...names), svg);
}

/** As many points as can be told apart, spread evenly, and the last. */
function thin(points) {
  const stride = Math.ceil(points.length / WIDTH);
  return points.filter((_, k) => k % stride === 0 || k === points.length - 1);
}

function text(x, y, words, anchor = "start") {
  const element = draw("text", { x, y, "text-anchor": anchor });
  element.textContent = words;
  return element;
}

function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// The settings that one tries most, each with a slider; what is not moved stays as the experiment has it.

import { make } from "./common.js";

const power = (place) => Number((10 ** place).toPrecision(2));
const SLIDERS = [
  { name: "lr", label: "Learning rate", min: -5, max: 0, step: 0.05, value: power, place: Math.log10 },
  { name: "momentum", label: "Momentum", min: 0, max: 0.99, step: 0.01 },
  {
    name: "weight_decay",
    label: "Weight decay",
    min: -6.5,
    max: 0,
    step: 0.1,
    value: (place) => (place < -6 ? 0 : power(place)),
    place: (value) => (value > 0 ? Math.log10(value) : -6.5),
  },
  { name: "dropout", label: "Dropout", min: 0, max: 0.9, step: 0.05 },
];
const same = (value) => value;

/** Fill an element with the sliders; `read(experiment)` sets them, `settings()` are those that were moved. */
export function drawSliders(element, changed) {
  const moved = new Map();
  const all = SLIDERS.map(({ name, label, value = same, place = same, ...range }) => {
    const shown = make("output");
    const input = make("input", { type: "range", id: name, ...range });
    input.addEventListener("input", () => {
      moved.set(name, value(Number(input.value)));
      say(moved.get(name));
      changed();
    });
    const say = (number) => {
      shown.textContent = number;
      input.setAttribute("aria-valuetext", number);
    };
    element.append(make("div", {}, make("label", { for: name }, `${label} `, shown), input));
    return (experiment) => {
      input.value = place(experiment[name]);
      say(experiment[name]);
    };
  });
  return {
    read: (experiment) => {
      moved.clear();
      for (const set of all) set(experiment);
    },
    settings: () => [...moved].map(([name, value]) => `${name}=${value}`),
  };
}

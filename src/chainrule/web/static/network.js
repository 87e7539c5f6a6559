// A network drawn: its hidden layers, norm and activation, and what follows of parameters and shapes.

import { Newest, make } from "./common.js";

const ACTIVATIONS = ["", "elu", "relu", "leaky_relu", "gelu", "silu", "tanh", "sigmoid"];
const NORMS = ["", "none", "batch", "layer"];

/** Fill an element; returns the settings that are drawn. `base` returns experiment and the other settings. */
export function drawNetwork(element, base, changed) {
  const hidden = { sizes: [] };
  const layers = make("div", { class: "row sizes" });
  const pick = (label, values) => {
    const choice = make(
      "select",
      { onchange: () => draw() },
      ...values.map((each) => make("option", { value: each }, each || "as it says")),
    );
    return [choice, make("label", {}, `${label} `, choice)];
  };
  const [norm, normLabel] = pick("Norm", NORMS);
  const [activation, activationLabel] = pick("Activation", ACTIVATIONS);
  const [table, written] = [make("div", { class: "drawn" }), make("code", {})];
  const problem = make("p", { class: "problem", role: "alert" });
  const newest = new Newest("api/train/network", {
    begin: () => {},
    show: (told) => {
      problem.textContent = told.warnings.join(" ");
      table.replaceChildren(...listLayers(told.layers));
    },
    fail: (told) => problem.replaceChildren(told.error),
  });

  function settings() {
    if (!element.open) return [];
    return [
      hidden.sizes.length ? `hidden=${hidden.sizes.join("-")}` : "",
      norm.value ? `norm=${norm.value}` : "",
      activation.value ? `activation=${activation.value}` : "",
    ].filter(Boolean);
  }

  function draw() {
    layers.replaceChildren(
      ...hidden.sizes.map((size, k) =>
        make(
          "span",
          { class: "unit" },
          make("input", {
            type: "number",
            min: 1,
            max: 100000,
            value: size,
            "aria-label": `Width of hidden layer ${k + 1}`,
            oninput: (event) => {
              hidden.sizes[k] = Number(event.target.value) || 1;
              tell();
            },
          }),
          make(
            "button",
            {
              type: "button",
              "aria-label": `Remove hidden layer ${k + 1}`,
              onclick: () => {
                hidden.sizes.splice(k, 1);
                draw();
                layers.lastChild.focus();
              },
            },
            "×",
          ),
        ),
      ),
      make(
        "button",
        {
          type: "button",
          onclick: () => {
            hidden.sizes.push(hidden.sizes.at(-1) ?? 100);
            draw();
            layers.lastChild.focus();
          },
        },
        "Add a hidden layer",
      ),
    );
    tell();
  }

  function tell() {
    const drawn = settings();
    written.textContent = drawn.map((each) => `--set ${each}`).join(" ") || "as the experiment says";
    const { experiment, settings: others } = base();
    newest.send({ experiment, settings: [...others, ...drawn] });
    changed();
  }

  element.append(
    layers,
    make("p", { class: "row" }, normLabel, activationLabel),
    problem,
    table,
    make("p", { class: "quiet" }, written),
  );
  element.addEventListener("toggle", () => {
    if (element.open) draw();
  });
  return {
    settings,
    redraw: () => {
      if (element.open) tell();
    },
  };
}

function listLayers(layers) {
  const total = layers.reduce((sum, each) => sum + each.parameters, 0);
  const most = Math.max(...layers.map((each) => each.parameters), 1);
  const rows = layers.map((each) => {
    const bar = make("span", { class: "bar" });
    bar.style.width = `${Math.sqrt(each.parameters / most) * 6}rem`;
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, each.name),
      make("td", {}, each.shapes.map((shape) => shape.join("×")).join(", ")),
      make("td", {}, each.parameters ? each.parameters.toLocaleString("en") : "", bar),
    );
  });
  const head = make(
    "thead",
    {},
    make("tr", {}, ...["Layer", "Shapes", "Parameters"].map((each) => make("th", { scope: "col" }, each))),
  );
  return [
    make(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Layers of the network" },
      make("table", {}, head, make("tbody", {}, ...rows)),
    ),
    make("p", {}, `${total.toLocaleString("en")} parameters`),
  ];
}

// A program tried at sizes that a person gives, and the matrices that numbers are shown as.

import { make, Newest } from "./common.js";

/** The program tried at sizes that can be changed: what goes in, and what comes out. */
export function numbersOf(text, view) {
  const [letters, arrays] = [make("p", { class: "row sizes" }), make("div", { class: "matrices" })];
  const problem = make("p", { class: "problem", role: "alert" });
  const newest = new Newest("api/numbers", {
    begin: () => {},
    show: (told) => {
      problem.textContent = "";
      list(told.sizes);
      arrays.replaceChildren(...told.arrays.map(arrayOf));
    },
    fail: (told) => problem.replaceChildren(told.error),
  });
  const send = () => newest.send({ text: text(), sizes: view.sizes, seed: view.seed });

  function list(sizes) {
    if (letters.childElementCount === Object.keys(sizes).length + 1) return; // being typed into
    letters.replaceChildren(
      ...Object.entries(sizes).map(([letter, size]) =>
        make(
          "label",
          {},
          `${letter} `,
          make("input", {
            type: "number",
            min: 1,
            max: 12,
            value: size,
            oninput: (event) => {
              view.sizes[letter] = Number(event.target.value);
              send();
            },
          }),
        ),
      ),
      make(
        "button",
        {
          type: "button",
          onclick: () => {
            view.seed += 1;
            send();
          },
        },
        "Other numbers",
      ),
    );
  }

  const details = make(
    "details",
    { open: view.open.has("numbers") },
    make("summary", {}, "Sizes and numbers to try"),
    letters,
    problem,
    arrays,
  );
  const fill = () => {
    if (details.open) view.open.add("numbers");
    else view.open.delete("numbers");
    if (details.open && !arrays.childElementCount) send();
  };
  details.addEventListener("toggle", fill);
  if (details.open) fill();
  return make("div", {}, make("h2", {}, "Numbers"), details);
}

function arrayOf(array) {
  const shape = array.shape.length ? ` (${array.shape.join(" × ")})` : "";
  const name = `${array.name}${shape}${array.is_input ? ", given" : ""}`;
  return array.values === null
    ? make("figure", {}, make("figcaption", {}, `${name}: too large to show`))
    : matrixOf(name, array.values);
}

/** An array of numbers as a small matrix; one of more axes as the matrices that it is made of. */
export function matrixOf(name, value) {
  const deep = Array.isArray(value) && Array.isArray(value[0]) && Array.isArray(value[0][0]);
  const rows = !Array.isArray(value) ? [[value]] : Array.isArray(value[0]) ? value : [value];
  const shown = deep
    ? make("div", { class: "matrices" }, ...value.map((part, k) => matrixOf(`[${k}]`, part)))
    : make(
        "table",
        {},
        make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, String(cell)))))),
      );
  return make(
    "figure",
    { class: "matrix", tabindex: 0, role: "group", "aria-label": name },
    make("figcaption", {}, name),
    shown,
  );
}

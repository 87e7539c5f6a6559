// Heat maps that one can point into: a cell of one is shown in all, with its numbers.

import { make } from "./common.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const INVITATION = "Point at a cell, or go to a map by the Tab key and to its cells by the arrow keys.";

/** Let one point into the maps of an element. */
export function openMaps(element) {
  for (const maps of element.querySelectorAll(".maps")) openGroup(maps);
}

function openGroup(maps) {
  const told = make("p", { class: "quiet pointed-at", role: "status" }, INVITATION);
  const drawn = [...maps.querySelectorAll("svg")].map((svg) => {
    const columns = svg.viewBox.baseVal.width / svg.querySelector("rect")?.width.baseVal.value;
    const words = svg.parentElement.querySelector("figcaption").textContent.split(", ")[0];
    const cells = [...svg.querySelectorAll("rect")].map((rect) => {
      const [, place, value] = /^(.*): (.*)$/.exec(rect.textContent);
      rect.replaceChildren();
      return { rect, place, value };
    });
    return { svg, columns, words, cells };
  });

  function show(map, number) {
    const { place } = map.cells[number];
    const alike = drawn.map((each) => [each, each.cells[number]]).filter(([, cell]) => cell?.place === place);
    for (const each of maps.querySelectorAll(".pointed")) each.classList.remove("pointed");
    for (const [, cell] of alike) cell.rect.classList.add("pointed");
    told.textContent = `${place}: ${alike.map(([each, cell]) => `${each.words} ${cell.value}`).join(", ")}`;
  }

  for (const map of drawn) {
    let at = 0;
    const go = (number) => {
      at = number;
      show(map, number);
    };
    map.cells.forEach(({ rect }, number) => {
      rect.addEventListener("pointerenter", () => go(number));
    });
    map.svg.setAttribute("tabindex", "0");
    map.svg.addEventListener("focus", () => map.cells.length && go(at));
    map.svg.addEventListener("keydown", (event) => {
      const [right, down] = STEPS[event.key] ?? [];
      if (right === undefined) return;
      event.preventDefault();
      const column = (at % map.columns) + right;
      const next = at + right + down * map.columns;
      if (column >= 0 && column < map.columns && map.cells[next]) go(next);
    });
  }
  if (drawn.length) maps.after(told);
}

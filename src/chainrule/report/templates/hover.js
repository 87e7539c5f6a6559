// Each picture holds, in data-points, its curves: [name, [[x, y, step, value], …]] in its own coordinates.
const spoken = document.body.appendChild(document.createElement("output")); // read out when it changes
spoken.className = "unseen";

for (const picture of document.querySelectorAll("svg[data-points]")) {
  const curves = JSON.parse(picture.dataset.points);
  const points = curves.flatMap(([name, places]) => places.map(([x, y, step, value]) => ({ name, x, y, step, value })));
  const make = (kind) => pointer.appendChild(document.createElementNS(picture.namespaceURI, kind));
  const pointer = picture.appendChild(document.createElementNS(picture.namespaceURI, "g"));
  pointer.setAttribute("class", "pointer");
  const circle = make("circle");
  const text = make("text");
  let shown = -1;

  function show(number) {
    shown = number;
    pointer.style.display = "";
    const { name, x, y, step, value } = points[number];
    const [, , width] = picture.getAttribute("viewBox").split(" ").map(Number);
    for (const [key, set] of Object.entries({ cx: x, cy: y, r: 4 })) circle.setAttribute(key, set);
    text.setAttribute("x", x < width / 2 ? x + 7 : x - 7);
    text.setAttribute("y", Math.max(12, y - 7));
    text.setAttribute("text-anchor", x < width / 2 ? "start" : "end");
    text.textContent = `${name}, step ${step.toLocaleString("en")}: ${value}`;
  }
  const hide = () => pointer.style.setProperty("display", "none");
  const nearest = (x, y) => {
    const far = points.map((point) => Math.hypot(point.x - x, point.y - y));
    return far.indexOf(Math.min(...far));
  };

  picture.addEventListener("pointermove", (event) => {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
    show(nearest(x, y));
  });
  picture.addEventListener("pointerleave", hide);
  picture.addEventListener("blur", hide);
  picture.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -curves[0][1].length, ArrowDown: curves[0][1].length }[
      event.key
    ];
    if (!move) return;
    event.preventDefault();
    show(shown < 0 ? 0 : (shown + move + points.length) % points.length);
    spoken.textContent = text.textContent;
  });
}

// Which room is open: the address says it, and what is written in it.

import { openCheck } from "./check.js";
import { openDerive } from "./derive.js";
import { openProve } from "./prove.js";
import { openReport } from "./report.js";
import { openTrain } from "./train.js";

const OPEN = { derive: openDerive, prove: openProve, check: openCheck, train: openTrain, report: openReport };
const opened = {};

function readAddress() {
  const [room, ...rest] = location.hash.slice(1).split("=");
  let text = "";
  try {
    text = decodeURIComponent(rest.join("="));
  } catch {
    // an address that was cut off: the room is empty
  }
  return { room: room in OPEN ? room : "derive", text };
}

function show() {
  const { room, text } = readAddress();
  for (const section of document.querySelectorAll(".room")) section.hidden = section.id !== room;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${room}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${room[0].toUpperCase()}${room.slice(1)} · chainrule`;
  opened[room] ??= OPEN[room](document.getElementById(room), (written) => keep(room, written));
  opened[room].read(text);
}

function keep(room, text) {
  if (readAddress().room === room)
    history.replaceState(null, "", text ? `#${room}=${encodeURIComponent(text)}` : `#${room}`);
  const link = document.querySelector(`nav a[data-room=${room}]`) ?? document.querySelector(`nav a[href="#${room}"]`);
  link.dataset.room = room;
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address says what is written, and goes on to
  document.getElementById("main").focus();
});
addEventListener("hashchange", show);
show();

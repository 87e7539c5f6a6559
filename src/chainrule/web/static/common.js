// What all rooms use: asking the server, making elements, and keeping an older answer from overwriting a newer one.

const PATIENCE = 700; // milliseconds that an answer in the making is waited for before it is given up for a newer one

/** Ask the server; returns its answer, or throws an Error whose `told` is what it said instead. */
export async function ask(path, order, signal) {
  const options =
    order === undefined
      ? { signal }
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(order), signal };
  let reply;
  try {
    reply = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw problem({ error: "the server does not answer; is chainrule serve still running?" });
  }
  const told = await reply.json().catch(() => ({ error: `the server answered with ${reply.status}` }));
  if (!reply.ok) throw problem(told);
  return told;
}

function problem(told) {
  return Object.assign(new Error(told.error), { told });
}

/** Ask as `ask` does, and hear the parts of the answer as they are made. */
export async function askInParts(path, order, signal, hear) {
  let reply;
  try {
    reply = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify(order),
      signal,
    });
    if (!reply.ok)
      throw problem(await reply.json().catch(() => ({ error: `the server answered with ${reply.status}` })));
    let read = "";
    for await (const piece of piecesOf(reply)) {
      const events = (read + piece).split("\n\n");
      read = events.pop();
      for (const event of events) {
        const part = JSON.parse(event.replace(/^data: /, ""));
        if (part.answer) return part.answer;
        if (part.error) throw problem(part);
        hear(part);
      }
    }
  } catch (error) {
    if (error.told || error.name === "AbortError") throw error;
  }
  throw problem({ error: "the server does not answer any more; is chainrule serve still running?" });
}

async function* piecesOf(reply) {
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
}

/** The newest order alone is answered: at most `most` are on their way, and what is typed meanwhile waits for one. */
export class Newest {
  constructor(path, { begin, show, fail, hear = () => {}, ask: how = ask, most = 1 }) {
    Object.assign(this, { path, begin, show, fail, hear, how, most, number: 0, running: [] });
  }

  async send(order) {
    const number = ++this.number;
    this.begin();
    if (this.running.length >= this.most) {
      const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE));
      await Promise.race([...this.running.map((each) => each.done), patience]);
      if (number !== this.number) return;
      if (this.running.length >= this.most) this.running[0].control.abort();
    }
    const running = { control: new AbortController() };
    const hear = (part) => number === this.number && this.hear(part, order);
    const work = this.how(this.path, order, running.control.signal, hear);
    const end = () => {
      this.running = this.running.filter((each) => each !== running);
    };
    running.done = work.then(end, end);
    this.running.push(running);
    try {
      const answer = await work;
      if (number === this.number) this.show(answer, order);
    } catch (error) {
      if (number === this.number && error.name !== "AbortError")
        this.fail(error.told ?? { error: String(error) }, order);
    }
  }

  /** Forget what was asked: its answer is not shown. */
  drop() {
    this.number += 1;
  }
}

/** An element with attributes and children; a text stays a text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== ""));
  return element;
}

/** An element around markup that the server made, every text in it escaped. */
export function typeset(markup, tag = "div", name = "formula") {
  const element = make(tag, { class: name });
  element.innerHTML = markup.replaceAll(' style="', ' data-style="'); // the policy lets no markup bring styles
  for (const styled of element.querySelectorAll("[data-style]")) styled.style.cssText = styled.dataset.style;
  return element;
}

/** Make the buttons of a list one stop of the Tab key: within it one goes by the arrows, Home and End. */
export function rove(list, entered = () => {}) {
  const buttons = () => [...list.querySelectorAll("button")];
  const stop = (chosen) => {
    for (const each of buttons()) each.tabIndex = each === chosen ? 0 : -1;
  };
  list.addEventListener("focusin", (event) => stop(event.target));
  list.addEventListener("keydown", (event) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement);
    const ends = { Home: 0, End: all.length - 1 };
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const next = all[ends[event.key] ?? (step ? (at + step + all.length) % all.length : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
    entered(next);
  });
  return stop;
}

/** A button that copies a text, or says what stands in the way. */
export function copier(text, label = "Copy", otherwise = "Select the text and press Ctrl-C") {
  const button = make("button", { type: "button" }, label);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      button.textContent = otherwise;
    }
    setTimeout(() => button.replaceChildren(label), 2500);
  });
  return button;
}

/** A button that copies the address, which holds what is written as long as it is not too long. */
export function linkOf() {
  const address = () => {
    if (location.hash.includes("=")) return location.href;
    throw new Error("nothing is written, or too much");
  };
  return copier(address, "Copy a link", "Write something of less than 20,000 characters first");
}

/** Read a file that is dropped on an element, or chosen. */
export function receiveFiles(area, input, take) {
  const read = async (file) => {
    if (!file) return;
    if (file.size > 2e6) return take(null, file.name, `${file.name} is larger than 2 MB`);
    take(await file.text(), file.name);
  };
  input.addEventListener("change", () => {
    read(input.files[0]);
    input.value = "";
  });
  area.addEventListener("dragover", (event) => {
    event.preventDefault();
    area.classList.add("dropping");
  });
  area.addEventListener("dragleave", () => area.classList.remove("dropping"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    area.classList.remove("dropping");
    read(event.dataTransfer.files[0]);
  });
}

/** Where a room shows its answer: what it says while it is busy, the answer, and an error. */
export function answerOf(room) {
  const box = room.querySelector(".answer");
  const [state, result] = [box.querySelector(".state"), box.querySelector(".result")];
  let waiting;
  return {
    result,
    say(text) {
      state.textContent = text;
    },
    busy(text) {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        box.setAttribute("aria-busy", "true");
        state.textContent = text;
      }, 250);
    },
    /** Show a part of an answer that goes on. */
    put(...children) {
      if (result.firstChild !== children[0]) result.replaceChildren(...children);
      box.classList.add("partial");
    },
    show(...children) {
      clearTimeout(waiting);
      box.setAttribute("aria-busy", "false");
      state.textContent = "";
      box.classList.remove("partial");
      result.replaceChildren(...children.filter(Boolean));
    },
    settle(text = "") {
      clearTimeout(waiting);
      box.setAttribute("aria-busy", "false");
      state.textContent = text;
    },
  };
}

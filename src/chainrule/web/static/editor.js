// A box for text with a sheet behind it, on which places of the text are marked.

/** The box of a room, which grows with its text; marks are gone when the text is another. */
export class Editor {
  constructor(room) {
    this.box = room.querySelector(".editor textarea");
    this.sheet = room.querySelector(".editor pre");
    this.box.addEventListener("input", () => this.clear());
  }

  get text() {
    return this.box.value;
  }

  set text(text) {
    this.box.value = text;
    this.clear();
  }

  clear() {
    this.sheet.replaceChildren(this.text, "\n");
  }

  /** Mark the word at a line and a column, both from 1. */
  markWord(line, column) {
    const start = this.startOf(line) + column - 1;
    if (!line || start > this.text.length) return this.clear();
    const length = Math.max(1, /^\w*/.exec(this.text.slice(start))[0].length);
    this.mark([[start, start + length]]);
  }

  markLines(lines) {
    this.mark(lines.map((line) => this.spanOf(line)));
  }

  /** Where a line begins, but for the blanks before, and ends. */
  spanOf(line) {
    const written = this.text.split("\n")[line - 1] ?? "";
    const end = this.startOf(line) + written.length;
    return [end - written.trimStart().length, end];
  }

  /** Put the cursor at a place, and show it. */
  select(line, column = 1) {
    const end = this.startOf(line + 1) - 1;
    this.box.focus();
    this.box.setSelectionRange(this.startOf(line) + column - 1, Math.min(end, this.text.length));
    const holder = this.sheet.parentElement;
    holder.scrollTop = (this.sheet.scrollHeight * (line - 3)) / this.text.split("\n").length;
  }

  startOf(line) {
    return this.text
      .split("\n")
      .slice(0, line - 1)
      .reduce((sum, each) => sum + each.length + 1, 0);
  }

  /** Mark spans, each a start and an end; of two that overlap, the first. */
  mark(spans) {
    const parts = [];
    let place = 0;
    for (const [start, end] of spans.sort((one, other) => one[0] - other[0])) {
      if (start < place || end > this.text.length + 1) continue;
      const mark = document.createElement("mark");
      mark.textContent = this.text.slice(start, end).trim() ? this.text.slice(start, end) : " ";
      parts.push(this.text.slice(place, start), mark);
      place = end;
    }
    this.sheet.replaceChildren(...parts, this.text.slice(place), "\n");
  }
}

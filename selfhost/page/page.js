// What script adds to a page that is whole without it: copying, search, sorting, folding, and lighting a value up.
// Everything that it works on stands in the page already; nothing is fetched and nothing leaves it.
"use strict";
document.documentElement.classList.add("js");

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function addCopyButtons() {
  for (const what of document.querySelectorAll("[data-copy]")) {
    const button = make("button", "copy", "copy");
    button.type = "button";
    button.setAttribute("aria-label", `copy ${what.dataset.copy}`);
    button.addEventListener("click", async () => {
      const text = what.dataset.text ?? what.textContent;
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "copied";
      } catch {
        // Without the right to write, the text is selected for the reader to copy.
        getSelection().selectAllChildren(what);
        button.textContent = "selected";
      }
      setTimeout(() => {
        button.textContent = "copy";
      }, 1500);
    });
    what.after(button);
  }
}

/** What a cell is sorted by: its number where it has one, else its text. */
function sortKey(row, column) {
  const cell = row.cells[column];
  return cell.dataset.sort === undefined ? cell.textContent : Number(cell.dataset.sort);
}

function compareKeys(a, b) {
  return typeof a === "number" ? a - b : a < b ? -1 : a > b ? 1 : 0;
}

function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  table.classList.add("sorted");
  for (const [column, head] of heads.entries()) {
    const button = make("button", "", head.textContent);
    button.type = "button";
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => compareKeys(sortKey(a, column), sortKey(b, column)) * (down ? -1 : 1));
      table.tBodies[0].append(...rows);
    });
  }
}

function makeSearchable(table) {
  const tools = make("div", "tools", "");
  const input = make("input", "", "");
  const said = make("span", "soft", "");
  input.type = "search";
  input.placeholder = "search units: a name, a target, a hash, different";
  input.setAttribute("aria-label", "search units");
  said.setAttribute("role", "status");
  const look = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter((w) => w !== "");
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((w) => text.includes(w));
      if (!row.hidden) shown += 1;
    }
    said.textContent = `${shown} of ${table.tBodies[0].rows.length}`;
  };
  input.addEventListener("input", look);
  tools.append(input, said);
  (table.closest(".scroll") ?? table).before(tools);
  look();
}

function addFoldButtons(box) {
  const folds = () => box.querySelectorAll("details");
  const tools = make("div", "tools", "");
  for (const [text, open] of [["unfold all", true], ["fold all", false]]) {
    const button = make("button", "tool", text);
    button.type = "button";
    button.addEventListener("click", () => {
      for (const fold of folds()) fold.open = open;
    });
    tools.append(button);
  }
  box.before(tools);
}

/** "file:line" of "file:line:column". */
function lineOf(place) {
  return place.slice(0, place.lastIndexOf(":"));
}

/** Lights every place of a value, and the lines of all stages that come from the same line of the source. */
function light(board, status, value, place) {
  let values = 0;
  const columns = new Set();
  for (const other of board.querySelectorAll(".v")) {
    const lit = value !== "" && other.dataset.v === value;
    other.classList.toggle("lit", lit);
    if (lit) values += 1;
    if (lit) columns.add(other.closest("[data-stage]"));
  }
  let lines = 0;
  for (const line of board.querySelectorAll("[data-p]")) {
    const kin = place !== "" && lineOf(line.dataset.p) === lineOf(place);
    line.classList.toggle("kin", kin);
    line.classList.toggle("exact", kin && line.dataset.p === place);
    if (kin) lines += 1;
  }
  const name = value.split(":").at(-1);
  const parts = [];
  if (value !== "") parts.push(`${name}: ${values} places in ${columns.size} columns`);
  if (place !== "") parts.push(`${lines} lines come from ${lineOf(place)}`);
  status.textContent = parts.length === 0 ? status.dataset.hint : parts.join("; ");
}

function makeLightable(board) {
  const status = document.querySelector(".status");
  status.textContent = status.dataset.hint;
  let now = "";
  board.addEventListener("click", (event) => {
    const at = event.target.closest(".v");
    const value = at === null ? "" : at.dataset.v;
    const line = event.target.closest("[data-p]");
    const place = line === null ? "" : line.dataset.p;
    const next = `${value} ${place}`;
    now = now === next ? "" : next;
    light(board, status, now === "" ? "" : value, now === "" ? "" : place);
  });
}

addCopyButtons();
for (const table of document.querySelectorAll("table.find")) {
  makeSortable(table);
  makeSearchable(table);
}
for (const box of document.querySelectorAll("[data-folds]")) addFoldButtons(box);
for (const board of document.querySelectorAll(".board")) makeLightable(board);

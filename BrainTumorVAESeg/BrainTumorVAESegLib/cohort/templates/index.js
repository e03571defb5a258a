"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const PAGE = 100;
const CELL = { name: 0, rank: 1, WT: 2, TC: 3, ET: 4, ends: 5, longest: 6, lesions: 7, seconds: 8, texts: 9, link: 10,
  enhancing: 11 };
const columns = [
  { title: "Picture" }, { title: "Case", key: CELL.name }, { title: "Input", key: CELL.rank },
  { title: "WT ml", key: CELL.WT, number: true }, { title: "TC ml", key: CELL.TC, number: true },
  { title: "ET ml", key: CELL.ET, number: true }, { title: "WT mm", key: CELL.longest, number: true },
  { title: "WT lesions", key: CELL.lesions, number: true }, { title: "Seconds", key: CELL.seconds, number: true },
  { title: "What to look at", key: CELL.texts },
];
const kinds = [
  ["failed", "Failed"], ["unlike", "Unlike"], ["unusual", "Unusual"], ["open", "Not judged"], ["familiar", "Familiar"],
];
const collator = new Intl.Collator(undefined, { numeric: true });
let page = 0, kind = null, order = null, down = false, words = "";

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function fixed(value, digits) {
  return typeof value === "number" ? value.toFixed(digits) : "";
}

function inputOf(row) { return data.ranks[row[CELL.rank]][0]; }
function kindOf(row) { return data.ranks[row[CELL.rank]][1]; }
function textOf(row) { return row[CELL.texts].map((place) => data.texts[place]).join(" "); }

function compare(one, other) {
  if (order === CELL.texts) return (down ? -1 : 1) * collator.compare(textOf(one), textOf(other));
  const a = one[order], b = other[order];
  if (a === null || b === null) return (a === null) - (b === null);
  return (down ? -1 : 1) * (typeof a === "number" ? a - b : collator.compare(a, b));
}

function chosen() {
  const found = data.rows.filter((row) => (kind === null || kindOf(row) === kind)
    && (!words || (row[CELL.name] + " " + inputOf(row) + " " + textOf(row)).toLowerCase().includes(words)));
  return order === null ? found : found.sort(compare);
}

function volume(row, place) {
  const cell = element("td", fixed(row[place], 1), "number");
  if (row[CELL.ends] && row[place] !== null) {
    const low = 2 * (place - CELL.WT);
    const [from, to] = row[CELL.ends].slice(low, low + 2);
    cell.append(element("div", fixed(from, 1) + " to " + fixed(to, 1), "between"));
  }
  return cell;
}

function ofWhole(row, place, part) {
  const cell = element("td", fixed(row[place], 0), "number");
  if (row[CELL.enhancing]) cell.append(element("div", "ET " + fixed(row[CELL.enhancing][part], 0), "between"));
  return cell;
}

function texts(row) {
  const cell = element("td", null, "text");
  cell.append(...row[CELL.texts].map((place) => element("div", data.texts[place])));
  return cell;
}

function line(row) {
  const made = document.createElement("tr");
  const name = row[CELL.name], kind = kindOf(row);
  const picture = element("td", null, "picture");
  const head = element("th", null, "case");
  head.scope = "row";
  if (kind === "failed") {
    head.textContent = name;
  } else {
    const folder = "cases/" + encodeURIComponent(name) + "/";
    const image = element("img");
    image.loading = "lazy";
    image.decoding = "async";
    image.alt = "";
    image.src = folder + encodeURIComponent(name + "_small.png");
    picture.append(image);
    const link = element("a", name);
    link.href = folder + encodeURIComponent(row[CELL.link] || name + ".json");
    head.append(link);
  }
  made.append(picture, head, element("td", inputOf(row), "kind " + kind));
  for (const place of [CELL.WT, CELL.TC, CELL.ET]) made.append(volume(row, place));
  made.append(ofWhole(row, CELL.longest, 0), ofWhole(row, CELL.lesions, 1),
    element("td", fixed(row[CELL.seconds], 1), "number"), texts(row));
  return made;
}

function show() {
  const found = chosen();
  const last = Math.max(0, Math.ceil(found.length / PAGE) - 1);
  page = Math.min(page, last);
  const first = page * PAGE;
  const part = found.slice(first, first + PAGE);
  document.getElementById("rows").replaceChildren(...part.map(line));
  document.getElementById("count").textContent = found.length
    ? (first + 1) + " to " + (first + part.length) + " of " + found.length : "none";
  document.getElementById("back").disabled = page === 0;
  document.getElementById("next").disabled = page === last;
  for (const [place, cell] of [...document.getElementById("head").children].entries()) {
    if (columns[place].key !== undefined) {
      cell.setAttribute("aria-sort", columns[place].key !== order ? "none" : down ? "descending" : "ascending");
    }
  }
  for (const button of document.getElementById("kinds").children) {
    button.setAttribute("aria-pressed", String(kind === button.dataset.kind));
  }
}

function turn(pages) {
  page += pages;
  show();
  window.scrollTo(0, 0);
}

function addHead(column) {
  const cell = element("th", null, column.number ? "number" : "");
  cell.scope = "col";
  if (column.key === undefined) {
    cell.textContent = column.title;
  } else {
    const button = element("button", column.title);
    button.type = "button";
    button.addEventListener("click", () => {
      down = order === column.key ? !down : Boolean(column.number);
      order = column.key;
      page = 0;
      show();
    });
    cell.append(button);
  }
  document.getElementById("head").append(cell);
}

function addKind(key, title, count) {
  const button = element("button", title + " " + count, key);
  button.type = "button";
  button.dataset.kind = key;
  button.addEventListener("click", () => { kind = kind === key ? null : key; page = 0; show(); });
  document.getElementById("kinds").append(button);
}

columns.forEach(addHead);
const counts = {};
for (const row of data.rows) counts[kindOf(row)] = (counts[kindOf(row)] || 0) + 1;
for (const [key, title] of kinds) if (counts[key]) addKind(key, title, counts[key]);
document.getElementById("filter").addEventListener("input", (event) => {
  words = event.target.value.trim().toLowerCase();
  page = 0;
  show();
});
document.getElementById("back").addEventListener("click", () => turn(-1));
document.getElementById("next").addEventListener("click", () => turn(1));
show();

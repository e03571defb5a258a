"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const PAGE = 100;
const columns = [
  { title: "" }, { title: "Case", key: 0 }, { title: "Input", key: 1 }, { title: "WT ml", key: 2, number: true },
  { title: "TC ml", key: 3, number: true }, { title: "ET ml", key: 4, number: true },
  { title: "Longest mm", key: 8, number: true }, { title: "Lesions", key: 9, number: true },
  { title: "Seconds", key: 10, number: true }, { title: "What to look at", key: 11 },
];
const kinds = [
  ["failed", "Failed"], ["unlike", "Unlike"], ["unusual", "Unusual"], ["open", "Not judged"], ["familiar", "Familiar"],
];
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

function compare(one, other) {
  const a = one[order], b = other[order];
  if (order === 1) return data.ranks.indexOf(a) - data.ranks.indexOf(b);
  if (a === null || b === null) return (a === null) - (b === null);
  if (typeof a === "number") return down ? b - a : a - b;
  return (down ? -1 : 1) * String(a).localeCompare(String(b), undefined, { numeric: true });
}

function chosen() {
  const found = data.rows.filter((row) => (kind === null || row[7] === kind)
    && (!words || (row[0] + " " + row[1] + " " + row[11]).toLowerCase().includes(words)));
  if (order !== null) {
    found.sort(compare);
    if (order === 1 && down) found.reverse();
  }
  return found;
}

function volume(row, place) {
  const cell = element("td", fixed(row[place], 1), "number");
  const ends = row[5] && row[5][place - 2];
  if (ends && row[place] !== null) {
    cell.append(element("div", fixed(ends[0], 1) + " to " + fixed(ends[1], 1), "between"));
  }
  return cell;
}

function line(row) {
  const made = document.createElement("tr");
  const picture = element("td", null, "picture");
  const name = element("td", null, "case");
  if (row[6] !== null) {
    const folder = "cases/" + encodeURIComponent(row[0]) + "/";
    const image = element("img");
    image.loading = "lazy";
    image.alt = "";
    image.src = folder + encodeURIComponent(row[0] + "_small.png");
    picture.append(image);
    const link = element("a", row[0]);
    link.href = folder + encodeURIComponent(row[6]);
    name.append(link);
  } else {
    name.textContent = row[0];
  }
  made.append(picture, name, element("td", row[1], "kind " + row[7]));
  for (const place of [2, 3, 4]) made.append(volume(row, place));
  made.append(element("td", fixed(row[8], 0), "number"), element("td", fixed(row[9], 0), "number"),
    element("td", fixed(row[10], 1), "number"), element("td", row[11], "text"));
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

for (const column of columns) {
  const cell = element("th", null, column.number ? "number" : "");
  if (column.key !== undefined) {
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
for (const [key, title] of kinds) {
  const count = data.rows.filter((row) => row[7] === key).length;
  if (!count) continue;
  const button = element("button", title + " " + count, key);
  button.type = "button";
  button.dataset.kind = key;
  button.addEventListener("click", () => { kind = kind === key ? null : key; page = 0; show(); });
  document.getElementById("kinds").append(button);
}
document.getElementById("filter").addEventListener("input", (event) => {
  words = event.target.value.trim().toLowerCase();
  page = 0;
  show();
});
document.getElementById("back").addEventListener("click", () => { page -= 1; show(); });
document.getElementById("next").addEventListener("click", () => { page += 1; show(); });
show();

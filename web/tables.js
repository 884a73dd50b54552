/**
 * Shows the tables of the database: read-only, without row level security, and only on the local stack's own page.
 */
import { byId, element, messageOf, showError } from "./dom.js";

/**
 * @typedef {{ name: string, columns: string[], rows: (string | null)[][], count: number, hasMore: boolean }} TableView
 */

/** Reads the tables when the section is opened, and again on request. */
export function wireTables() {
  const place = byId("tables");
  const choice = byId("table-name");
  place.addEventListener("toggle", () => place.open && showing(listTables));
  choice.addEventListener("change", () => showing(showTable));
  byId("refresh-table").addEventListener("click", () => showing(showTable));

  async function listTables() {
    const { tables } = await ask("");
    const chosen = choice.value || "users";
    choice.replaceChildren(...tables.map((/** @type {string} */ name) => element("option", { value: name }, name)));
    choice.value = tables.includes(chosen) ? chosen : tables[0] ?? "";
    await showTable();
  }

  async function showTable() {
    if (choice.value !== "") render(await ask(`?${new URLSearchParams({ table: choice.value })}`));
  }

  /** @param {() => Promise<void>} show */
  async function showing(show) {
    showError(place, "");
    await show().catch((error) => showError(place, messageOf(error)));
  }
}

/** @param {string} query @returns {Promise<any>} */
async function ask(query) {
  const response = await fetch(`/tables.json${query}`);
  const body = await response.json();
  if (!response.ok) throw new Error(body.message);
  return body;
}

/** @param {TableView} view */
function render({ columns, rows, count, hasMore }) {
  const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)));
  const body = rows.map((row) => element("tr", {}, ...row.map(cellOf)));
  byId("table-rows").replaceChildren(element("thead", {}, head), element("tbody", {}, ...body));
  const total = `${hasMore ? "more than " : ""}${count} ${count === 1 && !hasMore ? "row" : "rows"}`;
  byId("table-count").textContent = rows.length < count ? `The first ${rows.length} of ${total}` : total;
}

/** @param {string | null} value */
function cellOf(value) {
  return value === null ? element("td", { class: "null" }, "null") : element("td", {}, value);
}

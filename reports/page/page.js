// Sorts a table by the column whose heading is pressed. Without scripts the tables stand as written.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  const headings = [...table.querySelectorAll(".headings th")];
  const value = (row, column) => {
    const cell = row.cells[column];
    return column === 0 || cell.classList.contains("words")
      ? cell.textContent
      : cell.dataset.value === undefined ? NaN : Number(cell.dataset.value);
  };
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const ascending = heading.getAttribute("aria-sort") !== "ascending";
      const sign = ascending ? 1 : -1;
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      const rows = [...body.rows].sort((one, two) => {
        const [a, b] = [value(one, column), value(two, column)];
        if (typeof a === "string") return sign * a.localeCompare(b, "en", { numeric: true });
        if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
        return sign * (a - b);
      });
      body.append(...rows);
    });
  });
}
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details:not(.numbers)")) fold.open = true;
});

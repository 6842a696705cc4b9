// Shows the rows of the zoo that have every word typed; the words stand in the address, so that a search can be linked to.
const search = document.getElementById("zoo-search");
const rows = [...document.querySelectorAll("#zoo tbody tr")].map((row) => [row, `${row.textContent} ${row.dataset.also}`.toLowerCase()]);

function show() {
  const words = search.value.toLowerCase().split(/\s+/);
  let count = 0;
  for (const [row, text] of rows) {
    row.hidden = !words.every((word) => text.includes(word));
    count += row.hidden ? 0 : 1;
  }
  document.getElementById("zoo-count").textContent = `${count} of ${rows.length}`;
}

search.addEventListener("input", () => {
  history.replaceState(null, "", search.value === "" ? location.pathname : `#${encodeURIComponent(search.value)}`);
  show();
});
search.value = decodeURIComponent(location.hash.slice(1));
show();

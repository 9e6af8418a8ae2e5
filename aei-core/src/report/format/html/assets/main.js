// The tools around the list, and the address: `#case=12`, `#status=failed&q=login`.

const SORTS = [["plan", "Plan order"], ["status", "Worst first"], ["slow", "Slowest first"], ["name", "Name"]];

function parts() {
  const tags = [...new Set(cases.flatMap((item) => item.tags))].sort();
  const option = ([value, name]) => h("option", { value }, name);
  const change = (event) => (event.preventDefault(), apply());
  return [
    h("section", { id: "timeline", "aria-label": "Timeline" }, h("h2", {}, "Timeline")),
    h("form", { id: "toolbar", role: "search", onsubmit: change },
      h("input", { id: "q", type: "search", placeholder: "Search cases, tags, messages  ( / )", "aria-label": "Search", oninput: apply, autocomplete: "off", spellcheck: "false" }),
      h("label", { hidden: tags.length === 0 }, h("span", {}, "Tag"), h("select", { id: "tag", onchange: apply }, [["", "all"], ...tags.map((tag) => [tag, tag])].map(option))),
      h("label", {}, h("span", {}, "Sort"), h("select", { id: "sort", onchange: apply }, SORTS.map(option))),
      h("label", { hidden: about.suites.length < 2 }, h("input", { id: "group", type: "checkbox", checked: true, onchange: apply }), "by file"),
      h("output", { id: "found", "aria-live": "polite" }),
      h("button", { type: "button", id: "clear", class: "small", onclick: clearFilters }, "Clear"),
    ),
    h("section", { id: "cases", "aria-label": "Cases", tabindex: -1 },
      (list.root = h("ol", { class: "list", onkeydown: move })),
      h("p", { id: "nothing", class: "muted", hidden: true }, "No case fits."),
    ),
  ];
}

// The counts of the summary become switches.
function chips() {
  for (const entry of document.querySelectorAll(".counts li")) {
    const name = entry.dataset.status;
    const button = h("button", { type: "button", class: "chip", "aria-pressed": "false", "data-status": name, onclick: () => {
      const { status } = list.filter;
      if (!status.delete(name)) status.add(name);
      apply();
    } });
    button.append(...entry.childNodes);
    entry.append(button);
  }
}

function themes() {
  const names = { auto: "Auto", light: "Light", dark: "Dark" };
  const set = (theme) => {
    document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${names[theme]}`;
    if (timeline.lanes.length > 0) paint();
  };
  const button = h("button", { type: "button", class: "small", id: "theme", onclick: () => {
    const order = Object.keys(names);
    const next = order[(order.indexOf(document.documentElement.dataset.theme) + 1) % order.length];
    try {
      localStorage.setItem("aei-theme", next);
    } catch {
      // As in first.js.
    }
    set(next);
  } });
  set(document.documentElement.dataset.theme);
  $(".title").append(button);
}

function apply() {
  const { filter } = list;
  const query = $("#q").value.trim();
  filter.words = query.toLowerCase().split(/\s+/).filter(Boolean);
  filter.tag = $("#tag").value;
  filter.sort = $("#sort").value;
  filter.group = about.suites.length > 1 && $("#group").checked;
  for (const chip of document.querySelectorAll(".chip")) chip.setAttribute("aria-pressed", String(filter.status.has(chip.dataset.status)));
  const count = select();
  const number = (n) => n.toLocaleString("en");
  $("#found").textContent = count === cases.length ? `${number(count)} cases` : `${number(count)} of ${number(cases.length)} cases`;
  const filtered = query || filter.tag || filter.status.size > 0;
  $("#clear").hidden = !filtered;
  $("#nothing").hidden = count > 0;
  if (timeline.lanes.length > 0) paint();
  const state = new URLSearchParams();
  if (filter.status.size > 0) state.set("status", [...filter.status].join(","));
  if (query) state.set("q", query);
  if (filter.tag) state.set("tag", filter.tag);
  if (filter.sort !== "plan") state.set("sort", filter.sort);
  const hash = state.toString();
  if (ready) history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
}

function clearFilters() {
  list.filter.status.clear();
  $("#q").value = "";
  $("#tag").value = "";
  apply();
}

// From the address: which filters, which case.
function restore() {
  const state = new URLSearchParams(location.hash.slice(1));
  if (state.has("status") || state.has("q") || state.has("tag") || state.has("sort")) {
    list.filter.status = new Set((state.get("status") ?? "").split(",").filter((name) => $(`.chip[data-status="${CSS.escape(name)}"]`)));
    $("#q").value = state.get("q") ?? "";
    $("#tag").value = state.get("tag") ?? "";
    if (ORDERS[state.get("sort")]) $("#sort").value = state.get("sort");
    apply();
  }
  const at = byIndex.get(Number(state.get("case") ?? NaN));
  if (at !== undefined) reveal(at, true);
}

let ready = false;
$("#main").prepend(...parts());
chips();
startTimeline();
apply();
themes();
restore();
ready = true;

let queued = false;
const later = () => {
  if (queued) return;
  queued = true;
  requestAnimationFrame(() => {
    queued = false;
    draw();
  });
};
addEventListener("scroll", later, { passive: true });
addEventListener("resize", () => {
  measure();
  later();
  if (timeline.lanes.length > 0) paint();
});
addEventListener("hashchange", restore);
// What stands above the list may grow or shrink.
new ResizeObserver(later).observe($("#main"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => timeline.lanes.length > 0 && paint());
addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.matches("input, select, textarea")) {
    event.preventDefault();
    $("#q").focus();
  } else if (event.key === "Escape" && event.target.id === "q") clearFilters();
});

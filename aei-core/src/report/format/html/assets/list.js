// The list of cases: filtered, sorted, grouped, and only what is on the screen is in the page.

const ROW = () => (matchMedia("(max-width: 640px)").matches ? 60 : 40);
const OVERSCAN = 600;

const list = {
  root: null,
  items: [], // a case's place in `cases`, or -1 - suite for the head of a group
  offsets: new Float64Array(1),
  extra: new Map(), // item → height of what is open below it
  open: new Set(),
  folded: new Set(),
  drawn: new Map(),
  filter: { status: new Set(), words: [], tag: "", sort: "plan", group: about.suites.length > 1 },
};

const resized = new ResizeObserver((entries) => {
  let changed = false;
  for (const { target } of entries) {
    const item = Number(target.dataset.item);
    const height = target.offsetHeight;
    if (list.open.has(item) && height > 0 && list.extra.get(item) !== height) {
      list.extra.set(item, height);
      changed = true;
    }
  }
  if (changed) {
    measure();
    draw();
  }
});

function matches(item, at) {
  const { status, words, tag } = list.filter;
  if (status.size > 0 && !status.has(STATUS[item.status]) && !(item.flaky && status.has("flaky"))) return false;
  if (tag && !item.tags.includes(tag)) return false;
  return words.every((word) => haystack(at).includes(word));
}

const ORDERS = {
  plan: (a, b) => a - b,
  slow: (a, b) => cases[b].duration - cases[a].duration || a - b,
  status: (a, b) => WEIGHT[cases[a].status] - WEIGHT[cases[b].status] || a - b,
  name: (a, b) => cases[a].name.localeCompare(cases[b].name) || a - b,
};

// Which cases are in the list, in which order. Gives their number.
function select() {
  const found = [];
  cases.forEach((item, at) => matches(item, at) && found.push(at));
  list.found = new Set(found);
  found.sort(ORDERS[list.filter.sort]);
  if (list.filter.group) {
    const groups = about.suites.map(() => []);
    for (const at of found) groups[cases[at].suite]?.push(at);
    list.groups = groups;
    list.items = groups.flatMap((group, suite) => (group.length === 0 ? [] : [-1 - suite, ...(list.folded.has(suite) ? [] : group)]));
  } else list.items = found;
  for (const element of list.drawn.values()) element.remove();
  list.drawn.clear();
  measure();
  draw();
  return found.length;
}

function measure() {
  const row = ROW();
  const offsets = new Float64Array(list.items.length + 1);
  list.items.forEach((item, at) => (offsets[at + 1] = offsets[at] + row + (list.extra.get(item) ?? 0)));
  list.offsets = offsets;
  list.root.style.height = `${offsets[offsets.length - 1]}px`;
}

// The item at a distance from the top of the list.
function itemAt(y) {
  let [low, high] = [0, list.items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list.offsets[middle + 1] <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}

function draw() {
  const top = -list.root.getBoundingClientRect().top;
  const first = itemAt(top - OVERSCAN);
  const last = Math.min(itemAt(top + innerHeight + OVERSCAN) + 1, list.items.length);
  const wanted = new Set(list.items.slice(first, last));
  for (const [item, element] of list.drawn) {
    if (wanted.has(item) || element.contains(document.activeElement)) continue;
    resized.unobserve(element.lastChild);
    element.remove();
    list.drawn.delete(item);
  }
  let next = list.root.firstChild;
  let opened = false;
  for (let at = first; at < last; at += 1) {
    const item = list.items[at];
    let element = list.drawn.get(item);
    if (!element) {
      element = item < 0 ? groupRow(-1 - item) : caseRow(item);
      list.drawn.set(item, element);
    }
    element.style.top = `${list.offsets[at]}px`;
    element.setAttribute("aria-posinset", at + 1);
    element.setAttribute("aria-setsize", list.items.length);
    while (next && !wanted.has(Number(next.dataset.item))) next = next.nextSibling;
    if (element === next) next = next.nextSibling;
    else list.root.insertBefore(element, next);
    if (list.open.has(item) && !list.extra.has(item)) {
      list.extra.set(item, element.lastChild.offsetHeight);
      opened = true;
    }
  }
  if (opened) {
    measure();
    draw();
  }
}

function groupRow(suite) {
  const [name, file] = about.suites[suite];
  const group = list.groups[suite];
  const bad = group.filter((at) => isBad(cases[at].status)).length;
  const toggle = () => {
    if (!list.folded.delete(suite)) list.folded.add(suite);
    select();
    $("button", list.drawn.get(-1 - suite))?.focus({ preventScroll: true });
  };
  return h("li", { class: "row group", "data-item": -1 - suite },
    h("button", { type: "button", "aria-expanded": String(!list.folded.has(suite)), onclick: toggle },
      h("b", { class: "name" }, name), h("span", { class: "file muted" }, file),
      h("span", { class: "muted sum" }, `${group.length} cases${bad > 0 ? `, ${bad} bad` : ""}`),
      h("span", { class: "time" }, duration(group.reduce((sum, at) => sum + cases[at].duration, 0))),
    ));
}

function caseRow(at) {
  const item = cases[at];
  const open = list.open.has(at);
  const button = h("button", { type: "button", "aria-expanded": String(open), onclick: () => toggle(at) },
    statusBadge(item.status),
    h("span", { class: "name" }, item.role > 0 && h("span", { class: "tag" }, ["", "setup", "teardown"][item.role]), item.name,
      item.name !== item.id && h("span", { class: "id" }, item.id)),
    item.flaky && h("span", { class: "badge flaky" }, icon("flaky"), h("span", {}, "flaky")),
    h("span", { class: "tags" }, item.tags.slice(0, 3).map((tag) => h("span", { class: "tag" }, tag))),
    h("span", { class: "time" }, duration(item.duration)),
  );
  const element = h("li", { class: `row case${open ? " open" : ""}`, "data-item": at, id: `case-${item.index}` }, button);
  if (open) element.append(below(at));
  return element;
}

function below(at) {
  const element = h("div", { class: "below", "data-item": at }, detail(cases[at]));
  resized.observe(element);
  return element;
}

function toggle(at, show = !list.open.has(at)) {
  if (show === list.open.has(at)) return;
  const element = list.drawn.get(at);
  if (show) list.open.add(at);
  else {
    list.open.delete(at);
    list.extra.delete(at);
  }
  if (element) {
    element.classList.toggle("open", show);
    $("button", element).setAttribute("aria-expanded", String(show));
    if (show) element.append(below(at));
    else element.lastChild.remove();
  }
  measure();
  draw();
}

// Brings a case onto the screen, opens it if asked to, and gives it the focus.
function reveal(at, show) {
  let position = list.items.indexOf(at);
  if (position < 0) {
    clearFilters();
    position = list.items.indexOf(at);
  }
  if (show) toggle(at, true);
  const top = list.root.getBoundingClientRect().top + scrollY + list.offsets[position];
  const above = scrollY + $("#toolbar").offsetHeight;
  if (show || top < above || top > scrollY + innerHeight - ROW()) scrollTo({ top: top - $("#toolbar").offsetHeight - 12 });
  draw();
  $("button", list.drawn.get(at))?.focus({ preventScroll: true });
}

// Up, down, first, last from the row that has the focus.
function move(event) {
  const row = event.target.closest(".row");
  if (!row || !event.target.matches(".row > button") || event.altKey || event.ctrlKey || event.metaKey) return;
  const at = list.items.indexOf(Number(row.dataset.item));
  const to = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: list.items.length - 1 }[event.key];
  if (to === undefined || to < 0 || to >= list.items.length) return;
  event.preventDefault();
  reveal(list.items[to], false);
}

// What a case shows when it is opened.

function detail(item) {
  const { more } = item;
  const where = place(item.place, item);
  const command = `aei run ${quoted(fileOf(item))} --case ${quoted(item.id)}`;
  const copyButton = h("button", { type: "button", class: "small", onclick: () => copy(copyButton, command) }, "Copy");
  const earlier = more.e || [];
  return h("div", { class: "inside" },
    h("dl", { class: "facts" },
      fact("Id", h("code", {}, item.id)),
      where && fact("Written at", h("code", {}, where)),
      item.tags.length > 0 && fact("Tags", item.tags.map((tag) => h("span", { class: "tag" }, tag))),
      more.m && fact("Matrix", h("code", {}, more.m)),
      fact("Began after", duration(item.start)),
      fact("Link", h("a", { href: `#case=${item.index}` }, `#case=${item.index}`)),
    ),
    more.r && h("p", { class: "notice" }, more.r),
    h("div", { class: "rerun" }, h("span", {}, "Run it again"), h("code", {}, command), copyButton),
    earlier.map((attempt, at) => pastAttempt(attempt, at, item)),
    earlier.length > 0 && h("h4", {}, `Attempt ${earlier.length + 1}, the last: `, statusBadge(item.status)),
    steps(item.steps, item),
  );
}

const fact = (name, ...value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));

function pastAttempt([status, reason, us, list], at, item) {
  return h("details", { class: "attempt" },
    h("summary", {}, `Attempt ${at + 1}: `, statusBadge(status), h("span", { class: "time" }, duration(us))),
    reason && h("p", { class: "notice" }, reason),
    steps(list || [], item),
  );
}

function steps(list, item) {
  if (list.length === 0) return h("p", { class: "muted" }, "No step was run.");
  return h("ol", { class: "steps" }, list.map((row) => stepItem(stepOf(row), item)));
}

function stepItem(step, item) {
  const held = step.checks.filter((check) => check.passed).length;
  const checks = step.checks.length === 0 ? "" : held === step.checks.length ? `${held} checks held` : `${step.checks.length - held} of ${step.checks.length} checks did not hold`;
  return h("li", {},
    h("details", { class: "step", open: step.status !== 0 || item.steps.length === 1 },
      h("summary", {},
        statusBadge(step.status),
        h("span", { class: "name" }, step.phase && h("span", { class: "muted" }, `${step.phase} · `), step.name),
        h("code", { class: "muted" }, step.uses),
        step.attempts > 1 && h("span", { class: "muted" }, `${step.attempts} attempts`),
        checks && h("span", { class: "muted" }, checks),
        h("span", { class: "time" }, duration(step.duration)),
      ),
      step.more.f && failure(step.more.f, step, item),
      step.checks.filter((check) => !check.passed).map((check) => badCheck(check, item)),
      step.checks.some((check) => check.measure) && measurements(step.checks),
      goodChecks(step.checks.filter((check) => check.passed)),
      output(step.more.o || []),
      step.more.c && json("Captured", step.more.c, true),
      artifacts(step.more.x || []),
      step.more.r && json("Outcome", step.more.r, false),
    ),
  );
}

function failure([message, help, at], step, item) {
  const where = place(at || step.place, item);
  return h("div", { class: "failure" },
    h("pre", { tabindex: 0 }, message),
    help && h("p", {}, h("b", {}, "Help: "), help),
    where && h("p", { class: "where" }, where),
  );
}

const NOTHING = "nothing was found";

function badCheck(check, item) {
  const where = place(check.place, item);
  return h("div", { class: "check" },
    h("p", {}, icon("failed"), h("b", {}, "did not hold: "),
      check.name && `${check.name} · `, h("code", {}, check.that), ` ${check.key.replaceAll("_", " ")}`),
    check.message && check.message !== NOTHING && h("p", { class: "message" }, check.message),
    h("div", { class: "compare" },
      h("div", {}, h("h5", {}, "Expected"), h("pre", { tabindex: 0 }, shown(check.expected))),
      h("div", {}, h("h5", {}, "Actual"), check.actual === undefined
        ? h("p", { class: "muted" }, NOTHING) : h("pre", { tabindex: 0 }, shown(check.actual))),
    ),
    check.diff && h("div", {}, h("h5", {}, "Difference (− expected, + actual)"), difference(check.diff)),
    where && h("p", { class: "where" }, where),
  );
}

function difference(lines) {
  return h("pre", { class: "diff", tabindex: 0 }, lines.replace(/\n$/, "").split("\n").map((line) => {
    const kind = line.startsWith("@@") ? "at" : line.startsWith("-") ? "del" : line.startsWith("+") ? "ins" : "same";
    return h("span", { class: kind }, line, "\n");
  }));
}

function goodChecks(checks) {
  if (checks.length === 0) return "";
  const list = h("ul", { class: "good" }, checks.map((check) =>
    h("li", {}, icon("passed"), check.name && `${check.name} · `, h("code", {}, check.that), ` ${check.key.replaceAll("_", " ")} `,
      h("code", {}, check.expected), check.actual !== undefined && check.actual !== check.expected && [" found ", h("code", {}, check.actual)])));
  return checks.length < 9 ? list : h("details", {}, h("summary", {}, `${checks.length} checks held`), list);
}

// A bar from limit to limit, with room on both sides, and where the value stands.
function measurements(checks) {
  return h("ul", { class: "measures" }, checks.filter((check) => check.measure).map(({ measure, passed }) => {
    const { name, value, unit, low, high } = measure;
    const limits = [low !== null && `≥ ${low}`, high !== null && `≤ ${high}`].filter(Boolean).join(", ");
    return h("li", {},
      icon(passed ? "passed" : "failed"), h("b", {}, name),
      h("span", { class: "value" }, value === null ? "no number" : `${value} ${unit}`),
      value !== null && limits && bar(value, low, high, passed),
      h("span", { class: "muted" }, limits ? `limits ${limits} ${unit}` : "no limits", passed ? ", kept" : ", not kept"),
    );
  }));
}

function bar(value, low, high, passed) {
  const ends = [low ?? Math.min(value, high - Math.abs(high)), high ?? Math.max(value, low + Math.abs(low))];
  const span = Math.max(ends[1] - ends[0], Math.abs(value - ends[0]), Math.abs(value - ends[1])) || 1;
  const from = Math.min(ends[0], value) - span * 0.15;
  const to = Math.max(ends[1], value) + span * 0.15;
  const at = (x) => (((x - from) / (to - from)) * 200).toFixed(1);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "bar");
  svg.setAttribute("viewBox", "0 0 200 16");
  svg.setAttribute("aria-hidden", "true");
  const add = (tag, attributes) => {
    const element = document.createElementNS(SVG, tag);
    for (const [key, set] of Object.entries(attributes)) element.setAttribute(key, set);
    svg.append(element);
  };
  add("rect", { x: 0, y: 6, width: 200, height: 4, rx: 2, class: "rail" });
  const [left, right] = [low === null ? 0 : at(low), high === null ? 200 : at(high)];
  add("rect", { x: left, y: 6, width: right - left, height: 4, class: "allowed" });
  for (const limit of [low, high]) if (limit !== null) add("rect", { x: at(limit) - 0.75, y: 2, width: 1.5, height: 12, class: "limit" });
  add("circle", { cx: at(value), cy: 8, r: 4.5, class: passed ? "in" : "out" });
  return svg;
}

function output(pieces) {
  if (pieces.length === 0) return "";
  const names = ["stdout", "stderr", "log"];
  const parts = pieces.map(([stream, value, left]) => h("div", { class: `stream ${names[stream]}` },
    h("h5", {}, names[stream]),
    // Colours and cursor moves of a terminal say nothing here.
    h("pre", { tabindex: 0 }, value.replace(/\u001b\[[\d;?]*[A-Za-z]/g, "") + (left > 0 ? `\n… ${size(left)} more are in the JSON report` : ""))));
  return h("div", { class: "output" }, parts);
}

const json = (title, value, open) => h("details", { open }, h("summary", {}, title), h("pre", { tabindex: 0 }, pretty(value)));

function artifacts(list) {
  if (list.length === 0) return "";
  return h("ul", { class: "artifacts" }, list.map(([name, kind, path, bytes, picture]) => {
    const media = text(kind);
    const safe = !/^[\s\u0000-\u001f]*([a-z][a-z\d+.-]*:|\/\/)/i.test(path);
    return h("li", {},
      safe ? h("a", { href: path.split("/").map(encodeURIComponent).join("/") }, name) : name,
      h("span", { class: "muted" }, ` ${media}, ${size(bytes)}`),
      picture && h("img", { src: picture, alt: name, loading: "lazy" }),
    );
  }));
}

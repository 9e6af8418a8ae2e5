// The table that the page carries. Rows are arrays, as row.rs writes them; these functions give
// their columns names.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const rows = read("aei-rows");
const about = read("aei-about");

// The order of Status::ALL.
const STATUS = ["passed", "skipped", "cancelled", "failed", "timed_out", "errored", "refused"];
const WORD = ["passed", "skipped", "cancelled", "failed", "timed out", "errored", "refused"];
const isBad = (status) => status > 2;
// For sorting: what matters first.
const WEIGHT = [5, 6, 4, 0, 2, 1, 3];

// Most texts are numbers of the pool.
const text = (value) => (typeof value === "number" ? about.pool[value] : value);

const caseOf = (row) => ({
  index: row[0],
  suite: row[1],
  id: row[2],
  name: row[3] || row[2],
  status: row[4],
  flaky: (row[5] & 1) === 1,
  role: row[5] >> 1,
  start: row[6],
  duration: row[7],
  place: row[8],
  tags: (row[9] || []).map(text),
  steps: row[10] || [],
  more: row[11] || {},
});

const cases = rows.map(caseOf);
const byIndex = new Map(cases.map((item, at) => [item.index, at]));
const fileOf = (item) => about.suites[item.suite]?.[1] ?? "";

const place = (value, item) =>
  value === 0 ? "" : typeof value === "number" ? `${fileOf(item)}:${value}` : value;

const stepOf = (row) => ({
  name: text(row[0]),
  uses: text(row[1]),
  status: row[2],
  duration: row[3],
  attempts: row[4],
  phase: ["", "setup", "teardown"][row[5]],
  place: row[6],
  checks: (row[7] || []).map(checkOf),
  more: row[8] || {},
});

function checkOf(row) {
  if (typeof row === "object" && !Array.isArray(row)) {
    const { p, e, a, n, m, d, u, l } = row;
    const measure = u && { name: text(u[0]), value: u[1], unit: text(u[2]), low: u[3], high: u[4] };
    return { passed: p === 1, that: text(row.t), key: text(row.k), expected: e, actual: a, name: n, message: m, diff: d, measure, place: l ?? 0 };
  }
  const [what, actual] = Array.isArray(row) ? row : [row];
  const [that, key, ...expected] = text(what).split("\t");
  return { passed: true, that, key, expected: expected.join("\t"), actual: actual === undefined ? undefined : text(actual), place: 0 };
}

function duration(us) {
  if (us < 1000) return `${us} µs`;
  if (us < 999950) return `${(us / 1000).toFixed(1)} ms`;
  if (us < 59995000) return `${(us / 1e6).toFixed(2)} s`;
  const s = Math.round(us / 1e6);
  return s < 3600 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB"];
  let at = -1;
  do {
    bytes /= 1000;
    at += 1;
  } while (bytes >= 999.5 && at < units.length - 1);
  return `${bytes.toPrecision(3)} ${units[at]}`;
}

// Texts for searching, made when first needed.
let haystacks = null;
function haystack(at) {
  haystacks ??= cases.map((item) => {
    const parts = [item.id, item.name, item.tags.join(" "), ...(about.suites[item.suite] ?? [])];
    if (item.status !== 0) {
      parts.push(item.more.r ?? "");
      for (const step of item.steps.map(stepOf)) {
        parts.push(step.name, step.more.f?.[0] ?? "");
        for (const check of step.checks) if (!check.passed) parts.push(check.that, check.message ?? "");
      }
    }
    return parts.join("\n").toLowerCase();
  });
  return haystacks[at];
}

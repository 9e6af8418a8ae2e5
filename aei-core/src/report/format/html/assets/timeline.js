// When each case ran, in one lane for each that ran at the same time.

const timeline = { lanes: [], of: new Int32Array(cases.length), end: 0 };
const LANE = 14;
const MOST_LANES = 24;

function lay() {
  const order = cases.map((_, at) => at).filter((at) => cases[at].duration > 0).sort((a, b) => cases[a].start - cases[b].start);
  const ends = [];
  for (const at of order) {
    const { start, duration: us } = cases[at];
    let lane = ends.findIndex((end) => end <= start);
    if (lane < 0) lane = ends.length < MOST_LANES ? ends.length : ends.indexOf(Math.min(...ends));
    ends[lane] = Math.max(ends[lane] ?? 0, start + us);
    timeline.of[at] = lane;
    (timeline.lanes[lane] ??= []).push(at);
  }
  timeline.end = Math.max(about.duration, ...ends, 1);
}

function paint() {
  const canvas = $("#timeline canvas");
  const width = canvas.clientWidth;
  const height = timeline.lanes.length * LANE + 18;
  const scale = devicePixelRatio || 1;
  canvas.style.height = `${height}px`;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  // A canvas knows no `var()`: an icon has the colour as the browser made it out.
  const colors = STATUS.map((name) => {
    const probe = h("i", { class: `s-${name}` });
    canvas.after(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  });
  const perUs = width / timeline.end;
  const faint = list.found.size < cases.length;
  const bar = (at) => {
    const { start, duration: us, status } = cases[at];
    // Not by colour alone: what is bad is taller.
    const inset = isBad(status) ? 1 : 4;
    context.globalAlpha = faint && !list.found.has(at) ? 0.12 : 1;
    context.fillStyle = colors[status];
    const long = Math.max(us * perUs - (us * perUs > 3 ? 0.5 : 0), isBad(status) ? 2.5 : 1);
    context.fillRect(start * perUs, timeline.of[at] * LANE + inset, long, LANE - 2 * inset);
  };
  for (const bad of [false, true]) {
    for (const lane of timeline.lanes) for (const at of lane) if (isBad(cases[at].status) === bad) bar(at);
  }
  context.globalAlpha = 1;
  context.fillStyle = style.color;
  context.font = "11px system-ui, sans-serif";
  const ticks = Math.max(1, Math.floor(width / 160));
  for (let tick = 0; tick <= ticks; tick += 1) {
    context.textAlign = tick === 0 ? "left" : tick === ticks ? "right" : "center";
    context.fillText(duration(Math.round((timeline.end * tick) / ticks)), (width * tick) / ticks, height - 4);
  }
}

// The case under the pointer, with some tolerance for short ones.
function caseUnder(event) {
  const box = event.currentTarget.getBoundingClientRect();
  const lane = timeline.lanes[Math.floor((event.clientY - box.top) / LANE)] ?? [];
  const us = ((event.clientX - box.left) / box.width) * timeline.end;
  const slack = (4 / box.width) * timeline.end;
  let best = -1;
  let least = slack;
  for (const at of lane) {
    const { start, duration: long, status } = cases[at];
    const off = us < start ? start - us : Math.max(0, us - start - long);
    // Of several under the pointer, the bad one is looked for.
    const distance = off - (isBad(status) ? slack / 2 : 0);
    if (off <= slack && distance < least) [best, least] = [at, distance];
  }
  return best;
}

function startTimeline() {
  lay();
  const section = $("#timeline");
  if (timeline.lanes.length === 0) return section.remove();
  const tip = h("div", { class: "tip", hidden: true });
  const canvas = h("canvas", {
    role: "img",
    "aria-label": `When the ${cases.length} cases ran, in ${timeline.lanes.length} lanes. The list below holds the same cases.`,
    onmousemove: (event) => {
      const at = caseUnder(event);
      tip.hidden = at < 0;
      canvas.style.cursor = at < 0 ? "" : "pointer";
      if (at < 0) return;
      const item = cases[at];
      tip.replaceChildren(statusBadge(item.status), ` ${item.name} · ${duration(item.duration)}`);
      tip.style.left = `${Math.min(event.offsetX + 12, Math.max(0, section.clientWidth - tip.offsetWidth))}px`;
      tip.style.top = `${canvas.offsetTop + event.offsetY + 16}px`;
    },
    onmouseleave: () => (tip.hidden = true),
    onclick: (event) => {
      const at = caseUnder(event);
      if (at >= 0) location.hash = `case=${cases[at].index}`;
    },
  });
  section.append(canvas, tip);
}

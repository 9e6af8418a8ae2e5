// Building the page. Texts of the report only ever become text nodes.

const $ = (selector, root = document) => root.querySelector(selector);

function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(2).filter((child) => child !== undefined && child !== null && child !== false && child !== ""));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon s-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

const statusBadge = (status) => h("span", { class: "badge" }, icon(STATUS[status]), h("span", {}, WORD[status]));

// A word of a command line, as sh reads it.
const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

async function copy(button, value) {
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    // Pages from files may not reach the clipboard: select, and let the browser copy.
    const area = h("textarea", { class: "offscreen" });
    area.value = value;
    button.after(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 1500);
}

// Line breaks and indents for JSON text, whose numbers stay as they are written.
function pretty(json) {
  if (json.length < 60 || !/^[[{]/.test(json)) return json;
  let out = "";
  let depth = 0;
  const line = () => "\n" + "  ".repeat(depth);
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/g)) {
    if (token === "{" || token === "[") {
      depth += 1;
      out += token + line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      out = /[{[]\s*$/.test(out) ? out.trimEnd() + token : out + line() + token;
    } else if (token === ",") out += "," + line();
    else out += token === ":" ? ": " : token;
  }
  return out;
}

// A JSON string is shown as its text.
function shown(json) {
  if (json.startsWith('"') && json.includes("\\n")) {
    try {
      return JSON.parse(json);
    } catch {
      return json;
    }
  }
  return pretty(json);
}

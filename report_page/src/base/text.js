// What a name or message from the data may look like on the page: one line, no invisible characters,
// and short where space is short. The full text of everything that was shortened is listed at the page's foot.

const lineBreaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
// Controls, and those format characters that reorder or hide text. Joiners (U+200C, U+200D) stay: scripts need them.
const invisible = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;
const loneSurrogates = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export function clean(value) {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.replace(lineBreaks, " ").replace(invisible, "\ufffd").replace(loneSurrogates, "\ufffd");
}

const fullTexts = new Map(); // by what they were shortened to

// Whole characters only; far more than `limit` code units need not be looked at.
function cut(text, limit, tail) {
  const start = Array.from(text.slice(0, 2 * limit))
    .slice(0, limit - tail - 1)
    .join("");
  const end =
    tail > 0
      ? Array.from(text.slice(-2 * tail))
          .slice(-tail)
          .join("")
      : "";
  return `${start.trimEnd()}…${end}`;
}

// At most `limit` characters; different texts stay different.
export function shorten(text, limit = 36) {
  if (text.length <= limit) return text;
  const isFree = (candidate) => (fullTexts.get(candidate) ?? text) === text;
  let short = cut(text, limit, 0);
  if (!isFree(short)) short = cut(text, limit, Math.floor(limit / 3));
  for (let i = 2; !isFree(short) && limit > 8; ++i) short = `${cut(text, limit - 5, 0)} (${i})`;
  if (isFree(short)) fullTexts.set(short, text);
  return short;
}

export const shortenedTexts = () => [...new Set(fullTexts.values())];

// Numbers and dates as people read them. A thin space groups thousands, a real minus sign leads.

const minus = (text) => text.replace("-", "−");

export const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

// Rounded half away from zero, of the 15 significant digits that a number is sure to have, as the program's own tables are
// (mkdt/base/units.h): 15.25 and 100 * 0.1525 both give 15.3. No minus sign before zeros alone.
export function decimal(value, decimals) {
  const [mantissa, exponent] = Math.abs(value).toExponential(14).split("e");
  const digits = mantissa.replace(".", "");
  const kept = Number(exponent) + 1 + decimals;
  let whole = BigInt(kept <= 0 ? 0 : digits.slice(0, kept).padEnd(kept, "0"));
  if (kept >= 0 && kept < digits.length && digits[kept] >= "5") whole += 1n;
  const text = whole.toString().padStart(decimals + 1, "0");
  const sign = value < 0 && whole !== 0n ? "-" : "";
  return sign + (decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`);
}

export const fixed = (value, decimals) => (isNumber(value) ? minus(decimal(value, decimals)) : "–");

export function signed(value, decimals) {
  if (!isNumber(value)) return "–";
  const text = fixed(Math.abs(value), decimals);
  return Number(text) === 0 ? text : (value < 0 ? "−" : "+") + text;
}

export const whole = (value) =>
  isNumber(value) ? minus(Math.round(value).toString()).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f") : "–";

// Three to four significant digits, whatever the size.
export function significant(value) {
  if (!isNumber(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return minus(value.toExponential(2));
  if (size >= 1000) return whole(value);
  return minus(String(Number(value.toPrecision(4))));
}

// Marks of an axis, all with as many decimals as the one that needs most.
export function evenly(value, _, values) {
  const sizes = Array.from(values, Math.abs).filter((size) => size > 0);
  if (sizes.length === 0 || Math.max(...sizes) >= 1e6 || Math.min(...sizes) < 1e-4) return significant(value);
  const decimals = Math.max(...sizes.map((size) => (String(Number(size.toPrecision(6))).split(".")[1] ?? "").length));
  return decimals === 0 ? whole(value) : fixed(value, decimals);
}

export const percent = (share, decimals = 1) => (isNumber(share) ? fixed(100 * share, decimals) : "–");

// Enough decimals for three significant digits of the smallest, as the program's own tables have them.
export function lossDecimals(values) {
  const sizes = values.filter((value) => isNumber(value) && value > 0);
  if (sizes.length === 0) return 3;
  const decimals = 2 - Math.floor(Math.log10(Math.min(1, ...sizes)));
  return Math.min(8, Math.max(3, decimals));
}

export function interval(value, decimals, unit = 1) {
  if (!isNumber(value?.low) || !isNumber(value?.high)) return "";
  return `[${fixed(unit * value.low, decimals)}, ${fixed(unit * value.high, decimals)}]`;
}

export function duration(seconds) {
  if (!isNumber(seconds)) return "–";
  if (seconds < 10) return `${Number(seconds.toPrecision(2))} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Number((seconds / 3600).toFixed(1))} h`;
  return `${Number((seconds / 86400).toFixed(1))} days`;
}

export function bytes(count) {
  if (!isNumber(count)) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let power = 0;
  for (; count >= 1024 && power + 1 < units.length; ++power) count /= 1024;
  return `${count >= 100 || power === 0 ? Math.round(count) : Number(count.toPrecision(2))} ${units[power]}`;
}

export function date(text) {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?/.exec(text);
  return match ? `${match[1]} ${match[2]}${match[3] ?? ""}${text.endsWith("Z") ? " UTC" : ""}` : text;
}

// Label budgets: a share ("1%", "1 %") or a number a class ("10 a class").
const share = /^([\d.]+)\s?%$/;
export const budget = (labels) => labels.replace(share, "$1\u202f%");

// What follows "with": several budgets in one phrase.
export function ofLabels(...budgets) {
  if (budgets.every((labels) => share.test(labels))) return `${sentenceList(budgets.map(budget))} of the labels`;
  const isCount = (labels) => /^\d+ a class$/.test(labels);
  if (budgets.every(isCount)) return `${sentenceList(budgets.map((labels) => labels.split(" ")[0]))} labels a class`;
  return sentenceList(
    budgets.map((labels) => (share.test(labels) || isCount(labels) ? ofLabels(labels) : `labels ${labels}`)),
  );
}

export const plural = (count, one, many = `${one}s`) => `${whole(count)} ${count === 1 ? one : many}`;

export function sentenceList(parts) {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

// What came out: the result with what more would gain, the readings so far, the calibrations that are kept.

import { command } from "./commands.js";
import { setText } from "./glance.js";
import { CALIBRATE } from "./words.js";

const $ = (id) => document.getElementById(id);

function made(tag, className, text) {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

const signed = (value, digits, unit) => (value === null ? "–" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)} ${unit}`);
const percent = (share) => signed(share === null ? null : 100 * share, 2, "%");

export function showOutcome(under, choose) {
  const { result, certificate, ended } = under;
  const whole = under.step === null;
  $("outcome").hidden = !whole && result === null;
  if ($("outcome").hidden) return;
  setText($("outcome-title"), title(under, whole));
  setText($("outcome-note"), ended || (certificate !== null ? CALIBRATE.verified : result !== null ? CALIBRATE.resultNote : ""));
  $("details").hidden = $("expected").hidden = $("verdict").hidden = result === null || ended !== "";
  if (ended) return void $("choices").replaceChildren(button([CALIBRATE.beginAgain, "button primary", () => choose("stop")]));
  if (result === null) return void $("choices").replaceChildren(...(certificate === null ? [] : certified(certificate, choose)));
  showExpected(result, whole);
  $("verdict").replaceChildren(...result.model.map((text) => made("li", "", text)));
  $("placements").replaceChildren(...result.record.placements.map(row));
  $("choices").replaceChildren(...choices(result, whole, choose));
}

function title({ ended, certificate, verdict, result }, whole) {
  if (ended) return CALIBRATE.ended;
  if (certificate !== null) return verdict;
  return result === null ? CALIBRATE.working : CALIBRATE.resultTitle(whole);
}

function showExpected(result, whole) {
  const rows = [[CALIBRATE.expectedNow, result.now]];
  if (whole) rows.push([CALIBRATE.withOne(result), result.one], [CALIBRATE.withGrid, result.grid]);
  for (const [title, missed] of [[CALIBRATE.residuals, result.residuals], [CALIBRATE.heldOut, result.held_out]]) {
    if (missed !== null) rows.push([title, missed]);
  }
  $("expected").replaceChildren(
    ...rows.map(([title, errors]) => {
      const line = made("div", "", "");
      line.append(made("dt", "", title), made("dd", "", CALIBRATE.errors(errors)));
      return line;
    }),
  );
}

function choices(result, whole, choose) {
  const keep = [CALIBRATE.keep(whole), "button primary", () => choose("keep")];
  const more = [
    [CALIBRATE.one(result), "button", () => choose("more", { what: "one" })],
    [CALIBRATE.grid(result), "button", () => choose("more", { what: "grid" })],
    [CALIBRATE.letBe, "button", () => choose("stop")],
  ];
  return (whole ? [keep, ...more] : [keep]).map(button);
}

function button([text, className, tap]) {
  const one = Object.assign(made("button", className, text), { type: "button" });
  one.addEventListener("click", tap);
  return one;
}

function certified(certificate, choose) {
  const print = made("a", "button primary", CALIBRATE.print);
  print.href = `/calibrate/certificate/${encodeURIComponent(certificate)}`;
  print.target = "_blank";
  return [print, button([CALIBRATE.done, "button", () => choose("stop")])];
}

function row(one) {
  const line = document.createElement("tr");
  const head = made("th", "", `${one.mass_kg} kg, ${one.spot}`);
  head.scope = "row";
  const cells = [
    percent(one.force_error), signed(one.stands_off_mm, 1, "mm"),
    percent(one.held_out_force_error), signed(one.held_out_stands_off_mm, 1, "mm"),
  ];
  line.append(head, ...cells.map((text) => made("td", "", text)));
  return line;
}

export function showReadings(readings) {
  $("readings-card").hidden = readings.length === 0;
  $("readings").replaceChildren(...[...readings].reverse().map(reading));
}

function reading({ step, well, text, felt_n: felt }) {
  const item = made("li", well ? "well" : "unwell", "");
  const what = step.kind === "empty" ? CALIBRATE.empty : `${step.mass_kg} kg, ${step.spot}`;
  item.append(made("b", "", what), made("span", "", well && felt !== null ? CALIBRATE.felt(felt) : well ? CALIBRATE.taken : ""));
  item.append(made("small", well ? "quiet" : "", text));
  return item;
}

export async function showKept(say) {
  const answer = await fetch("/api/v1/calibrations").catch(() => null);
  if (!answer?.ok) return;
  const { calibrations } = await answer.json();
  $("kept").replaceChildren(...(calibrations.length ? calibrations.map((one) => kept(one, say)) : [made("li", "quiet", CALIBRATE.noneKept)]));
}

function kept(one, say) {
  const item = made("li", "kept-one", "");
  const title = made("p", "kept-title", one.made);
  if (one.in_use) title.append(made("span", "chip", CALIBRATE.inUse));
  if (one.simulated) title.append(made("span", "chip mock-chip", "MOCK"));
  const facts = [one.chips, one.expected && CALIBRATE.errors(one.expected), one.verdict && CALIBRATE.verdictOf(one)];
  const words = made("div", "kept-words", "");
  words.append(title, ...facts.filter(Boolean).map((text) => made("p", "quiet", text)), made("p", "quiet", CALIBRATE.id(one.id)));
  const links = made("div", "kept-links", "");
  if (!one.in_use && !one.simulated) links.append(button([CALIBRATE.use, "button small", () => command("calibrations/use", { id: one.id }).then(say)]));
  if (one.verdict) links.append(link(`/calibrate/certificate/${encodeURIComponent(one.id)}`, CALIBRATE.certificate, one.id));
  links.append(link(`/api/v1/calibrations/${encodeURIComponent(one.id)}`, CALIBRATE.everything, one.id));
  item.append(words, links);
  return item;
}

function link(href, text, id) {
  const one = made("a", "button small", text);
  one.setAttribute("aria-label", `${text}: ${id}`);
  one.href = href;
  return one;
}

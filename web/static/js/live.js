// The live page: joins the stream to what is shown.

import { ForceCurve } from "./curve.js";
import { Glance, setText } from "./glance.js";
import { SetUp } from "./setup.js";
import { LiveStream } from "./stream.js";
import { showSummary } from "./summary.js";
import { loadText } from "./units.js";
import { LINKS, SIDES, STATES, TEXT } from "./words.js";

const WITHDRAWN_MS = 4000;

const $ = (id) => document.getElementById(id);
const body = document.body;
const glance = new Glance();
const curve = new ForceCurve($("curve"));
const setUp = new SetUp(toast);
let shownSession; // what the table was built from
let refused = null; // why the station gave no stream
let withdrawnUntil = 0;
const alerts = { link: [], alarms: [], notes: [] };

$("toast-close").addEventListener("click", () => toast(null));
new LiveStream({ onState, onLink, onRefused: (why) => (refused = why) });

function onState(state, before) {
  const set = state.session?.sets.at(-1);
  const old = before?.session?.sets.at(-1);
  if (set?.running && set.number === old?.number && set.counted < old.counted) {
    withdrawnUntil = performance.now() + WITHDRAWN_MS;
  }
  body.dataset.mode = set?.running ? "set" : "between";
  curve.add(state.curve);
  glance.show(state, set);
  if (state.session !== shownSession) showSession(state.session, set);
  setText($("state"), STATES[state.state]);
  showBanners(state.source);
  showAlerts(state);
}

function showSession(session, set) {
  shownSession = session;
  setUp.showSession(session);
  body.toggleAttribute("data-table", showSummary(session, set, setUp.unit));
  setText($("context"), contextOf(session, set));
}

function contextOf(session, set) {
  if (session === null) return "";
  if (!set?.running) return `${session.athlete} · session ${session.number}`;
  return [session.athlete, SIDES[set.side], set.goal.name, loadText(set.load_kg, setUp.unit)].join(" · ");
}

// The banners come and go with the source alone.
function showBanners(source) {
  $("mock").hidden = !source.simulated;
  $("replay").hidden = source.name !== "replay";
  for (const place of document.querySelectorAll(".source-text")) setText(place, source.text ?? "");
}

function onLink(word, seconds) {
  body.dataset.link = word;
  if (word === "live") refused = null;
  const text = refused ?? { stale: TEXT.noNewData(seconds), lost: TEXT.lost(seconds) }[word];
  setText($("link"), LINKS[word]);
  alerts.link = text === undefined ? [] : [text];
  drawAlerts();
}

function showAlerts(state) {
  alerts.alarms = [];
  if (!state.sampler_connected) alerts.alarms.push(TEXT.noPlate);
  if (state.recording_fault) alerts.alarms.push(TEXT.notKept(state.recording_fault));
  state.cell_faults.forEach((fault, cell) => {
    if (fault) alerts.alarms.push(TEXT.cellFault(cell, fault));
    else if (state.silent[cell] && state.sampler_connected) alerts.alarms.push(TEXT.silentCell(cell));
  });
  alerts.notes = [];
  if (state.state === "zeroing") alerts.notes.push(TEXT.zeroing);
  if (performance.now() < withdrawnUntil) alerts.notes.push(TEXT.withdrawn);
  if (state.notice) alerts.notes.push(state.notice);
  drawAlerts();
}

function drawAlerts() {
  const styled = (style) => (text) => [style, text];
  const shown = [...[...alerts.link, ...alerts.alarms].map(styled("alert")), ...alerts.notes.map(styled("alert note"))];
  const key = JSON.stringify(shown);
  if ($("alerts").dataset.key === key) return;
  $("alerts").dataset.key = key;
  $("alerts").replaceChildren(
    ...shown.map(([style, text]) => Object.assign(document.createElement("p"), { className: style, textContent: text })),
  );
}

function toast(text) {
  $("toast").hidden = text === null;
  setText($("toast-text"), text ?? "");
}

// What the owner's page says of sizes and times, and how.

export function size(bytes) {
  const [number, unit] = bytes >= 1e9 ? [bytes / 1e9, "GB"] : bytes >= 1e6 ? [bytes / 1e6, "MB"] : [bytes / 1e3, "kB"];
  return `${number.toFixed(number < 10 ? 1 : 0)} ${unit}`;
}

export function clock(utc) {
  const time = new Date(utc);
  if (Number.isNaN(time.getTime())) return "";
  const parts = { day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC" };
  return `${time.toLocaleString("en-GB", parts)} UTC`;
}

export function tell(place, text, well) {
  if (place.textContent !== text) place.textContent = text; // said once
  place.classList.toggle("well", well);
  place.classList.toggle("unwell", !well);
}

// A load is kept as it was typed; only the station is told kilograms.

const KG_PER_LB = 0.45359237; // exact by definition

export function parseLoad(text) {
  const clean = text.trim().replace(",", ".");
  if (clean === "") return 0;
  return /^\d+(\.\d*)?$|^\.\d+$/.test(clean) ? Number(clean) : null;
}

// null where nothing is typed, undefined where it is no number.
export function parseCm(text) {
  const clean = text.trim().replace(",", ".").replace("−", "-");
  if (clean === "") return null;
  return /^-?\d{1,3}(\.\d*)?$/.test(clean) ? Number(clean) : undefined;
}

export const toKg = (value, unit) => (unit === "lb" ? value * KG_PER_LB : value);

export function loadText(kg, unit) {
  const value = unit === "lb" ? kg / KG_PER_LB : kg;
  return `${Number(value.toFixed(1))} ${unit}`;
}

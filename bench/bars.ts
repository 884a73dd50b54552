/**
 * Pictures of results: horizontal bars, as SVG.
 *
 * @module
 */

/** One bar. */
export interface Bar {
  label: string;
  value: number;
  /** Whether it is one of ours. */
  isOurs: boolean;
}

const WIDTH = 760;
const LABELS = 390;
const ROW = 30;
const TOP = 44;

/**
 * Draws horizontal bars. Text and axis take a grey that can be read on white and on black.
 *
 * @param title The meaning of the bars, with the unit.
 * @param bars From top to bottom.
 * @returns An SVG document.
 */
export function drawBars(title: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map(({ label, value, isOurs }, index) => {
    const y = TOP + index * ROW;
    const width = Math.max(1, (WIDTH - LABELS - 70) * value / most);
    return [
      `<text x="${LABELS - 10}" y="${y + 15}" text-anchor="end"${isOurs ? ' font-weight="bold"' : ""}>${
        escape(label)
      }</text>`,
      `<rect x="${LABELS}" y="${y}" width="${width.toFixed(1)}" height="20" rx="3" fill="${
        isOurs ? "#2f9e66" : "#8a93a3"
      }"/>`,
      `<text x="${(LABELS + width + 6).toFixed(1)}" y="${y + 15}">${value}</text>`,
    ].join("\n");
  });
  const height = TOP + bars.length * ROW + 6;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${
      escape(title)
    }" ` +
    `font-family="system-ui, sans-serif" font-size="13" fill="#767d8a">`,
    `<text x="10" y="20" font-size="15" font-weight="bold">${escape(title)}</text>`,
    ...rows,
    "</svg>\n",
  ].join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

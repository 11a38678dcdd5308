// Draws the errors of predictions, one line per set-up, as an SVG for docs/evidence/truth.md.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCsv } from '../../test/support/evidence-table.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const width = 760;
const labelWidth = 210;
const rowHeight = 18;
const top = 40;

/**
 * @param data CSV with the columns set-up, error and error (half), in signed percent
 * @param image path of the output
 */
export async function drawErrors(data: string, image: string): Promise<void> {
  const [header = [], ...rows] = parseCsv(await readFile(join(root, data), 'utf8'));
  const column = (name: string) => header.indexOf(name);
  await writeFile(
    join(root, image),
    errorChart(
      rows.map((row) => ({
        name: row[column('set-up')] ?? '',
        fromTwoThirds: errorIn(row[column('error')]),
        fromHalf: errorIn(row[column('error (half)')]),
      })),
    ),
  );
}

interface ErrorLine {
  name: string;
  /** Error in percent; absent without a prediction. */
  fromTwoThirds: number | undefined;
  fromHalf: number | undefined;
}

const errorIn = (cell = '') => (cell === '' ? undefined : Number.parseFloat(cell.replace('−', '-')));

export function errorChart(lines: readonly ErrorLine[]): string {
  const errors = lines.flatMap(({ fromTwoThirds = 0, fromHalf = 0 }) => [Math.abs(fromTwoThirds), Math.abs(fromHalf)]);
  const reach = Math.max(10, Math.ceil(Math.max(...errors) / 10) * 10);
  const x = (error: number) => labelWidth + ((error + reach) / (2 * reach)) * (width - labelWidth - 20);
  const bottom = top + lines.length * rowHeight;
  const ticks = [-reach, -reach / 2, 0, reach / 2, reach];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 10}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${bottom + 10}" fill="#fff"/>`,
    `<text x="8" y="16" fill="#1f2933">Error of the predicted limit: <tspan fill="#1769aa">● from steps up to two thirds</tspan> <tspan fill="#b45309">◆ from steps up to half</tspan></text>`,
    ...ticks.flatMap((tick) => [
      `<line x1="${x(tick)}" x2="${x(tick)}" y1="${top - 6}" y2="${bottom}" stroke="${tick === 0 ? '#52606d' : '#d9e2ec'}"/>`,
      `<text x="${x(tick)}" y="${top - 10}" text-anchor="middle" fill="#52606d">${tick > 0 ? '+' : ''}${tick}%</text>`,
    ]),
    ...lines.flatMap(({ name, fromTwoThirds, fromHalf }, place) => {
      const y = top + place * rowHeight + 9;
      return [
        `<text x="8" y="${y + 4}" fill="#1f2933">${name}</text>`,
        ...(fromHalf === undefined ? [] : [diamond(x(fromHalf), y)]),
        ...(fromTwoThirds === undefined
          ? []
          : [`<circle cx="${x(fromTwoThirds).toFixed(1)}" cy="${y}" r="4" fill="#1769aa"/>`]),
      ];
    }),
    '</svg>\n',
  ].join('\n');
}

const diamond = (x: number, y: number) => `<path d="M${x.toFixed(1)} ${y - 5}l5 5-5 5-5-5z" fill="#b45309"/>`;

// Embeds the parts of Noto Sans SC that the text of a report needs.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Regular for text, bold for headings and names. */
const weights = [400, 700] as const;

/** One part of the font: a file of some hundred characters. */
interface FontPart {
  weight: number;
  file: string;
  /** First and last code point. */
  ranges: readonly (readonly [number, number])[];
}

/** @returns CSS rules with embedded fonts, deterministic for a text; Noto Sans SC is under the SIL Open Font License 1.1 */
export async function embeddedFonts(text: string, { signal }: { signal: AbortSignal }): Promise<string> {
  const wanted = new Set(Array.from(text, (character) => character.codePointAt(0) ?? 0));
  const rules: string[] = [];
  for (const weight of weights) {
    const sheet = new URL(import.meta.resolve(`@fontsource/noto-sans-sc/${weight}.css`));
    const parts = fontParts(await readFile(sheet, { encoding: 'utf8', signal }), weight);
    const needed = new Set([...wanted].map((point) => parts.findLast((part) => covers(part, point))));
    // In the order of the style sheet: of two rules with a character, the last applies, as in browsers.
    for (const part of parts.filter((each) => needed.has(each))) {
      const bytes = await readFile(fileURLToPath(new URL(part.file, sheet)), { signal });
      rules.push(fontRule(part, bytes));
    }
  }
  return rules.join('\n');
}

/** Parses a style sheet of the package: one rule per part, with its file and its unicode-range. */
export function fontParts(css: string, weight: number): FontPart[] {
  return [...css.matchAll(/@font-face\s*\{([^}]*)\}/g)].flatMap(([, rule = '']) => {
    const file = /url\(([^)]+\.woff2)\)/.exec(rule)?.[1];
    const written = /unicode-range:\s*([^;]+);/.exec(rule)?.[1];
    if (file === undefined || written === undefined) return [];
    return [{ weight, file, ranges: written.split(',').map(rangeOf) }];
  });
}

/** `U+4e00-4e1f` or `U+4e00`. */
function rangeOf(text: string): [number, number] {
  const [first = '', last = first] = text.trim().slice(2).split('-');
  return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
}

const covers = ({ ranges }: FontPart, point: number): boolean =>
  ranges.some(([first, last]) => point >= first && point <= last);

function fontRule({ weight, ranges }: FontPart, bytes: Buffer): string {
  const range = ranges.map(([first, last]) => `U+${first.toString(16)}-${last.toString(16)}`).join(',');
  const source = `url(data:font/woff2;base64,${bytes.toString('base64')}) format('woff2')`;
  return `@font-face{font-family:'Noto Sans SC';font-weight:${weight};src:${source};unicode-range:${range}}`;
}

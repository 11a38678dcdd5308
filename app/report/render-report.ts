// Renders a report in each output format.

import { readFile, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CapacityReport } from '../../core/documents/capacity-report.ts';
import { renderHtml } from '../../dashboards/reports/capacity/render-html.ts';
import { renderMarkdown } from '../../dashboards/reports/capacity/render-markdown.ts';
import { renderXlsx } from '../../dashboards/reports/capacity/render-xlsx.ts';
import { writeSheets } from '../../dashboards/reports/capacity/sheets/write-sheets.ts';
import type { ReportLanguage } from '../../dashboards/reports/capacity/texts.ts';
import { writeReport } from '../../dashboards/reports/capacity/write-parts.ts';
import type { Caller } from '../caller.ts';
import { AppError } from '../../core/errors.ts';

export const reportFormats = ['html', 'pdf', 'xlsx', 'md', 'json'] as const;
type ReportFormat = (typeof reportFormats)[number];

/** Formats that a terminal cannot show. */
export const isBinary = (format: ReportFormat): boolean => format === 'pdf' || format === 'xlsx';

/** Printed formats embed their fonts. @throws AppError prerequisite-missing, run-failed for a PDF without a browser */
export async function renderReport(
  report: CapacityReport,
  { format, language, withFonts }: { format: ReportFormat; language: ReportLanguage; withFonts: boolean },
  io: Pick<Caller, 'environment' | 'signal'>,
): Promise<string | Buffer> {
  switch (format) {
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'md':
      return renderMarkdown(writeReport(report, language));
    case 'xlsx':
      return await renderXlsx(writeSheets(report, language));
    case 'html':
      return await page(report, language, withFonts, io);
    case 'pdf':
      return await printPdf(await page(report, language, true, io), io);
  }
}

async function page(
  report: CapacityReport,
  language: ReportLanguage,
  withFonts: boolean,
  { signal }: { signal: AbortSignal },
): Promise<string> {
  const written = writeReport(report, language);
  const plain = renderHtml(written, language);
  return withFonts ? renderHtml(written, language, await embeddedFonts(plain, { signal })) : plain;
}

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

/** Names in Debian, Fedora and Google's packages. */
const browserNames = ['chromium', 'chromium-browser', 'google-chrome'];
/** A report of a hundred pages takes three seconds. */
const mostMilliseconds = 60_000;

/** @throws AppError prerequisite-missing, run-failed */
async function printPdf(
  page: string,
  { environment, signal }: { environment: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<Buffer> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-pdf-'));
  const [from, to] = [join(folder.path, 'report.html'), join(folder.path, 'report.pdf')];
  await writeFile(from, page);
  const args = [
    '--headless',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--host-resolver-rules=MAP * ~NOTFOUND',
    `--user-data-dir=${join(folder.path, 'profile')}`,
    '--generate-pdf-document-outline',
    '--no-pdf-header-footer',
    `--print-to-pdf=${to}`,
    // Chromium cannot run as root inside its sandbox; the page contains no script.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    pathToFileURL(from).href,
  ];
  const browser = environment['PLIMSOLL_CHROMIUM'];
  for (const name of browser === undefined ? browserNames : [browser]) {
    if (await didRun(name, args, AbortSignal.any([signal, AbortSignal.timeout(mostMilliseconds)]))) {
      return await readFile(to).catch((cause: unknown) => {
        throw new AppError('run-failed', `${name} printed no PDF`, {
          cause,
          hint: '--format html writes the same report as a page, which a browser can print',
        });
      });
    }
  }
  throw new AppError('prerequisite-missing', 'a PDF needs Chromium, and none was found', {
    hint: 'apt-get install chromium, or name one in PLIMSOLL_CHROMIUM; the page of --format html is laid out for A4 as well',
  });
}

/** @returns false if there is no such program */
async function didRun(name: string, args: readonly string[], signal: AbortSignal): Promise<boolean> {
  const child = spawn(name, args, { stdio: 'ignore', signal });
  try {
    await once(child, 'close');
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw cause;
  }
}

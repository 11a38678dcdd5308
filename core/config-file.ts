// Reads and validates a YAML file; reports all problems at once, each with its line and path.

import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { describeIssues, pathText, type Path } from './config-problem.ts';
import { AppError, readFailure } from './errors.ts';
import { readUpTo } from './files.ts';

interface ConfigProblem {
  /** `hosts.broker-1.network.speed`; absent if the problem concerns the whole file. */
  path?: string;
  /** Line of the nearest key, counted from 1. */
  line?: number;
  /** Only of a syntax error. */
  column?: number;
  message: string;
}

export type ConfigReading<Config> =
  { kind: 'valid'; config: Config } | { kind: 'invalid'; problems: readonly ConfigProblem[] };

/** Checks what a schema cannot, such as undefined references. Gets the content of the file, valid or not. */
export type CrossCheck = (written: unknown) => readonly { path: Path; message: string }[];

/** Interprets the schema: compiling it takes longer than parsing one file with it. */
const once = { jitless: true };

/** A config of a thousand hosts is 200 kB. */
const largestFile = 2 * 2 ** 20;
/** Most alias expansions in one file: nested anchors grow without bound (billion laughs). */
const mostAliases = 100;
/** Most syntax errors that are listed; further ones are counted. */
const mostSyntaxErrors = 3;

/** @throws AppError config-unreadable */
export async function readConfigFile<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  options: { signal: AbortSignal; crossCheck?: CrossCheck },
): Promise<ConfigReading<z.output<Schema>>> {
  return parseConfig(await readBounded(file, options.signal), schema, options.crossCheck);
}

/** @throws AppError config-unreadable, or config-invalid with every problem in its message */
export async function loadConfigFile<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  options: { signal: AbortSignal; crossCheck?: CrossCheck },
): Promise<z.output<Schema>> {
  const reading = await readConfigFile(file, schema, options);
  if (reading.kind === 'valid') return reading.config;
  throw new AppError('config-invalid', describeProblems(file, reading.problems), {
    hint: `correct ${reading.problems.length === 1 ? 'it' : 'them'} and run the command again`,
  });
}

export function describeProblems(file: string, problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return [`${count} in ${file}`, ...problems.map((problem) => `  ${describeProblem(file, problem)}`)].join('\n');
}

function describeProblem(file: string, { path, line, column, message }: ConfigProblem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return [place, path, message].filter((part) => part !== undefined).join(': ');
}

export function parseConfig<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  crossCheck: CrossCheck = () => [],
): ConfigReading<z.output<Schema>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const syntax = document.errors.map(({ code, message, pos }) => ({
    line: lines.linePos(pos[0]).line,
    ...(code !== 'DUPLICATE_KEY' && { column: lines.linePos(pos[0]).col }),
    message: code === 'DUPLICATE_KEY' ? `the key ${JSON.stringify(keyAt(text, pos[0]))} is defined twice` : message,
  }));
  // After a syntax error the rest of the document is unreliable; after a duplicate key it is not.
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) {
    return { kind: 'invalid', problems: firstOf(syntax) };
  }

  let written: unknown;
  try {
    written = document.toJS({ maxAliasCount: mostAliases });
  } catch (cause) {
    return { kind: 'invalid', problems: [...syntax, { message: (cause as Error).message }] };
  }
  if (written === null && !schema.safeParse(null, once).success) {
    return { kind: 'invalid', problems: [{ message: 'the file is empty' }] };
  }

  const parsed = schema.safeParse(written, once);
  const issues = [
    ...(parsed.success ? [] : describeIssues(parsed.error.issues, schema, written)),
    ...crossCheck(written),
  ];
  const problems = [
    ...syntax,
    ...issues.map(({ path, message }) => ({
      ...(path.length > 0 && { path: pathText(path) }),
      ...lineOf(document, lines, path),
      message,
    })),
  ].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  if (!parsed.success || problems.length > 0) return { kind: 'invalid', problems };
  return { kind: 'valid', config: parsed.data };
}

/** Keeps the first syntax error, because it causes most of the others. */
function firstOf(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const more = problems.length - mostSyntaxErrors;
  const shown = problems.slice(0, mostSyntaxErrors);
  return more > 0 ? [...shown, { message: `${more} more: is this file YAML?` }] : shown;
}

function keyAt(text: string, offset: number): string {
  return /^[^:\s]+/.exec(text.slice(offset))?.[0] ?? '';
}

/** Returns the line of the last key of the path, or of the nearest parent if that key is missing. */
function lineOf(document: Document, lines: LineCounter, path: Path): { line?: number } {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    const key = isMap(parent)
      ? parent.items.find(({ key: at }) => isScalar(at) && String(at.value) === String(last))?.key
      : undefined;
    const node = key ?? document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return { line: lines.linePos(node.range[0]).line };
  }
  return {};
}

async function readBounded(file: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  try {
    const content = await readUpTo(file, largestFile, { signal });
    if (content.length > largestFile) {
      throw new AppError(
        'config-unreadable',
        `${file} is larger than ${largestFile / 2 ** 20} MiB, too large for a config file`,
      );
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (cause) {
    if (cause instanceof AppError || signal.aborted) throw cause;
    throw new AppError('config-unreadable', `cannot read ${file}: ${readFailure(cause)}`, { cause });
  }
}

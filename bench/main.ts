// Runs one bench, prints its table and records the attempt: `npm run bench -- NAME [--json]`.

import { parseArgs } from 'node:util';
import type { Output } from '../app/caller.ts';
import { describeFault, reportFault } from '../cli/fault-report.ts';
import { abortOnInterruption } from '../cli/interruption.ts';
import { systemClock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { readCommit, updateEvidencePage } from '../test/support/evidence-page.ts';
import type { Bench } from './bench.ts';
import { benches } from './registry.ts';
import { describeMachine, renderLine, renderTable, toDocument } from './report.ts';

const json = { type: 'boolean', help: 'print one JSON document instead of the table' } as const;

const signal = abortOnInterruption();

process.exitCode = await main(process.argv.slice(2));

async function main([name, ...words]: readonly string[]): Promise<number> {
  const wantsJson = words.includes('--json');
  try {
    if (name === undefined || [name, ...words].includes('--help')) {
      process.stdout.write(overview(name === undefined || name === '--help' ? Object.values(benches) : [find(name)]));
      return name === undefined ? 2 : 0;
    }
    return await runBench(find(name), words);
  } catch (error) {
    const thrown: unknown = signal.aborted ? signal.reason : error;
    const fault = describeFault(thrown, signal.aborted);
    const outputs = { stdout: outputOf(process.stdout), stderr: outputOf(process.stderr) };
    reportFault(thrown, fault, {
      ...outputs,
      json: wantsJson,
      debug: fault.code === 'unexpected',
      colours: outputs.stderr.isTerminal,
    });
    return fault.exitCode;
  }
}

async function runBench(bench: Bench, words: readonly string[]): Promise<number> {
  const { json: wantsJson, ...options } = parse(bench, words);
  const command = ['npm run bench --', bench.name, ...words].join(' ');
  const at = systemClock.now();
  // Read it first: the work tree may change during the run.
  const commit = await readCommit();
  const keep = async (outcome: string) => {
    if (bench.evidence === undefined || bench.recordsItself?.(options) === true) return;
    await updateEvidencePage(bench.evidence, { attempt: { command, commit, at, outcome } });
  };
  let results;
  try {
    results = await bench.run({ options, stderr: outputOf(process.stderr), signal, clock: systemClock });
  } catch (error) {
    const { code, message } = describeFault(signal.aborted ? signal.reason : error, signal.aborted);
    await keep(`failed with ${code}: ${message}`);
    throw error;
  }
  await keep(renderLine(results));
  const document = toDocument(bench.name, describeMachine(), results);
  process.stdout.write(
    wantsJson === true ? `${JSON.stringify(document, undefined, 2)}\n` : `${renderTable(results)}\n`,
  );
  return document.results.some(({ met }) => met === false) ? 6 : 0;
}

function parse(bench: Bench, words: readonly string[]) {
  const options = Object.entries({ ...bench.options, json }).map(([name, { type }]) => [name, { type }] as const);
  try {
    return parseArgs({ args: [...words], options: Object.fromEntries(options) }).values as Record<
      string,
      string | boolean | undefined
    >;
  } catch (cause) {
    throw new AppError('usage', `bench ${bench.name}: ${(cause as Error).message}`, {
      cause,
      hint: `its options: ${optionLines(bench)}`,
    });
  }
}

function find(name: string): Bench {
  const bench = Object.entries(benches as Record<string, Bench>).find(([key]) => key === name)?.[1];
  if (bench !== undefined) return bench;
  throw new AppError('usage', `there is no bench named ${name}`, {
    hint: `benches: ${Object.keys(benches).join(', ') || 'none yet'}`,
  });
}

function overview(listed: readonly Bench[]): string {
  const lines = listed.map(
    (bench) => `  ${bench.name.padEnd(12)} ${bench.summary}\n  ${''.padEnd(12)} ${optionLines(bench)}\n`,
  );
  return `usage: npm run bench -- NAME [--json] [options]\n\n${lines.join('')}`;
}

function optionLines(bench: Bench): string {
  return Object.entries({ ...bench.options, json } as Bench['options'])
    .map(([name, { type, value, help }]) => `--${name}${type === 'string' ? ` ${value ?? 'VALUE'}` : ''} (${help})`)
    .join(', ');
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    columns: stream.columns ?? 100,
  };
}

// Renders the figures of a bench: a table for people, a document for programs, a line for the list of runs.

import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import type { BenchResult } from './bench.ts';

interface Machine {
  os: string;
  cpu: string;
  cores: number;
  memoryBytes: number;
  node: string;
}

interface BenchDocument {
  schemaVersion: 1;
  bench: string;
  machine: Machine;
  results: (Omit<BenchResult, 'peer'> & { peer?: { name: string; version: string; value: number }; ratio?: number })[];
}

export function describeMachine(): Machine {
  return {
    os: `${platform()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
  };
}

/** Without an available peer, the row has no `peer`, `ratio` and `met`. */
export function toDocument(bench: string, machine: Machine, results: readonly BenchResult[]): BenchDocument {
  return {
    schemaVersion: 1,
    bench,
    machine,
    results: results.map(({ peer, met, ...row }) => {
      if (peer === undefined) return { ...row, ...(met !== undefined && { met }) };
      if (peer.value === undefined) return row;
      return { ...row, peer, ratio: row.ours / peer.value, ...(met !== undefined && { met }) };
    }),
  };
}

export function renderTable(results: readonly BenchResult[]): string {
  const header = ['metric', 'unit', 'ours', 'peer', 'ratio', 'goal', 'met'];
  const rows = results.map(({ metric, unit, ours, peer, goal, met }) => [
    metric,
    unit,
    figure(ours),
    peer === undefined
      ? ''
      : peer.value === undefined
        ? `${peer.name}: ${peer.missing}`
        : `${peer.name} ${peer.version}: ${figure(peer.value)}`,
    peer?.value === undefined ? '' : figure(ours / peer.value),
    goal,
    judged(peer, met),
  ]);
  const widths = header.map((word, column) => Math.max(word.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Renders every figure in one line, for the list of runs. */
export function renderLine(results: readonly BenchResult[]): string {
  return results
    .map(({ metric, unit, ours, peer, goal, met }) => {
      const against = peer?.value === undefined ? '' : `, ${peer.name} ${figure(peer.value)}`;
      const judgement = goal === 'none' ? '' : ` (goal ${goal}: ${judged(peer, met)})`;
      return `${metric} ${figure(ours)} ${unit}${against}${judgement}`;
    })
    .join('; ');
}

function judged(peer: BenchResult['peer'], met: boolean | undefined): string {
  if (met === undefined || (peer !== undefined && peer.value === undefined)) return 'unknown';
  return met ? 'yes' : 'no';
}

function figure(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 5 });
}

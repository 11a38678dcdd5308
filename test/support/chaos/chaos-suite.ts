// Runs the scenarios of one broker kind under one load, and records their outcomes.

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readCommit } from '../evidence-page.ts';
import { keepChaosLine, type ChaosRow } from './record.ts';
import type { Scenario } from './scenario.ts';

export interface ChaosFolder {
  folder: string;
  /** A separate small file system that a fault may fill. */
  stateFolder: string;
  clockFile: string;
}

export async function inChaosFolder(body: (site: ChaosFolder) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-chaos-'));
  const stateFolder = join(folder, 'journal');
  await mkdir(stateFolder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'plimsoll-test', stateFolder]);
  try {
    await body({ folder, stateFolder, clockFile: join(folder, 'clock') });
  } finally {
    execFileSync('umount', ['-l', stateFolder]);
    await rm(folder, { recursive: true, force: true });
  }
}

interface Delivered {
  acknowledged: number;
  groups: readonly { lost: number; duplicated: number; reordered: number }[];
}

/** @param deliver ends the load */
export async function runScenarios(
  scenarios: readonly Scenario[],
  run: (scenario: Scenario) => Promise<ChaosRow>,
  deliver: () => Promise<Delivered>,
): Promise<{ lost: number; duplicated: number; reordered: number }> {
  const rows: ChaosRow[] = [];
  for (const scenario of scenarios) {
    const row = await run(scenario);
    rows.push(row);
    process.stdout.write(`${JSON.stringify(row)}\n`);
    await keepChaosLine(row);
  }
  const { acknowledged, groups } = await deliver();
  const [group] = groups;
  const delivery = {
    lost: group?.lost ?? -1,
    duplicated: group?.duplicated ?? -1,
    reordered: group?.reordered ?? -1,
  };
  const seeds = scenarios.map(({ seed }) => seed);
  await keepChaosLine({
    kind: 'delivery',
    at: new Date().toISOString(),
    commit: await readCommit(),
    seeds,
    acknowledged,
    ...delivery,
  });
  expect(rows.flatMap(({ seed, violations }) => violations.map((text) => `${seed}: ${text}`))).toEqual([]);
  return delivery;
}

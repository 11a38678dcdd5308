import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SourceConfig } from '../../../../analyzer/evidence/sources/config.ts';
import { readTelemetry } from '../../../../analyzer/evidence/sources/telemetry.ts';
import { analyzeFiles } from '../../../../analyzer/verdict/analyze.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { nothingStated } from '../../../support/load-test-files.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../../../fixtures/${name}`, import.meta.url));
const loads = ['omb-2020-kafka-200k.json', 'omb-2020-kafka-overload.json'];
const starts = ['2026-11-20T10:00:00Z', '2026-11-20T10:05:00Z'];

interface Printed {
  MetricDataResults: { Id: string; Values: number[] }[];
}

/** @param cpu percent of metric q0 (kafka-1) or q30 (client) at 200k and at the overload; replaces the printed values */
async function verdictOf(throughput: string, cpu: { id?: string; percent?: [number, number] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-omb-'));
  try {
    const answer = JSON.parse(await readFile(fixture('cloudwatch/get-metric-data.json'), 'utf8')) as Printed;
    const changed = answer.MetricDataResults.find(({ Id }) => Id === cpu.id);
    if (cpu.percent !== undefined && changed !== undefined) {
      const [low, high] = cpu.percent;
      // Newest first, as the CLI prints: minutes 5 and 6 belong to the overload.
      changed.Values = [3, high, high, 3, 3, 3, low, low];
    }
    await writeFile(join(folder, 'answer.json'), JSON.stringify(answer));
    const host = (n: number) => ({
      instance: `i-0a${n}`,
      cores: 8,
      speed: '25gbit',
      dirtyThreshold: '6GB',
      volumes: { [`vol-0b${n}`]: { throughput } },
    });
    const source = SourceConfig.parse({
      kind: 'cloudwatch-export',
      files: [fixture('cloudwatch/queries.json'), join(folder, 'answer.json')],
      hosts: {
        'kafka-1': host(1),
        'kafka-2': host(2),
        'kafka-3': host(3),
        client: { instance: 'i-0c1', cores: 8, speed: '25gbit' },
      },
    });
    const files = await Promise.all(
      loads.map(async (name) => ({ name, bytes: await readFile(fixture(`load-tests/${name}`)) })),
    );
    const perFile = (values: readonly number[]) => ({
      byFile: new Map(loads.map((name, index) => [name, values[index] ?? 0])),
    });
    return await analyzeFiles(
      files,
      {
        ...nothingStated,
        starts: perFile(starts.map((time) => Date.parse(time))),
        rates: perFile([200_000, 1_000_000]),
        generatorHost: 'client',
        messageBytes: 1024,
      },
      examplePolicy(),
      (window) => readTelemetry(source, window, { signal: AbortSignal.timeout(20_000), name: 'aws' }),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

const lastStep = ({ steps }: Awaited<ReturnType<typeof verdictOf>>) => steps.at(-1)?.verdict;

test('a benchmark with volumes at their provisioned throughput is limited by the disk', async () => {
  const analysis = await verdictOf('600MiB');
  expect(lastStep(analysis)).toMatchObject({ kind: 'saturated' });
  expect(JSON.stringify(lastStep(analysis))).toContain('disk-io');
  const { saturationTps } = analysis;
  // 600 MiB/s of messages of 1,024 B.
  if (!('tps' in saturationTps)) throw new Error(saturationTps.kind);
  expect(saturationTps.tps / 614_400).toBeGreaterThan(0.93);
  expect(saturationTps.tps / 614_400).toBeLessThan(1.03);
});

test('the same benchmark with faster volumes and a busy broker is limited by the broker CPU', async () => {
  const analysis = await verdictOf('2000MiB', { id: 'q0', percent: [34, 99] });
  expect(lastStep(analysis)).toMatchObject({ kind: 'saturated' });
  expect(JSON.stringify(lastStep(analysis))).toContain('"cpu"');
});

test('a busy client is a limit of the load generator, not of the cluster', async () => {
  const analysis = await verdictOf('2000MiB', { id: 'q30', percent: [34, 99] });
  expect(lastStep(analysis)).toMatchObject({ kind: 'invalid', reason: 'generator-limited' });
});

test('without metrics of the limiting resource, the limit has an unknown cause', async () => {
  const analysis = await verdictOf('2000MiB');
  expect(analysis.safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'limit-cause-unknown' });
});

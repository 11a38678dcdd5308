import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Analysis } from '../../../../core/documents/analysis.ts';
import type { HostReading } from '../../../../core/documents/evidence/host-reading.ts';
import type { RunDocument } from '../../../../core/documents/run-bundle.ts';
import { runWords } from '../../../support/run-words.ts';
import { cpuBound, linkBound } from '../../../truth/world/calm-clusters.ts';
import { writeBundle } from '../../../truth/world/world-bundle.ts';
import type { World } from '../../../truth/world/world.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-import-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);

type HostRecord = { kind: string; elapsedSeconds: number; reading: HostReading };

/** Moves the host telemetry of a run out of the bundle into a file in the format of sar. */
async function bundleReadBySar(world: World): Promise<Analysis> {
  await writeBundle(at('run'), world);
  const whole = await analyse();
  const lines = (await readFile(at('run/telemetry.ndjson'), 'utf8')).trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line) as HostRecord);
  await writeFile(
    at('sar.txt'),
    sarOf(
      records.filter(({ kind }) => kind === 'host'),
      world,
    ),
  );
  await writeFile(
    at('run/telemetry.ndjson'),
    lines.filter((_, index) => records[index]?.kind !== 'host').join('\n') + '\n',
  );
  const document = JSON.parse(await readFile(at('run/run.json'), 'utf8')) as Extract<
    RunDocument,
    { origin: 'load-test' }
  >;
  document.environment.hosts = [];
  for (const broker of document.environment.brokers) delete broker.host;
  await writeFile(at('run/run.json'), JSON.stringify(document));
  return whole;
}

function sarOf(records: readonly HostRecord[], { hosts }: World): string {
  const clock = (elapsed: number) =>
    new Date(Date.UTC(2026, 0, 1) + Math.round(elapsed) * 1000).toISOString().slice(11, 19);
  const blocks: [string, (before: HostReading, after: HostReading, seconds: number) => number[]][] = [
    [
      'CPU %user %nice %system %iowait %steal %idle',
      ({ cpus: old = [] }, { cpus = [] }) => {
        const spent = (mode: 'user' | 'system' | 'iowait' | 'idle') =>
          cpus.reduce((sum, cpu, index) => sum + cpu[mode] - (old[index]?.[mode] ?? 0), 0);
        const all = spent('user') + spent('system') + spent('iowait') + spent('idle');
        return [spent('user'), 0, spent('system'), spent('iowait'), 0, spent('idle')].map((part) => (100 * part) / all);
      },
    ],
    [
      'IFACE rxpck/s txpck/s rxkB/s txkB/s rxcmp/s txcmp/s rxmcst/s %ifutil',
      ({ networkDevices: [old] = [] }, { networkDevices: [now] = [] }, seconds) =>
        (
          [
            ['receivePackets', 1],
            ['transmitPackets', 1],
            ['receiveBytes', 1024],
            ['transmitBytes', 1024],
          ] as const
        )
          .map(([key, unit]) => ((now?.[key] ?? 0) - (old?.[key] ?? 0)) / unit / seconds)
          .concat([0, 0, 0, 0]),
    ],
  ];
  let text = `Linux 5.10.0 (master-a) \t2026-01-01 \t_x86_64_\t(${hosts[0]?.cores} CPU)\n`;
  for (const [heading, rates] of blocks) {
    text += `\n${clock(records[0]?.elapsedSeconds ?? 0)}  ${heading}\n`;
    for (const [index, after] of records.entries()) {
      const before = records[index - 1];
      if (before === undefined) continue;
      const figures = rates(before.reading, after.reading, after.elapsedSeconds - before.elapsedSeconds);
      const of = heading.startsWith('CPU') ? 'all' : 'eth0';
      text += `${clock(after.elapsedSeconds)}  ${of} ${figures.map((figure) => figure.toFixed(2)).join(' ')}\n`;
    }
  }
  return text;
}

async function analyse(): Promise<Analysis> {
  const { stdout } = await runWords('analyze', at('run'), '--json');
  return JSON.parse(stdout) as Analysis;
}

const importing = (...words: string[]) => runWords('import', 'readings', ...words, '--run', at('run'));

test.each([
  ['a link', linkBound(3), 'network-out'],
  ['cores', cpuBound(3), 'cpu'],
])(
  'a run limited by %s gets the same verdict from sar output as from its recorded telemetry',
  async (_, world, resource) => {
    const whole = await bundleReadBySar(world);
    expect((await analyse()).safeMaxTps.kind).toBe('at-least');
    const speed = `eth0=${(world.hosts[0]?.linkBitsPerSecond ?? 0) / 1e6}mbit`;
    const taken = await importing(
      at('sar.txt'),
      '--host',
      'mq-1',
      '--broker',
      '1',
      '--timezone',
      'UTC',
      '--link',
      speed,
    );
    expect(taken).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/readings of sar/) });
    expect(taken.stdout).toContain('left out: the name master-a, by which the machine calls itself');
    const read = await analyse();
    const [expected, found] = [whole.safeMaxTps, read.safeMaxTps];
    if (expected.kind !== 'predicted' || found.kind !== 'predicted') throw new Error(`${expected.kind}, ${found.kind}`);
    expect(found.limitedBy).toMatchObject({ resource });
    expect(expected.limitedBy).toMatchObject({ resource });
    expect(found.tps / expected.tps).toBeCloseTo(1, 1);
    const again = await importing(
      at('sar.txt'),
      '--host',
      'mq-1',
      '--broker',
      '1',
      '--timezone',
      'UTC',
      '--link',
      speed,
    );
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('already imported') });
    expect(await readdir(at('run/imported-telemetry'))).toHaveLength(1);
  },
  60_000,
);

describe('invalid input', () => {
  const vmstat = join(import.meta.dirname, '../../../fixtures/host-tools/vmstat-no-time.txt');

  test('is reported with cause and remedy, and changes nothing', async () => {
    await bundleReadBySar({ ...linkBound(3), steps: [{ targetTps: 1000, durationSeconds: 8 }] });
    await writeFile(at('notes.txt'), 'load was fine\n');
    const told = async (...words: string[]) => {
      const { exitCode, stderr } = await importing(...words);
      return `${exitCode} ${stderr}`;
    };
    expect(await told('--host', 'mq-1')).toMatch(/^2 .*no file given/);
    expect(await told(vmstat)).toMatch(/^2 .*--host is missing: machine/);
    const elsewhere = await runWords('import', 'readings', vmstat, '--host', 'mq-1', '--run', folder);
    expect(elsewhere.stderr).toMatch(/it holds no run\.json\n.*folder that `plimsoll run` wrote/);
    expect(await told(vmstat, '--host', 'mq-1')).toMatch(/^2 .*run.json names no host mq-1: --broker is needed/);
    expect(await told(vmstat, '--host', 'mq-1', '--broker', '7')).toMatch(/^2 .*has no broker 7/);
    const known = ['--host', 'mq-1', '--broker', '1'];
    expect(await told(vmstat, ...known)).toMatch(
      /^2 .*vmstat-no-time.txt: --start is needed: the tool printed no time/,
    );
    expect(await told(vmstat, ...known, '--start', '2026-01-01T00:00')).toMatch(/^2 .*not a time with a zone/);
    const timed = [...known, '--start', '2026-01-01T00:00:00Z', '--interval', '1'];
    expect(await told(vmstat, ...timed)).toMatch(/^2 .*--cores is needed/);
    expect(await told(at('notes.txt'), ...timed)).toMatch(/^2 .*not the output of any of/);
    expect(await told(at('absent.txt'), ...timed)).toMatch(/^2 .*no such file/);
    expect(await told(vmstat, at('notes.txt'), ...timed, '--cores', '4')).toMatch(/^2 /);
    expect(await readdir(at('run'))).not.toContain('imported-telemetry');
    expect(await told(vmstat, ...timed, '--cores', '4')).toMatch(/^0 /);
    const [name = ''] = await readdir(at('run/imported-telemetry'));
    const stored = at(`run/imported-telemetry/${name}`);
    const before = await readFile(stored, 'utf8');
    const later = ['--start', '2026-01-01T00:00:05Z', '--interval', '1', '--cores', '4'];
    const again = await told(vmstat, ...known, ...later);
    expect(again).toMatch(/^2 .*vmstat-no-time\.txt was imported before with other options/);
    expect(again).toContain(`delete ${stored} to import it again`);
    expect(await readFile(stored, 'utf8')).toBe(before);
    await rm(stored);
    expect(await told(vmstat, ...known, ...later)).toMatch(/^0 /);
  }, 60_000);
});

import { appendFile, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importRun } from '../../../../../analyzer/evidence/importers/bundle.ts';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { AppError } from '../../../../../core/errors.ts';
import { createLatencyRecorder } from '../../../../../loadgen/record/latency.ts';
import { linkBound } from '../../../../truth/world/calm-clusters.ts';
import { writeBundle } from '../../../../truth/world/world-bundle.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'plimsoll-bundle-')), 'run');
  await writeBundle(folder, {
    ...linkBound(1),
    steps: [1000, 2000].map((targetTps) => ({ targetTps, durationSeconds: 8 })),
    warmUpSeconds: 2,
  });
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const file = (name: string) => join(folder, name);

async function imported(): Promise<LoadTestRun> {
  const result = await importRun(folder, { settleSeconds: 2 });
  if (result.origin !== 'load-test') throw new Error(result.origin);
  return result.run;
}

async function refused(): Promise<AppError> {
  const error: unknown = await importRun(folder, { settleSeconds: 2 }).then(
    () => 'imported',
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(String(error));
  return error;
}

async function refusal(): Promise<string> {
  const { code, message } = await refused();
  return `${code}: ${message.replaceAll(`${folder}/`, '')}`;
}

async function change(name: string, edit: (lines: string[]) => string[]): Promise<void> {
  const lines = (await readFile(file(name), 'utf8')).trimEnd().split('\n');
  await writeFile(
    file(name),
    edit(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** Changes the first line of this kind. */
const changeLine = (kind: string, over: object) => (lines: string[]) => {
  const at = lines.findIndex((line) => line.includes(`"kind":"${kind}"`));
  return lines.map((line, index) => (index === at ? JSON.stringify({ ...JSON.parse(line), ...over }) : line));
};

describe('a complete bundle', () => {
  test.each([
    { caughtUpAt: 11.5, hasBacklog: [true, undefined] },
    { caughtUpAt: 12.5, hasBacklog: [true, true] },
  ])(
    'a backlog drained at $caughtUpAt s affects a step that settles at 12 s only if the step settled first',
    async (each) => {
      await change('run.json', (lines) => {
        const run = JSON.parse(lines.join('')) as object;
        const workload = { groups: [{ stopped: [{ from: 0, to: 8 }] }] };
        const resume = { workload, keepTopic: false, ownTopics: ['t'], clusterDigest: 'd' };
        return [JSON.stringify({ ...run, resume })];
      });
      const counts = { waitedSeconds: 1.5, drainedMessages: 9000, lagMessages: 0 };
      const settled = JSON.stringify({ kind: 'settled', elapsedSeconds: each.caughtUpAt, ...counts });
      await change('journal.ndjson', (lines) => {
        const at = lines.findIndex((line) => line.includes('"step-started"') && line.includes('"step":1'));
        return lines.toSpliced(at + 1, 0, settled);
      });
      expect((await imported()).steps.map(({ hasBacklog }) => hasBacklog)).toEqual(each.hasBacklog);
    },
  );

  test.each([
    { lastReport: 7, noticedAt: 10.5, lostWorker: ['moved', undefined] },
    { lastReport: 7, noticedAt: 12.5, lostWorker: ['moved', 'moved'] },
    { lastReport: 9, noticedAt: 12.5, lostWorker: [undefined, 'moved'] },
  ])(
    'a worker with its last report at $lastReport s, lost at $noticedAt s, is missing in $lostWorker',
    async (each) => {
      const read = (line: string) => JSON.parse(line) as { elapsedSeconds: number; worker?: string };
      const lost = { kind: 'worker-lost', elapsedSeconds: each.noticedAt, worker: 'producer-1', share: 'moved' };
      await change('journal.ndjson', (lines) => {
        const reported = lines.filter((line) => {
          const { worker, elapsedSeconds } = read(line);
          return worker !== lost.worker || elapsedSeconds <= each.lastReport;
        });
        const at = reported.findIndex((line) => read(line).elapsedSeconds > each.noticedAt);
        return reported.toSpliced(at, 0, JSON.stringify(lost));
      });
      expect((await imported()).steps.map(({ lostWorker }) => lostWorker)).toEqual(each.lostWorker);
    },
  );

  test('is imported as steps, rates and percentiles', async () => {
    const run = await imported();
    expect(run.steps.map(({ from, to, targetTps, cutOff }) => ({ from, to, targetTps, cutOff }))).toEqual([
      { from: 2, to: 10, targetTps: 1000, cutOff: false },
      { from: 10, to: 18, targetTps: 2000, cutOff: false },
    ]);
    expect(run.steps[0]?.latencySeconds?.p50).toBeCloseTo(0.0025, 3);
    expect(run.steps[0]?.endToEndSeconds?.p99).toBeCloseTo(0.0045, 3);
    expect(run.produced).toHaveLength(2 * 18);
    expect(run.hosts.get('host-1')?.intervals).toHaveLength(17);
    expect(run).toMatchObject({ status: 'completed', durationSeconds: 18, findings: [] });
  });
});

describe('a run whose writer was killed', () => {
  test.each(['journal.ndjson', 'telemetry.ndjson'])('ignores a torn last line in %s and reports it', async (name) => {
    const whole = await imported();
    await appendFile(file(name), '{"kind":"produced","elapsedSeconds":19,"inter');
    const torn = await imported();
    expect(torn.findings.map(({ code }) => code)).toEqual(['torn-line']);
    expect({ ...torn, findings: [] }).toEqual(whole);
  });

  test('without a run-ended line is imported as interrupted', async () => {
    await change('journal.ndjson', (lines) => lines.slice(0, -8));
    const run = await imported();
    expect(run.status).toBe('interrupted');
    expect(run.steps.at(-1)?.cutOff).toBe(true);
    expect(run.findings.map(({ code }) => code)).toEqual(['run-interrupted']);
  });

  test('without a telemetry file is imported with a file-missing finding', async () => {
    await rm(file('telemetry.ndjson'));
    expect((await imported()).findings.map(({ code }) => code)).toEqual(['file-missing']);
  });
});

describe('a run that did not complete', () => {
  test.each(['aborted', 'failed'] as const)('reports status %s with its reason', async (status) => {
    await change('journal.ndjson', changeLine('run-ended', { status, reason: 'Ctrl-C' }));
    const run = await imported();
    expect(run.status).toBe(status);
    expect(run.findings[0]?.message).toContain('Ctrl-C');
  });

  test('seconds without load before the end of the run are not part of the last step', async () => {
    const read = (line: string) => JSON.parse(line) as { kind: string; elapsedSeconds: number };
    await change('journal.ndjson', (lines) => {
      const last = lines.findLast((line) => read(line).kind === 'consumed') ?? '';
      const consumed = [19, 20, 21, 22, 23, 24, 25, 26].map((elapsedSeconds) => ({ ...read(last), elapsedSeconds }));
      const end = { kind: 'run-ended', elapsedSeconds: 26, status: 'aborted', reason: 'Ctrl-C' };
      return [...lines.slice(0, -2), ...[...consumed, end].map((line) => JSON.stringify(line))];
    });
    const run = await imported();
    expect(run.durationSeconds).toBe(26);
    expect(run.steps.at(-1)).toMatchObject({ from: 10, to: 18, cutOff: true });
  });

  test('seconds in which a closed loop waits for responses are part of the last step', async () => {
    const histogram = (samples: number) => {
      const recorder = createLatencyRecorder();
      for (let sample = 0; sample < samples; sample++) recorder.record(0.001);
      return recorder.take();
    };
    await change('journal.ndjson', (lines) => {
      const read = (line: string) => JSON.parse(line) as Record<string, number | string>;
      const last = read(lines.findLast((line) => read(line)['kind'] === 'produced') ?? '');
      const sends = (elapsedSeconds: number, sent: number) => ({
        ...last,
        elapsedSeconds,
        intended: sent,
        sent,
        acknowledged: 0,
        failed: 0,
        latency: histogram(0),
        service: histogram(0),
        sendDelay: histogram(sent),
        topics: undefined,
      });
      const end = { kind: 'run-ended', elapsedSeconds: 26, status: 'failed', reason: 'no send was answered for 10 s' };
      const frozen = [sends(19, 64), sends(20, 0), sends(21, 0), end];
      return [...lines.slice(0, -2), ...frozen.map((line) => JSON.stringify(line))];
    });
    expect((await imported()).steps.at(-1)).toMatchObject({ from: 10, to: 21 });
  });
});

describe('rejects an invalid bundle', () => {
  test('if the folder does not exist', async () => {
    await rm(folder, { recursive: true });
    expect(await refusal()).toMatch(/^run-missing: .*no such folder/);
  });

  test('if the folder has no run.json', async () => {
    await rm(file('run.json'));
    expect(await refusal()).toMatch(/^run-missing: .*holds no run\.json/);
  });

  test('if the run was killed while it created its topics', async () => {
    await rename(file('run.json'), file('prepared.json'));
    const { code, message, hint } = await refused();
    expect(code).toBe('run-missing');
    expect(message).toContain('it is still being prepared, or was killed before its load began');
    expect(hint).toContain(`plimsoll run --cleanup ${folder}`);
  });

  test('if the bundle has a newer schema version', async () => {
    await writeFile(file('run.json'), JSON.stringify({ schemaVersion: 7, anything: true }));
    expect(await refusal()).toMatch(/^run-newer-schema: .*its schemaVersion is 7/);
  });

  test('if run.json is not JSON', async () => {
    await writeFile(file('run.json'), '{');
    expect(await refusal()).toMatch(/^run-unreadable: cannot read run\.json: not JSON/);
  });

  test('with the key if run.json has another shape', async () => {
    await change('run.json', (lines) => [JSON.stringify({ ...JSON.parse(lines.join('\n')), startedAt: 'yesterday' })]);
    expect(await refusal()).toMatch(/^run-unreadable: cannot read run\.json: `startedAt`: /);
  });

  test('if a device, which has no end, is in place of the telemetry', async () => {
    await rm(file('telemetry.ndjson'));
    await symlink('/dev/zero', file('telemetry.ndjson'));
    expect(await refusal()).toMatch(/^run-unreadable: cannot read telemetry\.ndjson: it is a device or a pipe/);
  });

  test('with the line number if a line is not JSON', async () => {
    await change('journal.ndjson', (lines) => lines.with(4, '{"kind":"prod'));
    expect(await refusal()).toMatch(/^run-unreadable: cannot read journal\.ndjson:5: not JSON/);
  });

  test('with the key if a line has another shape', async () => {
    await change('telemetry.ndjson', changeLine('host', { scrapeSeconds: 'soon' }));
    expect(await refusal()).toMatch(/^run-unreadable: cannot read telemetry\.ndjson:1: scrapeSeconds: /);
  });

  test.each(['run.json', 'journal.ndjson', 'telemetry.ndjson'])(
    'with a specific hint if %s is a directory or a link to itself',
    async (name) => {
      await rm(file(name));
      await mkdir(file(name));
      expect(await refused()).toMatchObject({
        hint: expect.stringMatching(/^a directory stands where the file belongs/),
      });
      await rm(file(name), { recursive: true });
      await symlink(name, file(name));
      expect(await refused()).toMatchObject({ hint: expect.stringMatching(/^a symbolic link there leads to itself/) });
    },
  );

  test('if a histogram cannot be decoded', async () => {
    await change('journal.ndjson', (lines) =>
      lines.map((line) =>
        line.includes('"elapsedSeconds":6') ? line.replace(/"latency":"[^"]+"/, '"latency":"AAAA"') : line,
      ),
    );
    expect(await refusal()).toMatch(/^run-unreadable: .*journal\.ndjson:\d+: the histogram is no HdrHistogram V2/);
  });
});

describe('rejects an edited bundle with the contradicting line', () => {
  test('if a second is missing in the middle', async () => {
    await change('journal.ndjson', (lines) =>
      lines.filter((line) => !(line.includes('"kind":"produced"') && line.includes('"elapsedSeconds":6,'))),
    );
    expect(await refusal()).toMatch(/^run-edited: journal\.ndjson:\d+ .* has no data from 5\.0 s to 6\.0 s/);
  });

  test.each([
    ['time that goes backwards', 'run-ended', { elapsedSeconds: 3 }, /its time 3 s lies before 18 s/],
    ['a step that was not planned', 'step-started', { step: 5 }, /step 5 is not among the 2/],
    ['a step for another rate', 'step-started', { targetTps: 900 }, /for 900 msg\/s, in run\.json for 1000/],
    ['a step that ends before it begins', 'step-ended', { elapsedSeconds: 1 }, /step 0 ends before it begins/],
    ['more responses than sends', 'produced', { acknowledged: 10_000 }, /had 10000 of 500 sent messages acknowledged/],
    ['more sends than were due', 'produced', { sent: 10_000 }, /sent 10000 of 500 intended/],
    ['a second that counts twice', 'produced', { intervalSeconds: 1, elapsedSeconds: 2 }, /counts the same time twice/],
  ])('%s', async (_, kind, over, words) => {
    await change('journal.ndjson', changeLine(kind, over));
    expect(await refusal()).toMatch(/^run-edited: journal\.ndjson:\d+ /);
    expect(await refusal()).toMatch(words);
  });

  test('if a rate was raised without samples in the histogram', async () => {
    const larger = (line: string) => {
      const { intended, sent, acknowledged, ...rest } = JSON.parse(line);
      return JSON.stringify({ ...rest, intended: intended * 2, sent: sent * 2, acknowledged: acknowledged * 2 });
    };
    await change('journal.ndjson', (lines) =>
      lines.map((line) => (line.includes('"kind":"produced"') ? larger(line) : line)),
    );
    expect(await refusal()).toMatch(/^run-edited: .*a histogram of 500 samples stands beside 1000 messages/);
  });

  test('if lines follow the end of the run', async () => {
    await change('journal.ndjson', (lines) => [...lines, lines[3] ?? '']);
    expect(await refusal()).toMatch(/^run-edited: .*comes after the end of the run/);
  });

  test('if telemetry lines are in another order', async () => {
    await change('telemetry.ndjson', (lines) => lines.toReversed());
    expect(await refusal()).toMatch(/^run-edited: telemetry\.ndjson:\d+ .*was written earlier for host-1/);
  });
});

test('two consecutive imports of a host both count', async () => {
  await mkdir(file('imported-telemetry'));
  const write = (number: number, ends: readonly number[]) => {
    const header = {
      kind: 'import',
      schemaVersion: 1,
      tool: 'sar',
      host: 'spare',
      source: { name: `sa2${number}`, bytes: 1, sha256: String(number) },
      inventory: { host: 'spare', cores: 10 },
      clockOffsetSeconds: 0,
    };
    const rates = { cpu: { user: number / 10, system: 0, idle: 1 - number / 10 } };
    const lines = ends.map((elapsedSeconds) => ({ kind: 'host-rates', elapsedSeconds, intervalSeconds: 1, rates }));
    const text = [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
    return writeFile(file(`imported-telemetry/00${number}-spare.ndjson`), text);
  };
  await write(1, [3, 4]);
  await write(2, [4, 5, 6]);
  const { hosts } = await imported();
  const busy = [...(hosts.get('spare')?.intervals ?? [])].flatMap(({ cpu }) => cpu?.busyCores ?? []);
  expect(busy.map((cores) => Math.round(cores))).toEqual([1, 1, 2, 2]);
  expect(hosts.get('spare')?.readBy).toEqual({ cpu: 'sar' });
});

test('of two concurrent GC imports of a host, the first counts', async () => {
  await mkdir(file('imported-telemetry'));
  const write = (number: number, ends: readonly number[]) => {
    const source = { name: `jstat-${number}.txt`, bytes: 1, sha256: String(number) };
    const header = { kind: 'import', schemaVersion: 1, tool: 'jstat', host: 'host-1', source, clockOffsetSeconds: 0 };
    const rates = { youngCollections: number, youngSeconds: 0, fullCollections: 0, fullSeconds: 0 };
    const lines = ends.map((elapsedSeconds) => ({ kind: 'jvm-rates', elapsedSeconds, intervalSeconds: 1, rates }));
    const text = [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
    return writeFile(file(`imported-telemetry/00${number}-host-1.ndjson`), text);
  };
  await write(1, [3, 4]);
  await write(2, [3.5, 4.5, 7]);
  // In the order of a shell glob, a rotated file may be between two others.
  await write(3, [5.5]);
  const counted = (await imported()).jvms.get('host-1') ?? [];
  expect(counted.map(({ rates }) => rates.youngCollections)).toEqual([1, 1, 2, 3]);
});

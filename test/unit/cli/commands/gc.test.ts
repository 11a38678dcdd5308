import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { importRun } from '../../../../analyzer/evidence/importers/bundle.ts';
import { GcReport } from '../../../../gc/report/gc-report.ts';
import { renderText } from '../../../../gc/report/text.ts';
import { runCli } from '../../../support/run-cli.ts';
import { linkBound } from '../../../truth/world/calm-clusters.ts';
import { writeBundle } from '../../../truth/world/world-bundle.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-gc-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

/** Three pauses of 10 ms, one second apart. */
function logOfPausesAt(firstMs: number): string {
  const lines = [1, 2, 3].map((seconds) => {
    const date = new Date(firstMs + seconds * 1000).toISOString().replace('Z', '+0000');
    return `${date}: ${seconds}.000: [GC (Allocation Failure)  2048K->1024K(8192K), 0.0100000 secs]`;
  });
  return `${lines.join('\n')}\n`;
}

test('rejects logs from outside the time of the run, and shows no step as free of pauses', async () => {
  await writeBundle(at('run'), { ...linkBound(3), steps: [{ targetTps: 1000, durationSeconds: 8 }] });
  const run = JSON.parse(await readFile(at('run/run.json'), 'utf8')) as { startedAt: string; warmUpSeconds: number };
  const stepAtMs = Date.parse(run.startedAt) + run.warmUpSeconds * 1000;
  await writeFile(at('gc.log'), logOfPausesAt(stepAtMs - 86_400_000));
  const { exitCode, stdout, stderr } = await runCli('gc', at('gc.log'), '--run', at('run'));
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain(`the logs have no events during ${at('run')}`);
  await writeFile(at('gc.log'), logOfPausesAt(stepAtMs));
  const during = await runCli('gc', at('gc.log'), '--run', at('run'));
  expect(during.stdout).toMatch(/^ +1 +1,000 +3 +30 ms /m);
}, 30_000);

test('refuses a pipe, whose events would be lost between two readings', async () => {
  execFileSync('mkfifo', [at('gc.log')]);
  const { exitCode, stderr } = await runCli('gc', at('gc.log'));
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringContaining('gc.log: it is a pipe or a device; `-` reads standard input'),
  ]);
});

const recordedRuns = new URL('../../../fixtures/recorded-runs/', import.meta.url);

/** A pause of 200 ms in each second of a recorded run whose p99 is above that of its step. */
async function logOfSlowSeconds(run: string): Promise<{ log: string; slow: number }> {
  const imported = await importRun(run, { settleSeconds: 0 });
  if (imported.origin === 'readings') throw new Error(`${run} is no load test`);
  const { document, steps } = imported.run;
  const slow = steps.flatMap(({ latencyCourse = [], latencySeconds }) =>
    latencyCourse.filter(({ p99Seconds }) => p99Seconds > (latencySeconds?.p99 ?? Infinity)),
  );
  const lines = slow.map(({ from }) => {
    const date = new Date(Date.parse(document.startedAt ?? '') + (from + 0.3) * 1000).toISOString();
    return `${date.replace('Z', '+0000')}: ${from.toFixed(3)}: [GC (Allocation Failure)  2048K->1024K(8192K), 0.2000000 secs]`;
  });
  return { log: `${lines.join('\n')}\n`, slow: slow.length };
}

test('pauses of a resumed run belong to the steps of their attempt', async () => {
  const attempt = '2026-11-20T20:00:00.000Z';
  await cp(new URL('resumed', recordedRuns), at('run'), { recursive: true });
  const journal = await readFile(at('run/journal.ndjson'), 'utf8');
  await writeFile(at('run/journal.ndjson'), journal.replace(/(?<="attempt":2,"startedAt":")[^"]+/, attempt));
  await writeFile(at('gc.log'), logOfPausesAt(Date.parse(attempt) + 15_000));
  const { stdout } = await runCli('gc', at('gc.log'), '--run', at('run'), '--json');
  const { steps = [] } = GcReport.parse(JSON.parse(stdout));
  expect(steps.map(({ from, pauses }) => [from, pauses?.count ?? 0])).toEqual([
    ['2026-11-20T17:31:54.460Z', 0],
    ['2026-11-20T20:00:11.000Z', 0],
    ['2026-11-20T20:00:15.000Z', 3],
  ]);
}, 30_000);

test('joins pauses with the send latency of their seconds', async () => {
  const run = fileURLToPath(new URL('find-max', recordedRuns));
  const { log, slow } = await logOfSlowSeconds(run);
  await writeFile(at('gc.log'), log);
  const { stdout } = await runCli('gc', at('gc.log'), '--run', run, '--json');
  const report = GcReport.parse(JSON.parse(stdout));
  const joined = report.steps?.flatMap(({ slowSeconds = [] }) => slowSeconds) ?? [];
  expect(joined).toHaveLength(9);
  expect(joined.reduce((sum, { slowSecondsWithPause }) => sum + slowSecondsWithPause, 0)).toBe(slow);
  expect(joined[0]).toMatchObject({ seconds: 5, slowSeconds: 2, slowSecondsWithPause: 2 });
  expect(report.findings.find(({ code }) => code === 'gc-in-slow-seconds')?.message).toContain(
    `${slow} of ${slow} slow seconds (send p99 above that of the step) had a GC pause`,
  );
  expect(renderText(report, { colours: false })).toMatch(
    /Send latency and GC pauses.*\n.*slow s.*\n +1 +19.7 ms +2\/5 +2 /,
  );
}, 30_000);

test('does not repeat the password of an SSH address', async () => {
  const { exitCode, stderr } = await runCli('gc', 'ssh://admin:hunter2@mq-1/logs');
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('ssh://admin:(hidden)@mq-1/logs')]);
});

test('rejects invalid page options before reading a log, and prints the report if the page cannot be written', async () => {
  await writeFile(at('gc.log'), logOfPausesAt(0));
  expect(await runCli('gc', at('absent.log'), '--html', at('gc.html'), '--lang', 'fr')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('"fr" is not one of en, zh'),
  });
  expect((await runCli('gc', at('gc.log'), '--lang', 'zh')).stderr).toMatch(/there is no --html\nhint: give --html/);
  const { stdout, stderr } = await runCli('gc', at('gc.log'), '--html', at('no/such/folder.html'));
  expect(stdout).toMatch(/^Verdict/);
  expect(stderr).toContain(`cannot write ${at('no/such/folder.html')}`);
}, 30_000);

test('overwrites a page only with --force, and checks this before reading a log', async () => {
  await writeFile(at('gc.log'), logOfPausesAt(0));
  await writeFile(at('kept.html'), 'mine');
  expect(await runCli('gc', at('absent.log'), '--html', at('kept.html'))).toMatchObject({
    stderr: expect.stringContaining('kept.html already exists'),
  });
  expect(await readFile(at('kept.html'), 'utf8')).toBe('mine');
  expect((await runCli('gc', at('gc.log'), '--html', at('kept.html'), '--force')).exitCode).toBe(0);
  expect(await readFile(at('kept.html'), 'utf8')).toContain('</html>');
}, 30_000);

test('rejects a file that only mentions GC, and accepts a log with only its collector line', async () => {
  await writeFile(at('notes.log'), '[GC pauses](gc-log.md)\n- read the [GC log](gc.log)\n');
  expect(await runCli('gc', at('notes.log'))).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /notes.log is not a GC log: none of 2 lines could be parsed\nhint: the option -Xloggc/,
    ),
  });
  await writeFile(at('started.log'), '[0.005s][info][gc] Using G1\nListening for transport\n');
  expect((await runCli('gc', at('started.log'))).exitCode).toBe(0);
}, 30_000);

test('reports a missing file as such', async () =>
  expect(await runCli('gc', at('absent.log'))).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/absent.log: no such file\nhint: the option -Xloggc or -Xlog/),
  }));

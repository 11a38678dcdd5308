import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from '../../../support/run-cli.ts';
import { linkBound } from '../../../truth/world/calm-clusters.ts';
import { writeBundle } from '../../../truth/world/world-bundle.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-gc-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

/** Three of 10 ms, one second apart. */
function logOfPausesAt(firstMs: number): string {
  const lines = [1, 2, 3].map((seconds) => {
    const date = new Date(firstMs + seconds * 1000).toISOString().replace('Z', '+0000');
    return `${date}: ${seconds}.000: [GC (Allocation Failure)  2048K->1024K(8192K), 0.0100000 secs]`;
  });
  return `${lines.join('\n')}\n`;
}

test('logs of another time than the run are refused, and no step is told to have had no pause', async () => {
  await writeBundle(at('run'), { ...linkBound(3), steps: [{ targetTps: 1000, durationSeconds: 8 }] });
  const run = JSON.parse(await readFile(at('run/run.json'), 'utf8')) as { startedAt: string; warmUpSeconds: number };
  const stepAtMs = Date.parse(run.startedAt) + run.warmUpSeconds * 1000;
  await writeFile(at('gc.log'), logOfPausesAt(stepAtMs - 86_400_000));
  const { exitCode, stdout, stderr } = await runCli('gc', at('gc.log'), '--run', at('run'));
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain(`the logs have nothing of the time of ${at('run')}`);
  await writeFile(at('gc.log'), logOfPausesAt(stepAtMs));
  const during = await runCli('gc', at('gc.log'), '--run', at('run'));
  expect(during.stdout).toMatch(/^ +1 +1,000 +3 +30 ms /m);
}, 30_000);

test('what a page cannot be is said before a log is read, and a page that cannot be written leaves the report', async () => {
  await writeFile(at('gc.log'), logOfPausesAt(0));
  expect(await runCli('gc', at('absent.log'), '--html', at('gc.html'), '--lang', 'fr')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('"fr" is not a language of the page: en, zh'),
  });
  expect((await runCli('gc', at('gc.log'), '--lang', 'zh')).stderr).toMatch(/no page is asked for\nhint: give --html/);
  const { stdout, stderr } = await runCli('gc', at('gc.log'), '--html', at('no/such/folder.html'));
  expect(stdout).toMatch(/^Verdict/);
  expect(stderr).toContain(`cannot write ${at('no/such/folder.html')}`);
}, 30_000);

test('a file that is not there is told as that', async () =>
  expect(await runCli('gc', at('absent.log'))).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/absent.log: there is no such file\nhint: look for -Xloggc or -Xlog/),
  }));

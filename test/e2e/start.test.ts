// Checks that `npm start` leaves nothing running, however it ends.

import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify } from '../../core/started-process.ts';
import { spawnPlimsoll } from '../support/plimsoll.ts';
import { requires } from '../support/prerequisites.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-start-'));
});
afterEach(() => rm(folder, { recursive: true }));

const labs = () => join(folder, 'state', 'plimsoll', 'start');

function start(environment: NodeJS.ProcessEnv = {}) {
  const words = ['start', '--listen', '127.0.0.1:0'];
  const started = spawnPlimsoll(words, {
    cwd: folder,
    environment: { XDG_STATE_HOME: join(folder, 'state'), ...environment },
  });
  const until = async (said: string) => {
    while (!started.written.stdout.includes(said)) {
      await Promise.race([
        once(started.child.stdout, 'data'),
        once(started.child, 'close').then(() =>
          expect(started.written).toMatchObject({ stdout: expect.stringContaining(said) }),
        ),
      ]);
    }
  };
  return { ...started, until };
}

async function brokerOf(pid: number | undefined): Promise<number> {
  const { processes } = JSON.parse(await readFile(join(labs(), String(pid), 'lab', 'lab.json'), 'utf8')) as {
    processes: { pid: number }[];
  };
  return processes[0]?.pid ?? 0;
}

const isRunning = (pid: number) => identify(pid) !== undefined;

requires('java', 'maven').test(
  'a start stops leftovers of a killed one, and Ctrl-C under load stops the broker and the run',
  async () => {
    const killed = start();
    await killed.until('$ plimsoll run');
    const orphan = await brokerOf(killed.child.pid);
    killed.child.kill('SIGKILL');
    await killed.finished;
    expect(isRunning(orphan)).toBe(true);

    const interrupted = start();
    await interrupted.until('$ plimsoll run');
    expect(isRunning(orphan)).toBe(false);
    const broker = await brokerOf(interrupted.child.pid);
    interrupted.child.kill('SIGINT');
    expect(await interrupted.finished).toMatchObject({ exitCode: 130, stderr: expect.stringContaining('error: ') });
    expect(isRunning(broker)).toBe(false);
    expect(await readdir(labs())).toEqual([]);
  },
  90_000,
);

test('without Java it shows the founding case, names Java as missing, and serves the page and live metrics', async () => {
  const { child, written, finished, until } = start({ PATH: folder, JAVA_HOME: '' });
  await until('until Ctrl-C');
  expect(written.stdout).toContain('56,000 msg/s (observed at 70,000');
  expect(written.stdout.split('\n').length).toBeLessThan(60);
  expect(written.stdout).toMatch(/skipped: the lab needs Java 17/);
  const [, url] = /^listening on (\S+)$/m.exec(written.stdout) ?? [];
  expect(await (await fetch(`${url}runs/founding-70k`)).text()).toContain('one reading at 70,000');
  expect(await (await fetch(`${url}metrics`)).text()).toMatch(/^node_cpu_seconds_total\{host="local"/m);
  child.kill('SIGINT');
  expect(await finished).toMatchObject({ exitCode: 0 });
}, 30_000);

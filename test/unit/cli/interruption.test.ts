import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../../cli/interruption.ts', import.meta.url));

/** A program that takes 0.3 s to restore its changes, and prints why it was interrupted. */
function start(more = '', environment: Record<string, string> = {}) {
  const script = `
    import { abortOnInterruption } from ${JSON.stringify(program)};
    const signal = abortOnInterruption();
    ${more}
    signal.addEventListener('abort', () => setTimeout(() => {
      console.log(signal.reason.message);
      process.exit(130);
    }, 300));
    setTimeout(() => {}, 20_000);
    console.log('ready');`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
}

async function sent(child: ReturnType<typeof start>, ...signals: NodeJS.Signals[]) {
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  while (!text.includes('ready')) await once(child.stdout, 'data');
  for (const signal of signals) child.kill(signal);
  const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
  return { code, killedBy, text };
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s leaves a command time to restore', async (signal) => {
  const ended = await sent(start(), signal);
  expect(ended).toMatchObject({ code: 130, killedBy: null, text: expect.stringContaining(`interrupted by ${signal}`) });
});

test('several SIGHUPs of a closed terminal do not end the restore', async () => {
  expect(await sent(start(), 'SIGHUP', 'SIGHUP', 'SIGHUP')).toMatchObject({ code: 130, killedBy: null });
});

test('a server that reloads its config at SIGHUP continues', async () => {
  const ended = await sent(start(`process.on('SIGHUP', () => {});`), 'SIGHUP', 'SIGTERM');
  expect(ended).toMatchObject({ code: 130, text: expect.stringContaining('interrupted by SIGTERM') });
});

test('a launcher that was killed before its program started ends it', async () => {
  const { pid } = spawnSync('true');
  const ended = await sent(start('', { PLIMSOLL_LAUNCHER: String(pid) }));
  expect(ended).toMatchObject({ code: 130, text: expect.stringContaining('the end of the process that started it') });
});

test('a launcher of the parent does not end the program while it runs', async () => {
  const child = start('setTimeout(() => process.exit(7), 1500);', { PLIMSOLL_LAUNCHER: String(process.ppid) });
  expect(await sent(child)).toMatchObject({ code: 7 });
});

test('Ctrl-C ends a command that waits for the writer of a pipe', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-pipe-'));
  const pipe = join(folder.path, 'plimsoll.yaml');
  spawnSync('mkfifo', [pipe]);
  const main = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, 'config', 'check', '--config', pipe], { stdio: 'ignore' });
  const interrupting = setInterval(() => child.kill('SIGINT'), 1500);
  const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
  clearInterval(interrupting);
  expect(killedBy ?? code).toBe('SIGINT');
});

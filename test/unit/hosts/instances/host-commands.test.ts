import { expect, onTestFinished, test, vi } from 'vitest';
import { seconds } from '../../../../core/clock.ts';
import { localCommands } from '../../../../hosts/instances/host-commands.ts';

/** Like the calls of a change: no deadline. */
const io = { signal: new AbortController().signal };

test('gives up a program at its time limit, and names it with its host', async () => {
  const commands = localCommands('mq-1', { brief: seconds(10), long: seconds(0.1) });
  await expect(commands.run('env', ['sleep', '20'], io)).rejects.toMatchObject({
    code: 'host-hung',
    message: 'host mq-1: env has not ended after 100 ms',
  });
  expect((await commands.run('id', ['-u'], io)).exitCode).toBe(0);
});

test('local programs run in /, so that supervisorctl uses no supervisord.conf of another user', async () => {
  expect((await localCommands('mq-1').run('env', ['pwd'], io)).stdout).toBe('/\n');
});

test.runIf(process.getuid?.() === 0)('a program of another user gets no secret from the environment', async () => {
  vi.stubEnv('PLIMSOLL_TEST_SECRET', 'hunter2');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { run } = localCommands('mq-1');
  expect((await run('runuser', ['-u', 'nobody', '--', 'env'], io)).stdout).not.toContain('hunter2');
  expect((await run('runuser', ['-u', 'nobody', '--', 'env'], io)).stdout).toContain('PATH=');
});

test('an interruption by the operator is not reported as a hung host', async () => {
  const interrupted = new AbortController();
  const asked = localCommands('mq-1').run('env', ['sleep', '20'], { signal: interrupted.signal });
  interrupted.abort(new Error('interrupted by SIGINT'));
  await expect(asked).rejects.toThrow('interrupted by SIGINT');
});

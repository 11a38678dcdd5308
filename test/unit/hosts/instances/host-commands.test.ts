import { expect, test } from 'vitest';
import { seconds } from '../../../../core/clock.ts';
import { localCommands } from '../../../../hosts/instances/host-commands.ts';

/** As a change asks: no deadline. */
const io = { signal: new AbortController().signal };

test('a program that does not end is given up after its limit, and named with its host', async () => {
  const commands = localCommands('mq-1', { brief: seconds(10), long: seconds(0.1) });
  await expect(commands.run('env', ['sleep', '20'], io)).rejects.toMatchObject({
    code: 'host-hung',
    message: 'host mq-1: env has not ended after 100 ms',
  });
  expect((await commands.run('id', ['-u'], io)).exitCode).toBe(0);
});

test('local programs run in no folder of another user, whose supervisord.conf supervisorctl would use', async () => {
  expect((await localCommands('mq-1').run('env', ['pwd'], io)).stdout).toBe('/\n');
});

test('an operator who interrupts it is not answered with a hung host', async () => {
  const interrupted = new AbortController();
  const asked = localCommands('mq-1').run('env', ['sleep', '20'], { signal: interrupted.signal });
  interrupted.abort(new Error('interrupted by SIGINT'));
  await expect(asked).rejects.toThrow('interrupted by SIGINT');
});

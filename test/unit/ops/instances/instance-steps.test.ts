import { expect, test } from 'vitest';
import { systemClock } from '../../../../core/clock.ts';
import { DesiredInstance } from '../../../../core/documents/instances.ts';
import { LocalHost } from '../../../../hosts/config.ts';
import { openInstanceHost } from '../../../../hosts/instances/instance-host.ts';
import { carryOut } from '../../../../ops/change/carry-out.ts';
import { newJournal } from '../../../../ops/change/journal.ts';
import type { InstanceFacts, InstanceTools } from '../../../../ops/instances/facts.ts';
import { instanceChanges } from '../../../../ops/instances/instance-changes.ts';

test('a rollback whose started broker exits at once is not done, and reports the reason', async () => {
  const supervised = { supervisord: { program: 'broker' } };
  const target = DesiredInstance.parse({ cluster: 'orders', host: 'mq-1', role: 'kafka-broker', ...supervised });
  const order = [{ name: 'orders-1', target, wasRunning: true }];
  const facts: InstanceFacts = { action: 'restart', order, marks: {} };
  // Output of supervisorctl 4.2.5 of Debian 12.
  const answers: Readonly<Record<string, string>> = {
    start: 'broker: ERROR (spawn error)\n',
    status: 'broker                           FATAL     Exited too quickly (process log may have details)\n',
    tail: 'org.apache.kafka.common.config.ConfigException: Invalid value many for configuration num.io.threads\n',
  };
  const local = openInstanceHost('mq-1', LocalHost.parse({ probe: 'local' }), { clock: systemClock });
  let hasStarted = false;
  const commands = {
    host: 'mq-1',
    async run(_: string, [word = '']: readonly string[]) {
      hasStarted ||= word === 'start';
      const isQuiet = word === 'tail' && !hasStarted;
      return { exitCode: 0, stdout: isQuiet ? 'stopped\n' : (answers[word] ?? ''), stderr: '' };
    },
  };
  const tools = { hostOf: () => ({ ...local, commands }), clock: systemClock } as unknown as InstanceTools;
  const journal = newJournal(
    { cluster: 'orders', change: 'instances-restart', subject: 'orders-1', facts },
    new Date(0),
  );
  Object.assign(journal, { direction: 'back' });
  journal.steps.push({ id: 'stop-orders-1', begunAt: new Date(0).toISOString(), evidence: [] });
  const steps = instanceChanges.restart.steps(facts, tools);
  const io = { save: async () => {}, check: async () => {}, tell: () => {}, signal: new AbortController().signal };
  await expect(carryOut({ ...io, journal, steps, clock: systemClock })).rejects.toMatchObject({
    code: 'change-stopped',
    message: expect.stringMatching(/^orders-1 ended while it started: .*num\.io\.threads/) as string,
  });
  expect(journal.status).toBe('running');
});

test('the plan does not claim that an instance without a supervisor was down', () => {
  const target = DesiredInstance.parse({ cluster: 'orders', host: 'mq-1', role: 'kafka-broker' });
  const order = [{ name: 'orders-1', target, wasRunning: false }];
  const tools = { hostOf: () => ({}), clock: systemClock } as unknown as InstanceTools;
  const steps = instanceChanges.restart.steps({ action: 'restart', order, marks: {} }, tools);
  expect(steps.find(({ id }) => id === 'stop-orders-1')?.undo).toMatchObject({ none: 'orders-1 cannot be controlled' });
});

test('counts quick exits of a broker in the log of its supervisor, and stops the change', async () => {
  const supervised = { supervisord: { program: 'broker' } };
  const target = DesiredInstance.parse({ cluster: 'orders', host: 'mq-1', role: 'kafka-broker', ...supervised });
  const local = openInstanceHost('mq-1', LocalHost.parse({ probe: 'local' }), { clock: systemClock });
  const timeOf = (secondsAgo: number) => new Date(Date.now() - 1000 * secondsAgo).toISOString().slice(0, 19);
  let spawns = 0;
  const commands = {
    host: 'mq-1',
    async run(program: string, [word = '']: readonly string[]) {
      // Log lines of supervisord 4.2.5 of Debian 12; STARTING has no process id.
      const logged = Array.from(
        { length: spawns },
        () => `${timeOf(1).replace('T', ' ')},123 INFO spawned: 'broker' with pid 77`,
      );
      const answers: Readonly<Record<string, string>> = {
        status: 'broker                           STARTING\n',
        tail: 'org.apache.kafka.common.config.ConfigException: Invalid value many for configuration num.io.threads\n',
        maintail: `${timeOf(3600).replace('T', ' ')},001 INFO spawned: 'broker' with pid 7\n${logged.join('\n')}\n`,
      };
      return { exitCode: 0, stdout: program === 'date' ? `${timeOf(0)}Z\n` : (answers[word] ?? ''), stderr: '' };
    },
  };
  const tools = { hostOf: () => ({ ...local, commands }), clock: systemClock } as unknown as InstanceTools;
  const order = [{ name: 'orders-1', target, wasRunning: false }];
  const facts: InstanceFacts = { action: 'start', order, marks: {} };
  const step = instanceChanges.start.steps(facts, tools).find(({ id }) => id === 'await-serving-orders-1');
  const io = { signal: new AbortController().signal };
  spawns = 3;
  await expect(step?.run(io)).resolves.toMatchObject({ kind: 'held' });
  spawns = 4;
  await expect(step?.run(io)).rejects.toMatchObject({
    code: 'change-stopped',
    message: expect.stringMatching(/^orders-1 ended repeatedly during its start \(3\): .*num\.io\.threads/) as string,
  });
});

test('stops a service that its host restarted during an upgrade before the new program starts', async () => {
  const supervised = { supervisord: { program: 'broker' } };
  const install = { distribution: 'kafka-4.1.0', home: '/opt/kafka' };
  const target = DesiredInstance.parse({
    cluster: 'orders',
    host: 'mq-1',
    role: 'kafka-broker',
    ...supervised,
    install,
  });
  const local = openInstanceHost('mq-1', LocalHost.parse({ probe: 'local' }), { clock: systemClock });
  const words: string[] = [];
  const commands = {
    host: 'mq-1',
    async run(_: string, [word = '']: readonly string[]) {
      words.push(word);
      const answers: Readonly<Record<string, string>> = {
        status: 'broker                           RUNNING   pid 77, uptime 0:00:09\n',
        stop: 'broker: stopped\n',
      };
      const stdout = answers[word] ?? '';
      return { exitCode: 0, stdout, stderr: '' };
    },
  };
  const tools = { hostOf: () => ({ ...local, commands }), clock: systemClock, gate: {} } as unknown as InstanceTools;
  const facts: InstanceFacts = {
    action: 'upgrade',
    order: [{ name: 'orders-1', target, wasRunning: true }],
    marks: {},
    install: { archives: {}, copies: [], files: {}, data: true },
  };
  const step = instanceChanges.upgrade.steps(facts, tools).find(({ id }) => id === 'see-startable-orders-1');
  const outcome = await step?.run({ signal: new AbortController().signal });
  expect(outcome).toMatchObject({
    kind: 'held',
    holds: [{ what: expect.stringContaining('orders-1 is running') as string }],
  });
  expect(words).toContain('stop');
});

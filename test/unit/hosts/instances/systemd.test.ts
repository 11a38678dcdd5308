import { expect, test } from 'vitest';
import { DesiredInstance } from '../../../../core/documents/instances.ts';
import type { HostCommands, ProgramResult } from '../../../../hosts/instances/host-commands.ts';
import { readService } from '../../../../hosts/instances/service.ts';
import { parseUnits, readUnitOutput, readUnits, readUnitStarts } from '../../../../hosts/instances/systemd.ts';

// Written in the form of systemd 252 (Debian 12), `systemctl show --property=…`: systemd does not boot where the tests run.
const shown = `Id=kafka.service
LoadState=loaded
ActiveState=active
SubState=running
Result=success
MainPID=4711
NRestarts=0

Id=rocketmq-broker.service
Names=rocketmq-broker.service mqbroker.service
LoadState=loaded
ActiveState=activating
SubState=auto-restart
Result=exit-code
MainPID=0
NRestarts=7

Id=zookeeper.service
LoadState=loaded
ActiveState=failed
SubState=failed
Result=start-limit-hit
MainPID=0
NRestarts=5

Id=gone.service
LoadState=not-found
ActiveState=inactive
SubState=dead
Result=success
MainPID=0
NRestarts=0
`;

const io = { signal: new AbortController().signal };

/** Returns these results in turn, and records requests. */
function answering(...answers: readonly string[]): HostCommands & { asked: string[] } {
  const asked: string[] = [];
  return {
    host: 'mq-1',
    asked,
    async run(program, args): Promise<ProgramResult> {
      asked.push([program, ...args].join(' '));
      return { exitCode: 0, stdout: answers[asked.length - 1] ?? '', stderr: '' };
    },
  };
}

test('reads the state of each unit', () => {
  const units = parseUnits(shown);
  expect(units.get('kafka.service')).toEqual({ state: 'running', pid: 4711 });
  expect(units.get('gone.service')).toEqual({ state: 'unknown', reason: 'systemd has no such unit' });
});

test('a unit that waits for a restart or hit its start limit is in a crash loop', () => {
  const units = parseUnits(shown);
  expect(units.get('rocketmq-broker.service')).toEqual({
    state: 'crash-loop',
    reason: 'activating (auto-restart), result exit-code, restarted 7 times since it was loaded',
  });
  expect(units.get('zookeeper.service')?.state).toBe('crash-loop');
});

test.each([
  ['kafka', 'kafka.service'],
  ['kafka@1', 'kafka@1.service'],
  ['rocketmq-5.3', 'rocketmq-5.3.service'],
  ['kafka.service', 'kafka.service'],
])('the unit %s of instances.yaml means %s, as in systemctl', (unit, whole) => {
  const of = { cluster: 'orders', host: 'mq-1', role: 'kafka-broker', systemd: { unit } };
  expect(DesiredInstance.parse(of).systemd?.unit).toBe(whole);
});

test('finds a unit without its suffix, and an alias, in the output of systemctl', async () => {
  const of = (unit: string) =>
    DesiredInstance.parse({ cluster: 'o', host: 'h', role: 'kafka-broker', systemd: { unit } });
  expect(await readService(answering(shown), of('kafka'), io)).toEqual({ state: 'running', pid: 4711 });
  expect((await readService(answering(shown), of('mqbroker'), io)).state).toBe('crash-loop');
});

test('names units after a double hyphen, so that none is read as an option', async () => {
  const commands = answering(shown);
  await readUnits(commands, ['kafka.service'], io);
  expect(commands.asked[0]).toMatch(/^systemctl show --property=\S+ -- kafka\.service$/);
});

test('reads the starts of a unit from the journal in seconds ago', async () => {
  const commands = answering(
    '1795418400.123456 host systemd[1]: Started Kafka.\n1795421900.000001 host systemd[1]: Started Kafka.\n',
  );
  const starts = await readUnitStarts(commands, ['kafka.service'], 1_795_422_000, io);
  expect(starts?.of('kafka.service')).toEqual({ starts: [3600, 100], looped: [100] });
});

test('only restarts by systemd itself count towards a crash loop', async () => {
  const line = (at: number, message: string) => `${at}.000001 host systemd[1]: ${message}\n`;
  const restart = (at: number, counter: number) =>
    line(at, `kafka.service: Scheduled restart job, restart counter is at ${counter}.`) +
    line(at + 1, 'Started Kafka.');
  const commands = answering(
    line(1000, 'Started Kafka.') + line(1100, 'Started Kafka.') + restart(1199, 1) + restart(1299, 2),
  );
  const history = await readUnitStarts(commands, ['kafka.service'], 1400, io);
  expect(history?.of('kafka.service')).toEqual({ starts: [400, 300, 200, 100], looped: [300, 200, 100] });
});

test('a unit without journal entries has no starts', async () => {
  const starts = await readUnitStarts(answering(''), ['kafka.service'], 1_795_422_000, io);
  expect(starts?.of('kafka.service').starts).toEqual([]);
});

test('reads the output of a unit without decoration', async () => {
  const commands = answering('Kafka Server started\n');
  expect(await readUnitOutput(commands, { unit: 'kafka.service', sudo: false }, 100, io)).toBe(
    'Kafka Server started\n',
  );
  expect(commands.asked[0]).toContain('--output=cat --unit=kafka.service --lines=100');
});

import { inEnglish } from '../../../../support/in-english.ts';
import { expect, test } from 'vitest';
import { DesiredInstance } from '../../../../../core/documents/instances.ts';
import { openLocalFiles } from '../../../../../hosts/files/local.ts';
import type { InstanceFacts, InstanceTools } from '../../../../../ops/instances/facts.ts';
import { filesDigest, installOf } from '../../../../../ops/instances/install/install-steps.ts';
import { removeSteps } from '../../../../../ops/instances/install/remove-steps.ts';

const io = { signal: new AbortController().signal };
const unit = '/etc/systemd/system/broker.service';
const program = '/etc/supervisor/conf.d/broker.conf';

/** Programs that remove the service of an instance, in order; systemd refuses to disable a unit without a file. */
async function unregistered(service: object, file: string): Promise<string[]> {
  const asked: string[] = [];
  let isThere = true;
  const run = async (name: string, args: readonly string[]) => {
    asked.push([name, ...args].join(' '));
    if (name === 'rm') isThere = false;
    const isRefused = args[0] === 'disable' && !isThere;
    const stderr = isRefused ? 'Failed to disable unit: Unit file broker.service does not exist.\n' : '';
    const stdout = name === 'supervisorctl' ? 'broker: removed process group\n' : '';
    return { exitCode: isRefused ? 1 : 0, stdout, stderr };
  };
  const target = DesiredInstance.parse({
    cluster: 'orders',
    host: 'mq-1',
    role: 'rocketmq-master',
    settings: '/etc/a/broker.conf',
    install: { distribution: 'rocketmq-5.3.3', home: '/opt/a', files: { [file]: 'service' } },
    ...service,
  });
  const each = { name: 'a', target, wasRunning: false };
  const host = { name: 'mq-1', commands: { host: 'mq-1', run } };
  const packages = { textOf: async () => 'service\n' };
  const tools = { hostOf: () => host, packages, all: {} } as unknown as InstanceTools;
  const files = { a: await filesDigest(installOf(each), tools.packages, io) };
  const facts: InstanceFacts = {
    action: 'remove',
    order: [each],
    marks: {},
    install: { archives: {}, copies: [], files },
  };
  await removeSteps(each, facts, tools)[0]?.run(io);
  return asked;
}

test('disables a systemd unit before its file is removed, and reloads systemd afterwards', async () => {
  const asked = await unregistered({ systemd: { unit: 'broker.service' } }, unit);
  const removed = asked.indexOf(`rm -rf -- ${unit}`);
  const before = asked.slice(0, removed);
  expect(before).toContain('systemctl disable -- broker.service');
  expect(asked.slice(removed)).toContain('systemctl daemon-reload');
});

test('removes a program from supervisord after its file is removed', async () => {
  const asked = await unregistered({ supervisord: { program: 'broker' } }, program);
  expect(asked[0]).toBe(`rm -rf -- ${program}`);
  expect(asked.slice(1).every((each) => each.startsWith('supervisorctl'))).toBe(true);
});

/** @param complaints of GNU rm 9.1, by path. @returns the step that deletes data */
function deleting(complaints: Readonly<Record<string, string>>) {
  const run = async (_: string, args: readonly string[]) => {
    const stderr = complaints[args.at(-1) ?? ''] ?? '';
    return { exitCode: stderr === '' ? 0 : 1, stdout: '', stderr };
  };
  const target = DesiredInstance.parse({
    cluster: 'orders',
    host: 'mq-1',
    role: 'kafka-broker',
    directories: ['/data1', '/data1/commitlog'],
    systemd: { unit: 'broker.service' },
    install: { distribution: 'kafka-4.1.0', home: '/opt/a', folders: ['/log/a'] },
  });
  const host = { name: 'mq-1', files: openLocalFiles(), procfs: '/no-procfs', commands: { host: 'mq-1', run } };
  const tools = { hostOf: () => host, all: {} } as unknown as InstanceTools;
  const each = { name: 'a', target, wasRunning: false };
  const install = { archives: {}, copies: [], files: {}, data: true };
  const facts: InstanceFacts = { action: 'remove', order: [each], marks: {}, install };
  return removeSteps(each, facts, tools).find(({ id }) => id === 'remove-data-a') ?? expect.fail('there is a step');
}

test.each(['/data1', '/data1/commitlog'])(
  'empties a data directory that is a mount point and keeps the directory: %s',
  async (mount) => {
    const complaint = `rm: cannot remove '${mount}': Device or resource busy\n`;
    const step = deleting({ '/data1': complaint });
    expect(step.description).toBe('delete /data1, /data1/commitlog, /log/a on host mq-1');
    const outcome = await step.run(io);
    expect(outcome.kind === 'done' && inEnglish(outcome.evidence)).toEqual([
      '/data1 is emptied; a mount point stays',
      '/data1/commitlog',
      '/log/a',
    ]);
  },
);

test.each([
  "rm: cannot remove '/data1/orders-0': Device or resource busy\n",
  "rm: cannot remove '/data1/.nfs01': Device or resource busy\nrm: cannot remove '/data1': Device or resource busy\n",
  "rm: cannot remove '/data1': Permission denied\n",
])('does not report partly deleted data as deleted: %j', async (complaint) => {
  await expect(deleting({ '/data1': complaint }).run(io)).rejects.toThrow('host mq-1: rm failed: rm: cannot remove');
});

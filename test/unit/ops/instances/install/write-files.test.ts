import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openPackages } from '../../../../../app/instances/packages.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { DesiredInstance } from '../../../../../core/documents/instances.ts';
import { AppError } from '../../../../../core/errors.ts';
import { LocalHost } from '../../../../../hosts/config.ts';
import { openInstanceHost } from '../../../../../hosts/instances/instance-host.ts';
import { carryOut } from '../../../../../ops/change/carry-out.ts';
import { newJournal } from '../../../../../ops/change/journal.ts';
import type { InstanceFacts, InstanceTools } from '../../../../../ops/instances/facts.ts';
import { filesDigest, linkProgram, writeAll, writeFiles } from '../../../../../ops/instances/install/install-steps.ts';

const io = { signal: new AbortController().signal };

test.each([
  ['a file', 1],
  ['the link', 2],
])('after a host is lost while %s is moved into place, --abort leaves no part of it', async (_, lostAtMove) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-write-files-'));
  const at = (...parts: string[]) => join(folder.path, ...parts);
  mkdirSync(at('home'));
  writeFileSync(at('broker.conf'), 'brokerName=a\n');
  vi.stubEnv('HOME', at('home'));
  const local = openInstanceHost('mq-1', LocalHost.parse({ probe: 'local' }), { clock: systemClock });
  vi.unstubAllEnvs();
  let moves = 0;
  const run: typeof local.commands.run = async (program, ...rest) => {
    if (program === 'mv') moves += 1;
    if (moves === lostAtMove && program === 'mv')
      throw new AppError('host-unreachable', 'host mq-1: the SSH connection broke');
    return await local.commands.run(program, ...rest);
  };
  const host = { ...local, commands: { ...local.commands, run } };
  const install = {
    distribution: 'rocketmq-5.3.3',
    home: at('opt/a'),
    files: { [at('etc/a/broker.conf')]: 'broker.conf' },
  };
  const of = { cluster: 'orders', host: 'mq-1', role: 'rocketmq-master' };
  const target = DesiredInstance.parse({ ...of, settings: at('etc/a/broker.conf'), install });
  const each = { name: 'a', target, wasRunning: false };
  const packages = openPackages({ file: at('instances.yaml') }, { environment: {} });
  const planned = target.install ?? expect.fail('it is installed');
  const files = { a: await filesDigest(planned, packages, io) };
  const facts: InstanceFacts = {
    action: 'install',
    order: [each],
    marks: {},
    install: { archives: {}, copies: [], files },
  };
  const tools = { hostOf: () => host, packages, all: { a: target } } as unknown as InstanceTools;
  const steps = [writeFiles(each, facts, tools), linkProgram(each, tools)];
  const journal = newJournal({ cluster: 'orders', change: 'instances-install', subject: 'orders', facts }, new Date(0));
  const saved = { save: async () => {}, check: async () => {}, tell: () => {} };
  const carry = () => carryOut({ ...saved, journal, steps, clock: systemClock, signal: io.signal });

  await expect(carry()).rejects.toThrow('the SSH connection broke');
  journal.direction = 'back';
  expect(await carry()).toEqual({ kind: 'rolled-back' });
  expect([at('etc/a'), at('opt/a')].filter((path) => existsSync(path))).toEqual([]);
  expect(readdirSync(at('home/.plimsoll-install'))).toEqual([]);
});

test('files that the supervisor reads are readable by others, and files that may hold a password are not', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-write-files-'));
  const at = (...parts: string[]) => join(folder.path, ...parts);
  mkdirSync(at('home'));
  vi.stubEnv('HOME', at('home'));
  const host = openInstanceHost('mq-1', LocalHost.parse({ probe: 'local' }), { clock: systemClock });
  vi.unstubAllEnvs();
  const given = [
    { name: 'broker.conf', path: at('etc/a/broker.conf'), text: 'brokerName=a\n', mode: '640' },
    { name: 'plain_acl.yml', path: at('acl/plain_acl.yml'), text: 'accounts:\n- secretKey: example\n', mode: '640' },
    { name: 'a.service', path: at('units/a.service'), text: '# Example\n[Unit]\nDescription=a\n', mode: '644' },
    { name: 'a.conf', path: at('programs/a.conf'), text: '; Example\n[program:a]\ncommand=java\n', mode: '644' },
  ];
  for (const { name, text } of given) writeFileSync(at(name), text);
  const files = Object.fromEntries(given.map(({ name, path }) => [path, name]));
  const install = { distribution: 'rocketmq-4.9.8', home: at('opt/a'), files };
  const of = { cluster: 'orders', host: 'mq-1', role: 'rocketmq-master' };
  const target = DesiredInstance.parse({ ...of, settings: at('etc/a/broker.conf'), install });
  const packages = openPackages({ file: at('instances.yaml') }, { environment: {} });
  const tools = { hostOf: () => host, packages, all: { a: target } } as unknown as InstanceTools;
  await writeAll({ name: 'a', target, wasRunning: false }, tools, io);
  const modes = given.map(({ path }) => (statSync(path).mode & 0o777).toString(8));
  expect(modes).toEqual(given.map(({ mode }) => mode));
});

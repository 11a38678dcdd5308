import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
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
import { filesDigest } from '../../../../../ops/instances/install/install-steps.ts';
import { removeFormer, replaceFiles } from '../../../../../ops/instances/install/replace-files.ts';

const io = { signal: new AbortController().signal };

/** Two files of a stopped broker: an existing one and a new one. The host is lost at one of the programs that it runs. */
async function opened() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-replace-files-'));
  const at = (...parts: string[]) => join(folder.path, ...parts);
  mkdirSync(at('home'));
  mkdirSync(at('etc'));
  writeFileSync(at('etc/broker.conf'), 'former=1\n', { mode: 0o600 });
  writeFileSync(at('broker.conf'), 'new=1\n');
  writeFileSync(at('logback.xml'), '<new/>\n');
  vi.stubEnv('HOME', at('home'));
  const local = openInstanceHost('mq-1', LocalHost.parse({ probe: 'local' }), { clock: systemClock });
  vi.unstubAllEnvs();
  const lost = { after: Infinity };
  const run: typeof local.commands.run = async (...call) => {
    lost.after -= 1;
    if (lost.after < 0) throw new AppError('host-unreachable', 'host mq-1: the SSH connection broke');
    return await local.commands.run(...call);
  };
  const host = { ...local, commands: { ...local.commands, run } };
  const target = DesiredInstance.parse({
    cluster: 'orders',
    host: 'mq-1',
    role: 'rocketmq-master',
    settings: at('etc/broker.conf'),
    install: {
      distribution: 'rocketmq-5.3.3',
      home: at('opt/a'),
      files: { [at('etc/broker.conf')]: 'broker.conf', [at('etc/logback.xml')]: 'logback.xml' },
    },
  });
  const each = { name: 'a', target, wasRunning: true };
  const packages = openPackages({ file: at('instances.yaml') }, { environment: {} });
  const files = { a: await filesDigest(target.install ?? expect.fail('it is installed'), packages, io) };
  const replaced = {
    a: [
      { path: at('etc/broker.conf'), isNew: false },
      { path: at('etc/logback.xml'), isNew: true },
    ],
  };
  const install = { archives: {}, copies: [], files, replaced };
  const facts: InstanceFacts = { action: 'reconfigure', order: [each], marks: {}, install };
  const tools = { hostOf: () => host, packages, all: { a: target } } as unknown as InstanceTools;
  const change = 'instances-reconfigure';
  const journal = newJournal({ cluster: 'orders', change, subject: 'orders', facts }, new Date(0));
  const saved = { save: async () => {}, check: async () => {}, tell: () => {} };
  const carry = (steps = [replaceFiles(each, facts, tools), removeFormer(each, facts, tools)]) =>
    carryOut({ ...saved, journal, steps, clock: systemClock, signal: io.signal });
  return {
    lost,
    carry,
    back: () => {
      lost.after = Infinity;
      journal.direction = 'back';
      return carry();
    },
    there: () => readdirSync(at('etc')).toSorted(),
    settings: () => readFileSync(at('etc/broker.conf'), 'utf8'),
    write: (text: string) => writeFileSync(at('etc/broker.conf'), text),
    mode: () => statSync(at('etc/broker.conf')).mode & 0o777,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test('replaces files and leaves no copies of the former ones', async () => {
  await using site = await opened();
  expect(await site.carry()).toEqual({ kind: 'done' });
  expect(site.settings()).toBe('new=1\n');
  expect(site.there()).toEqual(['broker.conf', 'logback.xml']);
});

test('after a lost host at any command, --abort restores the former files and modes, and --resume continues', async () => {
  await using uninterrupted = await opened();
  uninterrupted.lost.after = 1000;
  await uninterrupted.carry();
  const programs = 1000 - uninterrupted.lost.after;
  expect(programs).toBeGreaterThan(8);
  // The last one removes the former files.
  for (let after = 0; after < programs - 1; after += 1) {
    await using site = await opened();
    site.lost.after = after;
    await expect(site.carry()).rejects.toThrow('the SSH connection broke');
    expect(await site.back()).toEqual({ kind: 'rolled-back' });
    expect([site.settings(), site.mode(), site.there()]).toEqual(['former=1\n', 0o600, ['broker.conf']]);

    await using resumed = await opened();
    resumed.lost.after = after;
    await expect(resumed.carry()).rejects.toThrow('the SSH connection broke');
    resumed.lost.after = Infinity;
    expect(await resumed.carry()).toEqual({ kind: 'done' });
    expect([resumed.settings(), resumed.there()]).toEqual(['new=1\n', ['broker.conf', 'logback.xml']]);
  }
});

test('a rollback fails with a message if the broker rewrote its settings after they were replaced', async () => {
  await using site = await opened();
  await site.carry();
  site.write('new=1\nrocketmqHome=/opt/a\nbrokerPermission=6\n');
  await expect(site.back()).rejects.toMatchObject({
    code: 'change-stopped',
    message: expect.stringContaining('a keeps its new settings') as string,
  });
});

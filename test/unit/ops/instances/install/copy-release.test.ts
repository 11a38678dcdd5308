import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../../../../core/clock.ts';
import { DesiredInstance } from '../../../../../core/documents/instances.ts';
import { LocalHost } from '../../../../../hosts/config.ts';
import type { HostCommands } from '../../../../../hosts/instances/host-commands.ts';
import { openInstanceHost, type InstanceHost } from '../../../../../hosts/instances/instance-host.ts';
import { carryOut } from '../../../../../ops/change/carry-out.ts';
import { newJournal } from '../../../../../ops/change/journal.ts';
import type { InstanceFacts, InstanceTools } from '../../../../../ops/instances/facts.ts';
import { checkTarball } from '../../../../../ops/instances/install/check-archive.ts';
import { copyRelease } from '../../../../../ops/instances/install/install-steps.ts';

const io = { signal: new AbortController().signal };
const names = ['mq-1', 'mq-2', 'mq-3'];

/** Three hosts with a home each, and an archive that is copied to all of them. */
async function site({
  damagedOn,
  roomOn,
  umask,
  packed = 'rocketmq',
}: { damagedOn?: string; roomOn?: string; umask?: string; packed?: string } = {}) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-copy-release-'));
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const at = (...parts: string[]) => join(folder.path, ...parts);
  mkdirSync(at('rocketmq', 'bin'), { recursive: true });
  writeFileSync(at('rocketmq', 'bin', 'mqbroker'), '#!/bin/sh\n'.padEnd(300_000, '#'));
  spawnSync('chmod', ['-R', '755', at('rocketmq')]);
  const path = at('rocketmq.tar.gz');
  spawnSync('tar', ['-czf', path, '-C', folder.path, packed]);
  const digest = createHash('sha512').update(readFileSync(path)).digest('hex');
  const archive = { algorithm: 'sha512', digest } as const;
  if (roomOn !== undefined) {
    mkdirSync(at(roomOn, 'releases'), { recursive: true });
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at(roomOn, 'releases')]);
    expect(mounted.status, String(mounted.stderr)).toBe(0);
    onTestFinished(() => void spawnSync('umount', [at(roomOn, 'releases')]));
  }
  const hosts = new Map(
    names.map((name): [string, InstanceHost] => {
      vi.stubEnv('HOME', at(name, 'home'));
      mkdirSync(at(name, 'home'), { recursive: true });
      const host = openInstanceHost(name, LocalHost.parse({ probe: 'local' }), { clock: systemClock });
      vi.unstubAllEnvs();
      const { uploads } = host;
      const put: typeof uploads.put = async (source, file, within) => {
        const remote = await uploads.put(source, file, within);
        if (name === damagedOn) appendFileSync(remote, 'damaged');
        return remote;
      };
      const commands = umask === undefined ? host.commands : commandsWith(umask, name);
      return [name, { ...host, commands, uploads: { folder: uploads.folder, put } }];
    }),
  );
  const order = names.map((name) => {
    const install = { distribution: 'rocketmq-5.3.3', home: at(name, 'opt'), releases: at(name, 'releases') };
    const target = DesiredInstance.parse({ cluster: 'orders', host: name, role: 'rocketmq-name-server', install });
    return { name: `ns-${name}`, target, wasRunning: false };
  });
  const copies = names.map((host) => ({
    host,
    release: at(host, 'releases', 'rocketmq-5.3.3'),
    distribution: 'rocketmq-5.3.3',
    owner: `ns-${host}`,
    isNew: true,
  }));
  const install = { archives: { 'rocketmq-5.3.3': archive }, copies, files: {} };
  const facts: InstanceFacts = { action: 'install', order, marks: {}, install };
  const tools = {
    hostOf: (name: string) => hosts.get(name) ?? expect.fail(name),
    all: Object.fromEntries(order.map(({ name, target }) => [name, target])),
    packages: {
      archiveOf: async () => ({ path, sentDigest: archive.digest, ...archive, ...(await checkTarball(path, io)) }),
    },
  } as unknown as InstanceTools;
  const steps = copies.map((copy) => copyRelease(copy, facts, tools));
  const of = { cluster: 'orders', change: 'instances-install', subject: 'orders' };
  const journal = newJournal({ ...of, facts }, new Date(0));
  const saved = { save: async () => {}, check: async () => {}, tell: () => {} };
  const carry = () => carryOut({ ...saved, journal, steps, clock: systemClock, signal: io.signal });
  return {
    carry,
    back() {
      journal.direction = 'back';
      return carry();
    },
    upload: (host: string) => at(host, 'home', '.plimsoll-install', `${digest.slice(0, 32)}.tar.gz`),
    modeOf: (...parts: string[]) => (statSync(at(...parts)).mode & 0o7777).toString(8),
    unpacked: () => names.filter((host) => existsSync(at(host, 'releases', 'rocketmq-5.3.3'))),
    /** Left by an unpacking that ended early. */
    unfinished: () => globSync([at('*', 'releases', '*.partial'), at('*', 'home', '.plimsoll-install', '*')]),
  };
}

const commandsWith = (umask: string, host: string): HostCommands => ({
  host,
  async run(program, args) {
    const line = `umask ${umask}; exec "$@"`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line, 'sh', program, ...args], { encoding: 'utf8' });
    return { exitCode: status ?? 127, stdout, stderr };
  },
});

test.each([
  ['as Apache packs it', 'rocketmq'],
  ['packed without entries for its folders', 'rocketmq/bin/mqbroker'],
])('every user of a host can read a release %s, whatever the umask of the login', async (_, packed) => {
  const { carry, modeOf } = await site({ umask: '077', packed });
  await carry();
  for (const part of [['bin'], ['bin', 'mqbroker']]) {
    expect(modeOf('mq-1', 'releases', 'rocketmq-5.3.3', ...part)).toBe(modeOf('rocketmq', ...part));
  }
  expect(modeOf('mq-1', 'releases', 'rocketmq-5.3.3', 'bin', 'mqbroker')).toBe('755');
});

test('an archive damaged on the third host stops the copy there, and a rollback removes the first two copies', async () => {
  const { carry, back, unpacked, unfinished } = await site({ damagedOn: 'mq-3' });
  await expect(carry()).rejects.toMatchObject({
    code: 'archive-refused',
    message: expect.stringMatching(
      /^host mq-3: the archive arrived damaged: its sha512 is [0-9a-f]{16}…, and [0-9a-f]{16}… here$/,
    ) as string,
  });
  expect(unpacked()).toEqual(['mq-1', 'mq-2']);
  expect(unfinished()).toEqual([]);
  expect(await back()).toEqual({ kind: 'rolled-back' });
  expect(unpacked()).toEqual([]);
});

test('a rollback after a kill during an upload removes the partial upload', async () => {
  const { carry, back, unfinished, upload } = await site();
  await carry();
  writeFileSync(upload('mq-2'), 'the first half');
  expect(unfinished()).toEqual([upload('mq-2')]);
  await back();
  expect(unfinished()).toEqual([]);
});

test.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
  'names a disk that fills up during unpacking, and removes the partial release',
  async () => {
    const { carry, unpacked, unfinished } = await site({ roomOn: 'mq-2' });
    await expect(carry()).rejects.toMatchObject({
      code: 'host-refused',
      message: expect.stringMatching(
        /^host mq-2: tar failed: .*(?:No space left on device|Wrote only \d+ of \d+ bytes)/,
      ) as string,
      hint: 'free disk space there',
    });
    expect(unpacked()).toEqual(['mq-1']);
    expect(unfinished()).toEqual([]);
  },
);

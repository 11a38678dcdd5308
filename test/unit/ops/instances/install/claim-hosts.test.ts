import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../../../core/clock.ts';
import { DesiredInstance } from '../../../../../core/documents/instances.ts';
import { LocalHost } from '../../../../../hosts/config.ts';
import { openInstanceHost } from '../../../../../hosts/instances/instance-host.ts';
import { carryOut } from '../../../../../ops/change/carry-out.ts';
import { newJournal } from '../../../../../ops/change/journal.ts';
import type { InstanceFacts, InstanceTools } from '../../../../../ops/instances/facts.ts';
import { instanceChanges } from '../../../../../ops/instances/instance-changes.ts';

const { signal } = new AbortController();

/** The first and the last step of an installation by one operator. */
function installation(cluster: string, claim: string) {
  const install = { distribution: 'rocketmq-5.3.3', home: '/opt/ns-1' };
  const target = DesiredInstance.parse({ cluster, host: 'mq-1', role: 'rocketmq-name-server', install });
  const facts: InstanceFacts = {
    action: 'install',
    order: [{ name: 'ns-1', target, wasRunning: false }],
    marks: {},
    install: { archives: {}, copies: [], files: {}, claim },
  };
  const host = openInstanceHost('mq-1', LocalHost.parse({ probe: 'local' }), { clock: systemClock });
  const steps = instanceChanges.install.steps(facts, { hostOf: () => host } as unknown as InstanceTools);
  const chosen = (ids: RegExp) => steps.filter(({ id }) => ids.test(id));
  const journal = newJournal({ cluster, change: 'instances-install', subject: cluster, facts }, new Date(0));
  const saved = { save: async () => {}, check: async () => {}, tell: () => {} };
  const carry = (ids: RegExp) => carryOut({ ...saved, journal, steps: chosen(ids), clock: systemClock, signal });
  return {
    claim: () => carry(/^claim-hosts$/),
    end: () => carry(/^(claim|release)-hosts$/),
    back() {
      journal.direction = 'back';
      return carry(/^claim-hosts$/);
    },
  };
}

/** The text of a claim as `instances install` writes it. */
const claimOf = (operator: string) => `${operator}, since 2026-11-24T02:00:00.000Z, ${randomUUID()}`;
const { username } = userInfo();

function place() {
  const cluster = `test-${randomUUID()}`;
  const path = `/tmp/plimsoll-install-${cluster}`;
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return { cluster, path };
}

test('the second of two concurrent installations of a cluster is refused with the name of the first operator', async () => {
  const { cluster, path } = place();
  const ofAlice = claimOf('alice on ops-1');
  const [alice, bob] = [ofAlice, claimOf('bob on ops-2')].map((claim) => installation(cluster, claim));
  await alice?.claim();
  await expect(bob?.claim()).rejects.toMatchObject({
    code: 'change-stopped',
    message: `host mq-1 is claimed by another installation of this cluster: ${ofAlice} (link of user ${username})`,
    hint: expect.stringContaining(`delete ${path} on that host as ${username} or root`) as string,
  });
  await bob?.back();
  expect(readlinkSync(path)).toBe(ofAlice);
  await alice?.end();
  expect((await installation(cluster, claimOf('bob on ops-2')).claim()).kind).toBe('done');
});

test('a killed installation keeps its claim and continues with it', async () => {
  const { cluster, path } = place();
  const claim = claimOf('alice on ops-1');
  symlinkSync(claim, path);
  const resumed = installation(cluster, claim);
  expect((await resumed.end()).kind).toBe('done');
  expect(() => readlinkSync(path)).toThrow('ENOENT');
});

test.each<[string, RegExp, (path: string, folder: string) => void]>([
  ['directory', /is a directory of user \S+, not a claim/, (path) => mkdirSync(path)],
  [
    'link to a directory',
    /is a symbolic link of user \S+ to "\/tmp\/\S+", not a claim/,
    (path, to) => symlinkSync(to, path),
  ],
  [
    'link with an escape sequence',
    /of user \S+ to "\\u001b\[2J on x, since 1, /,
    (path) => symlinkSync(`\u001b[2J on x, since 1, ${randomUUID()}`, path),
  ],
])('a foreign %s in the place of a claim is reported with its owner and stays untouched', async (_, what, make) => {
  const { cluster, path } = place();
  const folder = `${path}-elsewhere`;
  mkdirSync(folder);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  make(path, folder);
  const before = [folder, path].map(readable);
  const mine = installation(cluster, claimOf('alice on ops-1'));
  await expect(mine.claim()).rejects.toMatchObject({
    code: 'change-stopped',
    message: expect.stringMatching(what) as string,
    hint: expect.stringContaining(`delete ${path} on that host as ${username} or root`) as string,
  });
  // The rollback does not delete it either.
  await mine.back();
  expect([folder, path].map(readable)).toEqual(before);
});

function readable(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [readlinkSync(path)];
  }
}

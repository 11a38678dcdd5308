import { randomUUID } from 'node:crypto';
import { readlinkSync, rmSync, symlinkSync } from 'node:fs';
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

function place() {
  const cluster = `test-${randomUUID()}`;
  const path = `/tmp/plimsoll-install-${cluster}`;
  onTestFinished(() => rmSync(path, { force: true }));
  return { cluster, path };
}

test('of two operators who install a cluster at once, the second is stopped and reads who the first is', async () => {
  const { cluster, path } = place();
  const [alice, bob] = ['alice on ops-1', 'bob on ops-2'].map((name) => installation(cluster, name));
  await alice?.claim();
  await expect(bob?.claim()).rejects.toMatchObject({
    code: 'change-stopped',
    message: 'host mq-1 is claimed by another installation of this cluster: alice on ops-1',
    hint: expect.stringContaining(path) as string,
  });
  await bob?.back();
  expect(readlinkSync(path)).toBe('alice on ops-1');
  await alice?.end();
  expect((await installation(cluster, 'bob on ops-2').claim()).kind).toBe('done');
});

test('an installation that was killed keeps its claim and continues with it', async () => {
  const { cluster, path } = place();
  symlinkSync('alice on ops-1', path);
  const resumed = installation(cluster, 'alice on ops-1');
  expect((await resumed.end()).kind).toBe('done');
  expect(() => readlinkSync(path)).toThrow('ENOENT');
});

import { expect, test } from 'vitest';
import { plannedSteps } from '../../../../../app/change/planned-steps.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { DesiredInstance } from '../../../../../core/documents/instances.ts';
import { LocalHost } from '../../../../../hosts/config.ts';
import { openInstanceHost } from '../../../../../hosts/instances/instance-host.ts';
import { canonicalJson } from '../../../../../ops/change/approvable-plan.ts';
import type { InstanceFacts, InstanceTools } from '../../../../../ops/instances/facts.ts';
import { copyRelease, filesDigest, installOf, writeFiles } from '../../../../../ops/instances/install/install-steps.ts';
import { replaceFiles } from '../../../../../ops/instances/install/replace-files.ts';

const io = { signal: new AbortController().signal };
const path = '/etc/a/broker.conf';
const target = DesiredInstance.parse({
  cluster: 'orders',
  host: 'mq-1',
  role: 'rocketmq-master',
  settings: path,
  install: { distribution: 'rocketmq-5.3.3', home: '/opt/a', files: { [path]: 'broker.conf' } },
});
const each = { name: 'a', target, wasRunning: false };
const copy = { host: 'mq-1', release: '/opt/releases/rocketmq-5.3.3', distribution: 'rocketmq-5.3.3', owner: 'a' };

/** The parts of an installation with these contents that an approval covers. */
async function approved({ settings = 'brokerName=a\n', archive = 'aa' } = {}): Promise<string[]> {
  const packages = { textOf: async () => settings };
  const host = openInstanceHost('mq-1', LocalHost.parse({ probe: 'local' }), { clock: systemClock });
  const tools = { hostOf: () => host, packages, all: {} } as unknown as InstanceTools;
  const files = { a: await filesDigest(installOf(each), tools.packages, io) };
  const archives = { 'rocketmq-5.3.3': { algorithm: 'sha512' as const, digest: archive } };
  const install = { archives, copies: [], files, replaced: { a: [{ path, isNew: false }] } };
  const facts: InstanceFacts = { action: 'install', order: [each], marks: {}, install };
  const steps = [
    copyRelease({ ...copy, isNew: true }, facts, tools),
    writeFiles(each, facts, tools),
    replaceFiles(each, facts, tools),
  ];
  return steps.map((step) => canonicalJson(plannedSteps([step]).exact));
}

test('other settings make other steps, so only approved contents are written', async () => {
  const [copied, written, replaced] = await approved();
  const [sameCopied, otherWritten, otherReplaced] = await approved({ settings: 'brokerName=b\n' });
  expect(sameCopied).toBe(copied);
  expect(otherWritten).not.toBe(written);
  expect(otherReplaced).not.toBe(replaced);
});

test('another archive makes another step', async () => {
  const [copied, ...rest] = await approved();
  const [otherCopied, ...otherRest] = await approved({ archive: 'bb' });
  expect(otherCopied).not.toBe(copied);
  expect(otherRest).toEqual(rest);
});

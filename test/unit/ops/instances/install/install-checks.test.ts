import { expect, test } from 'vitest';
import { DesiredInstance, type InstanceRole } from '../../../../../core/documents/instances.ts';
import type { ProgramResult } from '../../../../../hosts/instances/host-commands.ts';
import type { InstanceTools } from '../../../../../ops/instances/facts.ts';
import { ensembleFindings, quorumFindings } from '../../../../../ops/instances/install/install-checks.ts';

const instance = (role: InstanceRole, cluster = 'orders') =>
  DesiredInstance.parse({ cluster, host: 'mq-1', role, install: { distribution: 'new', home: '/opt/new' } });
const all = { z: instance('zookeeper'), b: instance('kafka-broker'), k: instance('kafka-broker', 'logs') };

function codes(name: keyof typeof all, kafkaVersion?: string): string[] {
  const archive = {
    path: 'new.tgz',
    algorithm: 'sha512',
    digest: 'a',
    sentDigest: 'a',
    archiveBytes: 1,
    unpackedBytes: 1,
  } as const;
  const found = ensembleFindings({ name, target: all[name] }, { ...archive, kafkaVersion }, { all });
  return found.map(({ severity, code }) => `${severity} ${code}`);
}

test('Kafka 4 is refused only for servers and brokers of a cluster with ZooKeeper', () => {
  expect(codes('z', '4.0.0')).toEqual(['critical runs-without-zookeeper']);
  expect(codes('b', '4.3.1')).toEqual(['critical runs-without-zookeeper']);
  expect(codes('b', '3.9.2')).toEqual([]);
  expect(codes('k', '4.3.1')).toEqual([]);
  // An archive without the jar of Kafka, such as that of another product.
  expect(codes('z')).toEqual([]);
});

test('refuses a controller whose voters differ from those of the installed controllers', async () => {
  const settings = '/etc/c/server.properties';
  const install = { distribution: 'kafka-4.1.0', home: '/opt/c', files: { [settings]: 'c/server.properties' } };
  const controller = (host: string) =>
    DesiredInstance.parse({ cluster: 'orders', host, role: 'kafka-controller', settings, install });
  const controllers = { c1: controller('mq-1'), c2: controller('mq-2') };
  const voters = (list: string) => `process.roles=controller\ncontroller.quorum.voters=${list}\n`;
  const [one, two] = [voters('1@mq-1:9093'), voters('1@mq-1:9093,2@mq-2:9093')];
  const found = async (onHost: Partial<ProgramResult>, chosen = ['c2']) => {
    const run = async () => ({ exitCode: 0, stdout: '', stderr: '', ...onHost });
    const hostOf = (name: string) => ({ name, commands: { run } });
    const packages = { textOf: async () => two };
    const tools = { all: controllers, hostOf, packages } as unknown as InstanceTools;
    const io = { signal: new AbortController().signal };
    const findings = await quorumFindings({ name: 'c2', target: controllers.c2 }, new Set(chosen), tools, io);
    return findings.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
  };
  expect(await found({ stdout: one })).toEqual([
    'critical other-quorum: c2 would have other members in its quorum than c1 on host mq-1: controller.quorum.voters=1@mq-1:9093,2@mq-2:9093 instead of controller.quorum.voters=1@mq-1:9093. Keep the former members in site.yaml: Plimsoll does not extend a quorum',
  ]);
  expect(await found({ stdout: two })).toEqual([]);
  expect(await found({ stdout: one }, ['c1', 'c2'])).toEqual([]);
  const missing = `cat: ${settings}: No such file or directory\n`;
  expect(await found({ exitCode: 1, stderr: missing })).toEqual([]);
  const denied = `cat: ${settings}: Permission denied\n`;
  expect(await found({ exitCode: 1, stderr: denied })).toEqual([expect.stringMatching(/^warning settings-unread: /)]);
});

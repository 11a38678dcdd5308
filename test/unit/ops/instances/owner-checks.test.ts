import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../core/clock.ts';
import { DesiredInstance } from '../../../../core/documents/instances.ts';
import { LocalHost } from '../../../../hosts/config.ts';
import { openInstanceHost, type InstanceHost } from '../../../../hosts/instances/instance-host.ts';
import { parseProperties } from '../../../../hosts/instances/instance-settings.ts';
import { metaFindings, numberFindings } from '../../../../ops/instances/owner-checks.ts';

const io = { signal: AbortSignal.timeout(30_000) };
const ensemble = 'server.1=10.0.0.1:2888:3888\nserver.2=10.0.0.2:2888:3888\nserver.3=10.0.0.3:2888:3888\n';

interface Case {
  myid?: string;
  settings?: string;
  broker?: string;
  isPlanned?: boolean;
  isInstalled?: boolean;
}

async function codes({ myid, settings = ensemble, broker = '2', isPlanned = false, isInstalled = false }: Case) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-myid-'));
  const data = join(folder.path, 'data');
  mkdirSync(data);
  const path = join(data, 'myid');
  if (myid !== undefined) writeFileSync(path, myid);
  await using host = openInstanceHost('mq-1', LocalHost.parse({ probe: 'local' }), { clock: systemClock });
  const install = { distribution: 'kafka', home: '/opt/z', files: { [path]: 'myid' } };
  const of = { cluster: 'orders', host: 'mq-1', role: 'zookeeper', broker, directories: [data] };
  const target = DesiredInstance.parse({ ...of, ...(isInstalled && { install }) });
  const own = { name: 'z2', target, properties: parseProperties(settings), ports: [], directories: [data] };
  const found = await numberFindings(host, own, { isPlanned }, io);
  return found.map(({ severity, code, message }) => `${severity} ${code}: ${message.replaceAll(data, 'DATA')}`);
}

test('a server whose myid matches is started', async () => expect(await codes({ myid: '2\n' })).toEqual([]));

test('a member of an ensemble without a myid is not started', async () => {
  expect(await codes({})).toEqual([
    'critical myid-missing: z2: no DATA/myid on host mq-1. Check that the disk is mounted; in a new directory, write the number of this server into it',
  ]);
  expect(await codes({ isInstalled: true })).toHaveLength(1);
  expect(await codes({ isInstalled: true, isPlanned: true })).toEqual([]);
});

test('a server with the data of another server is not started', async () => {
  expect(await codes({ myid: '3' })).toEqual([
    'critical other-server: DATA/myid on host mq-1 is of server 3, and z2 is server 2',
  ]);
  expect(await codes({ myid: '3', isInstalled: true, isPlanned: true })).toHaveLength(1);
  expect(await codes({ myid: '7', broker: '7' })).toEqual([
    'critical other-server: DATA/myid on host mq-1 has the id 7, but the settings list only the servers 1, 2, 3',
  ]);
});

test('a standalone server needs no myid, but an installed one without its myid has lost its disk', async () => {
  expect(await codes({ settings: 'clientPort=2181\n' })).toEqual([]);
  expect(await codes({ settings: '', isInstalled: true })).toHaveLength(1);
  expect(await codes({ settings: '', isInstalled: true, myid: '2' })).toEqual([]);
});

test('a data directory that the login may not read does not count as unformatted', async () => {
  const directories = ['/data/a', '/data/b'];
  const target = DesiredInstance.parse({ cluster: 'orders', host: 'mq-1', role: 'kafka-broker', directories });
  const properties = parseProperties('process.roles=broker\n');
  const own = { name: 'orders-1', target, properties, ports: [], directories };
  const found = async (...reasons: readonly string[]) => {
    const failures = new Map(directories.map((each, at) => [`${each}/meta.properties`, reasons[at]] as const));
    const readAll = async () => ({ texts: new Map<string, string>(), failures });
    const host = { name: 'mq-1', files: { readAll } } as unknown as InstanceHost;
    const findings = await metaFindings(host, own, { clusterId: undefined, isPlanned: false }, io);
    return findings.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
  };
  expect(await found('ENOENT', 'ENOENT')).toEqual([expect.stringMatching(/^critical not-formatted: /)]);
  expect(await found('ENOENT', 'EACCES')).toEqual([
    'warning settings-unread: orders-1: /data/b/meta.properties on host mq-1 cannot be read (EACCES), so its cluster and broker are not checked',
  ]);
});

import { expect, test } from 'vitest';
import { DesiredInstance } from '../../../../../core/documents/instances.ts';
import type { ProgramResult } from '../../../../../hosts/instances/host-commands.ts';
import type { InstanceTools } from '../../../../../ops/instances/facts.ts';
import { nameEnsemble } from '../../../../../ops/instances/install/name-ensemble.ts';
import { instanceToolsWith, thisHost } from '../../../../support/instance-tools.ts';

const io = { signal: new AbortController().signal };
const clusterId = 'EQ5lSIewblrq-K1iJqb9jQ';
const server = (role: 'zookeeper' | 'kafka-broker', user?: string) => {
  const install = { distribution: 'kafka-3.9.1', home: '/opt/z1', clusterId, sudo: true, ...(user && { user }) };
  const of = { cluster: 'orders', host: 'mq-1', port: 2281, java: '/usr/lib/jvm/17', directories: ['/data/z1'] };
  return { name: 'z1', target: DesiredInstance.parse({ ...of, role, install }), wasRunning: false };
};

/** A server as the shell of ZooKeeper 3.8 shows it: results on standard output, errors on standard error. */
function ensemble({ nodes = new Map<string, string>(), isServing = true } = {}) {
  const lines: string[][] = [];
  const answer = (stdout: string, stderr = ''): ProgramResult => ({
    exitCode: stderr === '' ? 0 : 123,
    stdout,
    stderr,
  });
  const watcher = 'Connecting to 127.0.0.1:2281\n\nWATCHER::\n\nWatchedEvent state:SyncConnected type:None path:null\n';
  const run = async (program: string, args: readonly string[]) => {
    lines.push([program, ...args]);
    const [command, path = '', data = ''] = args.slice(args.indexOf('-server') + 2);
    if (!isServing) return answer('', 'KeeperErrorCode = ConnectionLoss for /cluster/id\n');
    if (command === 'get') {
      const text = nodes.get(path);
      return text === undefined ? answer(watcher, `Node does not exist: ${path}\n`) : answer(`${watcher}${text}\n`);
    }
    if (nodes.has(path)) return answer(watcher, `Node already exists: ${path}\n`);
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (parent !== '' && !nodes.has(parent)) return answer(watcher, `Node does not exist: ${path}\n`);
    nodes.set(path, data);
    return answer(watcher, `Created ${path}\n`);
  };
  return { lines, nodes, tools: instanceToolsWith({ hostOf: (name) => thisHost(name, run) }) };
}
const stepOf = (tools: InstanceTools, user?: string) =>
  nameEnsemble([server('zookeeper', user)], tools)[0] ?? expect.fail('there is a step');

test('writes the cluster id once, in the format that brokers read', async () => {
  const { tools, nodes, lines } = ensemble();
  expect(await stepOf(tools, 'broker').run(io)).toMatchObject({ kind: 'done' });
  expect(nodes.get('/cluster/id')).toBe(`{"version":"1","id":"${clusterId}"}`);
  expect(lines[0]?.join(' ')).toBe(
    'runuser -u broker -- /usr/lib/jvm/17/bin/java -Xmx128m -cp /opt/z1/current/libs/* org.apache.zookeeper.ZooKeeperMain -server 127.0.0.1:2281 get /cluster/id',
  );
  const before = lines.length;
  expect(await stepOf(tools).run(io)).toMatchObject({ kind: 'done' });
  expect(lines.slice(before).map(([program, ...words]) => [program, words.at(-2)])).toEqual([['env', 'get']]);
});

test('completes a write that was interrupted after the first node', async () => {
  const { tools, nodes } = ensemble({ nodes: new Map([['/cluster', '']]) });
  expect(await stepOf(tools).run(io)).toMatchObject({ kind: 'done' });
  expect(nodes.get('/cluster/id')).toContain(clusterId);
});

test('servers with the data of another cluster stop the installation and keep their id', async () => {
  const nodes = new Map([['/cluster/id', '{"version":"1","id":"another"}']]);
  await expect(stepOf(ensemble({ nodes }).tools).run(io)).rejects.toThrow('is of cluster another, and orders is');
  expect(nodes.get('/cluster/id')).toContain('another');
});

test('waits for servers without a majority', async () => {
  expect(await stepOf(ensemble({ isServing: false }).tools).run(io)).toMatchObject({
    kind: 'held',
    holds: [{ what: 'ZooKeeper on host mq-1 is not ready: KeeperErrorCode = ConnectionLoss for /cluster/id' }],
  });
});

test('writes nothing if no server was started', () =>
  expect(nameEnsemble([server('kafka-broker')], ensemble().tools)).toEqual([]));

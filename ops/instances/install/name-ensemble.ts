// Writes the id of a Kafka cluster to its ZooKeeper before the first broker starts, because that broker would otherwise
// generate one.

import { join } from 'node:path/posix';
import type { Io } from '../../../brokers/driver.ts';
import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import { lastError } from '../../../core/text/last-error.ts';
import { linkOf } from '../../../hosts/instances/host-installer.ts';
import { done, heldBy, type Step } from '../../change/step.ts';
import type { ChangedInstance, InstanceFacts, InstanceTools } from '../facts.ts';
import { installOf } from './install-steps.ts';

/** ZooKeeper path from which a broker reads the id (ClusterIdZNode). */
const place = '/cluster/id';

type Kept = { kind: 'known'; id: string } | { kind: 'none' } | { kind: 'unread'; reason: string };

/** @param started instances just started; uses one server of an ensemble. @returns nothing if none is a ZooKeeper server */
export function nameEnsemble(started: readonly ChangedInstance[], tools: InstanceTools): Step<InstanceFacts>[] {
  const server = started.find(({ target }) => target.role === 'zookeeper');
  const id = server?.target.install?.clusterId;
  if (server === undefined || id === undefined) return [];
  const { cluster, host, directories } = server.target;
  return [
    {
      id: `name-ensemble-${cluster}`,
      description: `write the id ${id} of cluster ${cluster} to ZooKeeper`,
      zh: `把集群 ${cluster} 的 id ${id} 写入 ZooKeeper`,
      pause: seconds(2),
      async run(io) {
        const before = await readId(server, tools, io);
        if (before.kind === 'none') {
          await ask(server, ['create', '/cluster'], tools, io);
          await ask(server, ['create', place, JSON.stringify({ version: '1', id })], tools, io);
        }
        const kept = before.kind === 'none' ? await readId(server, tools, io) : before;
        if (kept.kind !== 'known') {
          const why = kept.kind === 'unread' ? kept.reason : 'it did not store the id';
          return heldBy({
            en: `ZooKeeper on host ${host} is not ready: ${why}`,
            zh: `主机 ${host} 上的 ZooKeeper 尚未就绪：${why}`,
          });
        }
        if (kept.id === id) return done(`${place}: ${id}`);
        throw new AppError(
          'change-stopped',
          `ZooKeeper on host ${host} is of cluster ${kept.id}, and ${cluster} is ${id}`,
          { hint: `check whose data is in ${directories.join(', ')} before you move or delete it, then --resume` },
        );
      },
      undo: {
        none: 'servers without brokers store the id for the next install',
        zh: '没有 Broker 的节点保留该 id，供下次安装使用',
      },
    },
  ];
}

async function readId(server: ChangedInstance, tools: InstanceTools, io: Io): Promise<Kept> {
  const { stdout, stderr } = await ask(server, ['get', place], tools, io);
  const [, id] = /"id"\s*:\s*"([^"]+)"/.exec(stdout) ?? [];
  if (id !== undefined) return { kind: 'known', id };
  if (/Node does not exist/.test(`${stdout}${stderr}`)) return { kind: 'none' };
  return { kind: 'unread', reason: lastError(stderr) ?? lastError(stdout) ?? 'no answer' };
}

/** Uses the shell of the same distribution; over SSH, its exit code does not show what failed. */
function ask(server: ChangedInstance, command: readonly string[], { hostOf }: InstanceTools, io: Io) {
  const { java, port = 2181, host } = server.target;
  const { user, sudo, home } = installOf(server);
  const program = java === undefined ? 'java' : join(java, 'bin/java');
  const shell = ['-Xmx128m', '-cp', `${linkOf({ home })}/libs/*`, 'org.apache.zookeeper.ZooKeeperMain'];
  const words = [program, ...shell, '-server', `127.0.0.1:${port}`, ...command];
  const { commands } = hostOf(host);
  return user === undefined
    ? commands.run('env', words, io)
    : commands.run('runuser', ['-u', user, '--', ...words], io, { sudo });
}

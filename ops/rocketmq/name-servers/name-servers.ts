// Orders a name server change: brokers learn of a new server before clients do; an old one is stopped first.

import type { Io } from '../../../brokers/driver.ts';
import { pipelined } from '../../../brokers/pipelined.ts';
import { named } from '../../../core/text/bilingual.ts';
import { faultOf } from '../../../core/errors.ts';
import { done, heldBy, type Step } from '../../change/step.ts';
import type { ChangeKind, Tools } from '../change.ts';
import { silentServer } from '../listings.ts';
import { keepsAddress, NameServersFacts } from './facts.ts';
import { awaitRegistered, updateBrokers } from './update-brokers.ts';
import { seconds } from '../../../core/clock.ts';

export const nameServers: ChangeKind<NameServersFacts> = {
  name: 'name-servers',
  facts: NameServersFacts,

  steps(facts: NameServersFacts, tools: Tools): readonly Step<NameServersFacts>[] {
    const { add, remove } = facts;
    const start = add === undefined ? [] : [awaitServerStarted(add, tools), copyOrders(add, facts, tools)];
    const stop = remove === undefined ? [] : [awaitServerStopped(remove, tools)];
    if (keepsAddress(facts)) return [...stop, ...start, awaitRegistered(facts, tools)];
    // The removed server stops before brokers forget it, so that no client can find an old route there.
    if (add === undefined) return [...stop, updateBrokers(facts, tools), awaitRegistered(facts, tools)];
    const { remove: _, ...withOld } = facts;
    return remove === undefined
      ? [...start, updateBrokers(facts, tools), awaitRegistered(facts, tools)]
      : [
          ...start,
          renamed(updateBrokers(withOld, tools), 'tell-brokers-of-both'),
          renamed(awaitRegistered(facts, tools), 'see-registered-at-new'),
          ...stop,
          updateBrokers(facts, tools),
          awaitRegistered(facts, tools),
        ];
  },

  notice: ({ add, remove, others }) => {
    const after = [...new Set([...others, ...(add === undefined ? [] : [add])])].join(';');
    return {
      en: [
        'Notice: the name servers of a RocketMQ cluster change',
        ...(add === undefined ? [] : [`Added: ${add}`]),
        ...(remove === undefined ? [] : [`Removed: ${remove}`]),
        'What clients see: sending and reading continue with the known routes. A client that lists a stopped name server logs errors and uses the next one.',
        `Please do: use ${after} after you are notified that it is ready, not before: a name server that some brokers have not registered with has incomplete routes.`,
        'Rollback: brokers get their former list; the removed name server is started again.',
      ],
      zh: [
        '通知：RocketMQ 集群 NameServer 变更',
        ...(add === undefined ? [] : [`新增：${add}`]),
        ...(remove === undefined ? [] : [`下线：${remove}`]),
        '对客户端的影响：收发使用已有路由，不中断。列表中含已下线 NameServer 的客户端会打印错误日志并改询其他节点，不影响使用。',
        `请配合：收到“可用”通知后再使用 ${after}；在所有 Broker 注册完成之前使用新节点，会拿到不完整的路由。`,
        '回滚方案：恢复 Broker 原来的 NameServer 列表，重新启动已下线的节点。',
      ],
    };
  },
};

const renamed = (step: Step<NameServersFacts>, id: string): Step<NameServersFacts> => ({ ...step, id });

function awaitServerStarted(add: string, { desk }: Tools): Step<NameServersFacts> {
  const [, port = '9876'] = /:(\d+)$/.exec(add) ?? [];
  return {
    id: 'start-server',
    by: 'operator',
    description: `start a name server at ${add}, but do not configure it in clients yet`,
    zh: `在 ${add} 启动 NameServer，暂不配置到客户端`,
    how: [
      {
        en: `on the host of ${add}: install the version of the others, with listenPort=${port} in conf/namesrv.conf`,
        zh: `在 ${add} 所在主机安装与其他 NameServer 相同的版本，conf/namesrv.conf 中设置 listenPort=${port}`,
      },
      'sh bin/mqnamesrv -c conf/namesrv.conf',
      { en: 'open its port to every broker and every client', zh: '向所有 Broker 和客户端放通其端口' },
    ],
    pause: seconds(1),
    undo: {
      description: `an operator stops the name server at ${add}`,
      zh: `由运维人员停止 ${add} 的 NameServer`,
    },
    async run(io) {
      const [listing] = await desk.listings(io, [add]);
      if (listing?.brokers !== undefined) {
        return done({ en: `a name server answers at ${add}`, zh: `${add} 的 NameServer 已响应` });
      }
      return { kind: 'held', holds: [silentServer(add, listing?.reason)] };
    },
  };
}

/**
 * Name servers do not share order configurations, and producers read the queues of an ordered topic from the name
 * server they use.
 */
function copyOrders(add: string, facts: NameServersFacts, { desk }: Tools): Step<NameServersFacts> {
  const { others, topics, remove } = facts;
  // The leaving server may be the only one with a configuration, or may already be down.
  const leaving = async (topic: string, io: Io) =>
    remove === undefined || keepsAddress(facts)
      ? undefined
      : await desk.orderOf(remove, topic, io).catch((cause: unknown) => void faultOf(cause, io));
  return {
    id: 'copy-orders',
    description: `copy the order configurations of topics to ${add}`,
    zh: `把 Topic 的顺序配置复制到 ${add}`,
    pause: seconds(1),
    undo: { none: 'the new name server has what the others have', zh: '新 NameServer 的内容与其他节点相同' },
    async run(io) {
      const orders = await pipelined(topics, topicsAtOnce, async (topic) => {
        const theirs = await Promise.all([
          ...others.map((server) => desk.orderOf(server, topic, io)),
          leaving(topic, io),
        ]);
        return { topic, wanted: theirs.find((order) => order !== undefined), now: await desk.orderOf(add, topic, io) };
      });
      const missing = orders.filter(({ wanted, now }) => wanted !== undefined && now === undefined);
      for (const { topic, wanted } of missing) await desk.setOrder(add, topic, wanted, io);
      const other = orders.filter(({ wanted, now }) => now !== undefined && now !== wanted).map(({ topic }) => topic);
      if (other.length === 0) {
        return done({
          en: `order configurations copied: ${missing.length}`,
          zh: `已复制顺序配置 ${missing.length} 个`,
        });
      }
      return heldBy({
        en: `${add} has another order configuration of ${named(other)} than the others: set the same`,
        zh: `${add} 上以下 Topic 的顺序配置与其他 NameServer 不同：${named(other, 5, 'zh')}。请设为相同的值`,
      });
    },
  };
}

const topicsAtOnce = 16;

function awaitServerStopped(remove: string, { desk }: Tools): Step<NameServersFacts> {
  return {
    id: 'stop-server',
    by: 'operator',
    description: `stop the name server at ${remove}`,
    zh: `停止 ${remove} 的 NameServer`,
    how: [
      {
        en: 'check that every client lists the other name servers: a client with only this one would find no route',
        zh: '确认所有客户端都配置了其他 NameServer：只配置该节点的客户端将找不到路由',
      },
      {
        en: `on the host of ${remove}: sh bin/mqshutdown namesrv`,
        zh: `在 ${remove} 所在主机执行 sh bin/mqshutdown namesrv`,
      },
      {
        en: 'brokers and clients log that they cannot reach it, which is harmless while the others answer',
        zh: 'Broker 和客户端会打印无法连接的日志；只要其他节点正常响应，就没有影响',
      },
    ],
    pause: seconds(1),
    undo: {
      description: `an operator starts the name server at ${remove} again where it was stopped`,
      zh: `若 ${remove} 的 NameServer 已停止，由运维人员重新启动`,
    },
    async run(io) {
      const [listing] = await desk.listings(io, [remove]);
      if (listing?.brokers === undefined) {
        return done({ en: `${remove} no longer answers`, zh: `${remove} 已无响应` });
      }
      return heldBy({
        en: `the name server at ${remove} still answers: stop it`,
        zh: `${remove} 的 NameServer 仍在响应：请停止`,
      });
    },
  };
}

// Sets up a real RocketMQ cluster for changes and reads its state.

import { openChangeDesk, type ChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { encodeUpdateConsumerOffset } from '../../brokers/rocketmq/protocol/offset-requests.ts';
import { createRemotingClient } from '../../brokers/rocketmq/protocol/remoting-client.ts';
import { groupsIn } from '../../ops/rocketmq/broker-group.ts';
import { topicOf } from './defined-topic.ts';
import type { RunningRocketmq } from './rocketmq.ts';

export interface ChangedCluster extends AsyncDisposable {
  desk: ChangeDesk;
  /** Creates a topic on all current masters, or on the named ones; resolves when every name server routes it. */
  define(topic: string, groups: readonly string[], queues?: number, brokers?: readonly string[]): Promise<void>;
  /** Permissions by broker name, as one name server reports them: 4 read, 2 write. */
  permissions(topic: string, nameServer: string): Promise<Record<string, number>>;
  queues(topic: string, nameServer: string): Promise<Record<string, string>>;
  /** Sends the request of mqadmin wipeWritePerm (WIPE_WRITE_PERM_OF_BROKER, 205). */
  wipeWritesAtNameServers(brokerName: string): Promise<void>;
  commit(group: string, topic: string, brokerName: string, offset: bigint): Promise<void>;
}

const io = { signal: new AbortController().signal };
const bits = { none: 0, w: 2, r: 4, rw: 6 } as const;

export function changedCluster({ config }: Pick<RunningRocketmq, 'config'>): ChangedCluster {
  const desk = openChangeDesk('lab', config);
  const client = createRemotingClient({ name: 'lab', config });
  const masters = async () =>
    new Map(
      [...groupsIn(await desk.listings(io))].flatMap(([name, { members }]) =>
        members.filter(({ brokerId }) => brokerId === 0).map(({ address }) => [name, address] as const),
      ),
    );
  const routeOf = async (topic: string, server: string) => (await desk.route(server, topic, io))?.queues ?? [];
  return {
    desk,
    async define(topic, groups, queues = 2, brokers = []) {
      const chosen = [...(await masters())].filter(([name]) => brokers.length === 0 || brokers.includes(name));
      for (const [, address] of chosen) {
        await desk.defineTopic(address, topicOf(topic, { readQueues: queues, writeQueues: queues }), undefined, io);
        for (const group of groups) {
          const definition = JSON.stringify({
            groupName: group,
            consumeEnable: true,
            consumeFromMinEnable: true,
            retryQueueNums: 1,
            retryMaxTimes: 16,
          });
          await desk.defineGroup(address, { name: group, definition }, undefined, io);
        }
      }
      for (const server of config.namesrv) {
        const deadline = performance.now() + 60_000;
        while (
          (await routeOf(topic, server)).filter(({ writeQueues }) => writeQueues === queues).length < chosen.length
        ) {
          if (performance.now() > deadline) throw new Error(`${server} does not route ${topic}`);
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      }
    },
    async permissions(topic, nameServer) {
      const queues = await routeOf(topic, nameServer);
      return Object.fromEntries(queues.map(({ brokerName, permission }) => [brokerName, bits[permission]]));
    },
    async queues(topic, nameServer) {
      const queues = await routeOf(topic, nameServer);
      return Object.fromEntries(queues.map((of) => [of.brokerName, `${of.readQueues}/${of.writeQueues}`]));
    },
    async wipeWritesAtNameServers(brokerName) {
      for (const server of config.namesrv) {
        const { code, remark } = await client.ask(server, { code: 205, fields: { brokerName } }, io);
        if (code !== 0) throw new Error(remark);
      }
    },
    async commit(consumerGroup, topic, brokerName, offset) {
      const address = (await masters()).get(brokerName) ?? '';
      const request = encodeUpdateConsumerOffset({ consumerGroup, topic, queueId: 0, offset });
      await client.ask(address, request, io);
    },
    async [Symbol.asyncDispose]() {
      await desk[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
    },
  };
}

// Reads facts from the details of a RocketMQ snapshot.

import { defined } from '../../core/defined.ts';
import type { Details, Reported } from '../reported.ts';
import { runtimeReading } from './figures/runtime-reading.ts';
import { acceptsMessages } from './protocol/name-server-requests.ts';
import { fullestDiskRatio, parseRuntimeInfo } from './runtime-info.ts';

export const rocketmqReported: Reported = {
  cluster: ({ rocketmq }) => rocketmq ?? {},

  broker(snapshot, id) {
    const broker = brokerOf(snapshot, id);
    if (broker === undefined) return {};
    const { brokerName: group, role, runtime, config } = broker;
    const figures = parseRuntimeInfo(runtime);
    const isOpen = role === 'master' && config !== undefined ? acceptsMessages(config) : undefined;
    const diskUsedRatio = fullestDiskRatio(figures);
    return defined({ group, role, version: figures.version, diskUsedRatio, runtime, acceptsMessages: isOpen });
  },

  storedBytes(snapshot, id) {
    const { commitLogMinOffset: start, commitLogMaxOffset: end } = parseRuntimeInfo(brokerOf(snapshot, id)?.runtime);
    return start === undefined || end === undefined ? undefined : end - start;
  },

  disks(snapshot, id) {
    const { runtime, config } = brokerOf(snapshot, id) ?? {};
    const { diskTotalBytes, diskFreeBytes } = parseRuntimeInfo(runtime);
    return [{ path: config?.get('storePathRootDir'), totalBytes: diskTotalBytes, usableBytes: diskFreeBytes }];
  },

  counters(snapshot, id) {
    const broker = brokerOf(snapshot, id)?.runtime;
    return broker && { section: 'runtime', counted: runtimeReading({ id, broker }) };
  },

  topics: ({ rocketmq }) => new Map(rocketmq?.topics.map((each) => [each.name, each])),

  topicBytes: () => new Map(),
  topicConfigs: () => undefined,

  settings({ rocketmq }, topic) {
    const { kind, messageType, routes = [] } = rocketmq?.topics.find(({ name }) => name === topic) ?? {};
    return {
      kind,
      'message.type': messageType,
      ...Object.fromEntries(
        routes.map(({ brokerName, readQueues, writeQueues, permission }) => [
          brokerName,
          `read ${readQueues}, write ${writeQueues} queues, permission ${permission}`,
        ]),
      ),
    };
  },

  group: ({ rocketmq }, name) => rocketmq?.groups.find((each) => each.name === name),
};

const brokerOf = ({ rocketmq }: Details, id: string) => rocketmq?.brokers.find((each) => each.id === id);

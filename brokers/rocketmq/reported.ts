// Reads facts from the details of a RocketMQ snapshot.

import { defined } from '../../core/defined.ts';
import type { Reported } from '../reported.ts';
import { acceptsMessages } from './protocol/name-server-requests.ts';
import { fullestDiskRatio, parseRuntimeInfo } from './runtime-info.ts';

export const rocketmqReported: Reported = {
  broker({ rocketmq }, id) {
    const broker = rocketmq?.brokers.find((each) => each.id === id);
    if (broker === undefined) return {};
    const { brokerName: group, role, runtime, config } = broker;
    const figures = parseRuntimeInfo(runtime);
    const { version, diskTotalBytes: totalBytes, diskFreeBytes: usableBytes } = figures;
    const { commitLogMinOffset: start, commitLogMaxOffset: end } = figures;
    const storedBytes = start === undefined || end === undefined ? undefined : end - start;
    const disks = [{ path: config?.get('storePathRootDir'), totalBytes, usableBytes }];
    const isOpen = role === 'master' && config !== undefined ? acceptsMessages(config) : undefined;
    const diskUsedRatio = fullestDiskRatio(figures);
    return defined({ group, role, version, runtime, storedBytes, diskUsedRatio, disks, acceptsMessages: isOpen });
  },

  settings({ rocketmq }, topic) {
    const { kind, messageType, routes = [] } = rocketmq?.topics.find(({ name }) => name === topic) ?? {};
    const queues = routes.map(({ brokerName, readQueues, writeQueues, permission }) => [
      brokerName,
      `read ${readQueues}, write ${writeQueues} queues, permission ${permission}`,
    ]);
    return { kind, 'message.type': messageType, ...Object.fromEntries(queues) };
  },
};

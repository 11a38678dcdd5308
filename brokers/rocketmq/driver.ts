// Implements the broker driver for RocketMQ over its remoting protocol, one connection per process.

import { systemClock } from '../../core/clock.ts';
import type { BrokerDriver } from '../driver.ts';
import { createRocketmqAdmin } from './admin.ts';
import type { RocketmqClusterConfig } from './config.ts';
import { watchRocketmqBrokers } from './figures/watch.ts';
import { createInspector } from './inspect/snapshot.ts';
import { createRocketmqLookup } from './lookup/lookup.ts';
import { createRemotingClient } from './protocol/remoting-client.ts';
import { createRocketmqTraffic } from './traffic.ts';

export const rocketmqDriver: BrokerDriver<RocketmqClusterConfig> = {
  async inspect(name, config, io) {
    const client = createRemotingClient({ name, config });
    const inspector = createInspector({ name, config, client, clock: systemClock });
    try {
      await inspector.describe(io);
      return inspector;
    } catch (cause) {
      await inspector[Symbol.asyncDispose]();
      throw cause;
    }
  },
  lookUp: createRocketmqLookup,
  traffic: createRocketmqTraffic,
  administer: createRocketmqAdmin,
  watchBrokers: async (name, config) =>
    watchRocketmqBrokers({ name, config, client: createRemotingClient({ name, config }), clock: systemClock }),
};

// Lists the dashboards; the committed JSON files are generated from them.

import { clusterCapacity } from './cluster-capacity.ts';
import { consumerLag } from './consumer-lag.ts';
import type { Dashboard } from './dashboard.ts';
import { exporterSelf } from './exporter-self.ts';
import { fleet } from './fleet.ts';
import { hostsAndCards } from './hosts.ts';
import { jvm } from './jvm.ts';
import { kafka } from './kafka.ts';
import { loadTest } from './load-test.ts';
import { promotionDay } from './promotion-day.ts';
import { rocketmq } from './rocketmq.ts';

export const dashboards: readonly Dashboard[] = [
  fleet,
  clusterCapacity,
  promotionDay,
  kafka,
  rocketmq,
  consumerLag,
  hostsAndCards,
  jvm,
  loadTest,
  exporterSelf,
];

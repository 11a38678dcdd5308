// Which kinds of broker can be spoken to? One line each; the keys are the values of `broker` in config.

import type { BrokerKind } from '../core/cluster.ts';
import type { ClusterConfig } from './config.ts';
import type { BrokerDriver } from './driver.ts';
import { kafkaDriver } from './kafka/driver.ts';

type DriverOf = { [Kind in BrokerKind]?: BrokerDriver<Extract<ClusterConfig, { broker: Kind }>> };

export const drivers = { kafka: kafkaDriver } satisfies DriverOf;

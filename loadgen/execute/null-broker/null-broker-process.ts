// Runs the null broker process: prints its port, and ends with the parent process.

import type { ByKind } from '../../../core/broker-kind/registry.ts';
import { frameLimit } from '../../../brokers/rocketmq/protocol/frame-codec.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import { createNullKafka } from './kafka.ts';
import { createNullRocketmq } from './rocketmq.ts';
import { loopback, serveFrames } from './framed-server.ts';

/** Default limit of a Kafka broker (socket.request.max.bytes). */
const kafkaFrameLimit = 100 * 1024 * 1024;

const [kind, partitions] = process.argv.slice(2) as [BrokerKind, string];
const options = { partitions: Number(partitions), address: (): [string, number] => [loopback, server.port] };
const servers: ByKind<() => ReturnType<typeof serveFrames>> = {
  kafka: () => serveFrames(createNullKafka(options), kafkaFrameLimit),
  rocketmq: () => serveFrames(createNullRocketmq(options), frameLimit),
};
const server = await servers[kind]();

process.stdout.write(`${server.port}\n`);
// Standard input closes when the parent closes it or is killed.
process.stdin.resume().on('end', () => process.exit(0));

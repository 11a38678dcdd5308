// Where does the process of a null broker begin? Says its port, and ends with whoever started it.

import { createNullKafka } from './kafka.ts';
import { createNullRocketmq, rocketmqFrameLimit } from './rocketmq.ts';
import { loopback, serveFrames } from './framed-server.ts';

/** What a Kafka broker takes at most by default (socket.request.max.bytes). */
const kafkaFrameLimit = 100 * 1024 * 1024;

const [kind, partitions] = process.argv.slice(2);
const options = { partitions: Number(partitions), address: (): [string, number] => [loopback, server.port] };
const server =
  kind === 'kafka'
    ? await serveFrames(createNullKafka(options), kafkaFrameLimit)
    : await serveFrames(createNullRocketmq(options), rocketmqFrameLimit);

process.stdout.write(`${server.port}\n`);
// It closes when the other end is closed, and also when the other process was killed.
process.stdin.resume().on('end', () => process.exit(0));

// Sends single messages to a cluster beside a run.

import { driverOf } from '../../brokers/registry.ts';
import { ClusterConfig } from '../../brokers/config.ts';

export interface OtherClient extends AsyncDisposable {
  /** Resolves when the message is stored. */
  send(): Promise<void>;
}

/** @param cluster as in a config file */
export async function openOtherClient(cluster: object, topic: string): Promise<OtherClient> {
  const config = ClusterConfig.parse(cluster);
  const driver = driverOf(config);
  const io = { signal: AbortSignal.timeout(60_000) };
  await using admin = await driver.administer('lab', config, io);
  await admin.createTopic({ name: topic, partitions: 1, replicationFactor: 1 }, io);
  await using opened = new AsyncDisposableStack();
  const traffic = opened.use(await driver.traffic('lab', config, io));
  const producer = opened.use(await traffic.producer({ acks: 'all' }));
  const send = () =>
    producer.send({ topic, partition: 0, values: [Buffer.alloc(100)] }, { signal: AbortSignal.timeout(60_000) });
  await send();
  const held = opened.move();
  return { send, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

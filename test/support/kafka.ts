// Starts a real Kafka in a new lab, removed when disposed.

import type { KafkaLabRequest } from '../../lab/kafka/plan.ts';
import { defaultKafkaVersion } from '../../lab/kafka/release.ts';
import type { Lab } from '../../lab/start-lab.ts';
import { scratchLab, startScratchLab } from './scratch-lab.ts';

/**
 * Defaults to 4.3.1 and one broker; 3.9.2 and 2.8.2 (ZooKeeper) run too. `properties` are added to each broker's, and
 * their `listeners` to the lab's PLAINTEXT one. With `listener`, `bootstrap` and the config use that one.
 */
export type KafkaRequest = Partial<Omit<KafkaLabRequest, 'product' | 'directory' | 'cache'>> & {
  /** Parent of the lab's folder (default: that of temporary files). */
  parent?: string;
};

export interface RunningKafka extends AsyncDisposable {
  bootstrap: string[];
  brokers: Lab['brokers'];
  configPath: string;
}

/** Starts in about 4 s, with a download the first time. Use it with `await using`. */
export async function startKafka({
  version = defaultKafkaVersion,
  brokers = 1,
  parent,
  ...rest
}: KafkaRequest = {}): Promise<RunningKafka> {
  const { directory, cache, io, remove } = await scratchLab('kafka', parent);
  try {
    const lab = await startScratchLab({ product: 'kafka', version, brokers, ...rest, directory, cache }, io);
    return {
      bootstrap: lab.brokers.map(({ address }) => address),
      brokers: lab.brokers,
      configPath: lab.configPath,
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

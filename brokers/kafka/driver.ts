// Implements the broker driver for Kafka: negotiates API versions, chooses the client, opens each role.

import { systemClock } from '../../core/clock.ts';
import { seconds } from '../../core/units.ts';
import type { BrokerDriver, Io } from '../driver.ts';
import { createReadGovernor } from '../read-governor.ts';
import { openKafkaAdministration } from './changes/kafka-administration.ts';
import { chooseClient, clients } from './choose-client.ts';
import type { KafkaClient, KafkaCluster } from './client.ts';
import type { KafkaClusterConfig } from './config.ts';
import { createEcho } from './echo.ts';
import { watchKafkaBrokers } from './figures/watch.ts';
import { createKafkaLookup } from './lookup/lookup.ts';
import { settled } from './settled-admin.ts';
import { createInspector } from './inspect/snapshot.ts';
import { readApiRanges } from './wire/api-ranges.ts';
import { scrapeTimeouts, createConnections, defaultTimeouts } from './wire/connections.ts';
import { firstToAnswer } from './wire/first-to-answer.ts';
import { createLinks } from './wire/links.ts';
import { withListenerHint } from './wire/detect-listener.ts';

/** A load test deletes what it created within 15 s, and must report the reason if its brokers are gone. */
const administrationPatience = seconds(2);

export const kafkaDriver: BrokerDriver<KafkaClusterConfig> = {
  async inspect(name, config, io, options) {
    const governor = createReadGovernor({ clock: systemClock });
    const links = createLinks(createConnections(name, config, scrapeTimeouts), governor);
    try {
      await firstToAnswer(name, config.bootstrap, io, (address, within) =>
        withListenerHint(reaching(name), address, config, within, () => links.to(address, within)),
      );
    } catch (cause) {
      await links[Symbol.asyncDispose]();
      throw cause;
    }
    return createInspector({ name, config, links, clock: systemClock, governor, ...options });
  },

  lookUp: createKafkaLookup,

  async traffic(name, config, io) {
    const { client, cluster } = await connectToCluster(name, config, io);
    const traffic = await client.traffic(cluster, io);
    return { ...traffic, echo: async ({ topic }) => createEcho(cluster, topic) };
  },

  async administer(name, config, io) {
    // Refuses a cluster that cannot receive traffic before anything is changed there.
    await connectToCluster(name, config, io);
    return settled(
      openKafkaAdministration(name, config, { patience: administrationPatience }),
      createConnections(name, config, defaultTimeouts),
    );
  },

  async watchBrokers(name, config, { topics }) {
    const links = createLinks(
      createConnections(name, config, scrapeTimeouts),
      createReadGovernor({ clock: systemClock }),
    );
    return watchKafkaBrokers({ name, config, links, topics, clock: systemClock });
  },
};

const reaching = (name: string) => `reach a broker of cluster ${name}`;

/** @throws AppError broker-unreachable, credentials-refused, unsupported-broker */
async function connectToCluster(
  name: string,
  config: KafkaClusterConfig,
  io: Io,
): Promise<{ client: KafkaClient; cluster: KafkaCluster }> {
  await using connections = createConnections(name, config, defaultTimeouts);
  const ranges = await firstToAnswer(name, config.bootstrap, io, (address, within) =>
    withListenerHint(reaching(name), address, config, within, async () =>
      readApiRanges(await connections.to(address, within), address, within),
    ),
  );
  const client = await clients[chooseClient(name, config.client, ranges)].load();
  return { client, cluster: { name, config, ranges } };
}

// Starts three Kafka brokers behind fault proxies.

import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { createInspector } from '../../brokers/kafka/inspect/snapshot.ts';
import { scrapeTimeouts, createConnections } from '../../brokers/kafka/wire/connections.ts';
import { createLinks } from '../../brokers/kafka/wire/links.ts';
import type { ClusterInspector } from '../../brokers/driver.ts';
import { createReadGovernor } from '../../brokers/read-governor.ts';
import type { Clock } from '../../core/clock.ts';
import { freePorts } from '../../lab/free-port.ts';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { startKafka, type KafkaRequest, type RunningKafka } from './kafka.ts';

export interface ProxiedBroker {
  id: string;
  /** Address of the broker's listener behind the proxy. */
  behind: string;
  proxy: FaultProxy;
}

export interface ProxiedKafka extends AsyncDisposable {
  kafka: RunningKafka;
  brokers: readonly ProxiedBroker[];
  /** Config with the proxies' addresses. */
  config: KafkaClusterConfig;
  /** Address of a PLAIN listener that is not advertised, for tests of refusals. */
  saslAddress: string;
}

/** Connections between brokers, and of other clients, bypass the proxies. */
export async function startProxiedKafka({
  brokers: count = 3,
  properties,
  ...request
}: Pick<KafkaRequest, 'version' | 'brokers' | 'properties'> = {}): Promise<ProxiedKafka> {
  const ids = Array.from({ length: count }, (_, index) => String(index + 1));
  const [behind, sasl, before] = [await numberedPorts(), await numberedPorts(), await numberedPorts()];
  const at = (ports: string, id: string) => `127.0.0.1:${ports}${id}`;
  await using started = new AsyncDisposableStack();
  const brokers = await Promise.all(
    ids.map(async (id) => {
      const proxy = started.use(await startFaultProxy({ port: Number(`${before}${id}`) }));
      proxy.leadTo(at(behind, id));
      return { id, behind: at(behind, id), proxy };
    }),
  );
  const kafka = started.use(
    await startKafka({
      ...request,
      brokers: count,
      properties: {
        ...properties,
        listeners: `PROXIED://${at(behind, '{id}')},SASL://${at(sasl, '{id}')}`,
        'advertised.listeners': `PROXIED://${at(before, '{id}')}`,
        'listener.security.protocol.map': 'PROXIED:PLAINTEXT,SASL:SASL_PLAINTEXT',
        'sasl.enabled.mechanisms': 'PLAIN',
        'listener.name.sasl.plain.sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_plimsoll="right";',
      },
    }),
  );
  const running = started.move();
  return {
    kafka,
    brokers,
    config: KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: brokers.map(({ proxy }) => proxy.address) }),
    saslAddress: at(sasl, '1'),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Like `kafkaDriver.inspect`, with a clock of the test. */
export function inspectKafka(name: string, config: KafkaClusterConfig, clock: Clock): ClusterInspector {
  const governor = createReadGovernor({ clock });
  const links = createLinks(createConnections(name, config, scrapeTimeouts), governor);
  return createInspector({ name, config, links, clock, governor });
}

/** @returns the common prefix of four consecutive free ports, which ends with the broker id */
async function numberedPorts(): Promise<string> {
  for (;;) {
    const [port = 0] = await freePorts(1, [1, 2, 3, 4]);
    if (port % 10 === 0) return String(port / 10);
  }
}

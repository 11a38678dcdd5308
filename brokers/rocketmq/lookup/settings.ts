// Reads the settings of brokers and name servers, and lists the differences between siblings.

import { askEach } from '../../ask-each.ts';
import type { Io } from '../../driver.ts';
import type { ProcessSettings, Settings } from '../../lookup.ts';
import { shownValue } from '../../secret-settings.ts';
import type { Disagreement } from '../details.ts';
import type { BrokerLink } from '../inspect/broker-link.ts';
import { configDrift, differing } from '../inspect/disagreements.ts';
import { byCluster, type Membership } from '../inspect/membership.ts';
import { encodeGetBrokerConfig, encodeGetNameServerConfig } from '../protocol/get-config.ts';

const ownOfNameServer = /^(rocketmqHome|kvConfigPath|configStorePath|listenPort|bindAddress|controllerDLegerSelfId)$/;

interface BrokerToRead {
  brokerName: string;
  link: BrokerLink;
}

interface ProcessToRead {
  of: ProcessSettings['of'];
  link: BrokerLink;
}

/** @param clusterOf cluster by broker name: brokers are compared only with those of the same cluster */
export async function readSettings(
  { brokers, clusterOf }: { brokers: readonly BrokerToRead[]; clusterOf: Membership['clusterOf'] },
  nameServers: readonly BrokerLink[],
  io: Io,
): Promise<Settings> {
  const toRead: ProcessToRead[] = [
    ...brokers.map(({ link }) => ({ of: 'broker' as const, link })),
    ...nameServers.map((link) => ({ of: 'name-server' as const, link })),
  ];
  const { answers: processes, notices } = await askEach(
    toRead,
    async ({ of, link }): Promise<ProcessSettings> => {
      const request = of === 'broker' ? encodeGetBrokerConfig() : encodeGetNameServerConfig();
      const values = await link.ask(request, io);
      return { of, id: link.id, values: new Map([...values].map(([key, value]) => [key, shownValue(key, value)])) };
    },
    io,
  );
  const read = brokers.flatMap(({ brokerName, link: { id } }) => {
    const found = processes.find((each) => each.of === 'broker' && each.id === id);
    return found === undefined ? [] : [{ id, brokerName, config: found.values }];
  });
  const ofBrokers = byCluster(clusterOf, read, ({ brokerName }) => brokerName).flatMap((own) => configDrift(own));
  const servers = processes.filter(({ of }) => of === 'name-server');
  return { processes, differences: differencesOf(ofBrokers, servers), notices };
}

function differencesOf(
  ofBrokers: readonly Disagreement[],
  servers: readonly ProcessSettings[],
): Settings['differences'] {
  const keys = new Set(servers.flatMap(({ values }) => [...values.keys()]));
  const ofServers = [...keys]
    .filter((key) => !ownOfNameServer.test(key))
    .sort()
    .flatMap((key) => {
      const sides = servers.map(({ id, values }) => [id, values.get(key) ?? '(not set)'] as const);
      return differing('broker-config', key, sides);
    });
  return [
    ...ofBrokers.map(({ subject, sides }) => ({ of: 'broker' as const, setting: subject, sides })),
    ...ofServers.map(({ subject, sides }) => ({ of: 'name-server' as const, setting: subject, sides })),
  ];
}

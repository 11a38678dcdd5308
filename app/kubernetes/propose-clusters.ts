// Proposes the `clusters` section of the config from operator objects, with the Secrets it refers to.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { RocketmqBroker, RocketmqNameService, StrimziKafka, StrimziUser } from './operator-objects.ts';

export interface Found {
  kafkas: readonly StrimziKafka[];
  users: readonly StrimziUser[];
  nameServices: readonly RocketmqNameService[];
  brokers: readonly RocketmqBroker[];
}

interface ProposedCluster {
  /** Namespace and name of the object. */
  source: string;
  version?: string;
  /** Entry under `clusters`, with files instead of secrets. */
  config: Readonly<Record<string, unknown>>;
  /** In the namespace of the cluster; `NAME as COPY` if the config names the files of a copy with another name. */
  secrets: readonly string[];
}

export interface Proposal {
  clusters: Record<string, ProposedCluster>;
  notices: string[];
}

interface Wanted {
  /** Name of a Strimzi listener. */
  listener?: string | undefined;
  /** Name of a KafkaUser. */
  user?: string | undefined;
}

type Listener = StrimziKafka['spec']['kafka']['listeners'][number];

/** Where the chart mounts the Secrets of `service.secrets`. */
const secretFile = (secret: string, key: string) => `/etc/plimsoll-secrets/${secret}/${key}`;
const reference = (secret: string, key: string) => `\${file:${secretFile(secret, key)}}`;

/** @returns the name of the copy in Plimsoll's namespace */
type CopyName = (secret: string, namespace: string) => string;

/** @returns a cluster for each object that has all required fields, and a notice for each other one */
export function proposeClusters({ kafkas, users, nameServices, brokers }: Found, wanted: Wanted): Proposal {
  const notices: string[] = [];
  const ofKafkas = (copyName: CopyName) =>
    kafkas.map((kafka) => ({ of: kafka, cluster: ofStrimzi(kafka, users, wanted, copyName) }));
  const originals = ofKafkas((secret) => secret).flatMap(({ of, cluster }) =>
    typeof cluster === 'string' ? [] : cluster.secrets.map((secret) => ({ secret, namespace: of.metadata.namespace })),
  );
  const isInAnother = (secret: string, namespace: string) =>
    originals.some((each) => each.secret === secret && each.namespace !== namespace);
  const proposed = [
    ...ofKafkas((secret, namespace) => (isInAnother(secret, namespace) ? `${namespace}-${secret}` : secret)),
    ...nameServices.map((service) => ({ of: service, cluster: ofNameService(service) })),
    ...otherNameServers(brokers, nameServices).map(([of, namesrv]) => ({ of, cluster: ofAddresses(of, namesrv) })),
  ];
  const names = proposed.map(({ of }) => of.metadata.name);
  const clusters: Record<string, ProposedCluster> = {};
  for (const { of, cluster } of proposed) {
    const { name, namespace } = of.metadata;
    if (typeof cluster === 'string') {
      notices.push(`${namespace}/${name} is left out: ${cluster}`);
      continue;
    }
    const isUnique = names.filter((each) => each === name).length === 1;
    const full = isUnique ? name : `${namespace}-${name}`;
    clusters[Object.hasOwn(clusters, full) ? `${full}-${String(cluster.config['broker'])}` : full] = cluster;
  }
  return { clusters, notices };
}

function ofStrimzi(
  kafka: StrimziKafka,
  users: readonly StrimziUser[],
  wanted: Wanted,
  copyName: CopyName,
): ProposedCluster | string {
  const { name, namespace } = kafka.metadata;
  const { status } = kafka;
  const addresses = new Map(status?.listeners.map((each) => [each.name ?? each.type, listOf(each.bootstrapServers)]));
  const user = wanted.user === undefined ? undefined : users.find((each) => isUserOf(each, kafka, wanted.user));
  const ready = kafka.spec.kafka.listeners.filter((each) => (addresses.get(each.name) ?? []).length > 0);
  if (ready.length === 0) return 'no listener has an address yet';
  const named = wanted.listener === undefined ? ready : ready.filter((each) => each.name === wanted.listener);
  if (named.length === 0)
    return `no listener ${wanted.listener}; there are ${ready.map((each) => each.name).join(', ')}`;
  const listener = named.toSorted((a, b) => rank(a) - rank(b)).find((each) => canLogIn(each, user));
  if (listener === undefined) {
    const types = [...new Set(named.map((each) => each.authentication?.type ?? 'none'))].join(', ');
    return wanted.user === undefined
      ? `its listeners need a login (${types}): name a KafkaUser with --user`
      : `no KafkaUser ${wanted.user} for the login of its listeners (${types})`;
  }
  const copyOf = (secret: string) => copyName(secret, namespace);
  const login = loginOf(listener, user, copyOf);
  const authority = listener.configuration?.brokerCertChainAndKey === undefined ? `${name}-cluster-ca-cert` : undefined;
  const ca = listener.tls && authority !== undefined ? { ca: secretFile(copyOf(authority), 'ca.crt') } : {};
  return {
    source: `${namespace}/${name}`,
    ...(status?.kafkaVersion !== undefined && { version: status.kafkaVersion }),
    config: {
      broker: 'kafka',
      [traitsOf('kafka').discovery.key]: addresses.get(listener.name) ?? [],
      ...(status?.clusterId !== undefined && { clusterId: status.clusterId }),
      ...(listener.tls && { tls: { ...ca, ...login.tls } }),
      ...(login.sasl && { sasl: login.sasl }),
    },
    secrets: [...(listener.tls && authority !== undefined ? [authority] : []), ...login.secrets].map((secret) =>
      copyOf(secret) === secret ? secret : `${secret} as ${copyOf(secret)}`,
    ),
  };
}

/** Strimzi assigns a user to its cluster by this label. */
const isUserOf = ({ metadata }: StrimziUser, kafka: StrimziKafka, name: string | undefined) =>
  metadata.name === name &&
  metadata.namespace === kafka.metadata.namespace &&
  metadata.labels?.['strimzi.io/cluster'] === kafka.metadata.name;

/** Preference: internal listeners, then TLS, then authentication. */
const rank = ({ type, tls, authentication }: Listener) =>
  (type === 'internal' || type === 'cluster-ip' ? 0 : 4) + (tls ? 0 : 2) + (authentication === undefined ? 1 : 0);

function canLogIn({ authentication }: Listener, user: StrimziUser | undefined): boolean {
  if (authentication === undefined) return true;
  const type = user?.spec?.authentication?.type;
  return authentication.type === 'tls'
    ? type === 'tls'
    : authentication.type === 'scram-sha-512' && type === 'scram-sha-512';
}

/** The Secret has the name of its user unless the user's status names another: `password`, or `user.crt` and `user.key`. */
function loginOf({ authentication }: Listener, user: StrimziUser | undefined, copyOf: (secret: string) => string) {
  if (authentication === undefined || user === undefined) return { secrets: [] };
  const secret = user.status?.secret ?? user.metadata.name;
  const copy = copyOf(secret);
  if (authentication.type === 'tls') {
    return { tls: { cert: secretFile(copy, 'user.crt'), key: reference(copy, 'user.key') }, secrets: [secret] };
  }
  const username = user.status?.username ?? user.metadata.name;
  return { sasl: { mechanism: 'scram-sha-512', username, password: reference(copy, 'password') }, secrets: [secret] };
}

function ofNameService(service: RocketmqNameService): ProposedCluster | string {
  const addresses = service.status?.nameServers ?? [];
  if (addresses.length === 0) return 'no name server has an address yet';
  return ofAddresses(service, addresses.map(withPort));
}

function ofAddresses(
  { metadata: { name, namespace } }: RocketmqNameService | RocketmqBroker,
  namesrv: string[],
): ProposedCluster {
  return {
    source: `${namespace}/${name}`,
    config: { broker: 'rocketmq', [traitsOf('rocketmq').discovery.key]: namesrv },
    secrets: [],
  };
}

/** The operator starts name servers on the default port. */
const withPort = (address: string) => (address.includes(':') ? `[${address}]:9876` : `${address}:9876`);

/** Name servers of brokers that belong to no NameService; one proposal per list. */
function otherNameServers(
  brokers: readonly RocketmqBroker[],
  services: readonly RocketmqNameService[],
): [RocketmqBroker, string[]][] {
  const known = new Set(services.flatMap(({ status }) => status?.nameServers ?? []).map(withPort));
  const lists = new Map<string, [RocketmqBroker, string[]]>();
  for (const broker of brokers) {
    const addresses = listOf(broker.spec.nameServers);
    if (addresses.length === 0 || addresses.some((each) => known.has(each))) continue;
    const key = addresses.toSorted().join();
    if (!lists.has(key)) lists.set(key, [broker, addresses]);
  }
  return [...lists.values()];
}

const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(/[,;]/)
    .map((each) => each.trim())
    .filter((each) => each !== '');

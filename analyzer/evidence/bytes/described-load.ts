// Parses the options that describe a load. Rejects contradictions instead of guessing.

import type { ByKind } from '../../../core/broker-kind/registry.ts';
import { isBrokerKind } from '../../../core/cluster.ts';
import {
  modes,
  type ClusterLoad,
  type MessageKind,
  type RocketmqClient,
  type RocketmqMode,
  type KafkaLoad,
} from '../../../core/wire/cluster-load.ts';
import { checkNumbers, checkReplication, refusal, type DescribedLoad, type OptionName } from './description.ts';
import { defined } from '../../../core/defined.ts';
import { usualNames } from '../../../core/wire/rocketmq-record.ts';

const kinds: readonly MessageKind[] = ['plain', 'delayed', 'transactional'];
const clients: readonly RocketmqClient[] = ['java', 'java-binary', 'plimsoll'];

/** Options that only one broker supports, and the alternative for the other. */
const foreign: ByKind<Partial<Record<OptionName, string>>> = {
  kafka: {
    'push-batch': 'it is of DLedger; followers of Kafka fetch: --messages-per-transfer',
    'cluster-name': 'Kafka does not store the name of the cluster with a message',
    'delivered-share': 'Kafka sends consumers every message of a partition, wanted or not',
    'broadcast-members': 'on Kafka each such member is a separate group: add it to --groups',
    kind: 'Kafka stores a message once',
    client: 'it is for clients of RocketMQ',
    generation: 'it is of RocketMQ',
  },
  rocketmq: { 'records-per-batch': 'RocketMQ stores messages one by one; --requests says how many travel together' },
};

const usualClusterName = 'DefaultCluster';

/** @throws AppError usage with the option, the reason, and the alternative */
export function describedLoad(given: DescribedLoad): ClusterLoad {
  const { broker } = given;
  if (!isBrokerKind(broker)) {
    throw refusal(
      'broker',
      broker === undefined ? 'is needed' : `knows no ${broker}`,
      'give --broker kafka or --broker rocketmq',
    );
  }
  checkNumbers(given);
  for (const [name, why] of Object.entries(foreign[broker])) {
    if (given[name as OptionName] !== undefined) throw refusal(name as OptionName, `has no meaning for ${broker}`, why);
  }
  const { body } = given;
  if (body === undefined) throw refusal('body', 'is needed', 'give the bytes of a message, such as --body 500');
  const mode = modeOf(broker, given.mode);
  const replicas = replicasOf(mode, given.replicas);
  checkReplication(mode, replicas, given);
  const common = defined({
    replicas,
    groups: given.groups ?? 1,
    bodyBytes: body,
    topicBytes: given['topic-length'] ?? usualNames.topicBytes,
    groupBytes: given['group-length'] ?? usualNames.groupBytes,
    keyBytes: given.key,
    headerBytes: given.headers,
    compressionRatio: given.compression,
    messagesPerRequest: given.requests,
    messagesPerPull: given['messages-per-pull'],
    messagesPerTransfer: given['messages-per-transfer'],
    broadcastMembers: given['broadcast-members'],
    deliveredShare: given['delivered-share'],
    slaveReads: given['slave-reads'],
  });
  return loads[broker](given, mode, common);
}

const loads: ByKind<(given: DescribedLoad, mode: string, common: Omit<KafkaLoad, 'broker' | 'mode'>) => ClusterLoad> = {
  kafka: (given, _mode, common) => ({ broker: 'kafka', mode: 'kraft', ...common, ...batches(given) }),
  rocketmq(given, mode, common) {
    const kind = wordOf('kind', given.kind, kinds);
    if (kind !== undefined && kind !== 'plain' && (given.requests ?? 1) > 1) {
      throw refusal('requests', `cannot be over 1 with --kind ${kind}`, 'RocketMQ sends such messages one by one');
    }
    return {
      broker: 'rocketmq',
      mode: mode as RocketmqMode,
      ...common,
      clusterNameBytes: Buffer.byteLength(given['cluster-name'] ?? usualClusterName),
      generation: generationFor(mode, given.generation),
      ...defined({ pushBatch: given['push-batch'], kind, client: wordOf('client', given.client, clients) }),
    };
  },
};

function generationFor(mode: string, given: number | undefined): 4 | 5 {
  const first = mode === 'controller' ? 5 : 4;
  if (given === undefined) return first;
  if (given !== 4 && given !== 5) throw refusal('generation', `is ${given}`, 'give 4 or 5');
  if (given < first) throw refusal('generation', `is 4, and mode ${mode} came with RocketMQ 5`, 'omit it');
  return given;
}

function modeOf(broker: keyof typeof modes, given: string | undefined): string {
  const known: readonly string[] = modes[broker];
  if (given === undefined && known.length === 1) return known[0] ?? '';
  if (given !== undefined && known.includes(given)) return given;
  const has = `${broker} has ${known.join(', ')}`;
  throw refusal('mode', given === undefined ? 'is needed' : `knows no ${given} of ${broker}`, has);
}

function replicasOf(mode: string, given: number | undefined): number {
  if (given !== undefined) return given;
  if (mode === 'single') return 1;
  throw refusal(
    'replicas',
    'is needed',
    'give all copies of a message, the master or leader included, such as --replicas 3',
  );
}

function batches({ requests, 'records-per-batch': recordsPerBatch }: DescribedLoad) {
  if (recordsPerBatch === undefined) return defined({ recordsPerBatch: requests });
  if (requests === undefined) return { recordsPerBatch };
  if (requests < recordsPerBatch) {
    throw refusal(
      'requests',
      `is ${requests}, fewer than the ${recordsPerBatch} records of a batch`,
      'a request holds whole batches',
    );
  }
  return { recordsPerBatch, batchesPerRequest: requests / recordsPerBatch };
}

function wordOf<Word extends string>(
  name: OptionName,
  given: string | undefined,
  known: readonly Word[],
): Word | undefined {
  if (given === undefined) return undefined;
  const word = known.find((each) => each === given);
  if (word === undefined) throw refusal(name, `knows no ${given}`, `give ${known.join(', ')}`);
  return word;
}

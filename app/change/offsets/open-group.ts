// Opens the offsets of a consumer group on the requested cluster.

import { openGroupOffsets } from '../../../brokers/open-by-kind.ts';
import type { GroupOffsets } from '../../../brokers/group-offsets.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import type { Caller } from '../../caller.ts';
import { clusterToChange, type NamedEntry } from '../../observe/named-cluster.ts';

export interface OpenedGroup {
  /** Name in the config file; for a typed address, the id of a Kafka cluster. */
  cluster: string;
  broker: BrokerKind;
  named: NamedEntry;
  offsets: GroupOffsets;
}

/** The caller closes the offsets. @throws AppError usage, config-unreadable, config-invalid, broker-unreachable */
export async function openGroup(io: Pick<Caller, 'options' | 'signal'>): Promise<OpenedGroup> {
  const { name, config } = await clusterToChange(io);
  const offsets = await openGroupOffsets(name, config, io);
  return { cluster: name, broker: config.broker, named: { name, config }, offsets };
}

// Reads and alters the dynamic settings of topics and brokers: DescribeConfigs, IncrementalAlterConfigs.

import { describeConfigsV1, describeConfigsV4, incrementalAlterConfigsV1 } from '@platformatic/kafka';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import { refusalOf } from '../needed-permission.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

/** `topic orders` or `broker 3`. */
export interface Configured {
  kind: 'topic' | 'broker';
  name: string;
}

/** By key; a key without a value is taken away, so that the broker's default holds again. */
export type SettingChanges = Readonly<Record<string, string | undefined>>;

const resourceTypes = { topic: 2, broker: 4 } as const;
/** Of ConfigSource: given to this topic, given to this broker while it runs. */
const ownSources: ReadonlySet<number> = new Set([1, 2]);
const operations = { set: 0, delete: 1 } as const;

export interface Setting {
  value?: string;
  /** Given to this very topic or broker, and no default. */
  isOwn: boolean;
}

/** @throws AppError as the broker answers */
export async function readSettingsOf(
  link: Link,
  of: Configured,
  keys: readonly string[],
  io: Io,
): Promise<ReadonlyMap<string, Setting>> {
  const api = newestSpoken(link, 'DescribeConfigs', [
    [4, describeConfigsV4.api],
    [1, describeConfigsV1.api],
  ]);
  const action = `read the settings of ${of.kind} ${of.name}`;
  const resource = { resourceType: resourceTypes[of.kind], resourceName: of.name, configurationKeys: [...keys] };
  const { results } = await link.askForParts(action, io, api, [resource], false, false);
  const [result] = results;
  refuse(link, { action, api: 'DescribeConfigs' }, result?.errorCode, result?.errorMessage);
  return new Map(
    (result?.configs ?? []).map(({ name, value, configSource }) => [
      name,
      { ...(typeof value === 'string' && { value }), isOwn: ownSources.has(configSource) },
    ]),
  );
}

/** @throws AppError as the broker answers; nothing of it is changed then */
export async function alterSettingsOf(link: Link, of: Configured, changes: SettingChanges, io: Io): Promise<void> {
  const api = newestSpoken(link, 'IncrementalAlterConfigs', [[1, incrementalAlterConfigsV1.api]]);
  const action = `change ${Object.keys(changes).join(', ')} of ${of.kind} ${of.name}`;
  const configs = Object.entries(changes).map(([name, value]) =>
    value === undefined
      ? { name, configOperation: operations.delete }
      : { name, configOperation: operations.set, value },
  );
  const resource = { resourceType: resourceTypes[of.kind], resourceName: of.name, configs };
  const { responses } = await link.askForParts(action, io, api, [resource], false);
  refuse(link, { action, api: 'IncrementalAlterConfigs' }, responses[0]?.errorCode, responses[0]?.errorMessage);
}

function refuse(
  { address }: Link,
  { action, api }: { action: string; api: string },
  code: number | undefined,
  message: string | null | undefined,
): void {
  const refusal = code === undefined ? 'an empty answer' : refusalOf(code, api);
  if (refusal === undefined) return;
  throw new AppError('broker-refused', `cannot ${action} on ${address}: ${refusal}${message ? `, ${message}` : ''}`);
}

// Reads every broker's settings with DescribeConfigs, and lists the differences between brokers.

import type { Broker } from '../../../core/cluster.ts';
import { askEach } from '../../ask-each.ts';
import type { Io } from '../../driver.ts';
import type { ProcessSettings, Settings } from '../../lookup.ts';
import { hiddenValue, shownValue } from '../../secret-settings.ts';
import { refuse } from '../changes/settings.ts';
import { describeConfigs } from '../reading/describe-configs.ts';
import type { Link } from '../wire/links.ts';

/** Settings that differ between brokers by design. */
const own =
  /^(node\.id|broker\.id|broker\.rack|process\.roles|host\.name|port|advertised\.(listeners|host\.name|port)|listeners|log\.dirs?|metadata\.log\.dir|controller\.listener\.names|ssl\.(key|trust)store\.location)$/;
const brokerResource = 4;

export async function readSettings(
  brokers: readonly Broker[],
  linkTo: (broker: Broker) => Promise<Link>,
  io: Io,
): Promise<Settings> {
  const { answers: processes, notices } = await askEach(
    brokers,
    async (broker): Promise<ProcessSettings> => ({
      of: 'broker',
      id: broker.id,
      values: await settingsOf(await linkTo(broker), broker.id, io),
    }),
    io,
  );
  return { processes, differences: differencesOf(processes), notices };
}

async function settingsOf(link: Link, id: string, io: Io): Promise<ReadonlyMap<string, string>> {
  const action = `read the settings of broker ${id}`;
  const resource = { resourceType: brokerResource as 4, resourceName: id };
  const [result] = await describeConfigs(link, action, [resource], io);
  refuse(link, { action, api: 'DescribeConfigs' }, result?.errorCode, undefined);
  return new Map(
    (result?.configs ?? [])
      .map(
        ({ name, value, isSensitive }) =>
          [name, isSensitive ? hiddenValue : shownValue(name, value ?? '(not set)')] as const,
      )
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}

function differencesOf(processes: readonly ProcessSettings[]): Settings['differences'] {
  const keys = new Set(processes.flatMap(({ values }) => [...values.keys()]));
  return [...keys]
    .filter((key) => !own.test(key))
    .sort()
    .flatMap((setting) => {
      // A key that a release does not know is not a difference of settings.
      const sides = processes.flatMap(({ id, values }) => {
        const value = values.get(setting);
        return value === undefined ? [] : [[id, value] as const];
      });
      if (new Set(sides.map(([, value]) => value)).size < 2) return [];
      return [{ of: 'broker' as const, setting, sides: Object.fromEntries(sides) }];
    });
}

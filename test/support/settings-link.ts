// Responds to DescribeConfigs with the given settings, the same for each topic.

import type { Link } from '../../brokers/kafka/wire/links.ts';

/** @returns a link to a broker that returns the settings which a request names */
export function settingsLink(values: Readonly<Record<string, string>>): Link {
  type Resources = readonly { resourceName: string; configurationKeys: readonly string[] }[];
  async function answer(_action: string, _io: unknown, _api: unknown, resources: Resources) {
    const configsOf = (keys: readonly string[]) => keys.map((name) => ({ name, value: values[name] ?? null }));
    return {
      results: resources.map(({ resourceName, configurationKeys }) => ({
        errorCode: 0,
        resourceName,
        configs: configsOf(configurationKeys),
      })),
    };
  }
  const ask = answer as unknown as Link['ask'];
  return { address: 'b:9092', ranges: new Map([['DescribeConfigs', { min: 0, max: 4 }]]), ask, askForParts: ask };
}

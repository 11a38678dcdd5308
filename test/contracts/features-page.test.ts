// Checks the comparison of features: an answer of each tool for each feature, and that Plimsoll has what its own column claims.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandsIn } from '../../cli/command-list.ts';
import { commands } from '../../cli/registry.ts';
import { addressOf, readPeerFeatures } from '../../tools/features-page.ts';

const { tools, features } = await readPeerFeatures();
const ours = features.filter(({ tool }) => tool === 'Plimsoll');
const commandNames = commandsIn(commands).map(({ name }) => name);
const configSchema: unknown = JSON.parse(
  readFileSync(new URL('../../docs/schema/config.schema.json', import.meta.url), 'utf8'),
);

/** @returns each key of the config, at any depth */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([name, part]: [string, unknown]) => [
    ...(name === 'properties' && typeof part === 'object' && part !== null ? Object.keys(part) : []),
    ...keysOf(part),
  ]);
}

/** Names that a command or config key would have if Plimsoll had a feature that its column denies. */
const wouldShow: Readonly<Record<string, RegExp>> = {
  'Access control rules': /^ops .*acl/,
  'Users of brokers (SCRAM, RocketMQ)': /scram|^ops .*user/,
  LDAP: /ldap/i,
  'Schema registry': /subject$|^ops .*schema/,
  'Kafka Connect': /connector|^ops .*connect|^get connect|kafkaConnect/,
  ksqlDB: /ksql/i,
};

test('every feature has exactly one answer for every tool', () => {
  const names = tools.map(({ tool }) => tool).toSorted();
  const answers = Map.groupBy(features, ({ group, feature }) => `${group}: ${feature}`);
  const incomplete = [...answers].filter(
    ([, cells]) => String(cells.map(({ tool }) => tool).toSorted()) !== String(names),
  );
  expect(incomplete.map(([feature]) => feature)).toEqual([]);
  expect(answers.size).toBeGreaterThan(39);
});

test('rows of a group are adjacent, with each feature once', () => {
  const order = features
    .map(({ group, feature }) => `${group}: ${feature}`)
    .filter((row, at, all) => row !== all[at - 1]);
  const groups = features.map(({ group }) => group).filter((group, at, all) => group !== all[at - 1]);
  expect(order).toEqual([...new Set(order)]);
  expect(groups).toEqual([...new Set(groups)]);
});

test('each tool except Plimsoll has a repository, commit and date', () => {
  const unnamed = tools.filter(({ repository, commit, date }) => repository === '' || commit === '' || date === '');
  expect(unnamed.map(({ tool }) => tool)).toEqual(['Plimsoll']);
});

test('features that the Plimsoll column denies have neither a command nor a setting', () => {
  const names = [...commandNames, ...keysOf(configSchema)];
  expect(names).toContain('ops kafka alter-topic');
  expect(names).toContain('schemaRegistry');
  const denied = ours.filter(({ answer }) => answer === 'no').map(({ feature }) => feature);
  expect(denied.filter((feature) => wouldShow[feature] === undefined)).toEqual([]);
  const present = ours
    .filter(({ answer }) => answer !== 'yes')
    .flatMap(({ feature }) =>
      names.filter((name) => wouldShow[feature]?.test(name)).map((name) => `${feature}: ${name}`),
    );
  expect(present).toEqual([]);
});

test('a source is a GitHub address at the commit, or a page of this repository', () => {
  const [plimsoll, , , , cruiseControl] = tools;
  if (plimsoll === undefined || cruiseControl === undefined) throw new Error('tools.csv has no fifth tool');
  expect(addressOf('docs/explanation/lag.md#in-seconds', plimsoll)).toBe('../explanation/lag.md#in-seconds');
  expect(addressOf('README.md', plimsoll)).toBe('../../README.md');
  expect(addressOf('docs/wiki/User Guide/Security.md', cruiseControl)).toBe(
    `https://github.com/linkedin/cruise-control/blob/${cruiseControl.commit}/docs/wiki/User%20Guide/Security.md`,
  );
  expect(addressOf('config/', cruiseControl)).toBe(
    `https://github.com/linkedin/cruise-control/tree/${cruiseControl.commit}/config`,
  );
});

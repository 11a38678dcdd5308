import { expect, test } from 'vitest';
import { severities } from '../../../../core/documents/analysis.ts';
import { wantedText } from '../../../../ops/cluster-check/rule.ts';
import { areas, readRules } from '../../../../ops/cluster-check/rules.ts';

const rules = readRules();
const words = new Set(['id', 'address', 'host', 'pid', 'store', 'mountpoint', 'device', 'card', 'value']);
const origins = {
  host: ['sysctl', 'host'],
  broker: ['config', 'process', 'jvm', 'store', 'host', 'sysctl', 'cluster'],
  topic: ['topic', 'config', 'cluster'],
  group: ['group'],
  cluster: ['cluster'],
};

test('every area has rules, and no two have one name', () => {
  expect(new Set(rules.map(({ area }) => area))).toEqual(new Set(areas));
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
});

test('every rule asks for facts that its subject has', () => {
  const asked = rules.flatMap(({ id, on, fact, when = {}, must }) => {
    const operands = [must.atLeast, must.atMost, must.above, must.below].flatMap((operand) =>
      typeof operand === 'object' ? operand.fact : [],
    );
    return [fact, ...Object.keys(when), ...operands].map((name) => ({ id, on, origin: name.split('/')[0] ?? '' }));
  });
  expect(asked.filter(({ on, origin }) => !origins[on].includes(origin))).toEqual([]);
});

test('every repair is filled with words that are there', () => {
  const strange = rules.flatMap(({ id, fix }) =>
    [...fix.matchAll(/\{(\w+)\}/g)].flatMap(([, word = '']) => (words.has(word) ? [] : `${id}: ${word}`)),
  );
  expect(strange).toEqual([]);
});

test('a rule whose sources differ says which it takes', () => {
  const swappiness = rules.find(({ id }) => id === 'os-swappiness');
  expect(swappiness?.conflict).toContain('1 (os.sh');
  expect(rules.find(({ id }) => id === 'rocketmq-send-threads')?.conflict).toContain('24 or 30');
  expect(rules.filter(({ conflict }) => conflict !== undefined).length).toBeGreaterThanOrEqual(15);
});

test('all three severities are in use', () =>
  expect(new Set(rules.map(({ severity }) => severity))).toEqual(new Set(severities)));

test('says in words what is wanted', () => {
  expect(wantedText({ atMost: 10 })).toBe('at most 10');
  expect(wantedText({ above: 0, atMost: 3000 })).toBe('at most 3000 and above 0');
  expect(wantedText({ atLeast: { fact: 'host/cores', times: 2, plus: 16 } })).toBe('at least 2 × host/cores + 16');
  expect(wantedText({ oneOf: ['madvise', 'never'] })).toBe('one of madvise, never');
});

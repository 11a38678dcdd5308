import { expect, test } from 'vitest';
import { evidenceName, evidenceValue } from '../../../../../core/documents/findings/evidence-text.ts';
import { findingOf } from '../../../../../core/documents/findings/findings.ts';

const linesOf = (findings: readonly ReturnType<typeof findingOf>[], language: 'en' | 'zh') =>
  findings.flatMap(({ evidence }) =>
    evidence.map((each) => `${evidenceName(each.name, language)}: ${evidenceValue(each, language)}`),
  );

test('evidence has the units of the text that it supports, and Chinese names and units', () => {
  const setting = 'waitTimeMillsInSendQueue';
  const effect = { en: 'sends are refused', zh: '发送会被拒绝' };
  const found = [
    findingOf('full-collections', { count: 1 }),
    findingOf('long-stop', { stops: 3, seconds: 0.2, setting, effect, severity: 'warning', source: setting }),
    findingOf('live-set-large', { liveSetBytes: 3.4 * 2 ** 30, heapMaxBytes: 4 * 2 ** 30 }),
    findingOf('jvm-paused', { share: 0.07, much: { value: 0.05, source: 'guide' } }),
  ];
  expect(linesOf(found, 'en')).toEqual([
    'full collections: 1 collection',
    'long stops: 3 stops',
    `${setting}: 200 ms`,
    'live set: 3.4 GiB',
    'time collecting: 7%',
    'much: 5%',
  ]);
  expect(linesOf(found, 'zh')).toEqual([
    'Full GC: 1 次',
    '长停顿: 3 次',
    `${setting}: 200 ms`,
    '存活对象: 3.4 GiB',
    'GC 时间占比: 7%',
    '参考限值: 5%',
  ]);
});

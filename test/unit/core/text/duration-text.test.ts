import { expect, test } from 'vitest';
import { durationText, exactDurationText, roundedDurationText, spanText } from '../../../../core/text/duration-text.ts';

test.for([
  [0, '0 s', '0 秒'],
  [4.26, '4.3 s', '4.3 秒'],
  [95.4, '95 s', '95 秒'],
  [133, '2 min 10 s', '2 分钟 10 秒'],
  [180, '3 min', '3 分钟'],
  [899.6, '15 min', '15 分钟'],
  [3599, '1 h', '1 小时'],
  [5700, '1 h 35 min', '1 小时 35 分钟'],
  [90_000, '1 day 1 h', '1 天 1 小时'],
  [129_600, '1 day 12 h', '1 天 12 小时'],
  [131_800, '1 day 13 h', '1 天 13 小时'],
  [3 * 86_400 + 5400, '3 days 2 h', '3 天 2 小时'],
] as const)('the rounded text of %d seconds is %s', ([seconds, en, zh]) => {
  expect([roundedDurationText(seconds, 'en'), roundedDurationText(seconds, 'zh')]).toEqual([en, zh]);
});

test.for([
  [0.4, '0 s', '0 秒'],
  [40, '40 s', '40 秒'],
  [330, '5 min', '5 分钟'],
  [7300, '2 h', '2 小时'],
  [86_400, '1 day', '1 天'],
] as const)('the span text of %d seconds is %s', ([seconds, en, zh]) => {
  expect([spanText(seconds, 'en'), spanText(seconds, 'zh')]).toEqual([en, zh]);
});

test.for([
  [0, '0 s'],
  [0.000_85, '850 µs'],
  [0.0042, '4.2 ms'],
  [0.999_96, '1 s'],
  [1800, '1,800 s'],
  [12_600, '3.5 h'],
  [259_200, '3 days'],
] as const)('the text of a measured duration of %d seconds is %s', ([seconds, text]) => {
  expect(durationText(seconds)).toBe(text);
});

test.for([
  [90, '90 s'],
  [1200, '20 min'],
  [129_600, '36 h'],
  [7201, '7,201 s'],
] as const)('the text of a configured duration of %d seconds is %s', ([seconds, text]) => {
  expect(exactDurationText(seconds)).toBe(text);
});

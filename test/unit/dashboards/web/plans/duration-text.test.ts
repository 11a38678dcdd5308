import { expect, test } from 'vitest';
import { durationText } from '../../../../../dashboards/web/plans/duration-text.ts';

test.for([
  [0, '0 sec', '0秒'],
  [4.26, '4.3 sec', '4.3秒'],
  [95.4, '95 sec', '95秒'],
  [133, '2 min, 10 sec', '2分钟10秒'],
  [180, '3 min', '3分钟'],
  [899.6, '15 min', '15分钟'],
  [3599, '1 hr', '1小时'],
  [5700, '1 hr, 35 min', '1小时35分钟'],
  [90_000, '1 day, 1 hr', '1天1小时'],
  [3 * 86_400 + 5400, '3 days, 2 hr', '3天2小时'],
] as const)('%d seconds are %s', ([seconds, en, zh]) => {
  expect([durationText(seconds, 'en'), durationText(seconds, 'zh')]).toEqual([en, zh]);
});

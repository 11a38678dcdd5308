import { expect, test } from 'vitest';
import { noticeText } from '../../../../ops/change/notice.ts';

test('a notice says whom it concerns and when, in the words of its language', () => {
  const notice = { en: ['Notice: x', 'more'], zh: ['通知：x', '更多'] };
  expect(noticeText(notice, { domains: ['orders', 'finance'], window: 'Sunday 02:00' }, 'en')).toBe(
    'Notice: x\nDomains: orders, finance\nWindow: Sunday 02:00\nmore\n',
  );
  expect(noticeText(notice, { domains: [] }, 'zh')).toBe('通知：x\n时间窗口：待定\n更多\n');
});

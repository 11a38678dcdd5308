// Provides a notification message of one firing alert.

import type { Wording } from '../../service/hooks/alert-text.ts';

export const shownWording: Wording = {
  title: '1 firing: orders',
  about: 'orders',
  group: 'orders',
  isFiring: true,
  notes: [{ heading: 'Full.', isFiring: true, startsAt: '2026-11-11T12:00:00Z', lines: [], links: [] }],
  leftOut: 0,
  more: (count) => `${count} more`,
};

import { expect, test } from 'vitest';
import { drawCurve, knowsUnicode, shortDuration } from '../../../../cli/dry-run/draw-curve.ts';
import { loadCurve } from '../../../../cli/dry-run/load-curve.ts';
import { createProfile, ProfileOptions } from '../../../../loadgen/plan/profiles/registry.ts';

const curveOf = (options: unknown, columns: number) => {
  const curve = loadCurve(createProfile(ProfileOptions.parse(options)).segments(), columns);
  if (curve === undefined) throw new Error('nothing to draw');
  return curve;
};

test('draws steps as steps', () => {
  const steps = { kind: 'steps', rates: [1000, 2000, 3000, 4000], stepDuration: '1m' };
  expect(drawCurve(curveOf(steps, 20), { isPlain: true })).toBe(
    [
      '     4k/s +               #####',
      '          |               #####',
      '          |          ##########',
      '          |          ##########',
      '     2k/s +     ###############',
      '          |     ###############',
      '          |####################',
      '          |####################',
      '        0 +--------------------',
      '           0 s     2 min  4 min',
      '',
    ].join('\n'),
  );
});

test('shows a spike shorter than a column', () => {
  const { heights, highest } = curveOf(
    { kind: 'spike', base: 1, peak: 100, before: '1d', hold: '1s', after: '2d' },
    40,
  );
  expect(highest).toBe(100);
  expect(heights.filter((height) => height === 100)).toHaveLength(1);
});

test('draws a closed loop in senders', () => {
  const drawing = drawCurve(curveOf({ kind: 'closed-loop', threads: [1, 80], producers: 2 }, 20), { isPlain: false });
  expect(drawing).toMatch(/^ +160 ┤ {10}█{10}$/m);
  expect(drawing).toMatch(/^ {10}│▁{10}█{10}$/m);
});

test('draws nothing for an empty profile', () => expect(loadCurve([], 20)).toBeUndefined());

test.each([
  [{ LANG: 'en_US.UTF-8' }, true],
  [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, false],
  [{ LC_CTYPE: 'de_DE.utf8', LANG: 'C' }, true],
  [{}, false],
])('detects unicode support in %j: %s', (environment, expected) => expect(knowsUnicode(environment)).toBe(expected));

test.each([
  [90, '90 s'],
  [600, '10 min'],
  [129_600, '36 h'],
  [2_592_010, '30 d'],
])('formats %d seconds as %s', (seconds, words) => expect(shortDuration(seconds)).toBe(words));

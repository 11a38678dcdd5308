import { expect, test } from 'vitest';
import { createProfile, ProfileOptions } from '../../../../loadgen/profiles/registry.ts';

const profileOf = (options: unknown) => createProfile(ProfileOptions.parse(options));

test('steps hold each rate for the same time', () => {
  const profile = profileOf({ kind: 'steps', rates: [1000, 2000], stepDuration: '3m' });
  expect(profile.segments()).toEqual([
    { kind: 'rate', from: 1000, to: 1000, duration: 180 },
    { kind: 'rate', from: 2000, to: 2000, duration: 180 },
  ]);
  expect(profile.describe()).toBe('2 steps of 3 min, 1,000 msg/s to 2,000 msg/s');
});

test('one step is one step', () => {
  expect(profileOf({ kind: 'steps', rates: [1000] }).describe()).toBe('1 step of 20 s, 1,000 msg/s');
});

test('constant is one rate for a while', () => {
  const profile = profileOf({ kind: 'constant', rate: 250.5, duration: '90s' });
  expect(profile.segments()).toEqual([{ kind: 'rate', from: 250.5, to: 250.5, duration: 90 }]);
  expect(profile.describe()).toBe('250.5 msg/s for 90 s');
});

test.each([
  { kind: 'steps', rates: [] },
  { kind: 'steps', rates: [0] },
  { kind: 'constant', rate: 1, duration: '1' },
  { kind: 'sine', rate: 1, duration: '1s' },
])('%j is no profile', (options) => expect(ProfileOptions.safeParse(options).success).toBe(false));

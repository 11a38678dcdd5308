import { expect, test } from 'vitest';
import { findJava, findMaven, installLine, parseJavaMajor } from '../../../lab/prerequisites.ts';

test.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['java version "1.8.0_401"', 8],
  ['openjdk version "25" 2025-09-16', 25],
  ['command not found', undefined],
])('%s is Java %s', (text, major) => expect(parseJavaMajor(text)).toBe(major));

test('the install command has all missing packages at once', () => {
  expect(installLine(['java', 'maven'], 'apt-get', true)).toBe('apt-get install -y default-jre-headless maven');
  expect(installLine(['iproute2', 'ethtool'], 'dnf', false)).toBe('sudo dnf install -y iproute-tc ethtool');
  expect(installLine(['java'], 'brew', false)).toBe('brew install openjdk');
});

test('without a known package manager the hint lists what to install', () => {
  expect(installLine(['java', 'maven'], undefined, true)).toBe(
    'install Java 17 or newer and Maven with the package manager of this system',
  );
});

test('missing Java and Maven are reported together', async () => {
  const io = { signal: new AbortController().signal, environment: { PATH: '/nowhere' } };
  await expect(findJava(io)).rejects.toMatchObject({
    code: 'prerequisite-missing',
    hint: expect.stringMatching(/Java 17 or newer and Maven/) as string,
  });
  expect(() => findMaven(io)).toThrow(expect.objectContaining({ code: 'prerequisite-missing' }));
});

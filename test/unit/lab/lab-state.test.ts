import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  claimLabState,
  labRunning,
  parseLabState,
  readLabState,
  removeLabState,
  writeLabState,
  type LabState,
} from '../../../lab/lab-state.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'plimsoll-lab-state-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const state: LabState = {
  schemaVersion: 1,
  id: '0123abcd',
  product: 'kafka',
  version: '4.3.1',
  brokers: [{ id: '1', name: 'broker-1', address: '127.0.0.1:9092' }],
  namespaces: [],
  processes: [],
};

test('without a started lab there is no state', () => {
  expect(readLabState(directory)).toBeUndefined();
  expect(readLabState(join(directory, 'never-made'))).toBeUndefined();
});

test('a directory can be claimed only once', () => {
  expect(claimLabState(directory, state)).toBe(true);
  expect(claimLabState(directory, { ...state, id: 'ffffffff' })).toBe(false);
  expect(readLabState(directory)?.id).toBe('0123abcd');
});

test('the hint about a running lab names its state folder', () => {
  expect(labRunning('/srv/labs/one/lab').hint).toBe(
    '`plimsoll lab status --state-dir /srv/labs/one` shows it, `plimsoll lab down --state-dir /srv/labs/one` stops it',
  );
});

test('written state can be read back, and no draft is left', () => {
  claimLabState(directory, state);
  const more: LabState = { ...state, processes: [{ pid: 7, started: 'boot/1', name: 'broker-1', role: 'broker' }] };
  writeLabState(directory, more);
  expect(readLabState(directory)).toEqual(more);
  expect(readdirSync(directory)).toEqual(['lab.json']);
});

test('removing the state removes drafts of killed writers', () => {
  claimLabState(directory, state);
  writeFileSync(join(directory, 'lab.json.4194304999'), '{');
  removeLabState(directory);
  expect(readdirSync(directory)).toEqual([]);
});

test('a folder with other files is refused and left unchanged', () => {
  writeFileSync(join(directory, 'thesis.txt'), '');
  expect(() => claimLabState(directory, state)).toThrow(expect.objectContaining({ code: 'usage' }));
  expect(readdirSync(directory)).toEqual(['thesis.txt']);
});

test.each(['', '{', '{"schemaVersion":2}', JSON.stringify({ ...state, namespaces: ['production'] })])(
  'a damaged state is an error with a hint: %j',
  (text) => expect(() => parseLabState(text, 'lab.json')).toThrow(expect.objectContaining({ code: 'lab-failed' })),
);

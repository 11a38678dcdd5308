import { expect, test } from 'vitest';
import { SearchTrial } from '../../../../core/documents/search-certificate.ts';
import { messagesPerSecond } from '../../../../core/units.ts';
import { FindMaxOptions, SearchOptions } from '../../../../loadgen/search/search-options.ts';
import { createSearch } from '../../../../loadgen/search/search.ts';
import { toSearchTrial, toTrialRecord } from '../../../../loadgen/search/trial.ts';
import { answered, failed, passed } from '../../../support/scripted-search.ts';

const findMax = createSearch({ ...FindMaxOptions.parse({ kind: 'find-max' }), start: messagesPerSecond(1000) });
const carries = answered(({ rate }) => (rate <= 2000 ? passed(rate) : { ...failed(2000), also: ['achieved'] }));

test('a history with other options is refused, and the message names the first different trial', () => {
  const { history } = carries(findMax);
  const wider = createSearch({
    ...FindMaxOptions.parse({ kind: 'find-max', width: '10%' }),
    start: messagesPerSecond(1000),
  });
  expect(() => wider.next(history)).toThrow(
    expect.objectContaining({
      code: 'run-edited',
      message: expect.stringMatching(/^trial 2 of the run was gallop at 1477.4/),
    }),
  );
});

test('trials after the end of the search are refused', () => {
  const { history } = carries(findMax);
  expect(() => findMax.next([...history, ...history.slice(-1)])).toThrow('the search is over before it');
});

test('a trial survives being written to the journal and read back', () => {
  const { history } = carries(findMax);
  const read = history.map((record) =>
    toTrialRecord(SearchTrial.parse(JSON.parse(JSON.stringify(toSearchTrial(record))))),
  );
  expect(read).toEqual(history);
  const spoilt = { trial: history[0]?.trial ?? expect.fail(), outcome: { kind: 'excluded', reason: 'late' } as const };
  expect(toTrialRecord(toSearchTrial(spoilt))).toEqual(spoilt);
});

test.each([
  [{ kind: 'find-safe', rise: '20%' }, 'a rate may rise at most 10% above the last proven rate'],
  [{ kind: 'find-max', width: 0.001 }, 'a width must be between 1% and 50%'],
  [{ kind: 'find-max', start: 2000, highest: 1000 }, 'the first rate is above the highest allowed rate'],
  [{ kind: 'find-max', settle: '2h' }, 'settling must last at most 1h'],
])('the options %j are refused', (options, message) => {
  expect(SearchOptions.safeParse(options).error?.issues.map((issue) => issue.message)).toEqual([message]);
});
